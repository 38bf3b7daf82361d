"""What the predict panel knows of one document; kept while others are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from h5viewer.gui.predict.given import Given, Givens
from h5viewer.gui.predict.recipe_bar import Choice
from h5viewer.gui.predict.sample import ClassNames, Sample
from h5viewer.gui.predict.sample_item_model import Outcome
from h5viewer.nodes import Document, LoadedNetwork, Prediction, Recipe
from h5viewer.requests import Consent, Feed


@dataclass
class Session:
    """Changes as the user works; holds bytes of the picture that is shown and of no other."""

    document: Document
    network: LoadedNetwork | None = None
    consent: Consent = field(default_factory=Consent)
    choice: Choice = field(default_factory=lambda: Choice(Recipe()))
    names: ClassNames = field(default_factory=ClassNames)
    waiting: list[Given] = field(default_factory=list)  # given before the network was there
    wants_copy: bool = False  # a repaired one, as soon as the network is there
    pictures: list[Given] = field(default_factory=list)  # of the only input, one or several
    outcomes: list[Outcome | None] = field(default_factory=list)  # of several pictures
    shown: int = 0  # which of them
    slots: dict[int, Given] = field(default_factory=dict)  # of several inputs
    feeds: tuple[Feed, ...] = ()  # what the answer was given to
    prediction: Prediction | None = None

    @property
    def n_inputs(self) -> int:
        """Inputs of the network."""
        return 0 if self.network is None else len(self.network.inputs)

    @property
    def is_several(self) -> bool:
        """Whether there is a list of pictures."""
        return len(self.pictures) > 1

    @property
    def givens(self) -> Givens | None:
        """What the network is to answer to now; None: an input still lacks something."""
        if self.n_inputs == 1:
            return (self.pictures[self.shown],) if self.shown < len(self.pictures) else None
        if self.n_inputs and all(at in self.slots for at in range(self.n_inputs)):
            return tuple(self.slots[at] for at in range(self.n_inputs))
        return None

    def take(self, givens: list[Given], at: int | None = None) -> int:
        """Put these in their places; `at`: the input they were given to.

        Returns:
            How many found no place.
        """
        self.feeds, self.prediction = (), None
        if self.n_inputs == 1:
            self.pictures, self.shown = list(givens), 0
            self.outcomes = [None] * len(givens)
            return 0
        if at is not None:
            places = [at]
        else:
            free = [each for each in range(self.n_inputs) if each not in self.slots]
            places = free if len(givens) <= len(free) else list(range(self.n_inputs))
        for place, given in zip(places, givens, strict=False):
            self.slots[place] = given
        return max(0, len(givens) - len(places))

    def forget_answers(self) -> None:
        """They were given by another recipe; what was read stays."""
        self.prediction = None
        self.outcomes = [None] * len(self.pictures)

    @property
    def sample(self) -> Sample | None:
        """What the views are shown; None while there is no network."""
        if self.network is None:
            return None
        return Sample(
            document=self.document,
            network=self.network,
            consent=self.consent,
            recipe=self.choice.recipe,
            names=self.names,
            feeds=self.feeds,
            prediction=self.prediction,
        )

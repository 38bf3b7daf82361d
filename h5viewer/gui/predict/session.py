"""What the predict panel knows of one document; kept while others are looked at."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence

import msgspec

from h5viewer.gui.predict.given import Given, Givens
from h5viewer.gui.predict.recipe_bar import Choice
from h5viewer.gui.predict.sample import ClassNames, Sample
from h5viewer.gui.predict.sample_item_model import Outcome
from h5viewer.nodes import Document, Finding, Identity, LoadedNetwork, Prediction, Recipe
from h5viewer.requests import Consent, Feed
from h5viewer.sample_files import placed, samples_of
from h5viewer.wording import plural

_MOST_KEPT = 4
"""Documents whose pictures and answers are kept for coming back."""

_QUICK = 0.25  # seconds


class Session(msgspec.Struct):
    """Changes as the user works; holds bytes of the picture that is shown and of no other."""

    document: Document
    network: LoadedNetwork | None = None
    consent: Consent = msgspec.field(default_factory=Consent)
    choice: Choice = msgspec.field(default_factory=lambda: Choice(Recipe()))
    names: ClassNames = msgspec.field(default_factory=ClassNames)
    waiting: list[Given] = []  # given before the network was there
    wants_copy: bool = False  # a repaired one, as soon as the network is there
    columns: dict[int, list[Given]] = {}  # what each input was given
    samples: list[Givens] = []  # complete ones, one or several
    outcomes: list[Outcome | None] = []  # of several samples
    shown: int = 0  # which of them
    feeds: tuple[Feed, ...] = ()  # what the answer was given to
    prediction: Prediction | None = None

    @property
    def n_inputs(self) -> int:
        """Inputs of the network."""
        return 0 if self.network is None else len(self.network.inputs)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was repaired in memory."""
        return () if self.network is None else self.network.findings

    @property
    def is_quick(self) -> bool:
        """Whether it answers to one picture, and did so without being waited for."""
        seconds = None if self.prediction is None else self.prediction.seconds
        return self.n_inputs == 1 and seconds is not None and seconds < _QUICK

    @property
    def is_several(self) -> bool:
        """Whether there is a list of samples."""
        return len(self.samples) > 1

    @property
    def is_uneven(self) -> bool:
        """Whether inputs were given different numbers of files: they make no samples."""
        return len({len(given) for given in self.columns.values()} - {1}) > 1

    @property
    def givens(self) -> Givens | None:
        """What the network is to answer to now; None: an input still lacks something."""
        return self.samples[self.shown] if self.shown < len(self.samples) else None

    @property
    def titles(self) -> list[str]:
        """What the samples are called."""
        return [" + ".join(given.name for given in sample) for sample in self.samples]

    @property
    def given_names(self) -> list[str]:
        """What each input is given now; "" where it lacks something."""
        if self.givens is not None:
            return [given.name for given in self.givens]
        return [_names(self.columns.get(at, ())) for at in range(self.n_inputs)]

    def take(self, givens: list[Given], at: int | None = None) -> int:
        """Put these in their places; `at`: the input they were given to.

        Which they are for is told by their kinds and names (`sample_files`), else by their order.

        Returns:
            How many found no place.
        """
        n_left = 0
        if at is not None or self.network is None:
            self.columns[at or 0] = givens
        else:
            files = [each.as_file() for each in givens]
            found, n_left = placed(files, self.network.inputs, self.columns)
            self.columns |= {to: [givens[one] for one in column] for to, column in found.items()}
        self._put_together()
        return n_left

    def _put_together(self) -> None:
        """Samples of what each input was given."""
        self.feeds, self.prediction, self.shown = (), None, 0
        columns = [self.columns.get(at, []) for at in range(self.n_inputs)]
        self.samples = samples_of(columns, lambda given: given.path or given.name)
        self.outcomes = [None] * len(self.samples)

    def _given_each(self) -> tuple[Given | None, ...]:
        if self.givens is not None:
            return self.givens
        columns = [self.columns.get(at) for at in range(self.n_inputs)]
        return tuple(column[0] if column else None for column in columns)

    def forget_answers(self) -> None:
        """They were given by another recipe; what was read stays."""
        self.prediction = None
        self.outcomes = [None] * len(self.samples)

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
            given=self._given_each(),
        )


class Sessions:
    """Those of the documents that were looked at last, for coming back."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, Identity], Session] = OrderedDict()

    def of(self, document: Document) -> Session:
        """The session of this document, as it was left."""
        key = (document.path, document.identity)
        session = self._kept.setdefault(key, Session(document))
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return session

    def forget_others(self, paths: Collection[str]) -> None:
        """Other documents are closed: their pictures are not needed any more."""
        for key in [key for key in self._kept if key[0] not in paths]:
            del self._kept[key]


def _names(givens: Sequence[Given]) -> str:
    if len(givens) < 2:
        return givens[0].name if givens else ""
    return plural(len(givens), "file")

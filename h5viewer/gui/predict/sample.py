"""What the views of the predict panel share: a network, what it was given, what it answered."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from h5viewer.gui.predict.given import Given
from h5viewer.names import visible
from h5viewer.nodes import Document, LoadedNetwork, Prediction, Recipe
from h5viewer.requests import Consent, Feed


class ClassNames(msgspec.Struct, frozen=True):
    """Names of classes, by how many classes an output has: outputs of one size share them."""

    by_count: Mapping[int, tuple[str, ...]] = {}
    source: str = ""  # where they are from, for people
    is_own: bool = False  # the user gave them to this very file

    def name(self, index: int, n_classes: int) -> str:
        """The name of a class as a widget may show it; without one, its number."""
        names = self.by_count.get(n_classes, ())
        return visible(names[index], 200) if index < len(names) and names[index] else str(index)

    def title(self, index: int, n_classes: int) -> str:
        """The name of a class where it stands alone: a bare number would say nothing."""
        names = self.by_count.get(n_classes, ())
        has_name = index < len(names) and bool(names[index])
        return self.name(index, n_classes) if has_name else f"Class {index}"

    def of(self, n_classes: int) -> tuple[str, ...]:
        """All names for such an output; () without any."""
        return tuple(self.by_count.get(n_classes, ()))

    def has(self, n_classes: int) -> bool:
        """Whether classes of such an output have names."""
        return any(self.by_count.get(n_classes, ()))


class Sample(msgspec.Struct, frozen=True):
    """One state of the panel; a newer one takes its place.

    `feeds` are empty until the user has given every input something, and `prediction` is
    None until the network has answered to them.
    """

    document: Document
    network: LoadedNetwork
    consent: Consent
    recipe: Recipe
    names: ClassNames = ClassNames()
    feeds: tuple[Feed, ...] = ()
    prediction: Prediction | None = None
    given: tuple[Given | None, ...] = ()  # by input, also while another lacks something

    def asks_the_same(self, other: Sample | None) -> bool:
        """Whether only names may have changed: the same network was given the same."""
        return (
            other is not None
            and self.document is other.document
            and self.network is other.network
            and self.consent == other.consent
            and self.recipe == other.recipe
            and self.feeds is other.feeds
            and self.prediction is other.prediction
            and self.given == other.given
        )

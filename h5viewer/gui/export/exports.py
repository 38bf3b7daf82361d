"""The table of exports: which a file offers, which not and why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from h5viewer.gui.export.strip_options import StripOptions
from h5viewer.nodes import Document
from h5viewer.requests import Export

Endings = tuple[tuple[str, str], ...]
"""How the new file may be stored: ending of its name, words."""


class Options(Protocol):
    """What can be chosen of one export; a widget."""

    changed: SignalInstance

    def request(self, target: str) -> Export:
        """What to do."""
        ...

    def widget(self) -> QWidget:
        """Itself, to be shown."""
        ...


@dataclass(frozen=True)
class Offer:
    """An export of one file. With a `refusal` it is shown, and why it cannot be chosen."""

    title: str
    words: str
    icon: str
    suggestion: Path
    make_options: Callable[[], Options]
    endings: Endings = ()
    refusal: str = ""


@dataclass(frozen=True)
class ExportKind:
    """One row of the table."""

    title: str
    words: str
    icon: str
    suggestion: Callable[[Path], Path]
    make_options: Callable[[Document], Options]
    refusal: Callable[[Document], str]  # "": it can be made
    endings: Callable[[Path], Endings] = lambda _: ()

    def offer(self, document: Document) -> Offer:
        """The same of one file."""
        path = Path(document.path)
        return Offer(
            self.title,
            self.words,
            self.icon,
            self.suggestion(path),
            lambda: self.make_options(document),
            self.endings(path),
            self.refusal(document),
        )


def suffix_of(path: Path) -> str:
    """What a file's name ends in; `.weights.h5` is one ending."""
    return ".weights.h5" if path.name.lower().endswith(".weights.h5") else path.suffix


def beside(path: Path, word: str) -> Path:
    """A name beside the file that is not its own: `a.h5` → `a stripped.h5`."""
    suffix = suffix_of(path)
    return path.with_name(f"{path.name.removesuffix(suffix)} {word}{suffix}")


def _as_it_is(path: Path) -> Endings:
    """Stored as the file is, and so called as it is."""
    suffix = suffix_of(path)
    return ((suffix, f"As it is ({suffix})"),) if suffix else ()


def _no_network(document: Document) -> str:
    if document.has_architecture:
        return ""
    if document.format == "tf-checkpoint":
        return "Not for checkpoints of TensorFlow."
    return "There is no Keras network in this file."


EXPORTS: Sequence[ExportKind] = (
    ExportKind(
        "Without optimizer state",
        "All it takes to predict and to be looked at, without what only further training needs.",
        "training",
        lambda path: beside(path, "stripped"),
        StripOptions,
        _no_network,
        _as_it_is,
    ),
)


def offers_for(document: Document) -> list[Offer]:
    """All rows of the table, for this file."""
    return [kind.offer(document) for kind in EXPORTS]

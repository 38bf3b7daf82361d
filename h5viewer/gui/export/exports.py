"""The table of exports, one row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from h5viewer.gui.export.strip_options import StripOptions
from h5viewer.nodes import Document
from h5viewer.requests import Export


class Options(Protocol):
    """What can be chosen of one export; a widget."""

    changed: SignalInstance

    def request(self, document: str, target: str) -> Export:
        """What to do."""
        ...

    def widget(self) -> QWidget:
        """Itself, to be shown."""
        ...


@dataclass(frozen=True)
class ExportKind:
    """One row of the table."""

    title: str
    explanation: str
    ending: str  # of the suggested name, before the suffix
    make_options: Callable[[Document], Options]
    supports: Callable[[Document], bool]

    def suggestion(self, document: str) -> Path:
        """A name beside the document that is not its own; `.weights.h5` stays whole."""
        path = Path(document)
        suffixes = path.suffixes[-2:] if path.name.endswith(".weights.h5") else path.suffixes[-1:]
        suffix = "".join(suffixes)
        return path.with_name(f"{path.name.removesuffix(suffix)} {self.ending}{suffix}")


def _is_keras(document: Document) -> bool:
    return document.has_architecture


EXPORTS = (
    ExportKind(
        "Without optimizer state",
        "Everything a network needs to predict and to be looked at, without what only further "
        "training needs.",
        "stripped",
        StripOptions,
        _is_keras,
    ),
)


def exports_for(document: Document) -> list[ExportKind]:
    """Those that can be made of it."""
    return [kind for kind in EXPORTS if kind.supports(document)]

"""Python code in a layer: what it uses and where it came from, as text; never run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.details.facts import Fact
from h5viewer.gui.details.facts_view import FactsView
from h5viewer.names import visible
from h5viewer.nodes import Code, CodeFunction

TITLE = "Python code, not executed"
_LONGEST = 2000  # characters of a line
_MOST_FUNCTIONS = 12  # shown; Copy takes all


class CodeView(QWidget):
    """The code of one layer; hidden where there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        title = PlainLabel(TITLE)
        title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        title.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, 0)
        self._facts = FactsView()
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setAccessibleName(TITLE)
        self._scroll.setWidget(self._facts)
        for surface in (self._scroll.viewport(), self._facts):
            surface.setAutoFillBackground(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self._scroll, 1)
        self.hide()

    def show_code(self, found: Sequence[Code]) -> None:
        """Show other code."""
        self._facts.show_facts(code_facts(found))
        self.setVisible(bool(self._facts.facts))
        self._scroll.verticalScrollBar().setValue(0)

    def clear(self) -> None:
        """Show nothing."""
        self._facts.clear()
        self.hide()

    @property
    def facts(self) -> Sequence[Fact]:
        """What is shown."""
        return self._facts.facts

    def wanted_height(self, width: int) -> int:
        """Pixels that show everything."""
        needed = self._facts.heightForWidth(width)
        lines = self._facts.sizeHint().height() if needed < 0 else needed
        return lines + self.sizeHint().height() - self._scroll.sizeHint().height()


def code_facts(found: Sequence[Code]) -> list[Fact]:
    """Code as lines of label and text."""
    return [fact for code in found for fact in _of_piece(code)]


def _of_piece(code: Code) -> Iterator[Fact]:
    match code.kind:
        case "function" | "module":
            yield from _lines("Names", code.names)
            return
        case "pickle":
            yield _fact("Object", "A pickled Python object; it was not loaded.", warns=True)
            return
    if code.place not in ("", "function"):
        yield _fact("Setting", code.place)
    if code.computes:
        yield _fact("Computes", code.computes)
    if code.problem:
        yield _fact("Code", f"It cannot be read. {code.problem}", warns=True)
    for function in code.functions[:_MOST_FUNCTIONS]:
        yield from _of_function(function, code)
    if len(code.functions) > _MOST_FUNCTIONS:
        yield _fact("", f"and {len(code.functions) - _MOST_FUNCTIONS:,} more functions")
    if code.written_by:
        yield _fact("Compiled by", code.written_by)


def _of_function(function: CodeFunction, code: Code) -> Iterator[Fact]:
    label = "Function inside" if function.depth else "Function"
    yield _fact(label, f"{function.name}({', '.join(function.arguments)})")
    for caution in function.cautions:
        yield _fact("Worth a look", caution, warns=True)
    yield _fact("Source", f"{function.file or 'unknown file'}, line {function.line:,}")
    if not function.depth:
        yield from _lines("Default values", (code.defaults,))
        yield from _lines("Enclosed values", (code.closure,))
    yield from _lines("Uses", function.names)
    yield from _lines("Constants", function.constants)
    yield from _lines("Variables", function.variables)
    yield from _lines("From around it", function.enclosed)


def _lines(label: str, texts: Sequence[str]) -> Iterator[Fact]:
    if any(texts):
        yield _fact(label, ", ".join(texts))


def _fact(label: str, text: str, *, warns: bool = False) -> Fact:
    return Fact(label, visible(text, _LONGEST), "warning" if warns else "", text)

"""A text from a file: laid out, coloured, searched, copied; large ones arrive piece by piece."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextDocument, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.controls.find_box import FindBox
from h5viewer.gui.controls.json_highlighter import JsonHighlighter, pretty
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.nodes import Text

FIRST_LIMIT = 1_000_000
"""Characters asked for unasked."""

SHOW_LIMIT = 20_000_000
"""Characters shown at most; Copy takes all."""

LONGEST_LINE = 10_000
"""Characters of a line that are shown: a line of 100 MB would be laid out as one."""

_PIECE = 32_000  # characters inserted a turn of the event loop: 10 to 20 ms with colours
_MAX_COLOURED = 2_000_000
_MAX_LINES = 300_000  # about 300 bytes of memory a line

# Control characters and overrides of the text's direction by their numbers, as in `names`.
_SHOWN_AS: dict[int, str] = {
    **{code: f"\\x{code:02x}" for code in (*range(0x20), 0x7F) if chr(code) not in "\t\n"},
    **{code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))},
}


class TextView(QWidget):
    """One text with a bar above it.

    Signals:
        whole_wanted: the user wants to see more than the excerpt.
        copy_wanted: the user wants a text in the clipboard that is here only in part.
    """

    whole_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self, name: str, *, with_bar: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text: Text | None = None
        self._pieces: Iterator[str] = iter(())
        self._scroll_to = 0
        self._caption = PlainLabel(role="muted")
        self._found = PlainLabel(role="warning")
        tip = "Find in this text; Enter goes to the next place, Shift+Enter back"
        self._find = FindBox("Find", tip, self)
        self._copy = QToolButton()
        self._notice = Notice()
        self._edit = QPlainTextEdit(readOnly=True, undoRedoEnabled=False)
        self._highlighter = JsonHighlighter(self._edit.document())
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._insert_piece)
        self._notice.action_requested.connect(self.whole_wanted)
        theme.changed.connect(self._show_again)
        self._dress(name)
        self._arrange(with_bar)

    def show_text(self, text: Text, caption: str = "") -> None:
        """Show a text; JSON is laid out and coloured."""
        self._text = text
        self._caption.set_text(caption)
        self._scroll_to = 0
        self._copy.setEnabled(True)
        self._say_how_much(text)
        self._start(text)

    def clear(self) -> None:
        """Show nothing."""
        self._text = None
        self._turn.stop()
        self._pieces = iter(())
        self._edit.clear()
        self._caption.set_text("")
        self._found.set_text("")
        self._notice.clear()
        self._copy.setEnabled(False)

    def copy_all(self) -> None:
        """The text as the file has it, into the clipboard."""
        if self._text is not None and self._text.is_complete:
            QGuiApplication.clipboard().setText(self._text.text)
        elif self._text is not None:
            self.copy_wanted.emit()

    @property
    def shown_text(self) -> str:
        """What is seen now; grows while a large text arrives."""
        return self._edit.toPlainText()

    def find_text(self, backwards: bool = False) -> None:
        """Go to the next place with the text of the Find box; after the last comes the first."""
        wanted = self._find.text()
        self._found.set_text("")
        if not wanted:
            return
        flags = QTextDocument.FindFlag.FindBackward if backwards else QTextDocument.FindFlag(0)
        if self._edit.find(wanted, flags):
            return
        before = self._edit.textCursor()
        ends = QTextCursor.MoveOperation
        self._edit.moveCursor(ends.End if backwards else ends.Start)
        if not self._edit.find(wanted, flags):
            self._edit.setTextCursor(before)
            self._found.set_text("Not found")

    # Building

    def _dress(self, name: str) -> None:
        self._edit.setAccessibleName(name)
        self._edit.setProperty("role", "bare")
        self._edit.setFont(theme.monospace())
        self._edit.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._edit.setTabStopDistance(4 * self._edit.fontMetrics().averageCharWidth())
        self._find.next_wanted.connect(self.find_text)
        self._find.textEdited.connect(lambda: self._found.set_text(""))
        self._find.left.connect(self._edit.setFocus)
        self._copy.setIcon(theme.icon("copy", "muted"))
        self._copy.setAccessibleName("Copy all")
        self._copy.setToolTip("Copy the whole text")
        self._copy.clicked.connect(self.copy_all)

    def _arrange(self, with_bar: bool) -> None:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._caption, 1)
        row.addWidget(self._found)
        row.addWidget(self._find)
        row.addWidget(self._copy)
        if not with_bar:
            bar.hide()  # never show(): without a parent so far it would be a window
        notice = QVBoxLayout()
        notice.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, 0)
        notice.addWidget(self._notice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addLayout(notice)
        column.addWidget(self._edit, 1)

    def _say_how_much(self, text: Text) -> None:
        if text.is_complete and len(text.text) <= SHOW_LIMIT:
            self._notice.clear()
            return
        shown = wording.plural(min(len(text.text), SHOW_LIMIT), "character")
        self._notice.show_text(
            f"Only the first {shown} are shown.",
            hint="Copy takes all of it.",
            action="Show all" if len(text.text) < text.total <= SHOW_LIMIT else "",
        )

    # Piece by piece

    def _start(self, text: Text) -> None:
        shown = text.text[:SHOW_LIMIT]
        is_json = text.language == "json"
        if is_json:
            shown = pretty(shown, text.is_complete)
        self._highlighter.choose_colours()
        self._highlighter.set_on(is_json and len(shown) <= _MAX_COLOURED)
        self._pieces = pieces(shown)
        self._edit.clear()
        self._edit.setPlainText(next(self._pieces, ""))
        self._turn.start()

    def _insert_piece(self) -> None:
        piece = next(self._pieces, None)
        is_full = self._edit.blockCount() > _MAX_LINES
        if piece is None or is_full:
            self._turn.stop()
            if is_full:
                self._edit.appendPlainText("… Copy takes the rest as well.")
            self._edit.verticalScrollBar().setValue(self._scroll_to)
            return
        cursor = QTextCursor(self._edit.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(piece)

    def _show_again(self) -> None:
        """In the colours in force."""
        if self._text is not None and self._text.language == "json":
            self._scroll_to = self._edit.verticalScrollBar().value()
            self._start(self._text)


def pieces(text: str) -> Iterator[str]:
    """The text as it may be shown, in pieces of whole lines, the long ones cut."""
    start = 0
    while start < len(text):
        stop = text.find("\n", start + _PIECE)
        stop = len(text) if stop < 0 else stop + 1
        piece = text[start:stop]
        if stop - start > LONGEST_LINE:
            piece = "\n".join(_cut(line) for line in piece.split("\n"))
        yield piece.translate(_SHOWN_AS)
        start = stop


def _cut(line: str) -> str:
    left_out = len(line) - LONGEST_LINE
    if left_out <= 0:
        return line
    return f"{line[:LONGEST_LINE]}… ({left_out:,} more characters in this line)"

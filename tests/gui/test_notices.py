"""What the window says is said letter by letter, whole and copyable."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotOpen
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice, PlainLabel, show_name
from h5viewer.requests import Progress

MARKUP = "<b>weights</b> & <img src=x>"


def button(parent: QWidget, name: str) -> QAbstractButton:
    return next(b for b in parent.findChildren(QAbstractButton) if b.accessibleName() == name)


def test_label_shows_markup_as_text(qtbot: QtBot) -> None:
    """A name that is HTML is shown, not obeyed; so is its tooltip."""
    label = PlainLabel(MARKUP)
    qtbot.addWidget(label)
    assert label.textFormat() == Qt.TextFormat.PlainText
    label.resize(label.sizeHint())
    assert label.text() == MARKUP
    label.resize(QSize(40, 20))
    label.show()
    assert label.text().endswith("…")
    assert label.whole_text == MARKUP
    assert "<b>" not in label.toolTip()
    assert "&lt;b&gt;" in label.toolTip()


def test_error_is_said_with_hint_details_and_copy(qtbot: QtBot) -> None:
    """The sentence, what to do, technical lines on demand, all of it in the clipboard."""
    notice = Notice()
    qtbot.addWidget(notice)
    notice.show_error(CannotOpen(f"{MARKUP} ends early.", hint="Copy it again.", details="line 1"))
    notice.show()
    details = notice.findChild(QPlainTextEdit)
    assert isinstance(details, QPlainTextEdit)
    assert not details.isVisible()
    qtbot.mouseClick(button(notice, "Details"), Qt.MouseButton.LeftButton)
    assert details.isVisible()
    qtbot.mouseClick(button(notice, "Copy"), Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert copied == f"{MARKUP} ends early.\nCopy it again.\nline 1"
    assert all(
        label.textFormat() == Qt.TextFormat.PlainText for label in notice.findChildren(PlainLabel)
    )


def test_closed_notice_is_gone(qtbot: QtBot) -> None:
    """The cross hides it and tells."""
    notice = Notice(closable=True)
    qtbot.addWidget(notice)
    notice.show_text("Something.", action="Reload")
    with qtbot.waitSignal(notice.action_requested):
        qtbot.mouseClick(button(notice, "Reload"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(notice.dismissed):
        qtbot.mouseClick(button(notice, "Hide this message"), Qt.MouseButton.LeftButton)
    assert not notice.isVisible()


def test_waiting_is_not_shown_when_it_is_over_at_once(qtbot: QtBot) -> None:
    """Quick answers do not flicker; slow ones show how far they are."""
    busy = Busy("Reading…")
    qtbot.addWidget(busy)
    busy.set_busy(True)
    assert not busy.isVisible()
    busy.set_busy(False)
    busy.set_busy(True)
    qtbot.waitUntil(busy.isVisible)
    busy.show_progress(Progress(done=3 << 40, total=6 << 40, unit="bytes"))
    with qtbot.waitSignal(busy.cancelled):
        qtbot.mouseClick(button(busy, "Cancel"), Qt.MouseButton.LeftButton)


def test_empty_state_says_what_to_do(qtbot: QtBot) -> None:
    """Title, sentence and button are there for everyone, screen readers too."""
    empty = EmptyState("layers", "No layers", "Open a model file.", button="Open…")
    qtbot.addWidget(empty)
    empty.show()
    assert empty.accessibleName() == "No layers. Open a model file."
    with qtbot.waitSignal(empty.activated):
        qtbot.mouseClick(button(empty, "Open…"), Qt.MouseButton.LeftButton)
    assert [label.text() for label in empty.findChildren(QLabel) if label.text()] == [
        "No layers",
        "Open a model file.",
    ]


def test_ampersand_of_a_name_is_no_shortcut() -> None:
    """Menus and tabs show `a&b` as it is."""
    assert show_name(b"a&b") == "a&&b"


def test_waiting_is_said_in_full_in_a_narrow_place(qtbot: QtBot) -> None:
    """The bar gives way to the word beside it."""
    busy = Busy("Searching…")
    qtbot.addWidget(busy)
    busy.resize(230, busy.sizeHint().height())
    busy.set_busy(True)
    qtbot.waitUntil(busy.isVisible)
    assert [label.text() for label in busy.findChildren(QLabel)] == ["Searching…"]


def test_lines_break_within_long_names_and_what_is_copied_is_the_name(qtbot: QtBot) -> None:
    name = "block_12_expanded_depthwise_separable_convolution_with_batch_normalization/" + 60 * "x"
    label = PlainLabel(f"“{name}” is “end” now.", wrap=True)
    qtbot.addWidget(label)
    label.resize(250, 200)
    with qtbot.waitExposed(label):
        label.show()
    assert label.minimumSizeHint().width() <= 250
    assert label.heightForWidth(250) > 3 * label.fontMetrics().height()
    assert not label.toolTip()
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == label.whole_text
    label.setSelection(1, label.text().index("”") - 1)
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == name

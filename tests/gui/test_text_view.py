"""Texts from files: laid out, cut where they would freeze the window, found, copied."""

from __future__ import annotations

import json

import pytest
from on_screen import on_screen, opened
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from h5viewer.gui.controls.json_highlighter import pretty
from h5viewer.gui.controls.text_view import LONGEST_LINE, TextView, pieces
from h5viewer.gui.details.text_panel import TextPanel
from h5viewer.gui.selection import Selection
from h5viewer.nodes import Entry, Text


def whole(text: str, language: str = "plain") -> Text:
    return Text(text=text, total=len(text), is_complete=True, language=language)


@pytest.fixture
def view(qtbot) -> TextView:
    view = TextView("A text")
    qtbot.addWidget(view)
    view.show()
    return view


def test_json_is_laid_out_with_short_lists_in_one_line() -> None:
    text = '{"kernel":[3,3],"layers":[{"a":null},{"b":[1,2.50,"[\\n x"]}],"a":1e999,"a":2}'
    laid_out = pretty(text)
    assert '"kernel": [3, 3],' in laid_out
    assert '"b": [1, 2.50, "[\\n x"]' in laid_out
    assert laid_out.count('"a"') == 3, "repeated keys stay"
    assert "1e999" in laid_out, "numbers stay as they are written"
    assert "".join(laid_out.split()) == "".join(text.split())


@pytest.mark.parametrize("text", ["{'no': json}", "[" * 5000, '{"a": NaN}', "", "\ud800"])
def test_what_is_no_json_is_shown_as_it_stands(text: str) -> None:
    assert pretty(text) == text


def test_an_excerpt_of_json_is_laid_out_up_to_its_last_whole_value() -> None:
    text = json.dumps({"layers": [{"name": f"layer {n}", "units": n} for n in range(50)]})
    laid_out = pretty(text[:500], is_complete=False)
    lines = laid_out.split("\n")
    assert lines[0] == "{"
    assert lines[-1] == "…"
    assert '"units": 3' in laid_out
    assert len(lines) > 20


def test_a_line_of_millions_of_letters_is_cut() -> None:
    shown = "".join(pieces("x" * 3_000_000 + "\nshort"))
    first, last = shown.split("\n")
    assert len(first) < LONGEST_LINE + 60
    assert first.endswith("… (2,990,000 more characters in this line)")
    assert last == "short"


def test_control_characters_are_seen() -> None:
    assert "".join(pieces("a\x00b\x1b\tc\n\u202ed")) == "a\\x00b\\x1b\tc\n\\u202ed"


def test_a_large_text_comes_in_pieces(qtbot, view) -> None:
    lengths: list[int] = []
    view._edit.document().contentsChange.connect(lambda _at, _gone, came: lengths.append(came))
    view.show_text(whole("a line of text\n" * 20_000))
    qtbot.waitUntil(lambda: view._edit.blockCount() == 20_001)
    assert max(lengths) < 40_000
    assert view._edit.verticalScrollBar().value() == 0


def test_copy_takes_the_text_of_the_file_not_what_is_shown(qtbot, view) -> None:
    text = '{"a":[1,2],"b":"' + "x" * 20_000 + '"}'
    view.show_text(whole(text, "json"))
    view.copy_all()
    assert QApplication.clipboard().text() == text
    assert view.shown_text != text


def test_find_goes_round(qtbot, view) -> None:
    view.show_text(whole("one\ntwo\none\n"))
    view._find.setText("one")
    places = []
    for _ in range(3):
        qtbot.keyClick(view._find, Qt.Key.Key_Return)
        places.append(view._edit.textCursor().blockNumber())
    assert places == [0, 2, 0]
    view._find.setText("three")
    qtbot.keyClick(view._find, Qt.Key.Key_Return)
    assert view._found.whole_text == "Not found"


def test_ctrl_f_goes_to_the_find_box(qtbot, view) -> None:
    view.show_text(whole("text"))
    view.activateWindow()
    view._edit.setFocus()
    qtbot.keyClick(view._edit, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is view._find


def test_json_is_coloured_and_plain_text_is_not(qtbot, view) -> None:
    view.show_text(whole('{"units": 4}', "json"))
    assert view._edit.document().firstBlock().next().layout().formats()
    view.show_text(whole("units"))
    assert not view._edit.document().firstBlock().layout().formats()


@pytest.fixture
def panel(qtbot, pool) -> TextPanel:
    with on_screen(qtbot, TextPanel(pool)) as panel:
        yield panel


def entry_selection(qtbot, pool, path, name: bytes, kind: str) -> Selection:
    document = opened(qtbot, pool, path)
    return Selection(document, Entry(path=(name,), n_bytes=100, stored_bytes=100, kind=kind))


def test_an_entry_of_an_archive_is_read(qtbot, panel, keras_archive) -> None:
    chosen = entry_selection(qtbot, panel.pool, keras_archive, b"metadata.json", "json")
    panel.show_selection(chosen)
    qtbot.waitUntil(lambda: '"keras_version": "3.10.0"' in panel._view.shown_text)
    panel.clear()
    assert panel._view.shown_text == ""


def test_an_entry_that_is_no_text_says_so(qtbot, panel, keras_archive) -> None:
    chosen = entry_selection(qtbot, panel.pool, keras_archive, b"model.weights.h5", "binary")
    panel.show_selection(chosen)
    assert panel._pages.currentWidget() is panel._empty


def test_an_entry_that_cannot_be_read_says_why(qtbot, panel, keras_archive) -> None:
    chosen = entry_selection(qtbot, panel.pool, keras_archive, b"gone.json", "json")
    panel.show_selection(chosen)
    qtbot.waitUntil(panel._failure.isVisible)
    assert panel._failure.message

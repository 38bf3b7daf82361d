"""Facts, attributes by pages, values in full: the details panel over real workers."""

from __future__ import annotations

import pickle
from pathlib import Path

import h5py
import numpy as np
import pytest
from on_screen import on_screen, opened
from PySide6.QtWidgets import QApplication

from h5viewer.gui.details.attributes_item_model import NAME, PAGE, AttributesItemModel
from h5viewer.gui.details.details_panel import DetailsPanel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Task
from h5viewer.names import parse_path
from h5viewer.nodes import Attribute, Attributes, Document, DType, Node
from h5viewer.requests import DescribeNodes


@pytest.fixture
def panel(qtbot, pool) -> DetailsPanel:
    with on_screen(qtbot, DetailsPanel(pool), 900, 700) as panel:
        yield panel


def node(qtbot, pool, document: Document, path: str) -> Node:
    found: list[Node] = []
    task = Task(pool, DescribeNodes(document=document.path, nodes=(parse_path(path),)))
    task.part_arrived.connect(lambda part: found.extend(part.nodes))
    with qtbot.waitSignal(task.succeeded):
        pass
    return found[0]


def show(qtbot, panel: DetailsPanel, file: Path, path: str = "/") -> None:
    document = opened(qtbot, panel.pool, file)
    what = document.root if path == "/" else node(qtbot, panel.pool, document, path)
    panel.show_selection(Selection(document, what))
    qtbot.waitUntil(lambda: not panel._paging.is_waiting and not panel._reading.is_waiting)


def fact(panel: DetailsPanel, label: str) -> str:
    return next(fact.text for fact in panel._facts.facts if fact.label == label)


def page(start: int, total: int, count: int = PAGE) -> Attributes:
    int8 = DType(kind="int", text="int8", itemsize=1)
    return Attributes(
        start=start,
        total=total,
        attributes=tuple(
            Attribute(
                name=b"a%d" % number, dtype=int8, shape=(), n_bytes=1, text="0", is_complete=True
            )
            for number in range(start, min(start + count, total))
        ),
    )


def test_facts_of_a_compressed_dataset(qtbot, panel, datasets_h5) -> None:
    show(qtbot, panel, datasets_h5, "/run 2/deep/matrix")
    assert fact(panel, "Path") == "/run 2/deep/matrix"
    assert fact(panel, "Shape") == "(20, 30): 600 values"
    assert fact(panel, "Layout") == "chunked in (5, 10), 200 bytes each"
    assert fact(panel, "Filter") == "gzip 4"
    assert "compressed" in fact(panel, "Stored")
    assert panel._none.isVisible(), "no attributes: said, not left empty"


def test_facts_of_links_that_are_not_followed(qtbot, panel, datasets_h5) -> None:
    show(qtbot, panel, datasets_h5, "/outside")
    assert fact(panel, "Kind") == "link to another file"
    assert fact(panel, "File it names") == "other.h5"
    assert fact(panel, "Target") == "/data"


def test_facts_of_a_whole_file(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    assert fact(panel, "Name") == "model.h5"
    assert fact(panel, "Keras version") == "2.9.0"
    assert fact(panel, "Size").endswith(f"({keras_h5.stat().st_size:,} bytes)")


def test_attributes_are_listed_and_json_is_laid_out(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    model = panel._model
    names = [model.index(row, NAME).data() for row in range(model.rowCount())]
    assert sorted(names) == ["backend", "keras_version", "model_config", "training_config"]
    panel._table.selectRow(names.index("model_config"))
    qtbot.waitUntil(lambda: '"class_name": "Sequential"' in panel._value.shown_text)
    assert "\n" in panel._value.shown_text


def test_a_pickled_attribute_is_called_so(qtbot, panel, tmp_path) -> None:
    values = {"list": ["a", "b"], "dict": {1: "a"}, "object": np.float64(1), "text": "(lp, dp)"}
    with h5py.File(tmp_path / "kept.h5", "w") as file:
        for name, value in values.items():
            pickled = value if isinstance(value, str) else pickle.dumps(value, 0)
            file.attrs[name] = np.bytes_(pickled)
    show(qtbot, panel, tmp_path / "kept.h5")
    for row, name in enumerate(sorted(values)):
        panel._table.selectRow(row)
        qtbot.waitUntil(lambda name=name: panel._value._caption.text().startswith(name))
        assert ("a pickled Python object" in panel._value._caption.text()) == (name != "text")


def test_copy_takes_the_value_as_the_file_has_it(qtbot, panel, keras_h5) -> None:
    with h5py.File(keras_h5) as file:
        stored = file.attrs["training_config"]
    show(qtbot, panel, keras_h5)
    model = panel._model
    names = [model.index(row, NAME).data() for row in range(model.rowCount())]
    panel._table.selectRow(names.index("training_config"))
    qtbot.waitUntil(lambda: "loss" in panel._value.shown_text)
    panel._value.copy_all()
    assert QApplication.clipboard().text() == stored


def test_copy_of_a_long_value_fetches_all_of_it(qtbot, panel, tmp_path) -> None:
    text = "x" * 1_500_000
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.attrs["long"] = text
    show(qtbot, panel, tmp_path / "long.h5")
    qtbot.waitUntil(lambda: panel._value._notice.isVisible())
    assert panel._value._notice.message == "Only the first 1,000,000 characters are shown."
    with qtbot.waitSignal(panel.status_changed):
        panel._value.copy_all()
    assert QApplication.clipboard().text() == text


def test_show_all_shows_the_rest(qtbot, panel, tmp_path) -> None:
    text = "line of text\n" * 100_000
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.attrs["long"] = text
    show(qtbot, panel, tmp_path / "long.h5")
    qtbot.waitUntil(lambda: panel._value._notice.isVisible())
    panel._value._notice.action_requested.emit()
    qtbot.waitUntil(lambda: panel._value._edit.blockCount() > 100_000, timeout=20_000)
    assert not panel._value._notice.isVisible()


def test_an_attribute_far_down_is_read_when_it_is_looked_at(qtbot, panel, tmp_path) -> None:
    with h5py.File(tmp_path / "many.h5", "w", track_order=True) as file:
        for number in range(3 * PAGE):
            file.attrs[f"a{number:04}"] = np.int8(number % 100)
    show(qtbot, panel, tmp_path / "many.h5")
    assert panel._model.rowCount() == 3 * PAGE
    assert panel._model.attribute_at(panel._model.index(3 * PAGE - 1, 0)) is None
    panel._table.scrollToBottom()
    qtbot.waitUntil(lambda: panel._model.attribute_at(panel._model.index(3 * PAGE - 1, 0)))


def test_another_selection_forgets_the_first(qtbot, panel, keras_h5, datasets_h5) -> None:
    show(qtbot, panel, keras_h5)
    show(qtbot, panel, datasets_h5, "/scalar")
    assert panel._model.rowCount() == 0
    assert panel._value.shown_text == ""
    assert fact(panel, "Name") == "scalar"


def test_hostile_attribute_names_are_letters(qtbot, panel, tmp_path) -> None:
    with h5py.File(tmp_path / "names.h5", "w") as file:
        file.attrs["<img src='x'>\x1b"] = "<b>value</b>"
    show(qtbot, panel, tmp_path / "names.h5")
    assert panel._model.index(0, NAME).data() == "<img src='x'>\\x1b"
    qtbot.waitUntil(lambda: panel._value.shown_text == "<b>value</b>")


def test_the_attributes_are_a_sound_item_model(qtmodeltester) -> None:
    model = AttributesItemModel()
    model.set_page(page(0, 2 * PAGE + 5))
    qtmodeltester.check(model)


def test_pages_are_asked_for_once_and_where_the_user_looks(qtbot) -> None:
    model = AttributesItemModel()
    model.set_page(page(0, 200_000))
    assert model.rowCount() == 200_000
    with qtbot.waitSignal(model.page_wanted) as wanted:
        for row in (100_000, 100_001, 150_007):  # dragging the scroll bar
            model.index(row, NAME).data()
    assert wanted.args == [150_000], "the last one looked at"
    model.set_page(page(150_000, 200_000))
    assert model.index(150_007, NAME).data() == "a150007"
    with qtbot.assertNotEmitted(model.page_wanted, wait=100):
        model.index(150_007, NAME).data()

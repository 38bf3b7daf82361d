"""References, axes and links lead to other nodes of the same file, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from array_files import select
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.link_label import LinkLabel
from h5viewer.gui.details.details_panel import DetailsPanel
from h5viewer.gui.details.facts import facts
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.values.values_panel import ValuesPanel
from h5viewer.nodes import Group, Link
from h5viewer.workers.pool import Pool


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("linked") / "linked.h5"
    with h5py.File(path, "w") as file:
        file["t"] = np.arange(3.0)
        file["t"].make_scale("t")
        file["data"] = np.arange(3.0)
        file["data"].dims[0].attach_scale(file["t"])
        file["data"].attrs["next"] = file["t"].ref
        refs = [h5py.Reference(), file["t"].ref]
        file.create_dataset("refs", data=np.array(refs, h5py.ref_dtype))
        file["soft"] = h5py.SoftLink("/t")
        file["g"] = h5py.SoftLink("nowhere")
        file["outside"] = h5py.ExternalLink("other.h5", "/t")
    return path


class Went(QObject):
    """Where a panel wants to go."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.places: list[object] = []
        panel.node_requested.connect(lambda _document, path, _axes: self.places.append(path))


def shown(qtbot: QtBot, panel: Panel, selection: Selection) -> None:
    panel.resize(700, 600)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    panel.show_selection(selection)


@pytest.fixture
def details(qtbot: QtBot, pool: Pool) -> Iterator[DetailsPanel]:
    panel = DetailsPanel(pool)
    yield panel
    panel.clear()


@pytest.fixture
def values(qtbot: QtBot, pool: Pool) -> Iterator[ValuesPanel]:
    panel = ValuesPanel(pool)
    yield panel
    panel.clear()


def links(panel: Panel) -> dict[str, LinkLabel]:
    return {label.whole_text: label for label in panel.findChildren(LinkLabel) if label.isVisible()}


def test_an_axis_is_a_link_in_the_details(qtbot, pool, details, linked) -> None:
    went = Went(details)
    shown(qtbot, details, select(qtbot, pool, linked, "data"))
    qtbot.waitUntil(lambda: "/t  (t)" in links(details), timeout=20_000)
    qtbot.mouseClick(links(details)["/t  (t)"], Qt.MouseButton.LeftButton)
    assert went.places == [(b"t",)]


def test_a_reference_in_an_attribute_is_a_link_for_mouse_and_keys(
    qtbot, pool, details, linked
) -> None:
    went = Went(details)
    shown(qtbot, details, select(qtbot, pool, linked, "data"))
    table, model = details._table, details._model
    qtbot.waitUntil(lambda: model.attribute_at(model.index(1, 0)) is not None, timeout=20_000)
    row = next(n for n in range(2) if model.attribute_at(model.index(n, 0)).name == b"next")
    table.selectRow(row)
    qtbot.waitUntil(lambda: "/t" in links(details), timeout=20_000)
    link = links(details)["/t"]
    link.setFocus()
    QTest.keyClick(link, Qt.Key.Key_Return)
    table.activated.emit(model.index(row, 0))
    assert went.places == [(b"t",), (b"t",)]


def test_a_reference_in_a_cell_is_followed(qtbot, pool, values, linked) -> None:
    went = Went(values)
    shown(qtbot, values, select(qtbot, pool, linked, "refs"))
    model = values._model
    qtbot.waitUntil(lambda: model.rowCount() == 2, timeout=20_000)
    assert model.data(model.index(1, 0)) == "→ /t"
    colour = Qt.ItemDataRole.ForegroundRole
    assert model.data(model.index(1, 0), colour) is not None
    assert model.data(model.index(0, 0), colour) is None
    values._table.activated.emit(model.index(0, 0))  # leads nowhere
    assert went.places == []
    values._table.activated.emit(model.index(1, 0))
    assert went.places == [(b"t",)]


@pytest.mark.parametrize(
    ("link", "target"),
    [
        (Link(path=(b"g", b"a"), kind="soft", target="/x/y"), (b"x", b"y")),
        (Link(path=(b"g", b"a"), kind="soft", target="y"), (b"g", b"y")),
        (Link(path=(b"a",), kind="soft", target="/x", broken=True), None),
        (Link(path=(b"a",), kind="external", target="/x", file="other.h5"), None),
        (Link(path=(b"a",), kind="soft", target="../x"), None),
    ],
)
def test_soft_links_lead_on_and_others_do_not(qtbot, pool, linked, link, target) -> None:
    document = select(qtbot, pool, linked, "t").document
    found = {fact.label: fact.target for fact in facts(Selection(document, link))}
    assert found["Target"] == target


def test_another_name_of_an_object_is_a_link(qtbot, pool, linked) -> None:
    document = select(qtbot, pool, linked, "t").document
    group = Group(path=(b"b",), same_as=(b"caf\xe9",))
    (fact,) = [each for each in facts(Selection(document, group)) if each.target]
    assert (fact.label, fact.text, fact.target) == ("Same object as", "/caf\\xe9", (b"caf\xe9",))

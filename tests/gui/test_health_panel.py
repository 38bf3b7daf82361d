"""The health panel with real workers: sentence, list, explanation, going to the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import sequential, write_legacy
from on_screen import on_screen, opened
from planted_faults import PLANTED, pictures_network
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from h5viewer.gui.health.finding_item_model import FOUND, WHAT, FindingItemModel
from h5viewer.gui.health.finding_rows import FindingLine, Fold, Heading, lines
from h5viewer.gui.health.health_panel import HealthPanel
from h5viewer.gui.panel_area import PanelArea
from h5viewer.gui.panels import PANELS
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import running_tasks
from h5viewer.nodes import Gravity, HealthFinding
from h5viewer.workers.pool import Pool

Show = Callable[[Path], None]


def finding(
    number: int = 1, gravity: Gravity = "warning", kind: str = "dead_units", layer: str = "dense"
) -> HealthFinding:
    return HealthFinding(
        gravity=gravity, kind=kind, title=f"Title of {kind}", layer=layer, weight=f"kernel{number}",
        path=(b"model_weights", f"kernel{number}".encode()), value=number, threshold=0,
        quantity="Units", message=f"{number} of 9 units are all zero.",
        meaning="It means this.", source="A paper.",
    )  # fmt: skip


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool) -> Iterator[HealthPanel]:
    with on_screen(qtbot, HealthPanel(pool), 1000, 600) as panel:
        yield panel


@pytest.fixture
def show(qtbot: QtBot, pool: Pool, panel: HealthPanel) -> Show:
    """Open a file in the panel and wait for its report."""

    def show(path: Path) -> None:
        panel.show_selection(selected(qtbot, pool, path))
        qtbot.waitUntil(lambda: not running_tasks(), timeout=20_000)

    return show


def selected(qtbot: QtBot, pool: Pool, path: Path) -> Selection:
    document = opened(qtbot, pool, path)
    return Selection(document, document.root)


def planted(name: str, folder: Path) -> Path:
    path = folder / "faulty.h5"
    PLANTED[name].write(path)
    return path


def texts(panel: HealthPanel) -> list[str]:
    model = panel._model
    return [model.index(row, WHAT).data() for row in range(model.rowCount())]


# -------------------------------------------------------------------- the report


def test_a_healthy_network_is_called_healthy(panel, show, tmp_path: Path) -> None:
    pictures_network(tmp_path / "shapes.h5")
    show(tmp_path / "shapes.h5")
    assert panel._header.sentence == "Healthy: 29 weights in 12 layers looked at, nothing found."
    assert panel._pages.currentWidget() is panel._empty


def test_a_finding_is_listed_below_its_gravity_and_explained(panel, show, tmp_path: Path) -> None:
    show(planted("one NaN", tmp_path))
    assert panel._header.sentence == "1 serious finding: 29 weights in 12 layers looked at."
    assert texts(panel) == ["Serious (1)", "Not a number"]
    assert panel._side._place.whole_text == ("sides / kernel\n/model_weights/sides/sides/kernel")
    assert panel._side._numbers.whole_text == "Values that are no numbers: 1 (threshold 0)"
    assert "checkpoint" in panel._side._meaning.whole_text


def test_enter_goes_to_the_weight(qtbot, panel, show, tmp_path: Path) -> None:
    path = planted("one NaN", tmp_path)
    show(path)
    with qtbot.waitSignal(panel.node_requested) as heard:
        qtbot.keyClick(panel._table, Qt.Key.Key_Return)
    axes = ("kernel height", "kernel width", "in", "out")
    place = (b"model_weights", b"sides", b"sides", b"kernel")
    assert heard.args == [str(path), place, axes]


def test_the_button_goes_to_the_weight(qtbot, panel, show, tmp_path: Path) -> None:
    show(planted("one NaN", tmp_path))
    with qtbot.waitSignal(panel.node_requested):
        qtbot.mouseClick(panel._side._go, Qt.MouseButton.LeftButton)


def test_a_finding_without_a_place_sends_to_the_architecture(
    qtbot, panel, show, tmp_path: Path
) -> None:
    limit = np.sqrt(6 / 48)
    kernel = np.random.default_rng(1).uniform(-limit, limit, (32, 16))
    entry = {"class_name": "Dense", "config": {"name": "dense", "units": 16}}
    stored = {"dense": {"dense/kernel:0": (32, 16), "dense/bias:0": (16,)}}
    write_legacy(tmp_path / "fresh.h5", sequential(entry), stored)
    with h5py.File(tmp_path / "fresh.h5", "r+") as file:
        file["model_weights/dense/dense/kernel:0"][...] = kernel
        file["model_weights/dense/dense/bias:0"][...] = 0
    show(tmp_path / "fresh.h5")
    assert texts(panel) == ["Notes (1)", "Never trained"]
    with qtbot.waitSignal(panel.panel_requested) as heard:
        qtbot.mouseClick(panel._side._go, Qt.MouseButton.LeftButton)
    assert heard.args == ["Architecture"]


def test_the_report_is_copied_as_text(qtbot, panel, show, tmp_path: Path) -> None:
    show(planted("one NaN", tmp_path))
    qtbot.mouseClick(panel._header._copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[:2] == ["faulty.h5", "1 serious finding: 29 weights in 12 layers looked at."]
    assert "- Not a number: sides / kernel: 1 of 6,912 values is NaN." in copied


def test_coming_back_asks_nothing_anew(qtbot, pool, panel, tmp_path: Path) -> None:
    selection = selected(qtbot, pool, planted("one NaN", tmp_path))
    panel.show_selection(selection)
    qtbot.waitUntil(lambda: not running_tasks(), timeout=20_000)
    panel.clear()
    assert texts(panel) == []
    panel.show_selection(selection)
    assert not running_tasks()
    assert texts(panel) == ["Serious (1)", "Not a number"]


def test_check_again_looks_anew(qtbot, panel, show, tmp_path: Path) -> None:
    show(planted("one NaN", tmp_path))
    qtbot.mouseClick(panel._header._again, Qt.MouseButton.LeftButton)
    assert running_tasks()
    qtbot.waitUntil(lambda: not running_tasks(), timeout=20_000)
    assert texts(panel) == ["Serious (1)", "Not a number"]


def test_a_stopped_check_says_so_and_can_begin_again(qtbot, pool, panel, tmp_path: Path) -> None:
    panel.show_selection(selected(qtbot, pool, planted("one NaN", tmp_path)))
    panel._busy.cancelled.emit()
    assert panel._header.sentence == "Stopped before the end: nothing found until then."
    assert panel._header._again.isEnabled()
    qtbot.waitUntil(lambda: not running_tasks(), timeout=20_000)


def test_only_networks_have_the_tab(qtbot, pool, datasets_h5: Path, keras_h5: Path) -> None:
    [kind] = [kind for kind in PANELS if kind.title == "Health"]
    assert kind.supports(selected(qtbot, pool, keras_h5))
    assert not kind.supports(selected(qtbot, pool, datasets_h5))


# ---------------------------------------------------------------------- the list


def test_many_findings_of_a_kind_fold_into_one_line() -> None:
    many = [finding(n) for n in range(40)]
    assert list(lines(many)) == [Heading("warning", 40), Fold("warning", many[0], 40, False)]
    opened = list(lines(many, {("warning", "dead_units")}))
    assert opened[2:] == [FindingLine(each, is_inside=True) for each in many]


def test_few_findings_are_all_in_sight() -> None:
    few = [finding(n) for n in range(5)]
    shown = list(lines(few))
    assert shown[1] == Fold("warning", few[0], 5, True)
    assert len(shown) == 7


def test_the_gravest_heading_comes_first() -> None:
    found = [finding(1, "note"), finding(2, "serious"), finding(3)]
    headings = [line.gravity for line in lines(found) if isinstance(line, Heading)]
    assert headings == ["serious", "warning", "note"]


def test_the_list_is_a_sound_item_model_while_folds_open_and_close(qtbot: QtBot) -> None:
    model = FindingItemModel()
    tester = QAbstractItemModelTester(
        model, QAbstractItemModelTester.FailureReportingMode.Fatal, model
    )
    model.show_findings([finding(n) for n in range(40)])
    assert model.rowCount() == 2
    model.toggle(1)
    assert model.rowCount() == 42
    assert model.index(41, FOUND).data() == "39 of 9 units are all zero."
    model.toggle(1)
    assert model.rowCount() == 2
    tester.deleteLater()


def test_names_from_files_stay_plain_text(qtbot: QtBot) -> None:
    model = FindingItemModel()
    model.show_findings([finding(layer="<b>x</b>\n‮")])
    below = model.index(1, WHAT).data(Qt.ItemDataRole.UserRole + 2)
    assert below == "<b>x</b>\\n\\u202e / kernel1"
    assert "<b>" not in model.index(1, WHAT).data(Qt.ItemDataRole.ToolTipRole)


def test_gravity_is_said_in_words_for_those_who_cannot_see_it(qtbot: QtBot) -> None:
    model = FindingItemModel()
    model.show_findings([finding()])
    spoken = model.index(1, WHAT).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "warning, Title of dead_units, dense / kernel1"


def test_what_concerns_a_layer_leads_to_that_layer(qtbot, pool, tmp_path: Path) -> None:
    area = PanelArea(pool)
    qtbot.addWidget(area)
    area.show_selection(selected(qtbot, pool, planted("a frozen layer", tmp_path)))
    area.show_panel("Health")
    panel = area._panels["Health"]
    qtbot.waitUntil(lambda: texts(panel) == ["Notes (1)", "Frozen layers"], timeout=20_000)
    qtbot.waitUntil(lambda: panel._side._finding is not None, timeout=20_000)  # chosen at the end
    qtbot.mouseClick(panel._side._go, Qt.MouseButton.LeftButton)
    layers = area._panels["Architecture"]
    qtbot.waitUntil(lambda: layers._table.current_row is not None, timeout=20_000)
    assert layers._table.current_row.layer.name == "sides"
    assert area._tabs.tabText(area._tabs.currentIndex()) == "Architecture"
    area.clear()

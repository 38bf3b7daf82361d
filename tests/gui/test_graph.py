"""The graph over real workers: folding, choosing both ways, searching, exports, refusals."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import h5py
import pytest
from decoding import functional, layer_entry
from on_screen import on_screen, opened
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from small_files import make_weights_h5

from h5viewer.errors import CannotRead
from h5viewer.gui.architecture.architecture_panel import ArchitecturePanel
from h5viewer.gui.graph.graph_bar import COPY, PNG, SVG
from h5viewer.gui.graph.graph_pane import GraphPane
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings

HOSTILE = "<b>&\"'</text><script>\u202e\x00\ud800]]>"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "settings.json")
    settings.layer_view = "both"
    return settings


@pytest.fixture
def panel(qtbot, pool, settings) -> ArchitecturePanel:
    with on_screen(qtbot, ArchitecturePanel(pool, settings=settings), 1300, 800) as panel:
        yield panel


def network(path: Path, *layers: dict[str, Any]) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(functional(*layers))
        file.create_group("model_weights").attrs["layer_names"] = []
    return path


def inner(name: str, *feeding: str) -> dict[str, Any]:
    entry = layer_entry("Sequential", name, *feeding)
    entry["config"]["layers"] = [layer_entry("Dense", f"{name}_{n}") for n in range(3)]
    return entry


def small(tmp_path: Path) -> Path:
    """An input, a nested model of three layers, a sum of both, and 50 equal layers."""
    layers = [
        layer_entry("InputLayer", "in"),
        inner("encoder", "in"),
        layer_entry("Add", "sum", "encoder", "in"),
    ]
    before = "sum"
    for number in range(50):
        layers.append(layer_entry("Dense", f"dense{number}", before))
        before = f"dense{number}"
    return network(tmp_path / "small.h5", *layers)


def show(qtbot, panel: ArchitecturePanel, path: Path) -> GraphPane:
    document = opened(qtbot, panel.pool, path)
    panel.show_selection(Selection(document, document.root))
    qtbot.waitUntil(lambda: panel._shown.is_whole)
    settle(qtbot, panel)
    return panel._views.graph


def settle(qtbot, panel: ArchitecturePanel) -> None:
    graph = panel._views.graph
    qtbot.waitUntil(lambda: graph.is_showing and not graph._asking.is_waiting)


def keys(graph: GraphPane) -> list[tuple[tuple[int, ...], str]]:
    return [(box.key, box.kind) for box in graph.view.scene.boxes]


def number(graph: GraphPane, key: tuple[int, ...], kind: str = "layer") -> int:
    return keys(graph).index((key, kind))


def spot(graph: GraphPane, place: QPointF) -> QPoint:
    return graph.view.to_view(place).toPoint()


def test_a_nested_model_unfolds_and_folds_where_it_stands(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    assert keys(graph)[:3] == [((0,), "layer"), ((1,), "layer"), ((2,), "layer")]
    scene = graph.view.scene
    before = graph.view.to_view(scene.header(1).center())
    sign = spot(graph, scene.button(1).center())
    QTest.mouseClick(graph.view, Qt.MouseButton.LeftButton, pos=sign)
    settle(qtbot, panel)
    assert ((1, 2), "layer") in keys(graph)
    frame = number(graph, (1,), "network")
    after = graph.view.to_view(graph.view.scene.header(frame).center())
    assert (after - before).manhattanLength() < 2
    graph.view.select(frame)
    QTest.keyClick(graph.view, Qt.Key.Key_Minus)
    settle(qtbot, panel)
    assert ((1, 2), "layer") not in keys(graph)


def test_repeats_are_one_box_that_unfolds(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    repeats = number(graph, (3,), "repeats")
    assert graph.view.scene.text(repeats).head == "50 × Dense"
    assert graph.view.scene.text(repeats).name == "dense0 … dense49"
    spot_of_it = spot(graph, graph.view.scene.rects[repeats].center())
    QTest.mouseDClick(graph.view, Qt.MouseButton.LeftButton, pos=spot_of_it)
    settle(qtbot, panel)
    assert ((52,), "layer") in keys(graph)
    graph._bar._repeats.click()
    settle(qtbot, panel)
    assert not [kind for _, kind in keys(graph) if kind != "layer"]


def test_a_box_chooses_its_row_and_shows_its_layer(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    middle = spot(graph, graph.view.scene.rects[2].center())
    QTest.mouseClick(graph.view, Qt.MouseButton.LeftButton, pos=middle)
    assert panel._table.current_row.layer.name == "sum"
    assert panel._side.isVisible()
    assert graph.view.selected == 2
    assert "sum" in graph.view.accessibleDescription()


def test_a_row_chooses_its_box_or_the_one_it_is_folded_into(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    model = panel._shown.model
    panel._table.go_to(model.find(lambda layer: layer.name == "sum"))
    assert graph.view.selected == number(graph, (2,))
    panel._table.go_to(model.find(lambda layer: layer.name == "encoder_1"))
    assert graph.view.selected == number(graph, (1,))
    panel._table.go_to(model.find(lambda layer: layer.name == "dense30"))
    assert graph.view.selected == number(graph, (3,), "repeats")
    panel._close_side()
    assert graph.view.selected is None


def test_enter_jumps_from_hit_to_hit_and_unfolds_what_hides_them(qtbot, panel, tmp_path) -> None:
    panel._views.turn_to("graph")
    graph = show(qtbot, panel, small(tmp_path))
    panel._filter.setText("encoder")
    found = graph._bar.found
    qtbot.waitUntil(lambda: found.text() == "4 layers; Enter goes to the next")
    QTest.keyClick(panel._filter, Qt.Key.Key_Return)
    assert graph.view.scene.boxes[graph.view.selected].key == (1,)
    for key in ((1, 0), (1, 1)):
        QTest.keyClick(panel._filter, Qt.Key.Key_Return)
        settle(qtbot, panel)
        assert graph.view.scene.boxes[graph.view.selected].key == key
    QTest.keyClick(panel._filter, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert graph.view.scene.boxes[graph.view.selected].key == (1, 0)
    qtbot.waitUntil(lambda: found.text() == "2 of 4")
    panel._filter.setText("dense41")
    QTest.keyClick(panel._filter, Qt.Key.Key_Return)
    settle(qtbot, panel)
    assert graph.view.scene.boxes[graph.view.selected].key == (44,)
    assert panel._side.isVisible()
    panel._filter.setText("nothing like it")
    qtbot.waitUntil(lambda: found.text() == "No layer found")


def test_what_is_searched_comes_into_sight_while_it_is_typed(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    graph._bar._repeats.click()
    settle(qtbot, panel)
    scene = graph.view.scene
    graph.view.look_at(scene.rects[0].center(), 1.0)
    aim = scene.header(scene.box_of((52,)))
    assert not graph.view.seen().contains(aim)
    panel._filter.setText("dense49")
    qtbot.waitUntil(lambda: graph.view.seen().contains(aim))
    qtbot.waitUntil(lambda: graph._bar.found.text() == "1 layer; Enter chooses it")


def test_arrow_keys_walk_along_the_edges(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    graph.view.setFocus()
    way = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(graph.view, key)
        way.append(panel._table.current_row.layer.name)
    assert way == ["in", "encoder", "sum", "encoder"]


def test_the_wheel_zooms_at_the_cursor_and_a_drag_pans(qtbot, panel, tmp_path) -> None:
    view = show(qtbot, panel, small(tmp_path)).view
    at, scale = QPointF(100, 80), view.scale
    fixed = view.to_scene(at)
    view.zoom(1.5, at)
    assert view.scale == pytest.approx(1.5 * scale)
    assert (view.to_scene(at) - fixed).manhattanLength() < 0.01
    before = view.to_scene(QPointF(50, 50))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    QTest.mouseMove(view, QPoint(60, 100))
    QTest.mouseMove(view, QPoint(60, 40))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(60, 40))
    moved = view.to_scene(QPointF(50, 50)) - before
    assert moved.y() == pytest.approx(20 / view.scale)
    QTest.keyClick(view, Qt.Key.Key_0)
    assert view.seen().contains(view.scene.bounds)


def test_coming_back_shows_the_graph_as_it_was_left(qtbot, panel, tmp_path) -> None:
    path, other = small(tmp_path), network(tmp_path / "other.h5", layer_entry("InputLayer", "x"))
    graph = show(qtbot, panel, path)
    graph._toggle(1)
    settle(qtbot, panel)
    graph.view.look_at(QPointF(50, 70), 0.7)
    show(qtbot, panel, other)
    assert keys(graph) == [((0,), "layer")]
    show(qtbot, panel, path)
    assert ((1, 2), "layer") in keys(graph)
    assert (graph.view.centre, graph.view.scale) == (QPointF(50, 70), 0.7)


def test_the_choice_of_view_is_remembered(qtbot, panel, settings, tmp_path) -> None:
    show(qtbot, panel, small(tmp_path))
    buttons = panel._views.choice._buttons
    buttons["graph"].click()
    assert not panel._tables.isVisible()
    assert panel._views.graph.isVisible()
    assert settings.layer_view == "graph"
    buttons["table"].click()
    assert panel._tables.isVisible()
    assert not panel._views.graph.isVisible()
    assert Settings(settings.file).layer_view == "table"


def test_hostile_names_are_texts_in_a_valid_drawing(qtbot, panel, tmp_path) -> None:
    path = network(
        tmp_path / "hostile.h5",
        layer_entry("InputLayer", "in"),
        layer_entry(HOSTILE, HOSTILE, "in"),
    )
    graph = show(qtbot, panel, path)
    target = tmp_path / "graph.svg"
    with qtbot.waitSignal(graph._export.done) as done:
        graph._export.save_as(target, SVG, graph.view.scene, str(path))
    assert done.args == ["The graph is saved in graph.svg."]
    texts = [each.text or "" for each in ElementTree.parse(target).getroot().iter()]
    assert any("<b>&\"'" in text for text in texts)
    assert not any("\u202e" in text for text in texts)
    assert "<script" not in target.read_text()


def test_a_drawing_holds_every_layer_whatever_is_in_sight(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    graph._bar._repeats.click()
    settle(qtbot, panel)
    target = tmp_path / "graph.svg"
    with qtbot.waitSignal(graph._export.done):
        graph._export.save_as(target, SVG, graph.view.scene, panel._shown.document.path)
    texts = {(each.text or "").strip() for each in ElementTree.parse(target).getroot().iter()}
    assert {f"dense{n}" for n in range(50)} <= texts


def test_a_picture_is_saved_whole_and_never_over_the_file(qtbot, panel, tmp_path) -> None:
    path = small(tmp_path)
    graph = show(qtbot, panel, path)
    content = path.read_bytes()
    with qtbot.waitSignal(graph._export.failed) as failed:
        graph._export.save_as(path, PNG, graph.view.scene, str(path))
    assert "it was not replaced" in failed.args[0].message
    assert path.read_bytes() == content
    with qtbot.waitSignal(graph._export.done):
        graph._export.save_as(tmp_path / "a.png", PNG, graph.view.scene, str(path))
    assert QImage(str(tmp_path / "a.png")).height() > 800
    with qtbot.waitSignal(graph._export.done):
        graph._save(COPY)
    assert QGuiApplication.clipboard().image().height() > 800


def test_too_many_layers_are_said_and_the_table_is_offered(qtbot, panel, settings, tmp_path):
    chain = [layer_entry("InputLayer", "l0")]
    chain += [layer_entry("Dense", f"l{n}", f"l{n - 1}") for n in range(1, 4100)]
    graph = show(qtbot, panel, network(tmp_path / "long.h5", *chain))
    assert graph._empty.isVisible()
    assert graph._empty.accessibleName() == (
        "No graph. This network has 4,100 layers; up to 4,000 are drawn. "
        "The table shows all layers."
    )
    graph._empty._button.click()
    assert settings.layer_view == "table"


def test_weights_without_a_network_have_no_graph(qtbot, panel, tmp_path) -> None:
    graph = show(qtbot, panel, make_weights_h5(tmp_path / "weights.h5"))
    assert "does not say how its layers are connected" in graph._empty.accessibleName()


def test_the_menu_copies_the_name_as_it_is(qtbot, panel, tmp_path) -> None:
    path = network(tmp_path / "hostile.h5", layer_entry("InputLayer", "a&b<i>"))
    graph = show(qtbot, panel, path)
    actions = [action for action in graph.menu_of(0).actions() if action.text()]
    texts = [action.text() for action in actions]
    wishes = ["Cut here…", "Freeze…", "Unfreeze…", "Rename…"]
    assert texts == ["Copy name", "Show weights", "Zoom to it", *wishes, "Show the whole graph"]
    actions[0].trigger()
    assert QGuiApplication.clipboard().text() == "a&b<i>"
    actions[1].trigger()
    assert panel._side.isVisible()


def test_a_worker_that_took_too_long_costs_a_sentence_or_the_last_step(
    qtbot, panel, tmp_path
) -> None:
    graph = show(qtbot, panel, small(tmp_path))
    graph._toggle(1)
    graph._asking.cancel()
    graph._fail(CannotRead("Reading small.h5 took too long."))
    assert graph._notice.message == "Reading small.h5 took too long."
    assert graph._state.folding == graph._state.drawn
    graph._show_scene(None)
    graph._fail(CannotRead("Reading small.h5 took too long."))
    assert "took too long. The table shows all layers." in graph._empty.accessibleName()

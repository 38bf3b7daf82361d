"""The Weight panel with real workers: which views fit, what they draw, where clicks lead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from on_screen import on_screen
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from h5viewer.gui.array.array_panel import ArrayPanel
from h5viewer.gui.array.expected_density import merged
from h5viewer.gui.meaning.distribution_view import DistributionView
from h5viewer.gui.meaning.embedding_view import EmbeddingView
from h5viewer.gui.meaning.filters_view import FiltersView
from h5viewer.gui.meaning.norms_view import NormsView
from h5viewer.gui.meaning.order_view import OrderView
from h5viewer.gui.meaning.parts_view import PartsView, StateView
from h5viewer.gui.meaning.singular_view import SingularView
from h5viewer.gui.meaning.weight_panel import WeightPanel
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Task
from h5viewer.names import parse_path
from h5viewer.requests import DescribeNodes, OpenDocument
from h5viewer.workers.pool import Pool

RANDOM = np.random.default_rng(1)
KERNEL = RANDOM.standard_normal((3, 3, 3, 6)).astype(np.float32)
KERNEL[..., 2] = 0  # a dead filter
TABLE = RANDOM.standard_normal((30, 4)).astype(np.float32)
DENSE = RANDOM.uniform(-1, 1, (40, 8)).astype(np.float32)

WEIGHTS = {
    "conv": {"kernel": KERNEL, "bias": np.zeros(6, np.float32)},
    "<b>words": {"embeddings": TABLE},
    "lstm": {
        "kernel": RANDOM.standard_normal((4, 12)).astype(np.float32),
        "recurrent_kernel": RANDOM.standard_normal((3, 12)).astype(np.float32),
        "bias": np.zeros(12, np.float32),
    },
    "dense": {"kernel": DENSE, "bias": np.zeros(8, np.float32)},
}
LAYERS = [
    ("Conv2D", "conv", {"filters": 6, "kernel_size": [3, 3]}),
    ("Embedding", "<b>words", {"input_dim": 30, "output_dim": 4}),
    ("LSTM", "lstm", {"units": 3}),
    ("Dense", "dense", {"units": 8, "kernel_initializer": {"class_name": "GlorotUniform"}}),
]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network trained with Adam."""
    path = tmp_path_factory.mktemp("weights") / "model.h5"
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "net",
            "layers": [
                {"class_name": kind, "config": {"name": name} | config}
                for kind, name, config in LAYERS
            ],
        },
    }
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.9.0"
        file.attrs["model_config"] = json.dumps(config)
        settings = {"optimizer_config": {"class_name": "Adam", "config": {}}}
        file.attrs["training_config"] = json.dumps(settings)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array(list(WEIGHTS), "S")
        state = {"Adam/iter:0": np.int64(321)}
        for layer, stored in WEIGHTS.items():
            # a name with "/" makes groups nest, as h5py and Keras have it
            group = weights.require_group(layer)
            group.attrs["weight_names"] = np.array([f"{layer}/{name}:0" for name in stored], "S")
            for name, values in stored.items():
                group[f"{layer}/{name}:0"] = values
                if "<" not in layer:
                    state[f"Adam/{layer}/{name}/m:0"] = values / 10
                    state[f"Adam/{layer}/{name}/v:0"] = values**2
        optimizer = file.create_group("optimizer_weights")
        optimizer.attrs["weight_names"] = np.array(list(state), "S")
        for name, values in state.items():
            optimizer[name] = values
        file["model_weights/loose"] = np.zeros((3, 3), np.float32)
    return path


@pytest.fixture
def chosen(qtbot: QtBot, pool: Pool, model: Path) -> Callable[[str], Selection]:
    """What the window hands to a panel when the user chooses a dataset."""

    def choose(name: str) -> Selection:
        parts: list[Any] = []
        answers: list[Any] = []
        opening = OpenDocument(document=str(model))
        asking = DescribeNodes(document=str(model), nodes=(parse_path(name),))
        for request in (opening, asking):
            task = Task(pool, request)
            task.part_arrived.connect(parts.append)
            task.succeeded.connect(answers.append)
            with qtbot.waitSignal(task.ended, timeout=20_000):
                pass
        return Selection(answers[0], parts[0].nodes[0])

    return choose


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool) -> Iterator[WeightPanel]:
    with on_screen(qtbot, WeightPanel(pool), 900, 620) as panel:
        yield panel


@pytest.fixture
def show(
    qtbot: QtBot, panel: WeightPanel, chosen: Callable[[str], Selection]
) -> Callable[..., WeightView | None]:
    """Show a dataset, then one of its views once its answer is there."""

    def show_view(name: str, key: str = "") -> WeightView | None:
        panel.show_selection(chosen(name))
        qtbot.waitUntil(lambda: panel._meaning is not None, timeout=20_000)
        if not key:
            return None
        panel._tabs.setCurrentIndex(panel._keys.index(key))
        view = panel._views[key]
        qtbot.waitUntil(lambda: not view.is_waiting, timeout=20_000)
        return view

    return show_view


def _titles(panel: WeightPanel) -> list[str]:
    return [panel._tabs.tabText(at) for at in range(panel._tabs.count())]


def test_only_views_that_fit_are_offered(panel: WeightPanel, show: Callable[..., object]) -> None:
    """A convolution has filters, an LSTM gates, a bias nearly nothing."""
    show("model_weights/conv/conv/kernel:0")
    assert _titles(panel) == ["Filters", "Norms", "Singular values", "Distribution", "Optimizer"]
    show("model_weights/lstm/lstm/kernel:0")
    assert _titles(panel)[:2] == ["Gates", "Matrix"]
    show("model_weights/conv/conv/bias:0")
    assert _titles(panel) == ["Distribution", "Optimizer"]


def test_the_weight_is_named_with_its_layer(
    panel: WeightPanel, show: Callable[..., object]
) -> None:
    """Role, layer and class in one line; names from the file letter by letter."""
    show("model_weights/lstm/lstm/recurrent_kernel:0")
    assert panel._title.whole_text == "Recurrent kernel of lstm (LSTM)"
    assert panel._meant.whole_text.endswith("3 × 12: hidden, gates")
    show("model_weights/<b>words/<b>words/embeddings:0")
    assert panel._title.whole_text == "Embeddings of <b>words (Embedding)"
    assert panel._title.textFormat() == Qt.TextFormat.PlainText


def test_three_input_channels_are_drawn_in_colour(show: Callable[..., WeightView]) -> None:
    """And one by one when RGB is switched off."""
    view = show("model_weights/conv/conv/kernel:0", "filters")
    assert isinstance(view, FiltersView)
    assert view._grid.count == 6
    assert view._pages[0].shape == (6, 3, 3, 3)
    first = KERNEL[..., 0]
    low, high = first.min(), first.max()
    image = view._image(0)
    assert image is not None
    wanted = np.round((first[1, 2] - low) / (high - low) * 255)
    colour = image.pixelColor(2, 1)
    np.testing.assert_allclose([colour.red(), colour.green(), colour.blue()], wanted, atol=1)


def test_one_channel_at_a_time_without_rgb(qtbot: QtBot, show: Callable[..., WeightView]) -> None:
    """The channel is chosen by number."""
    view = show("model_weights/conv/conv/kernel:0", "filters")
    assert isinstance(view, FiltersView)
    view._colours.setChecked(False)
    view._others[0].box.setValue(2)
    qtbot.waitUntil(lambda: 0 in view._pages and view._pages[0].ndim == 3, timeout=20_000)
    np.testing.assert_array_equal(view._pages[0], np.moveaxis(KERNEL[:, :, 2], 2, 0))


def test_a_filter_opens_in_the_array_panel(
    qtbot: QtBot, panel: WeightPanel, show: Callable[..., WeightView]
) -> None:
    """A click on the third picture: its height and width, at its place."""
    view = show("model_weights/conv/conv/kernel:0", "filters")
    assert isinstance(view, FiltersView)
    grid = view._grid
    with qtbot.waitSignal(panel.panel_requested) as asked:
        at = grid._rect(3).topLeft() + QPoint(10, 10)
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked.args == ["Array"]
    assert panel._selection is not None
    cut = panel._selection.view.cut
    assert cut is not None
    assert (cut.rows, cut.columns, cut.index[3]) == (0, 1, 3)


def test_dead_filters_are_marked(show: Callable[..., WeightView]) -> None:
    """Bars are numpy's norms; the one of zero has a cross and is counted."""
    view = show("model_weights/conv/conv/kernel:0", "norms")
    assert isinstance(view, NormsView)
    exact = np.sqrt((KERNEL.astype(np.float64) ** 2).sum(axis=(0, 1, 2)))
    np.testing.assert_allclose(view._plot.values, exact)
    assert view._plot._marked.tolist() == [2]
    assert "1 all zero: dead" in view._words.whole_text
    view._sorted.setChecked(True)
    np.testing.assert_allclose(view._plot.values, np.sort(exact)[::-1])
    assert view._plot._marked.tolist() == [5]


def test_gates_stand_side_by_side(show: Callable[..., WeightView]) -> None:
    """Four blocks with their names and numbers."""
    view = show("model_weights/lstm/lstm/kernel:0", "gates")
    assert isinstance(view, PartsView)
    captions = [view._caption(at)[0] for at in range(view._grid.count)]
    assert captions == ["Input gate", "Forget gate", "Candidate", "Output gate"]
    own = WEIGHTS["lstm"]["kernel"][:, 3:6].astype(np.float64)
    assert f"mean {own.mean():.3g}".replace("-", "−") in view._caption(1)[1]


def test_singular_values_are_told_in_words(show: Callable[..., WeightView]) -> None:
    """Effective rank, and how the weight became a matrix."""
    view = show("model_weights/conv/conv/kernel:0", "singular")
    assert isinstance(view, SingularView)
    exact = np.linalg.svd(KERNEL.reshape(27, 6).astype(np.float64), compute_uv=False)
    np.testing.assert_allclose(view._plot.values, exact, atol=1e-9)
    assert view._words.whole_text.startswith("Effective rank ")
    assert "27 × 6" in view._words.whole_text
    assert "Only 5 values differ from zero." in view._words.whole_text


def test_the_matrix_says_which_row_stands_where(show: Callable[..., WeightView]) -> None:
    """Sorted: the cursor names the stored row."""
    view = show("model_weights/dense/dense/kernel:0", "order")
    assert isinstance(view, OrderView)
    assert view._found is not None
    row = int(view._found.row_order.values[4])
    column = int(view._found.column_order.values[2])
    told: list[str] = []
    view.pointed.connect(told.append)
    view._tell(2.0, 4.0)
    assert told[-1].startswith(f"row {row}, column {column}: ")
    assert told[-1].endswith(f"{DENSE[row, column]:.5g}".replace("-", "−"))


def test_neighbours_of_a_row_are_listed(qtbot: QtBot, show: Callable[..., WeightView]) -> None:
    """Search by number; the table has numpy's order."""
    view = show("model_weights/<b>words/<b>words/embeddings:0", "rows")
    assert isinstance(view, EmbeddingView)
    assert view._scatter._x.size == 30
    view._search.setText("7")
    view._search.returnPressed.emit()
    qtbot.waitUntil(lambda: view._model.rowCount() > 0 and not view.is_waiting, timeout=20_000)
    unit = TABLE / np.linalg.norm(TABLE, axis=1, keepdims=True)
    nearest = int(np.argsort(-(unit @ unit[7]))[1])
    assert view._model.index(0, 0).data() == str(nearest)
    view._search.setText("no such word")
    view._search.returnPressed.emit()
    assert view._title.whole_text == "No row is called that."


def test_the_optimizers_variables_stand_beside_the_weight(
    qtbot: QtBot, panel: WeightPanel, show: Callable[..., WeightView]
) -> None:
    """Weight, momentum, variance; iterations below; a click goes there."""
    view = show("model_weights/dense/dense/kernel:0", "state")
    assert isinstance(view, StateView)
    captions = [view._caption(at)[0] for at in range(view._grid.count)]
    assert captions == ["Weight", "Momentum", "Variance"]
    np.testing.assert_array_equal(view._numbers[1].values.values, DENSE / 10)
    assert view._words.whole_text == "Adam: iterations 321."
    with qtbot.waitSignal(panel.node_requested) as asked:
        view._grid.chosen.emit(1)
    assert asked.args is not None
    assert asked.args[1][-1] == b"m:0"


def test_the_optimizers_own_dataset_shows_the_weight_too(
    panel: WeightPanel, show: Callable[..., WeightView]
) -> None:
    """Reached from the tree."""
    view = show("optimizer_weights/Adam/dense/kernel/v:0", "state")
    assert panel._title.whole_text == "Variance of dense (Dense)"
    assert [view._caption(at)[0] for at in range(3)] == ["Weight", "Momentum", "Variance"]


def test_the_initializer_is_drawn_over_the_histogram(show: Callable[..., WeightView]) -> None:
    """A uniform one has as much area as the histogram."""
    view = show("model_weights/dense/dense/kernel:0", "distribution")
    assert isinstance(view, DistributionView)
    assert "GlorotUniform" in view._words.whole_text
    x, y = view._plot._curve.getData()
    limit = np.sqrt(6 / 48)
    np.testing.assert_allclose([x[0], x[-1]], [-limit, limit])
    assert view._statistics is not None

    edges, counts = merged(view._statistics)
    area = float(counts.sum()) * float(edges[1] - edges[0])
    assert (x[-1] - x[0]) * y.max() == pytest.approx(area)


def test_a_dataset_of_no_layer_says_so(panel: WeightPanel, show: Callable[..., object]) -> None:
    """With what to do instead."""
    show("model_weights/loose")
    assert panel._stack.currentWidget() is panel._empty
    assert panel._empty._title.whole_text == "No weight of a layer"


def test_the_chosen_view_stays_for_the_next_weight(
    panel: WeightPanel, show: Callable[..., object]
) -> None:
    """Where it fits."""
    show("model_weights/conv/conv/kernel:0")
    panel._remember(panel._keys.index("singular"))
    show("model_weights/dense/dense/kernel:0")
    assert panel._keys[panel._tabs.currentIndex()] == "singular"
    show("model_weights/conv/conv/bias:0")
    assert panel._keys[panel._tabs.currentIndex()] == "distribution"


def test_clearing_frees_every_view(panel: WeightPanel, show: Callable[..., WeightView]) -> None:
    """Nothing is asked any more, no picture is kept."""
    view = show("model_weights/conv/conv/kernel:0", "filters")
    panel.clear()
    assert view.meaning is None
    assert isinstance(view, FiltersView)
    assert view._pages == {}
    assert view._grid.count == 0


def test_the_array_panel_draws_the_initializer_too(
    qtbot: QtBot, pool: Pool, chosen: Callable[[str], Selection]
) -> None:
    """Beside its histogram, as wide as Glorot's rule says; gone with the next dataset."""
    array = ArrayPanel(pool)
    array.resize(900, 620)
    qtbot.addWidget(array)
    with qtbot.waitExposed(array):
        array.show()
    array.show_selection(chosen("model_weights/dense/dense/kernel:0"))
    bar = array._statistics.level_bar
    qtbot.waitUntil(lambda: bar._expected is not None, timeout=20_000)
    rect = bar._curve.path().boundingRect()
    limit = np.sqrt(6 / 48)
    np.testing.assert_allclose([rect.top(), rect.bottom()], [-limit, limit])
    array.show_selection(chosen("model_weights/loose"))
    qtbot.waitUntil(lambda: array._statistics.statistics is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not array._statistics._meaning.is_waiting, timeout=20_000)
    assert bar._curve.path().isEmpty()
    array.clear()

"""Why, Layers and Evaluate with a pool that answers what a test wants."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.predict.evaluate_view import EvaluateView
from h5viewer.gui.predict.heat import heat_layer
from h5viewer.gui.predict.layers_view import LayersView
from h5viewer.gui.predict.predict_view import PredictView
from h5viewer.gui.predict.sample import ClassNames, Sample
from h5viewer.gui.predict.sample_source import Source
from h5viewer.gui.predict.why_view import WhyView
from h5viewer.gui.task import running_tasks
from h5viewer.nodes import (
    Activations,
    Answer,
    Architecture,
    Array,
    Dataset,
    Document,
    DType,
    Evaluation,
    Explanation,
    Group,
    Identity,
    Layer,
    Layers,
    Listed,
    LoadedNetwork,
    Mistake,
    NetworkInput,
    NetworkOutput,
    Nodes,
    ParameterCount,
    Paths,
    Prediction,
    Recipe,
    Score,
)
from h5viewer.requests import (
    Consent,
    DecodeArchitecture,
    DescribeNodes,
    EvaluateNetwork,
    ExplainPrediction,
    Feed,
    ReadActivations,
    SearchNames,
)

Letters = list[tuple[str, Any]]


class AnsweringPool:
    """Answers at once by a table from request to letters; None: not before the test is over."""

    def __init__(self, answers: dict[type, Callable[[Any], Letters | None]]) -> None:
        self.answers = answers
        self.asked: list[Any] = []
        self.cancelled: list[Any] = []

    def submit(self, request: Any, listener: Any) -> Any:
        self.asked.append(request)
        letters = self.answers[type(request)](request)
        for what, content in letters or ():
            getattr(listener, what)(content)
        return _Job(self, request, listener, is_over=letters is not None)

    def last(self, kind: type) -> Any:
        return next(request for request in reversed(self.asked) if isinstance(request, kind))


class _Job:
    def __init__(self, pool: AnsweringPool, request: Any, listener: Any, *, is_over: bool) -> None:
        self._pool, self._request, self._listener = pool, request, listener
        self._is_over = is_over

    def cancel(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._pool.cancelled.append(self._request)
            self._listener.ended(None)


def ended(result: Any) -> Letters:
    return [("ended", result)]


LAYERS = (
    Layer(name="in", class_name="InputLayer", key=(0,), output_shape=(None, 4, 4, 1)),
    Layer(
        name="inner",
        class_name="Sequential",
        key=(1,),
        layers=(
            Layer(name="conv", class_name="Conv2D", key=(1, 0), output_shape=(None, 4, 4, 70)),
        ),
    ),
    Layer(name="dense", class_name="Dense", key=(2,), output_shape=(None, 3)),
)
TOTALS = ParameterCount()


def layers_of(_request: object) -> Letters:
    return [
        ("delivered", Layers(layers=LAYERS)),
        ("ended", Architecture(class_name="Functional", name="net", n_layers=4, parameters=TOTALS)),
    ]


def the_document(path: str = "/net.h5") -> Document:
    return Document(
        path=path,
        format="keras-h5",
        identity=Identity(device=1, inode=1, size=1, mtime_ns=1),
        root=Group(path=()),
        has_architecture=True,
    )


def a_sample(kind: str = "softmax", *, with_picture: bool = True) -> Sample:
    scores = (Score(index=2, score=0.7), Score(index=0, score=0.2), Score(index=1, score=0.1))
    seen = Array.of(np.arange(16, dtype=np.uint8).reshape(4, 4, 1)) if with_picture else None
    network = LoadedNetwork(
        inputs=(NetworkInput(name="in", shape=(None, 4, 4, 1), dtype="float32", kind="picture"),),
        outputs=(NetworkOutput(name="out", shape=(None, 3), kind="softmax", n_classes=3),),
        recipes=(Recipe(),),
        evidence=(),
    )
    prediction = Prediction(
        answers=(Answer(name="out", kind=kind, shape=(3,), top=scores),),  # type: ignore[arg-type]
        recipe=Recipe(),
        seconds=0.01,
        seen=(seen,),
    )
    return Sample(
        document=the_document(),
        network=network,
        consent=Consent(),
        recipe=Recipe(name="unit"),
        names=ClassNames({3: ("cat", "dog", "cow")}),
        feeds=(Feed(name="a.png", picture=b"picture"),),
        prediction=prediction,
    )


def explanation(request: ExplainPrediction) -> Letters:
    heat = np.zeros((4, 4), np.float32)
    heat[1, 2] = 1
    is_cam = request.method == "grad-cam"
    return ended(
        Explanation(
            heat=Array.of(heat if is_cam else heat - 0.5),
            index=2 if request.index is None else request.index,
            layer="conv" if is_cam else "",
            score=0.7,
            lowest=None if is_cam else 0.125,
        )
    )


def activations(request: ReadActivations) -> Letters:
    if request.layer == (2,):
        values = np.array([0.0, 1.5, -2.0], np.float32)
        return ended(Activations(layer="dense", shape=(3,), values=Array.of(values), n_channels=3))
    maps = np.zeros((min(request.count, 70 - request.start), 4, 4), np.float32)
    maps += np.arange(len(maps), dtype=np.float32)[:, None, None] + request.start
    return ended(
        Activations(
            layer="conv", shape=(4, 4, 70), maps=Array.of(maps), start=request.start, n_channels=70
        )
    )


@pytest.fixture
def pool() -> AnsweringPool:
    return AnsweringPool(
        {
            DecodeArchitecture: layers_of,
            ExplainPrediction: explanation,
            ReadActivations: activations,
        }
    )


@pytest.fixture
def shown(qtbot: QtBot, pool: AnsweringPool) -> Iterator[Callable[[type[PredictView]], Any]]:
    """Make a view and show it."""
    made: list[PredictView] = []

    def show(kind: type[PredictView]) -> PredictView:
        view = kind(pool)  # type: ignore[arg-type]
        for _ in view.prepare():
            pass
        qtbot.addWidget(view)
        view.resize(700, 700)
        with qtbot.waitExposed(view):
            view.show()
        made.append(view)
        return view

    yield show
    for view in made:
        view.clear()
    qtbot.waitUntil(lambda: not running_tasks())


def settle(qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not running_tasks())


# ------------------------------------------------------------------------- why


def test_why_lays_a_map_over_the_picture_and_says_for_what(qtbot, pool, shown) -> None:
    view = shown(WhyView)
    view.show_sample(a_sample())
    settle(qtbot)
    asked = pool.last(ExplainPrediction)
    assert (asked.document, asked.index, asked.layer) == ("/net.h5", None, None)
    assert (asked.recipe.name, asked.feeds[0].name) == ("unit", "a.png")
    assert view._words.whole_text == "What speaks for cow (70.0 %), by the maps of conv."
    assert view._view._layer is not None


def test_map_of_nothing_is_said_and_draws_nothing(qtbot, pool, shown) -> None:
    nothing = Array.of(np.zeros((4, 4), np.float32))
    pool.answers[ExplainPrediction] = lambda _: ended(Explanation(heat=nothing, index=2))
    view = shown(WhyView)
    view.show_sample(a_sample())
    settle(qtbot)
    assert view._legend.whole_text == "No place speaks for this class."


def test_faint_places_of_a_map_are_clear() -> None:
    heat = np.zeros((400, 400), np.float32)
    heat[0], heat[1], heat[2] = 1.0, 0.5, 0.01
    image = heat_layer(Array.of(heat))
    assert [image.pixelColor(0, row).alpha() for row in range(4)] == [255, 180, 0, 0]


def test_signal_is_drawn_by_who_explains_it(qtbot, pool, shown) -> None:
    drawn = Array.of(np.full((6, 40, 1), 9, np.uint8))
    heat = Array.of(np.ones((6, 40), np.float32))
    found = Explanation(heat=heat, index=2, picture=drawn)
    pool.answers[ExplainPrediction] = lambda _: ended(found)
    view, sample = shown(WhyView), a_sample()
    signal = NetworkInput(name="signal", shape=(None, 40, 2), dtype="float32", kind="values")
    view.show_sample(
        replace(
            sample,
            network=msgspec.structs.replace(sample.network, inputs=(signal,)),
            prediction=msgspec.structs.replace(sample.prediction, seen=(None,), pictures=(None,)),
        )
    )
    settle(qtbot)
    assert view._pages.currentIndex() == 0
    assert (view._view.image.width(), view._view.image.height()) == (40, 6)


def test_words_before_the_lists_are_whole_where_there_are_several_outputs(qtbot, shown) -> None:
    """“Out…” and “Cl…” stood there, before lists that had room."""
    view, sample = shown(WhyView), a_sample()
    view.resize(440, 700)
    answers = tuple(replace(sample.prediction.answers[0], name=name) for name in ("colour", "kind"))
    view.show_sample(replace(sample, prediction=replace(sample.prediction, answers=answers)))
    settle(qtbot)
    words = view._classes.findChildren(PlainLabel)
    assert [label.text() for label in words] == ["Output", "Class"]
    assert all(label.isVisible() for label in words)


def test_another_class_and_another_layer_are_asked_for(qtbot, pool, shown) -> None:
    view = shown(WhyView)
    view.show_sample(a_sample())
    settle(qtbot)
    classes = view._classes._classes
    texts = [classes.itemText(at) for at in range(classes.count())]
    assert texts == ["Best: cow", "cow  ·  70.0 %", "cat  ·  20.0 %", "dog  ·  10.0 %"]
    classes.setCurrentIndex(2)
    classes.activated.emit(2)
    settle(qtbot)
    assert pool.last(ExplainPrediction).index == 0
    layers = view._layers
    titles = [layers.itemText(at).strip() for at in range(layers.count())]
    assert titles[0] == "Last layer with rows and columns"
    assert not any("dense" in title for title in titles)
    conv = next(at for at, title in enumerate(titles) if title.startswith("conv"))
    layers.setCurrentIndex(conv)
    layers.activated.emit(conv)
    settle(qtbot)
    assert pool.last(ExplainPrediction).layer == (1, 0)


def test_other_names_change_the_words_and_ask_nothing(qtbot, pool, shown) -> None:
    view, sample = shown(WhyView), a_sample()
    view.show_sample(sample)
    settle(qtbot)
    n_asked = len(pool.asked)
    view.show_sample(replace(sample, names=ClassNames({3: ("a", "b", "c")})))
    settle(qtbot)
    assert view._words.whole_text == "What speaks for c (70.0 %), by the maps of conv."
    assert len(pool.asked) == n_asked
    view.show_sample(replace(sample, recipe=Recipe(name="raw")))
    settle(qtbot)
    assert pool.last(ExplainPrediction).recipe.name == "raw"


def test_occlusion_says_how_far_the_answer_drops(qtbot, pool, shown) -> None:
    view = shown(WhyView)
    view.show_sample(a_sample())
    settle(qtbot)
    view._method.setCurrentIndex(1)
    view._method.activated.emit(1)
    settle(qtbot)
    asked = pool.last(ExplainPrediction)
    assert (asked.method, asked.layer) == ("occlusion", None)
    assert "from 70.0 % to 12.5 %" in view._words.whole_text
    assert "blue against" in view._legend.whole_text
    assert view._layers.isHidden()


def test_an_explanation_can_be_stopped_and_gone_on_with(qtbot, pool, shown) -> None:
    pool.answers[ExplainPrediction] = lambda _: None
    view = shown(WhyView)
    view.show_sample(a_sample())
    qtbot.waitUntil(view._busy.isVisible)
    view._busy.cancelled.emit()
    assert pool.cancelled == [pool.last(ExplainPrediction)]
    assert "stopped" in view._notice.message
    pool.answers[ExplainPrediction] = explanation
    view._notice.action_requested.emit()
    settle(qtbot)
    assert view._words.whole_text.startswith("What speaks for cow")


def test_why_an_explanation_fails_is_said(qtbot, pool, shown) -> None:
    pool.answers[ExplainPrediction] = lambda _: ended(CannotRead("No layer has rows."))
    view = shown(WhyView)
    view.show_sample(a_sample())
    settle(qtbot)
    assert view._notice.message == "No layer has rows."


def test_numbers_have_no_places_to_point_at(qtbot, pool, shown) -> None:
    view = shown(WhyView)
    view.show_sample(a_sample(with_picture=False))
    settle(qtbot)
    assert not any(isinstance(request, ExplainPrediction) for request in pool.asked)
    assert view._empty.isVisible()


# ---------------------------------------------------------------------- layers


def test_maps_come_a_page_at_a_time_as_they_are_scrolled_to(qtbot, pool, shown) -> None:
    view = shown(LayersView)
    view.show_layer((1, 0))
    view.show_sample(a_sample())
    settle(qtbot)
    assert view._grid.count == 70
    assert view._values(3)[0, 0] == 3
    assert view._values(68) is None
    assert view._image(0).pixelColor(0, 0).lightness() < 60  # all zero: as dark as zeros are
    view._grid.verticalScrollBar().setValue(view._grid.verticalScrollBar().maximum())
    qtbot.waitUntil(lambda: view._values(68) is not None)
    assert pool.last(ReadActivations).start == 64


def test_the_first_layer_that_computes_is_shown_first(qtbot, pool, shown) -> None:
    view = shown(LayersView)
    view.show_sample(a_sample())
    settle(qtbot)
    assert pool.last(ReadActivations).layer == (1,)


def test_a_layer_of_numbers_is_a_line(qtbot, pool, shown) -> None:
    view = shown(LayersView)
    view.show_layer((2,))
    view.show_sample(a_sample())
    settle(qtbot)
    assert view._line.isVisible()
    assert view._words.whole_text == "dense: 3 numbers, −2 to 1.5, 1 zero."


def test_a_map_that_is_clicked_is_shown_large(qtbot, pool, shown) -> None:
    view = shown(LayersView)
    view.show_layer((1, 0))
    view.show_sample(a_sample())
    settle(qtbot)
    assert view._large.isHidden()
    spot = view._grid._rect(5).center()
    qtbot.mouseClick(view._grid.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert view._large.isVisible()


# -------------------------------------------------------------------- evaluate


def a_dataset(name: str, *shape: int) -> Dataset:
    dtype = DType(kind="uint", text="uint8", itemsize=1)
    return Dataset(path=(name.encode(),), dtype=dtype, shape=shape)


DATASETS = (a_dataset("x_test", 9, 4, 4), a_dataset("y_test", 9), a_dataset("other", 5))
FOUND = Evaluation(
    samples=9,
    total=9,
    loss=0.25,
    loss_name="categorical cross-entropy",
    accuracy=8 / 9,
    n_classes=3,
    pairs=((0, 0, 4), (1, 1, 4), (2, 1, 1)),
    mistakes=(
        Mistake(
            row=7,
            name="",
            true=2,
            predicted=1,
            score=0.9,
            picture=Array.of(np.zeros((4, 4, 1), np.uint8)),
        ),
    ),
    notes=("Something was understood.",),
)


@pytest.fixture
def data_pool(pool: AnsweringPool) -> AnsweringPool:
    paths = tuple(dataset.path for dataset in DATASETS)
    pool.answers |= {
        SearchNames: lambda _: [
            ("delivered", Paths(paths=paths)), ("ended", Listed(count=3))
        ],
        DescribeNodes: lambda _: [
            ("delivered", Nodes(nodes=DATASETS)), ("ended", Listed(count=3))
        ],
        EvaluateNetwork: lambda _: ended(FOUND),
    }  # fmt: skip
    return pool


def the_evaluation(qtbot: QtBot, view: EvaluateView) -> None:
    view.show_documents((the_document(), the_document("/data.h5")))
    view.show_sample(a_sample())
    settle(qtbot)


def test_samples_and_labels_of_another_file_are_guessed_and_asked_for(
    qtbot, data_pool, shown
) -> None:
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    assert view.source.source == Source(document="/data.h5", x=((b"x_test",),), y=(b"y_test",))
    view._start.click()
    settle(qtbot)
    asked = data_pool.last(EvaluateNetwork)
    assert (asked.document, asked.data) == ("/net.h5", "/data.h5")
    assert (asked.x, asked.y, asked.recipe.name) == ((b"x_test",), (b"y_test",), "unit")
    assert asked.labels == ("cat", "dog", "cow")
    assert view._headline.whole_text == "88.9 % right, of 9 samples"
    assert view._loss.whole_text == "Loss 0.25 (categorical cross-entropy)"
    assert view._notes.whole_text == "Something was understood."
    assert view._caption(0) == ("dog, 90.0 %", "not cow", "row 7")
    assert view._confusion.text_of(2, 1) == "cow taken for dog: 1 time (100.0 %) of 1"


def test_labels_of_which_a_sample_has_several_are_called_by_their_names(
    qtbot, data_pool, shown, tmp_path: Path
) -> None:
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    too_many, missing = (
        Mistake(row=row, name="", true=true, predicted=predicted, score=0.9)
        for row, true, predicted in ((1, -1, 2), (4, 0, -1))
    )
    found = msgspec.structs.replace(
        FOUND, n_classes=2, n_labels=3, pairs=((0, 1, 1), (1, 0, 1)), mistakes=(too_many, missing)
    )
    data_pool.answers[EvaluateNetwork] = lambda _: ended(found)
    view._start.click()
    settle(qtbot)
    assert view._caption(0) == ("cow", "90.0 %, but is not", "row 1")
    assert view._caption(1) == ("not cat", "90.0 %, but is", "row 4")
    assert view._confusion.text_of(0, 1) == "no taken for yes: 1 time (100.0 %) of 1"
    view.save_as(tmp_path / "confusion.csv", "confusion")
    qtbot.waitUntil(lambda: "Saved" in view._notice.message)
    assert (tmp_path / "confusion.csv").read_text("utf-8").startswith("true \\ predicted,no,yes")


def test_each_of_several_inputs_has_a_dataset_of_its_own(qtbot, data_pool, shown) -> None:
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    sample = a_sample()
    first = sample.network.inputs[0]
    facts = msgspec.structs.replace(first, name="facts", kind="values", shape=(None, 4))
    other = msgspec.structs.replace(sample.network, inputs=(first, facts))
    view.show_sample(replace(sample, network=other))
    assert [box.accessibleName() for box in view.source._xs] == [first.name, "facts"]
    assert not view._start.isEnabled()  # there is no dataset of four numbers
    view.source._xs[0].setCurrentIndex(0)
    view.source._xs[1].setCurrentIndex(1)
    view.source._y.setCurrentIndex(1)
    view.source.changed.emit()
    view._start.click()
    settle(qtbot)
    asked = data_pool.last(EvaluateNetwork)
    assert asked.x == view.source._xs[0].itemData(0)
    assert asked.more_x == (view.source._xs[1].itemData(1),)
    with qtbot.assertNotEmitted(view.given):  # a thumbnail is for one of the inputs alone
        view._mistakes.chosen.emit(0)


def test_a_cell_under_the_cursor_says_what_it_counts(qtbot, data_pool, shown) -> None:
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view._start.click()
    settle(qtbot)
    confusion = view._confusion
    with qtbot.waitSignal(view.status_changed) as told:
        qtbot.mouseMove(confusion.viewport(), confusion._rect(0, 0).center())
    assert told.args == ["cat: right 4 times (100.0 %) of 4"]
    assert confusion.cell_at(QPoint(0, 0)) is None


def test_a_mistake_that_is_clicked_is_given_to_the_network(qtbot, data_pool, shown) -> None:
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view._start.click()
    settle(qtbot)
    with qtbot.waitSignal(view.given) as told:
        view._mistakes.chosen.emit(0)
    assert told.args[0].name == "row 7"
    assert told.args[0].values == FOUND.mistakes[0].picture


def test_the_result_is_saved_as_csv(qtbot, data_pool, shown, tmp_path: Path) -> None:
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view._start.click()
    settle(qtbot)
    target = tmp_path / "confusion.csv"
    view.save_as(target, "confusion")
    qtbot.waitUntil(lambda: "Saved" in view._notice.message)
    rows = list(csv.reader(target.read_text("utf-8").splitlines()))
    assert rows[0] == ["true \\ predicted", "cat", "dog", "cow"]
    assert rows[3] == ["cow", "0", "1", "0"]


def test_what_is_known_so_far_is_shown_and_kept_when_it_is_stopped(qtbot, data_pool, shown) -> None:
    part = msgspec.structs.replace(FOUND, samples=4, is_complete=False)
    data_pool.answers[EvaluateNetwork] = lambda _: None
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view._start.click()
    view._evaluating.grew.emit(part)
    assert view._headline.whole_text == "88.9 % right, of 4 of 9 samples"
    assert not view._start.isEnabled()
    view._busy.cancelled.emit()
    assert data_pool.cancelled
    assert view._notice.message == "Evaluating was stopped after 4 samples."
    assert view._start.isEnabled()


def test_going_to_another_view_stops_it_and_that_is_said(qtbot, data_pool, shown) -> None:
    data_pool.answers[EvaluateNetwork] = lambda _: None
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view._start.click()
    view.clear()
    assert data_pool.cancelled == [data_pool.last(EvaluateNetwork)]
    assert view._notice.message == "Evaluating was stopped."


def test_why_an_evaluation_fails_is_said(qtbot, data_pool, shown) -> None:
    data_pool.answers[EvaluateNetwork] = lambda _: ended(CannotRead("x and y do not fit."))
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view._start.click()
    settle(qtbot)
    assert view._notice.message == "x and y do not fit."
    assert view._start.isEnabled()


def test_a_folder_is_evaluated_in_several_requests_that_add_up(
    qtbot, data_pool, shown, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("h5viewer.labelled_pictures._MOST_AT_ONCE", 2)
    for name in ("cat", "cow", "dog"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.png").write_bytes(b"picture")

    def judge(request: EvaluateNetwork) -> Letters:
        pairs = tuple((index, 0, 1) for _, index in request.samples)
        wrong = [(row, feed, index) for row, (feed, index) in enumerate(request.samples) if index]
        return ended(
            Evaluation(
                samples=len(request.samples),
                loss=1.0,
                loss_name="categorical cross-entropy",
                accuracy=1 - len(wrong) / len(request.samples),
                n_classes=3,
                pairs=pairs,
                mistakes=tuple(
                    Mistake(row=row, name=feed.name, true=index, predicted=0, score=0.5)
                    for row, feed, index in wrong
                ),
            )
        )

    data_pool.answers[EvaluateNetwork] = judge
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view.source.choose_folder(str(tmp_path))
    view._start.click()
    qtbot.waitUntil(lambda: view._found is not None and view._found.is_complete)
    settle(qtbot)
    assert view._headline.whole_text == "33.3 % right, of 3 samples"
    assert "by their names" in view._notes.whole_text
    asked = data_pool.last(EvaluateNetwork)
    assert asked.recipe == a_sample().recipe
    with qtbot.waitSignal(view.given) as told:
        view._mistakes.chosen.emit(0)
    assert told.args[0].path == str(tmp_path / "cow" / "cow.png")


def test_a_folder_that_does_not_fit_is_said(qtbot, data_pool, shown, tmp_path: Path) -> None:
    (tmp_path / "horse").mkdir()
    view = shown(EvaluateView)
    the_evaluation(qtbot, view)
    view.source.choose_folder(str(tmp_path))
    view._start.click()
    qtbot.waitUntil(lambda: bool(view._notice.message))
    settle(qtbot)
    assert "1 folder, but the network knows 3 classes" in view._notice.message

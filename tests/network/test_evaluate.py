"""Evaluating saved networks on datasets of another file, and on pictures."""

from __future__ import annotations

import io
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.evaluation import matrix  # noqa: E402
from h5viewer.network.evaluate import evaluate_network  # noqa: E402
from h5viewer.network.recipes import RAW, UNIT  # noqa: E402
from h5viewer.nodes import Array  # noqa: E402
from h5viewer.requests import EvaluateNetwork, Feed  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SIDE = 16


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three classes: the picture is mostly red, green or blue. Pixels of 0 to 1."""
    inputs = keras.Input((SIDE, SIDE, 3))
    mean = keras.layers.GlobalAveragePooling2D()(inputs)
    answer = keras.layers.Dense(3, use_bias=False, activation="softmax")
    model = keras.Model(inputs, answer(mean))
    answer.set_weights([8 * np.eye(3, dtype=np.float32)])
    path = tmp_path_factory.mktemp("networks") / "colours.keras"
    model.save(path)
    return path


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A regression: the sum of four numbers."""
    inputs = keras.Input((4,))
    answer = keras.layers.Dense(1, use_bias=False)
    model = keras.Model(inputs, answer(inputs))
    answer.set_weights([np.ones((4, 1), np.float32)])
    path = tmp_path_factory.mktemp("networks") / "sum.keras"
    model.save(path)
    return path


def test_network_with_two_inputs_is_evaluated_on_two_datasets(tmp_path: Path) -> None:
    picture, facts = keras.Input((SIDE, SIDE, 3), name="picture"), keras.Input((3,), name="facts")
    both = keras.layers.Add()([keras.layers.GlobalAveragePooling2D()(picture), facts])
    path = tmp_path / "two.keras"
    keras.Model([picture, facts], keras.layers.Softmax()(both)).save(path)
    data = tmp_path / "two.h5"
    with h5py.File(data, "w") as file:
        file["pictures"] = pictures(SHOWN)
        file["facts"] = 9 * np.eye(3)[TRUE]  # they outweigh the pictures
        file["few"] = np.zeros((3, 3))
        file["y"] = TRUE

    def evaluated(*more_x: tuple[bytes, ...]):
        request = EvaluateNetwork(
            document=str(path), data=str(data), x=(b"pictures",), more_x=more_x, y=(b"y",),
            recipe=UNIT,
        )  # fmt: skip
        with opened(path, data) as containers:
            return answered(evaluate_network(request, *containers))[0]

    found = evaluated((b"facts",))
    assert (found.samples, found.accuracy) == (80, 1.0)
    with pytest.raises(CannotRead, match="2 inputs, and 1 dataset of samples"):
        evaluated()
    with pytest.raises(CannotRead, match="/pictures has 80 samples, /few has 3 samples"):
        evaluated((b"few",))


def pictures(classes: list[int], level: int = 200) -> np.ndarray:
    """(n, rows, columns, 3): each all of its class's colour."""
    values = np.zeros((len(classes), SIDE, SIDE, 3), np.uint8)
    for row, colour in enumerate(classes):
        values[row, ..., colour] = level
    return values


SHOWN = [0, 1, 2, 0, 1, 2, 0, 0] * 10  # what the pictures show
TRUE = [0, 1, 2, 0, 1, 2, 0, 2] * 10  # every eighth label is another


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        values = pictures(SHOWN)
        file["x"] = values
        file.create_dataset("x_packed", data=values, chunks=(7, SIDE, SIDE, 3), compression="gzip")
        file["x_floats"] = values / np.float32(255)
        file["x_first"] = np.moveaxis(values, -1, 1)
        file["x_large"] = values.repeat(2, axis=1).repeat(2, axis=2)
        file["x_signed"] = values.astype(np.float32) / 127.5 - 1
        file["x_short"] = values[:5]
        file["x_other"] = np.zeros((80, 7))
        file["y"] = TRUE
        file["y_column"] = np.reshape(TRUE, (-1, 1))
        file["y_hot"] = np.eye(3)[TRUE]
        file["y_words"] = np.array([b"red", b"the green", b"their blue"])[TRUE]
        file["y_wrong"] = np.array(TRUE) + 1
        file["scalar"] = 3
        file["four"] = np.arange(40.0).reshape(10, 4)
        file["sums"] = np.arange(40.0).reshape(10, 4).sum(axis=1) + ([0] * 9 + [5])
    return path


def evaluated(network: Path, data: Path | None, **asked):
    asked = {name: (value.encode(),) if name in "xy" else value for name, value in asked.items()}
    request = EvaluateNetwork(document=str(network), data=str(data or ""), **asked)
    with opened(network, *filter(None, (data,))) as containers:
        return answered(evaluate_network(request, *containers))


LOSS = np.log(
    1 + 2 * np.exp(-8 * 200 / 255)
)  # of a right answer; a wrong one costs 8 * 200/255 more


@pytest.mark.parametrize("x", ["x", "x_packed", "x_floats", "x_first", "x_large"])
def test_pictures_of_every_form_give_the_same_evaluation(network: Path, data: Path, x: str) -> None:
    found, parts, n_told = evaluated(network, data, x=x, y="y", recipe=UNIT)
    assert (found.samples, found.total, found.is_complete) == (80, 80, True)
    assert found.accuracy == pytest.approx(7 / 8)
    assert found.loss == pytest.approx(LOSS + 8 * 200 / 255 / 8, rel=1e-3)
    assert matrix(found) == ((30, 0, 0), (0, 20, 0), (10, 0, 20))
    assert [mistake.row for mistake in found.mistakes] == list(range(7, 80, 8))
    assert found.wrong.values.tolist() == [[row, 2, 0] for row in range(7, 80, 8)]
    assert all(part.wrong is None for part in parts)
    thumbnail = found.mistakes[0].picture.values
    np.testing.assert_array_equal(thumbnail[0, 0], [200, 0, 0])
    assert n_told >= 3
    assert [part.samples for part in parts] == sorted({part.samples for part in parts})
    assert not any(part.is_complete for part in parts)


@pytest.mark.parametrize("y", ["y", "y_column", "y_hot", "y_words"])
def test_labels_of_every_form_give_the_same_evaluation(network: Path, data: Path, y: str) -> None:
    found, _, _ = evaluated(network, data, x="x", y=y, recipe=UNIT)
    assert found.accuracy == pytest.approx(7 / 8)
    assert found.labels == (("red", "the green", "their blue") if y == "y_words" else ())


def test_labels_of_which_a_sample_may_have_several_are_counted_one_by_one(
    tmp_path: Path, data: Path
) -> None:
    inputs = keras.Input((SIDE, SIDE, 3))
    mean = keras.layers.GlobalAveragePooling2D()(inputs)
    answer = keras.layers.Dense(3, activation="sigmoid")
    model = keras.Model(inputs, answer(mean))
    answer.set_weights([8 * np.eye(3, dtype=np.float32), np.full(3, -3, np.float32)])
    model.save(tmp_path / "several.keras")
    found, _, _ = evaluated(tmp_path / "several.keras", data, x="x", y="y_hot", recipe=UNIT)
    assert (found.n_classes, found.n_labels) == (2, 3)
    assert matrix(found) == ((150, 10), (10, 70))  # no and yes, of each label
    assert {(each.true, each.predicted) for each in found.mistakes} <= {(-1, 0), (2, -1)}


def test_words_are_matched_to_the_names_that_are_given(network: Path, data: Path) -> None:
    names = ("their blue", "the green", "red")
    found, _, _ = evaluated(network, data, x="x", y="y_words", recipe=UNIT, labels=names)
    assert found.accuracy == pytest.approx(3 / 8)  # green, and the blue that looks red


def test_numbers_that_are_no_pixels_are_fed_as_they_are_and_said(network: Path, data: Path) -> None:
    found, _, _ = evaluated(network, data, x="x_signed", y="y", recipe=UNIT)
    assert found.accuracy == pytest.approx(7 / 8)
    assert found.recipe is None
    assert any("as they are" in note for note in found.notes)


def test_a_limit_ends_it_early(network: Path, data: Path) -> None:
    found, _, _ = evaluated(network, data, x="x", y="y", recipe=UNIT, limit=7)
    assert (found.samples, found.accuracy) == (7, 1.0)


def test_an_inverted_recipe_is_obeyed(network: Path, data: Path) -> None:
    recipe = RAW.__class__(name="own", factor=1 / 255, inverted=True)
    found, _, _ = evaluated(network, data, x="x", y="y", recipe=recipe)
    assert found.accuracy < 0.5


@pytest.mark.parametrize("n_channels", [2, 4])
@pytest.mark.parametrize("scale", [1, 2])
def test_the_last_channel_of_more_than_colours_is_seen(
    tmp_path: Path, n_channels: int, scale: int
) -> None:
    inputs = keras.Input((SIDE, SIDE, n_channels))
    mean = keras.layers.GlobalAveragePooling2D()(inputs)
    answer = keras.layers.Dense(2, use_bias=False, activation="softmax")
    model = keras.Model(inputs, answer(mean))
    weights = np.zeros((n_channels, 2))
    weights[-1] = (9, -9)
    answer.set_weights([weights])
    path, data = tmp_path / "last.keras", tmp_path / "last.h5"
    model.save(path)
    rows = np.full((6, SIDE * scale, SIDE * scale, n_channels), 90, np.uint8)
    rows[3:, ..., -1] = 0
    with h5py.File(data, "w") as file:
        file["x"], file["y"] = rows, [0, 0, 0, 1, 1, 1]
    signs = RAW.__class__(name="own", factor=1 / 255, mean=(0.1,))
    found, _, _ = evaluated(path, data, x="x", y="y", recipe=signs)
    assert (found.samples, found.accuracy) == (6, 1.0)


def test_of_a_regression_the_error_is_told(numbers: Path, data: Path) -> None:
    found, _, _ = evaluated(numbers, data, x="four", y="sums")
    assert (found.accuracy, found.pairs) == (None, ())
    assert found.mean_absolute_error == pytest.approx(0.5)
    assert found.loss == pytest.approx(2.5)
    worst = found.mistakes[0]
    assert (worst.row, worst.score) == (9, pytest.approx(5))


def test_classes_of_one_place_are_classes(tmp_path: Path) -> None:
    """As 1 x 1 convolutions behind global pooling leave them."""
    layers = keras.layers
    pixels = np.random.default_rng(8).integers(0, 256, (5, 8, 8, 3), np.uint8)
    pooled = layers.GlobalAveragePooling2D(keepdims=True)
    last = layers.Conv2D(4, 1, activation="softmax")
    model = keras.Sequential([keras.Input((8, 8, 3)), pooled, last])
    model.save(tmp_path / "model.keras")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"], file["y"] = pixels, np.array([0, 1, 2, 3, 3])
    found, _, _ = evaluated(
        tmp_path / "model.keras", tmp_path / "data.h5", x="x", y="y", recipe=UNIT
    )
    answers = model.predict(pixels / 255, verbose=0).reshape(5, 4)
    assert found.accuracy == (answers.argmax(axis=1) == [0, 1, 2, 3, 3]).mean()
    assert found.loss == pytest.approx(-np.log(answers[range(5), [0, 1, 2, 3, 3]]).mean(), rel=1e-4)
    assert len(found.mistakes) == round(5 * (1 - found.accuracy))
    with h5py.File(tmp_path / "data.h5", "a") as file:  # as training by Keras wants them
        file["marks"] = np.eye(4)[[0, 1, 2, 3, 3]].reshape(5, 1, 1, 4)
    marked, _, _ = evaluated(
        tmp_path / "model.keras", tmp_path / "data.h5", x="x", y="marks", recipe=UNIT
    )
    assert (marked.accuracy, marked.loss) == (found.accuracy, pytest.approx(found.loss))
    folder = EvaluateNetwork(
        document=str(tmp_path / "model.keras"),
        samples=tuple((Feed(name="a.png", picture=a_png(colour)), 1) for colour in (0, 2)),
    )
    with opened(tmp_path / "model.keras") as (container,):
        assert answered(evaluate_network(folder, container))[0].samples == 2


def test_what_an_autoencoder_is_to_answer_is_scaled_as_what_it_is_fed(tmp_path: Path) -> None:
    pixels = np.random.default_rng(8).integers(0, 256, (5, 8, 8, 3), np.uint8)
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2D(3, 3, padding="same", activation="sigmoid")]
    )
    model.compile("adam", "mse")
    model.save(tmp_path / "model.keras")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = pixels
    found, _, _ = evaluated(
        tmp_path / "model.keras", tmp_path / "data.h5", x="x", y="x", recipe=UNIT
    )
    assert found.loss == pytest.approx(model.evaluate(pixels / 255, pixels / 255, verbose=0))


def test_of_several_outputs_it_is_said_which_one_is_judged(tmp_path: Path, data: Path) -> None:
    inputs = keras.Input((4,))
    first = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", name="total")
    second = keras.layers.Dense(1, name="other")
    path = tmp_path / "two.keras"
    keras.Model(inputs, [first(inputs), second(inputs)]).save(path)
    found, _, _ = evaluated(path, data, x="four", y="sums")
    assert found.notes[0] == "Of 2 outputs the one called total is judged."
    assert found.mean_absolute_error == pytest.approx(0.5)


def test_the_data_may_be_in_the_file_of_the_network(tmp_path: Path, numbers: Path) -> None:
    model = keras.saving.load_model(numbers)
    both = tmp_path / "both.h5"
    model.save(both)
    with h5py.File(both, "a") as file:
        file["x"] = np.ones((3, 4))
        file["y"] = [4.0, 4.0, 7.0]
    found, _, _ = evaluated(both, None, x="x", y="y")
    assert found.mean_absolute_error == pytest.approx(1)


@pytest.mark.parametrize(
    ("x", "y", "sentence"),
    [
        ("x_short", "y", "/x_short has 5 samples, /y has 80 labels"),
        ("x", "y_wrong", "/y_wrong holds labels from 1 to 3; the network knows 3 classes"),
        ("x_other", "y", r"A sample of /x_other has the shape \(7,\)"),
        ("scalar", "y", "/scalar holds a single value"),
        ("x", "scalar", "/scalar holds a single value"),
        ("x", "x", r"/x has the shape \(80, 16, 16, 3\)"),
        ("y_words", "y", "no numbers"),
    ],
)
def test_what_does_not_fit_is_one_sentence(network: Path, data: Path, x, y, sentence) -> None:
    with pytest.raises(CannotRead, match=sentence):
        evaluated(network, data, x=x, y=y, recipe=UNIT)


def a_png(colour: int) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pictures([colour])[0]).save(target, "PNG")
    return target.getvalue()


def test_pictures_are_evaluated_and_broken_ones_said(network: Path) -> None:
    samples = [(Feed(name=f"{row}.png", picture=a_png(row % 3)), row % 3) for row in range(40)]
    samples[3] = (Feed(name="odd.png", picture=a_png(2)), 0)
    samples[5] = (Feed(name="broken.png", picture=b"no picture"), 0)
    found, _, _ = evaluated(network, None, samples=tuple(samples), recipe=UNIT)
    assert (found.samples, found.total) == (39, 40)
    assert found.accuracy == pytest.approx(38 / 39)
    assert [(each.row, each.name) for each in found.mistakes] == [(3, "odd.png")]
    assert any("broken.png" in note for note in found.notes)


def test_pictures_are_evaluated_beside_other_inputs(tmp_path: Path) -> None:
    """Each with numbers of its own, or all with the same."""
    picture, facts = keras.Input((SIDE, SIDE, 3), name="picture"), keras.Input((3,), name="facts")
    both = keras.layers.Add()([keras.layers.GlobalAveragePooling2D()(picture), facts])
    path = tmp_path / "two.keras"
    keras.Model([facts, picture], keras.layers.Softmax()(both)).save(path)

    def numbers(index: int) -> Feed:
        return Feed(name="facts", values=Array.of(9 * np.eye(3, dtype=np.float32)[index]))

    def evaluated(**asked):
        with opened(path) as containers:
            request = EvaluateNetwork(document=str(path), recipe=UNIT, **asked)
            return answered(evaluate_network(request, *containers))[0]

    shown = [Feed(name=f"{row}.png", picture=a_png(row % 3)) for row in range(40)]
    found = evaluated(
        samples=tuple((numbers(row % 3), row % 3) for row in range(40)),
        more_samples=tuple((feed,) for feed in shown),
    )
    assert (found.samples, found.accuracy) == (40, 1.0)
    found = evaluated(
        samples=tuple((feed, row % 3) for row, feed in enumerate(shown)), held=(numbers(1), None)
    )
    assert found.accuracy == pytest.approx(13 / 40)
    thumbnail = found.mistakes[0].picture.values
    assert (
        thumbnail.argmax(-1).tolist()
        == np.full(thumbnail.shape[:2], found.mistakes[0].true).tolist()
    )
    with pytest.raises(CannotRead, match="None of the pictures"):
        evaluated(samples=tuple((feed, 0) for feed in shown))


def test_pictures_of_a_network_that_answers_numbers_are_refused(numbers: Path) -> None:
    with pytest.raises(CannotRead, match="answers with numbers"):
        evaluated(numbers, None, samples=((Feed(name="a.png", picture=a_png(0)), 0),))


def test_evaluating_can_be_stopped_on_its_way(network: Path, data: Path) -> None:
    request = EvaluateNetwork(
        document=str(network), data=str(data), x=(b"x",), y=(b"y",), recipe=UNIT
    )
    with opened(network, data) as containers:
        work = evaluate_network(request, *containers)
        assert any(getattr(part, "unit", "") == "samples" for part in work)
        work.close()


def test_about_names_both_files_or_one() -> None:
    request = EvaluateNetwork(document="/a", data="/b", x=(b"x",), y=(b"y",))
    assert request.documents == ("/a", "/b")
    assert request.about(["/c", "/d"]).documents == ("/c", "/d")
    assert request.about(["/c"]).documents == ("/c",)

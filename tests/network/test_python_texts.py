"""Python that is copied from a data set of pictures runs as it is and trains a network."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

from h5viewer.documents.augmentation import Change, changed  # noqa: E402
from h5viewer.nodes import Augmentation, PictureLayout, PictureSet  # noqa: E402
from h5viewer.python_texts.program import KINDS, Program, PythonKind, python_text  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]

N, ROWS, COLUMNS = 40, 10, 12
NAMES = ('Apfel \\ "rot"\n', "naïve", "c")

HAS_SCIPY = find_spec("scipy") is not None

# Keras' generator moves pixels by SciPy, which is not everywhere.
COLOURS = Augmentation(
    horizontal_flip=True, channel_shift=20, brightness_low=0.5, brightness_high=1.5
)
ALL = Augmentation(
    rotation=20,
    width_shift=0.2,
    height_shift=0.1,
    shear=10,
    zoom_low=0.8,
    zoom_high=1.2,
    brightness_low=0.5,
    brightness_high=1.5,
    channel_shift=20,
    horizontal_flip=True,
    vertical_flip=True,
    fill_mode="constant",
    fill_value=128,
)


@pytest.fixture
def pixels() -> np.ndarray[Any, Any]:
    """(n, rows, columns, 3), 0 … 255."""
    return np.random.default_rng(0).integers(0, 256, (N, ROWS, COLUMNS, 3), "u1")


@pytest.fixture
def classes() -> np.ndarray[Any, Any]:
    return np.arange(N) % 3


def layout(axes: str = "nhwc", **facts: Any) -> PictureLayout:
    channels = 3 if "c" in axes else 1
    return PictureLayout(axes=axes, height=ROWS, width=COLUMNS, channels=channels, **facts)


def stored(pixels: Any, axes: str) -> Any:
    """The same pictures with their axes in another order."""
    if "c" not in axes:
        pixels = pixels[..., 0]
    have = "nhwc" if "c" in axes else "nhw"
    return pixels.transpose([have.index(axis) for axis in axes])


def a_set(shape: Any, given: PictureLayout, **facts: Any) -> PictureSet:
    wanted = {
        "node": (b"x",),
        "labels": (b"y",),
        "label_form": "index",
        "label_names": NAMES,
        **facts,
    }
    return PictureSet(shape=shape, dtype="uint8", layout=given, n_pictures=N, **wanted)


def write(path: Path, **datasets: Any) -> str:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name.replace("__", "/")] = values
    return str(path)


@pytest.fixture
def run(tmp_path: Path) -> Callable[[Program], ModuleType]:
    """The copied text as a program of its own."""

    def program(wanted: Program) -> ModuleType:
        script = tmp_path / "copied.py"
        script.write_text(python_text(wanted), "utf-8")
        spec = importlib.util.spec_from_file_location("copied", script)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return program


def network(before: Any = None, n: int = 3, channels: int = 3) -> Any:
    layers = [keras.layers.Flatten(), keras.layers.Dense(n, activation="softmax")]
    begin = [before] if before is not None else []
    return keras.Sequential([keras.Input((ROWS, COLUMNS, channels)), *begin, *layers])


def batches(made: Any) -> list[Any]:
    if isinstance(made, tf.data.Dataset):
        return [tuple(np.asarray(part) for part in each) for each in made]
    return [made[n] for n in range(len(made))]


@pytest.mark.parametrize("kind", KINDS)
def test_the_program_runs_and_trains_a_network_with_two_workers(
    kind: PythonKind, pixels: Any, classes: Any, tmp_path: Path, run: Any
) -> None:
    path = write(tmp_path / 'da"ta é.h5', x=pixels, y=classes, vx=pixels[:8], vy=classes[:8])
    shown = a_set(pixels.shape, layout(), split="training")
    other = a_set((8, *pixels.shape[1:]), layout(), node=(b"vx",), labels=(b"vy",), split="test")
    change = COLOURS if kind == "generator" and not HAS_SCIPY else ALL
    text = python_text(Program(path, kind, shown, (shown, other), change, batch=16))
    assert ("workers=2" in text) != ("num_parallel_calls=2" in text)
    module = run(Program(path, kind, shown, (shown, other), change, batch=16))
    assert list(module.CLASSES) == list(NAMES)
    model = network(getattr(module, "augment", None) if kind == "layers" else None)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        module.train, validation_data=module.validation, epochs=2, verbose=0, shuffle=False
    )
    assert len(history.history["val_loss"]) == 2
    assert np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize(
    ("kind", "axes", "facts"),
    [
        ("tf.data", "nhwc", {}),
        ("tf.data", "hwcn", {}),
        ("dataset", "nhwc", {}),
        ("dataset", "nchw", {}),
        ("dataset", "hwcn", {}),
        ("dataset", "ncwh", {}),
        ("dataset", "nhw", {}),
        ("dataset", "whn", {}),
        ("dataset", "nhwc", {"is_flat": True}),
        ("dataset", "nchw", {"is_flat": True}),
        ("dataset", "whcn", {"is_flat": True}),
        ("dataset", "hwn", {"is_flat": True}),
        ("dataset", "nhwc", {"is_bgr": True}),
    ],
)
def test_every_picture_and_class_comes_once_an_epoch_as_it_is_stored(
    kind: PythonKind, axes: str, facts: Any, pixels: Any, classes: Any, tmp_path: Path, run: Any
) -> None:
    values = stored(pixels, axes)
    if facts.get("is_flat"):
        values = values.reshape((N, -1) if axes[0] == "n" else (-1, N))
    shown = a_set(values.shape, layout(axes, **facts))
    path = write(tmp_path / "data.h5", x=values, y=classes)
    found = batches(run(Program(path, kind, shown, batch=16)).train)
    assert [len(each[0]) for each in found] == [16, 16, 8]
    wanted = pixels[..., ::-1] if facts.get("is_bgr") else pixels
    if "c" not in axes:
        wanted = wanted[..., :1]
    known = {(picture / 255).astype("f4").round(5).tobytes(): n for n, picture in enumerate(wanted)}
    order = [known[picture.round(5).tobytes()] for x, _ in found for picture in x]
    assert sorted(order) == list(range(N))
    assert order != list(range(N))
    labels = [int(label) for _, y in found for label in y]
    assert labels == [classes[n] for n in order]


@pytest.mark.parametrize("kind", ["dataset", "tf.data"])
@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(0, 255, "u1"), (0, 1, "f4"), (-1, 1, "f4"), (10, 20, "i2")]
)
def test_black_is_0_and_white_is_1(
    kind: PythonKind, low: float, high: float, dtype: str, tmp_path: Path, run: Any
) -> None:
    values = np.full((N, ROWS, COLUMNS, 3), low, dtype)
    values[:, 5] = high
    shown = a_set(values.shape, layout(low=low, high=high))
    found = batches(
        run(Program(write(tmp_path / "d.h5", x=values, y=np.zeros(N, "i4")), kind, shown)).train
    )
    for x, _ in found:
        assert x.dtype == np.float32
        assert (x[:, 0] == 0).all()
        assert (x[:, 5] == 1).all()


@pytest.mark.parametrize("kind", ["dataset", "tf.data"])
@pytest.mark.parametrize(
    "form",
    [
        "(n, 1)",
        "(1, n)",
        "from 1",
        "floats",
        "one-hot",
        "turned",
        "several",
        "text",
        "bytes",
        "column",
    ],
)
def test_classes_are_read_however_they_are_stored(
    kind: PythonKind, form: str, pixels: Any, classes: Any, tmp_path: Path, run: Any
) -> None:
    facts: dict[str, Any] = {}
    one_hot = np.eye(3)[classes]
    several = np.maximum(one_hot, one_hot[::-1])
    values: Any = {
        "(n, 1)": classes[:, None],
        "(1, n)": classes[None],
        "from 1": classes + 1,
        "floats": classes.astype("f8"),
        "one-hot": one_hot,
        "turned": one_hot.T,
        "several": several * 2 - 1,
        "text": np.array([NAMES[each] for each in classes], dtype=h5py.string_dtype()),
        "bytes": np.array([NAMES[each].encode() for each in classes]),
        "column": np.array([(0.5, each) for each in classes], [("age", "f4"), ("kind", "i8")]),
    }[form]
    if form == "from 1":
        facts["first_label"] = 1
    if form in ("one-hot", "turned"):
        facts["label_form"] = "one-hot"
    if form == "column":
        facts |= {"labels": (b"y", b"kind"), "are_labels_column": True}
    if form == "several":
        facts["label_form"] = "several"
    if form in ("text", "bytes"):
        facts["label_form"] = "text"
    path = write(tmp_path / "data.h5", x=pixels, y=values)
    shown = a_set(pixels.shape, layout(), split="validation", **facts)
    module = run(Program(path, kind, shown))
    found = np.concatenate([y for _, y in batches(module.validation)])
    rows = {"one-hot": one_hot, "turned": one_hot, "several": several}
    np.testing.assert_array_equal(found, rows.get(form, classes))
    text = python_text(Program(path, kind, shown))
    assert ("binary_crossentropy" in text) == (form == "several")


@pytest.mark.parametrize("kind", KINDS)
def test_a_set_without_labels_gives_pictures_alone(
    kind: PythonKind, pixels: Any, tmp_path: Path, run: Any
) -> None:
    path = write(tmp_path / "data.h5", x=pixels)
    facts = {"labels": None, "label_form": "", "label_names": ()}
    module = run(Program(path, kind, a_set(pixels.shape, layout(), **facts), (), COLOURS))
    assert network().predict(module.train, verbose=0).shape == (N, 3)


def test_names_that_are_no_text_are_found(
    pixels: Any, classes: Any, tmp_path: Path, run: Any
) -> None:
    path = write(tmp_path / "data.h5", y=classes)
    with h5py.File(path, "a") as file:
        file[b"gr\xff/x'\"\n"] = pixels
    shown = a_set(pixels.shape, layout(), node=(b"gr\xff", b"x'\"\n"))
    module = run(Program(path, "dataset", shown))
    assert len(module.train) == 2


def test_the_generator_changes_pictures_otherwise_each_epoch_and_leaves_others(
    pixels: Any, classes: Any, tmp_path: Path, run: Any
) -> None:
    path = write(tmp_path / "data.h5", x=pixels, y=classes)
    shown = a_set(pixels.shape, layout())
    module = run(Program(path, "generator", shown, (), COLOURS))
    plain = module.Pictures("x", "y", shuffle=False)
    train = module.Pictures("x", "y", shuffle=False, augments=True)
    first = train[0][0]
    assert first.min() >= 0
    assert first.max() <= 1
    assert first.dtype == np.float32
    np.testing.assert_array_equal(plain[0][0], (pixels[:32] / 255).astype("f4"))
    np.testing.assert_array_equal(first, train[0][0])
    assert not np.allclose(first, plain[0][0])
    train.on_epoch_end()
    assert not np.allclose(first, train[0][0])


def test_the_generator_is_given_what_was_chosen(pixels: Any, tmp_path: Path, run: Any) -> None:
    path = write(tmp_path / "data.h5", x=pixels, y=np.zeros(N, "i4"))
    made = run(Program(path, "generator", a_set(pixels.shape, layout()), (), ALL)).generator
    assert made.rotation_range == 20
    # Keras moves columns by height_shift_range x height
    assert made.height_shift_range * ROWS == pytest.approx(0.2 * COLUMNS)
    assert made.width_shift_range * COLUMNS == pytest.approx(0.1 * ROWS)
    assert made.shear_range == 10
    assert list(made.zoom_range) == [0.8, 1.2]
    assert made.brightness_range == (0.5, 1.5)
    assert made.channel_shift_range == 20
    assert (made.horizontal_flip, made.vertical_flip) == (True, True)
    assert (made.fill_mode, made.cval) == ("constant", 128)


LAYERS = {
    "rotation": (Augmentation(rotation=36), "RandomRotation", {"factor": (-0.1, 0.1)}),
    "shift": (
        Augmentation(width_shift=0.2, height_shift=0.1),
        "RandomTranslation",
        {"height_factor": 0.1, "width_factor": 0.2},
    ),
    "zoom": (
        Augmentation(zoom_low=0.7, zoom_high=1.2),
        "RandomZoom",
        {"height_factor": (-0.3, 0.2), "width_factor": (-0.3, 0.2)},
    ),
    "shear": (Augmentation(shear=18), "RandomShear", {"x_factor": (0, np.pi / 10)}),
    "flip": (Augmentation(vertical_flip=True), "RandomFlip", {"mode": "vertical"}),
    "channels": (Augmentation(channel_shift=51), "RandomBrightness", {"factor": (-0.2, 0.2)}),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_has_the_arguments_that_were_chosen(
    name: str, pixels: Any, tmp_path: Path, run: Any
) -> None:
    change, kind, wanted = LAYERS[name]
    path = write(tmp_path / "data.h5", x=pixels, y=np.zeros(N, "i4"))
    module = run(Program(path, "layers", a_set(pixels.shape, layout()), (), change))
    (layer,) = module.augment.layers
    assert type(layer).__name__ == kind
    for argument, value in wanted.items():
        found = getattr(layer, argument)
        assert found == (value if isinstance(value, str) else pytest.approx(value))


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (Change(zoom_rows=1.3, zoom_columns=1.3), Augmentation(zoom_low=1.3, zoom_high=1.3)),
        (Change(zoom_rows=0.6, zoom_columns=0.6), Augmentation(zoom_low=0.6, zoom_high=0.6)),
    ],
)
def test_a_layer_makes_of_a_picture_what_is_previewed(
    change: Change, asked: Augmentation, pixels: Any, tmp_path: Path, run: Any
) -> None:
    path = write(tmp_path / "data.h5", x=pixels, y=np.zeros(N, "i4"))
    module = run(Program(path, "layers", a_set(pixels.shape, layout()), (), asked))
    picture = pixels[0].astype("f4")
    made = np.asarray(module.augment(picture[None] / 255, training=True))[0] * 255
    np.testing.assert_allclose(made, changed(picture, change), atol=0.05)


@pytest.mark.parametrize("kind", ["layers", "tf.data"])
def test_brightness_makes_nothing_transparent(
    kind: PythonKind, pixels: Any, tmp_path: Path, run: Any
) -> None:
    clear = np.concatenate([pixels, 255 - pixels[..., :1]], axis=-1)
    path = write(tmp_path / "data.h5", x=clear, y=np.zeros(N, "i4"))
    shape = PictureLayout(axes="nhwc", height=ROWS, width=COLUMNS, channels=4)
    asked = Augmentation(brightness_low=0.5, brightness_high=0.5)
    module = run(Program(path, kind, a_set(clear.shape, shape), (), asked))
    if kind == "layers":
        made = np.asarray(module.augment(clear[:1].astype("f4") / 255, training=True))[0]
    else:
        made = next(iter(module.pictures("x", "y", shuffle=False, augments=True)))[0][0].numpy()
    np.testing.assert_allclose(made * 255, clear[0] * [0.5, 0.5, 0.5, 1], atol=0.01)


@pytest.mark.skipif(not HAS_SCIPY, reason="SciPy is not installed")
@pytest.mark.parametrize("name", ["width_shift", "height_shift"])
def test_the_generator_shifts_as_is_previewed(
    name: str, pixels: Any, tmp_path: Path, run: Any
) -> None:
    """Keras 3.15 takes the two ranges for each other, which the program makes up for."""
    path = write(tmp_path / "data.h5", x=pixels, y=np.zeros(N, "i4"))
    asked = Augmentation(**{name: 0.2}, fill_mode="constant")
    made = run(Program(path, "generator", a_set(pixels.shape, layout()), (), asked)).generator
    white = np.full((ROWS, COLUMNS, 1), 255, "f4")
    found = [made.random_transform(white, seed=seed)[..., 0] for seed in range(40)]
    is_by_column = name == "width_shift"
    for each in found:
        lines = each.T if is_by_column else each
        assert all(len(set(line.tolist())) == 1 for line in lines)
    n_lines = COLUMNS if is_by_column else ROWS
    most = max(int((each.max(axis=0 if is_by_column else 1) == 0).sum()) for each in found)
    assert 1 <= most <= np.ceil(0.2 * n_lines)


def test_a_model_with_the_layers_can_be_saved_and_loaded(
    pixels: Any, classes: Any, tmp_path: Path, run: Any
) -> None:
    path = write(tmp_path / "data.h5", x=pixels, y=classes)
    module = run(Program(path, "layers", a_set(pixels.shape, layout()), (), ALL))
    model = network(module.augment)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    x = pixels[:4] / 255
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)


_TRAINING = """

if __name__ == "__main__":
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    train.use_multiprocessing = True
    model.fit(train, epochs=2, verbose=0)
    print("trained with", train.workers, "processes")
"""


def test_two_processes_read_the_file_at_once(pixels: Any, classes: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "data.h5", x=pixels, y=classes)
    program = Program(path, "generator", a_set(pixels.shape, layout()), (), COLOURS, batch=8)
    script = tmp_path / "train.py"
    script.write_text(python_text(program) + _TRAINING, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    assert "trained with 2 processes" in done.stdout

"""Networks in another form: plain Keras opens them, with the very weights of the source."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from exported import export_here, plan_here  # noqa: E402
from keras_files import ZOO, answers, loaded, shaken  # noqa: E402
from merged import merge_here  # noqa: E402
from old_files import layer, sequential, write  # noqa: E402
from test_keras_objects import MODELS  # noqa: E402

from h5viewer.errors import CannotRead, CannotWrite  # noqa: E402
from h5viewer.network.random_samples import largest_difference, random_batches  # noqa: E402
from h5viewer.nodes import Exported  # noqa: E402
from h5viewer.requests import CombineNetwork, ConvertNetwork  # noqa: E402

L = keras.layers

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
    pytest.mark.filterwarnings("ignore:[\\s\\S]*The structure of `inputs`:UserWarning"),
]


def nested_in_a_row() -> Any:
    """A functional network that hands what it puts out to the next layer of a Sequential."""
    inputs = keras.Input((5, 4))
    x = L.MultiHeadAttention(2, 3)(inputs, inputs)
    inner = keras.Model(inputs, L.BatchNormalization()(x), name="inner")
    return keras.Sequential([keras.Input((5, 4)), inner, L.Dense(2)])


CHOSEN = ("spectral", "network over time", "normalization", "gated heads", "two directions",
          "stacked cells", "separable", "pipeline")  # fmt: skip
ALL: dict[str, Callable[[], Any]] = {
    **{f"{name} model": ZOO[name] for name in ("attentive", "nested", "embedded")},
    **{name: MODELS[name] for name in CHOSEN},
    "nested in a row": nested_in_a_row,
}


def convert(source: Path, target: Path, **options: Any) -> Exported:
    """As the worker does."""
    return export_here(ConvertNetwork(document=str(source), target=str(target), **options))


def opened_by_keras(path: Path) -> Any:
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def same_weights(first: Any, second: Any) -> bool:
    pairs = list(zip(first.get_weights(), second.get_weights(), strict=True))
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)


@pytest.mark.parametrize("name", ALL)
def test_archives_become_legacy_files_and_archives_again(name: str, tmp_path: Path) -> None:
    first, legacy, again = (tmp_path / each for each in ("first.keras", "a.h5", "again.keras"))
    shaken(ALL[name]()).save(first)
    model = opened_by_keras(first)
    done = convert(first, legacy)
    assert done.n_identical == done.n_weights >= len(model.weights)
    assert same_weights(opened_by_keras(legacy), model)
    convert(legacy, again)
    opened = opened_by_keras(again)
    assert same_weights(opened, model)
    batches = random_batches(model)
    assert largest_difference(answers(opened, batches), answers(model, batches)) < 1e-6


@pytest.mark.parametrize("name", ["nested model", "two directions", "gated heads", "spectral"])
def test_weights_alone_go_into_the_same_network(name: str, tmp_path: Path) -> None:
    model = shaken(ALL[name]())
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.weights.h5")
    expected = [each.copy() for each in model.get_weights()]
    for variable in model.weights:
        variable.assign(variable * 0)
    model.load_weights(tmp_path / "b.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(expected, model.get_weights(), strict=True))


def test_shards_have_the_index_of_keras(tmp_path: Path) -> None:
    model = shaken(ZOO["convolutions"]())
    model.save(tmp_path / "a.keras")
    index = tmp_path / "b.weights.json"
    whole = convert(tmp_path / "a.keras", index, shard_size=8000)
    assert whole.n_parts > 1
    for part in range(whole.n_parts):
        target = tmp_path / f"b_{part:05}.weights.h5"
        done = convert(tmp_path / "a.keras", target, shard_size=8000, part=part)
        assert done.n_weights > 0
    again = str(tmp_path / "again.keras")
    wanted = CombineNetwork(document=str(tmp_path / "a.keras"), others=(str(index),), target=again)
    assert merge_here(wanted).n_weights == len(model.weights)
    assert same_weights(opened_by_keras(Path(again)), model)
    expected = [each.copy() for each in model.get_weights()]
    for variable in model.weights:
        variable.assign(variable * 0)
    model.load_weights(index)
    assert all(np.array_equal(a, b) for a, b in zip(expected, model.get_weights(), strict=True))


@pytest.mark.parametrize("policy", ["bfloat16", "float16", "mixed_bfloat16"])
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_numbers_of_two_bytes_are_kept(policy: str, suffix: str, tmp_path: Path) -> None:
    layers = [keras.Input((3,)), L.Dense(4, dtype=policy), L.Dense(2, dtype=policy)]
    model = shaken(keras.Sequential(layers))
    model.save(tmp_path / "a.keras")
    done = convert(tmp_path / "a.keras", tmp_path / f"b.{suffix}")
    assert same_weights(opened_by_keras(tmp_path / f"b.{suffix}"), model)
    is_told = any("stored as float32" in note for note in done.notes)
    assert is_told == (policy == "bfloat16" and suffix == "h5")


def test_whole_numbers_of_quantized_layers_are_kept(tmp_path: Path) -> None:
    projections = [L.EinsumDense("ab,bc->ac", 5, bias_axes=axes) for axes in (None, "c")]
    model = shaken(keras.Sequential([keras.Input((4,)), L.Dense(6), *projections, L.Dense(2)]))
    for each in model.layers:
        each.quantize("int8")
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.keras")
    assert same_weights(opened_by_keras(tmp_path / "b.keras"), model)


def test_quantizations_that_are_not_known_become_no_legacy_file(tmp_path: Path) -> None:
    """Keras lists their weights in one order and reads them in another."""
    model = keras.Sequential([keras.Input((4,)), L.Dense(6, name="eighth")])
    model.layers[0].quantize("float8")
    model.save(tmp_path / "a.keras")
    with pytest.raises(CannotWrite, match=r"“eighth” is quantized in a way of its own"):
        convert(tmp_path / "a.keras", tmp_path / "b.h5")
    convert(tmp_path / "a.keras", tmp_path / "b.keras")
    batches = random_batches(model)
    again = opened_by_keras(tmp_path / "b.keras")
    assert largest_difference(answers(again, batches), answers(model, batches)) < 1e-6


def test_statistics_that_keras_would_not_use_become_no_legacy_file(tmp_path: Path) -> None:
    """It reads mean and variance of a nested normalization, and goes on with zero and one."""
    scaled = L.Normalization(name="scaled")
    scaled.adapt(np.arange(12.0).reshape(3, 4))
    inner = keras.Sequential([keras.Input((4,)), scaled], name="inner")
    model = keras.Sequential([keras.Input((4,)), inner])
    model.save(tmp_path / "a.keras")
    with pytest.raises(CannotWrite, match=r"variance of “scaled” from .* inside “inner”"):
        convert(tmp_path / "a.keras", tmp_path / "b.h5")
    convert(tmp_path / "a.keras", tmp_path / "b.keras")
    batches = random_batches(model)
    again = opened_by_keras(tmp_path / "b.keras")
    assert largest_difference(answers(again, batches), answers(model, batches)) < 1e-6


def test_a_layer_called_as_a_group_of_legacy_files_becomes_none(tmp_path: Path) -> None:
    """Keras itself fails to save it there."""
    dense = L.Dense(2, name="top_level_model_weights")
    keras.Sequential([keras.Input((4,)), dense]).save(tmp_path / "a.keras")
    with pytest.raises(CannotWrite, match="something else under the name of the layer “top_level"):
        convert(tmp_path / "a.keras", tmp_path / "b.h5")


def test_a_layer_called_as_a_group_of_archives_is_read_from_a_legacy_file(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), L.Dense(3, name="vars"), L.Dense(2)])
    model.save(tmp_path / "a.h5")
    convert(tmp_path / "a.h5", tmp_path / "b.keras")
    again, batches = opened_by_keras(tmp_path / "b.keras"), random_batches(model)
    assert largest_difference(answers(again, batches), answers(model, batches)) < 1e-6


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_weights_of_four_bits_in_blocks_are_kept(suffix: str, tmp_path: Path) -> None:
    inputs = keras.Input((6,), dtype="int32")
    x = L.EinsumDense("abc,cd->abd", (6, 5), bias_axes="d")(L.Embedding(9, 8)(inputs))
    x = L.EinsumDense("abc,cd->abd", (6, 4))(x)
    model = keras.Model(inputs, L.Dense(4)(L.Flatten()(x)))
    for each in [known for known in model.layers if known.weights]:
        each.quantize("int4")
    source, target = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    model.save(source)
    batches = random_batches(model)
    network = loaded(source)
    assert network.warnings == ()
    assert network.findings == ()
    assert largest_difference(answers(network.model, batches), answers(model, batches)) < 1e-6
    convert(source, target)
    again = opened_by_keras(target)
    assert largest_difference(answers(again, batches), answers(model, batches)) < 1e-6


def test_code_that_was_read_becomes_a_layer_that_keras_takes(tmp_path: Path) -> None:
    source, target = tmp_path / "code.keras", tmp_path / "plain.keras"
    inputs = keras.Input((4,))
    model = keras.Model(inputs, L.Dense(2)(L.Lambda(lambda x: x * 2.0 + 1, name="double")(inputs)))
    model.save(source)
    convert(source, target)
    batches = random_batches(model)
    found = answers(opened_by_keras(target), batches)
    assert largest_difference(found, answers(model, batches)) < 1e-5


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_words_come_along(suffix: str, tmp_path: Path) -> None:
    look_up = L.StringLookup()
    look_up.adapt(["cat", "dog", "dog"])
    words = keras.Input((1,), dtype="string")
    model = keras.Model(words, L.Embedding(5, 2)(look_up(words)))
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / f"b.{suffix}")
    again = opened_by_keras(tmp_path / f"b.{suffix}")
    assert again.layers[1].get_vocabulary() == look_up.get_vocabulary()


def test_words_that_the_file_does_not_hold_are_told_of(tmp_path: Path) -> None:
    """Keras keeps in .h5 only the words that a layer was made with."""
    given, met = L.StringLookup(vocabulary=["cat"]), L.StringLookup(name="met")
    met.adapt(["cat", "dog", "dog"])
    words = keras.Input((1,), dtype="string")
    model = keras.Model(words, [given(words), met(words)])
    told = "The file does not hold the words of “met”: "
    for suffix, is_told in (("h5", True), ("keras", False)):
        model.save(tmp_path / f"a.{suffix}")
        done = convert(tmp_path / f"a.{suffix}", tmp_path / "b.keras")
        assert any(note.startswith(told) for note in done.notes) == is_told


def test_counts_of_words_come_along(tmp_path: Path) -> None:
    text = L.TextVectorization(output_mode="tf_idf")
    text.adapt(["the cat", "the dog", "a dog"])
    words = keras.Input((1,), dtype="string")
    model = keras.Model(words, L.Dense(2)(text(words)))
    model.save(tmp_path / "a.keras")
    for suffix in ("h5", "keras"):
        convert(tmp_path / "a.keras", tmp_path / f"b.{suffix}")
        again = opened_by_keras(tmp_path / f"b.{suffix}")
        sample = keras.ops.convert_to_tensor([["the dog"]])
        assert np.allclose(again(sample), model(sample))


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_counts_that_were_given_with_the_words_come_along(suffix: str, tmp_path: Path) -> None:
    given = {"output_mode": "tf_idf", "idf_weights": [0.5, 0.75]}
    words = keras.Input((1,), dtype="string")
    looked_up = [
        L.StringLookup(vocabulary=["a", "b"], num_oov_indices=2, **given)(words),
        L.StringLookup(vocabulary=["a", "b"], max_tokens=7, pad_to_max_tokens=True, **given)(words),
        L.TextVectorization(vocabulary=["a", "b"], **given)(words),
    ]
    model = keras.Model(words, looked_up)
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / f"b.{suffix}")
    sample = keras.ops.convert_to_tensor([["a"], ["b"], ["c"]])
    answers_again = opened_by_keras(tmp_path / f"b.{suffix}")(sample)
    for again, before in zip(answers_again, model(sample), strict=True):
        assert np.array_equal(again, before)


def test_counts_of_words_that_are_padded_come_along(tmp_path: Path) -> None:
    """Keras itself does not open the file."""
    look_up = L.StringLookup(output_mode="tf_idf", max_tokens=9, pad_to_max_tokens=True)
    look_up.adapt(["cat", "dog", "dog"])
    words = keras.Input((1,), dtype="string")
    model = keras.Model(words, look_up(words))
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.keras")
    sample = keras.ops.convert_to_tensor([["cat"], ["dog"], ["bird"]])
    assert np.array_equal(opened_by_keras(tmp_path / "b.keras")(sample), model(sample))


def test_a_layer_of_two_nested_networks_is_written_for_both(tmp_path: Path) -> None:
    """Keras itself keeps it once, and then does not find it for the second."""
    shared, a, b, both = L.Dense(3, name="shared"), *(keras.Input((4,)) for _ in range(3))
    first, second = keras.Model(a, shared(a)), keras.Model(b, L.Dense(2)(shared(b)))
    model = shaken(keras.Model(both, L.Concatenate()([first(both), second(both)])))
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.keras")
    batches = random_batches(model)
    again = opened_by_keras(tmp_path / "b.keras")
    assert largest_difference(answers(again, batches), answers(model, batches)) == 0


def test_long_lists_of_names_are_split_as_keras_does(tmp_path: Path) -> None:
    inputs = keras.Input((1,))
    x = inputs
    for i in range(12):
        x = L.Dense(1, name=f"{'long' * 1500}_{i}")(x)
    model = shaken(keras.Model(inputs, x))
    model.save(tmp_path / "a.keras")
    convert(tmp_path / "a.keras", tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5") as file:
        assert "layer_names0" in file["model_weights"].attrs
    assert same_weights(opened_by_keras(tmp_path / "b.h5"), model)


def test_the_plan_knows_the_size(tmp_path: Path) -> None:
    shaken(ZOO["nested"]()).save(tmp_path / "a.keras")
    for ending in ("h5", "keras", "weights.h5"):
        target = tmp_path / f"b.{ending}"
        request = ConvertNetwork(document=str(tmp_path / "a.keras"), target=str(target))
        plan = plan_here(request)
        done = export_here(request)
        assert plan.kept[0].n_items == done.n_weights
        assert plan.bytes_after == pytest.approx(done.bytes_after, rel=0.6)


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    dense = layer("Dense", "dense", units=2, activation="linear", batch_input_shape=[None, 3])
    weights = {"dense": [("k:0", np.zeros((3, 2), "f4")), ("b:0", np.zeros(2, "f4"))]}
    path = write(tmp_path / "a.h5", sequential(dense), weights, version="2.2.4")
    for change, told in (
        (lambda _: None, ""),
        (lambda file: file.attrs.create("training_config", '{"loss": "mse"}'), "How it was"),
        (lambda file: file.create_group("optimizer_weights"), "Optimizer state"),
    ):
        with h5py.File(path, "a") as file:
            change(file)
        *_, note = ("", *convert(path, tmp_path / "b.keras").notes)
        assert note.startswith(told)
        assert note.endswith("further training begins by compiling the network.") == bool(told)


def test_what_is_missing_or_does_not_fit_is_refused(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), L.Dense(4, name="one"), L.Dense(2, name="two")])
    for change, message in (
        (lambda group: group["two"].attrs.create("weight_names", np.array([], "S1")),
         "stores no values for 2 weights of “two”: kernel, bias"),
        (lambda group: _replace(group["one/sequential/one/kernel"], np.zeros((5, 4), "f4")),
         "“one” cannot be used: “kernel” is stored as 5 × 4, the network wants 3 × 4"),
        (lambda group: _replace(group["one/sequential/one/kernel"], np.array(b"text")),
         "holds no numbers"),
    ):  # fmt: skip
        path = tmp_path / "a.h5"
        model.save(path)
        with h5py.File(path, "a") as file:
            names = file["model_weights/one"].attrs["weight_names"]
            file.move(f"model_weights/one/{_text(names[0])}", "kept")
            file.move("kept", "model_weights/one/sequential/one/kernel")
            file["model_weights/one"].attrs["weight_names"] = [
                "sequential/one/kernel", _text(names[1])
            ]  # fmt: skip
            change(file["model_weights"])
        with pytest.raises(CannotRead, match=message):
            convert(path, tmp_path / "b.keras")


def test_values_that_nobody_stored_are_not_written_out(tmp_path: Path) -> None:
    n = 1_000_000
    wide = layer("Dense", "wide", units=n, activation="linear", batch_input_shape=[None, 200])
    bias = {"wide": [("b:0", np.zeros(n, "f4"))]}
    path = write(tmp_path / "a.h5", sequential(wide), bias, version="2.2.4")
    with h5py.File(path, "a") as file:
        group = file["model_weights/wide"]
        group.create_dataset("k:0", (200, n), "f4", chunks=(10, 1000))
        group.attrs["weight_names"] = ["k:0", "b:0"]
    with pytest.raises(CannotRead, match="would unfold from 0 bytes to 800 MB"):
        convert(path, tmp_path / "b.keras")


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _replace(dataset: Any, values: Any) -> None:
    name, file = dataset.name, dataset.file
    del file[name]
    file[name] = values


def test_code_and_unknown_endings_are_refused(tmp_path: Path) -> None:
    keras.Sequential([keras.Input((3,)), L.Lambda(lambda x: keras.ops.sort(x), name="mine")]).save(
        tmp_path / "a.keras"
    )
    with pytest.raises(CannotRead, match=r"Python code in “mine”"):
        convert(tmp_path / "a.keras", tmp_path / "b.h5")
    with pytest.raises(CannotWrite, match=r"b.onnx does not say in which form"):
        convert(tmp_path / "a.keras", tmp_path / "b.onnx")
    assert not os.path.getsize(tmp_path / "b.h5")

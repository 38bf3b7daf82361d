"""Files of Keras 3 in all its layouts: what is loaded answers as what was saved."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from asking_networks import opened  # noqa: E402
from decoding import decoded  # noqa: E402
from keras_files import ZOO, answers, difference, loaded, shaken  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.network.loader import load  # noqa: E402
from h5viewer.requests import CodeFile, Consent  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
]

CLOSE = 1e-5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


@pytest.mark.parametrize("suffix", ["h5", "keras"])
@pytest.mark.parametrize("name", ZOO)
def test_a_whole_model_answers_as_it_did(name: str, suffix: str, folder: Path) -> None:
    model = shaken(ZOO[name]())
    path = folder / f"{name}.{suffix}"
    model.save(path)
    network = loaded(path)
    assert network.warnings == ()
    assert difference(network, model) < CLOSE


@pytest.mark.parametrize("suffix", ["h5", "weights.h5"])
@pytest.mark.parametrize("name", ["nested", "recurrent"])
def test_weights_alone_answer_with_their_architecture(name: str, suffix: str, folder: Path) -> None:
    model = shaken(ZOO[name]())
    path = folder / f"{name}_alone.{suffix}"
    if suffix == "h5":
        _save_legacy_weights(path, model)
    else:
        model.save_weights(path)
    given = CodeFile(name="model.json", text=model.to_json())
    network = loaded(path, Consent(architecture=given))
    assert network.warnings == ()
    assert difference(network, model) < CLOSE


@pytest.mark.parametrize(("is_flat", "n_told"), [(False, 0), (True, 2)])
def test_weights_of_keras_1_on_theano_answer_with_a_modern_architecture(
    is_flat: bool, n_told: int, folder: Path
) -> None:
    """Kernels as (filters, channels, rows, columns), turned around.

    Where a Dense depends on the order of all axes they are left alone, which is told.
    """
    layers = keras.layers
    end = layers.Flatten() if is_flat else layers.GlobalAveragePooling2D()
    conv = layers.Conv2D(4, (3, 2), name="c")
    model = shaken(
        keras.Sequential([layers.Input((8, 7, 3)), conv, end, layers.Dense(2, name="d")])
    )
    path = folder / f"th_{is_flat}.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"c", b"d"]
        for name in ("c", "d"):
            kernel, bias = model.get_layer(name).get_weights()
            if name == "c":
                kernel = kernel[::-1, ::-1].transpose(3, 2, 0, 1)
            file[f"{name}/{name}_W"], file[f"{name}/{name}_b"] = kernel, bias
            file[name].attrs["weight_names"] = [f"{name}_W".encode(), f"{name}_b".encode()]
    given = CodeFile(name="model.json", text=model.to_json())
    network = loaded(path, Consent(architecture=given))
    assert len(network.warnings) == n_told
    assert (difference(network, model) < CLOSE) == (not is_flat)


def _save_legacy_weights(path: Path, model: object) -> None:
    from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, model)


def test_weights_without_an_architecture_ask_for_one(folder: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.save_weights(folder / "alone.weights.h5")
    with pytest.raises(CannotRead, match="holds weights and no architecture") as caught:
        loaded(folder / "alone.weights.h5")
    assert "JSON" in caught.value.hint


def test_layers_of_other_names_take_the_weights_in_their_order(folder: Path) -> None:
    def made(first: str, second: str) -> object:
        layers = [keras.layers.Dense(3, name=first), keras.layers.Dense(2, name=second)]
        return shaken(keras.Sequential([keras.Input((4,)), *layers]))

    model = made("dense_7", "dense")
    _save_legacy_weights(folder / "others.h5", model)
    given = CodeFile(name="model.json", text=made("dense_1", "dense_2").to_json())
    network = loaded(folder / "others.h5", Consent(architecture=given))
    assert "in their order" in network.warnings[0]
    assert difference(network, model) < CLOSE


def test_bfloat16_of_a_legacy_file_is_read(folder: Path) -> None:
    """Keras 3.15 cannot open this file of its own."""
    layers = [keras.layers.Dense(3, dtype="bfloat16"), keras.layers.Dense(2)]
    model = shaken(keras.Sequential([keras.Input((4,)), *layers]))
    model.save(folder / "half.h5")
    network = loaded(folder / "half.h5")
    assert network.warnings == ()
    assert difference(network, model) == 0


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_class_that_files_call_otherwise_than_keras_does_finds_its_weights(
    folder: Path, suffix: str
) -> None:
    """GroupQueryAttention; in Keras' code and in archives it is grouped_query_attention."""
    inputs = keras.Input((5, 3))
    attention = keras.layers.GroupQueryAttention(4, 4, 2)
    model = shaken(keras.Model(inputs, attention(inputs, inputs)))
    model.save(folder / f"heads{suffix}")
    network = loaded(folder / f"heads{suffix}")
    assert network.warnings == ()
    assert difference(network, model) < CLOSE


def test_the_layer_that_keras_refuses_is_named(folder: Path) -> None:
    inputs = keras.Input((4, 4, 1))
    model = keras.Model(inputs, keras.layers.Conv2D(1, 3, name="too_small")(inputs))
    path = folder / "refused.h5"
    model.save(path)
    with h5py.File(path, "a") as file:
        config = str(file.attrs["model_config"])
        file.attrs["model_config"] = config.replace(
            '"kernel_size": [3, 3]', '"kernel_size": [9, 9]'
        )
    with pytest.raises(CannotRead, match=r"The layer “too_small” \(Conv2D\) could not be built"):
        loaded(path)


def test_what_is_beyond_repair_is_why_a_network_does_not_load(folder: Path) -> None:
    """And not that the layer behind it waits for what is never reached."""
    kind = {"filters": 2, "kernel_size": [3], "strides": [1], "padding": "same"}
    layers: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 8, 3]}},
        {"class_name": "LocallyConnected1D", "config": {"name": "own_kernels", **kind}},
        {"class_name": "ReLU", "config": {"name": "last"}},
    ]
    for layer, before in zip(layers, [None, "x", "own_kernels"], strict=True):
        layer["name"] = layer["config"]["name"]
        layer["inbound_nodes"] = [[[before, 0, 0, {}]]] if before else []
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [["last", 0, 0]]}
    config = {"class_name": "Functional", "config": {"name": "net", "layers": layers, **ends}}
    with h5py.File(folder / "lost.h5", "w") as file:
        file.attrs["model_config"], file.attrs["keras_version"] = json.dumps(config), "2.15.0"
        file.create_group("model_weights").attrs["layer_names"] = np.array([], "S1")
    with pytest.raises(CannotRead, match=r"lost\.h5\. “own_kernels”: Keras 3 has no layer Loc"):
        loaded(folder / "lost.h5")


def test_a_weight_that_is_missing_or_does_not_fit_is_told(folder: Path) -> None:
    layers = [keras.layers.Dense(3, name="first"), keras.layers.Dense(2, name="second")]
    model = shaken(keras.Sequential([keras.Input((4,)), *layers]))
    path = folder / "damaged.h5"
    model.save(path)
    with h5py.File(path, "a") as file:
        group = file["model_weights/first"]
        name = next(name for name in _names(group) if name.endswith("kernel"))
        del group[name]
        group[name] = np.zeros((4, 5), "f4")
        del file["model_weights/second"]
    said = " ".join(loaded(path).warnings)
    assert "The weights of “first” are not set" in said
    assert "stored as 4 × 5, the network wants 4 × 3" in said
    assert "stay as in an untrained network" in said
    assert "second" in said


def _names(group: h5py.Group) -> list[str]:
    found: list[str] = []
    group.visit(found.append)
    return found


def test_every_row_of_the_architecture_knows_its_layer(folder: Path) -> None:
    model = ZOO["nested"]()
    path = folder / "rows.keras"
    model.save(path)
    network = loaded(path)
    names = {key: layer.name for key, layer in network.layers.items()}
    assert names[(2,)] == "encoder"
    assert names[(2, 1)] == "core"
    assert names[(2, 1, 1)] == model.get_layer("encoder").get_layer("core").layers[0].name


def test_a_wrapper_in_a_nested_network_has_the_weights_of_what_it_wraps(folder: Path) -> None:
    layers = keras.layers
    bounded = layers.SpectralNormalization(layers.Dense(3), name="bounded")
    judge = keras.Sequential(
        [keras.Input((4,)), bounded, layers.Dense(1, name="end")], name="judge"
    )
    judge.trainable = False
    keras.Sequential([keras.Input((4,)), judge]).save(folder / "judged.h5")
    found = decoded(folder / "judged.h5")
    assert found.layer("bounded").n_parameters == bounded.count_params()
    assert found.layer("end").n_parameters == 4


def test_initializers_of_the_network_are_those_of_the_file(folder: Path) -> None:
    layer = keras.layers.Dense(2, kernel_initializer=keras.initializers.RandomNormal(stddev=3.0))
    keras.Sequential([keras.Input((4,)), layer]).save(folder / "initial.keras")
    (found,) = (each for each in loaded(folder / "initial.keras").model.layers if each.weights)
    assert found.kernel_initializer.get_config()["stddev"] == 3.0


def test_progress_counts_up_to_what_there_is(folder: Path) -> None:
    model = ZOO["nested"]()
    path = folder / "progress.keras"
    model.save(path)
    with opened(path) as (container,):
        told = [each for each in load(container, Consent()) if each.unit == "weights"]
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].done == told[-1].total == len(model.weights)


def test_a_network_deeper_than_python_recurses_is_built(folder: Path) -> None:
    tensor = inputs = keras.Input((2,))
    for _ in range(150):
        tensor = keras.layers.ReLU()(tensor)
    path = folder / "deep.keras"
    keras.Model(inputs, tensor).save(path)
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 150)
    try:
        assert len(loaded(path).model.layers) == 151
    finally:
        sys.setrecursionlimit(usual)


def test_frequencies_of_words_are_no_parameters(folder: Path) -> None:
    words = keras.layers.TextVectorization(output_mode="tf_idf")
    words.adapt(["one two three", "one two"])
    inputs = keras.Input((1,), dtype="string")
    model = keras.Model(inputs, keras.layers.Dense(2)(words(inputs)))
    model.save(folder / "frequencies.keras")
    found = decoded(folder / "frequencies.keras")
    assert found.architecture.parameters.total == model.count_params()


def test_words_that_an_archive_keeps_apart_are_known(folder: Path) -> None:
    words = keras.layers.TextVectorization(max_tokens=9, output_sequence_length=4, name="words")
    words.adapt(["the cat sat", "the dog"])
    numbers = keras.layers.IntegerLookup(name="numbers")
    numbers.adapt(np.array([3, 5, 5, 7]))
    first, second = keras.Input((), dtype="string"), keras.Input((2,), dtype="int64")
    inner = keras.Model(first, words(first), name="inner")
    model = keras.Model([first, second], [inner(first), numbers(second)])
    model.save(folder / "words.keras")
    given = [keras.ops.convert_to_tensor(each) for each in (["the dog sat"], [[5, 6]])]
    network = loaded(folder / "words.keras")
    assert [each.tolist() for each in answers(network.model, given)] == [
        each.tolist() for each in answers(model, given)
    ]


def test_a_nested_network_whose_names_tell_nothing_takes_its_weights_in_order(
    folder: Path,
) -> None:
    inputs = keras.Input((5, 4))
    x = keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True))(inputs)
    x = keras.layers.BatchNormalization()(keras.layers.MultiHeadAttention(2, 3)(x, x))
    inner = keras.Model(inputs, x, name="inner")
    model = shaken(keras.Sequential([keras.Input((5, 4)), inner, keras.layers.Dense(2)]))
    path = folder / "nameless.h5"
    model.save(path)
    with h5py.File(path, "a") as file:
        group = file["model_weights/inner"]
        names = list(group.attrs["weight_names"])
        for i, name in enumerate(names):
            group[f"w{i}"] = group[name][()]
        group.attrs["weight_names"] = [f"w{i}" for i in range(len(names))]
    network = loaded(path)
    assert network.warnings == ()
    assert difference(network, model) < CLOSE


def test_network_that_was_saved_before_any_data_says_so(tmp_path: Path) -> None:
    layers = [{"class_name": "Dense", "config": {"name": "dense", "units": 2}}]
    config = {"class_name": "Sequential", "config": {"name": "unborn", "layers": layers}}
    path = tmp_path / "unborn.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.9.0"
        file.create_group("model_weights").attrs["layer_names"] = np.array([b"dense"])
    with pytest.raises(CannotRead, match=r"unborn\.h5 does not say what size its input") as caught:
        loaded(path)
    assert "no weights either" in caught.value.hint

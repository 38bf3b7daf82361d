"""Networks of Keras 1 and 2 answer as they did, by hand-computed references."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from exported import export_here  # noqa: E402
from keras_files import answers, loaded  # noqa: E402
from old_files import (  # noqa: E402
    convolve_theano,
    correlate,
    cudnn_gru,
    gru,
    hard_sigmoid,
    layer,
    lstm,
    sequential,
    sigmoid,
    softmax,
    some,
    write,
)

from h5viewer.requests import ConvertNetwork  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def answer(path: Path, sample: np.ndarray) -> np.ndarray:
    """What the network says to one sample, loaded, and converted for plain Keras, alike.

    Every weight came from the file.
    """
    network = loaded(path)
    assert network.warnings == ()
    (found,) = answers(network.model, [sample[None].astype("float32")])
    for ending in ("h5", "keras"):
        target = path.with_name(f"converted.{ending}")
        done = export_here(ConvertNetwork(document=str(path), target=str(target)))
        assert done.n_identical == len(network.model.weights)
        model = keras.saving.load_model(target, compile=False, safe_mode=True)
        assert np.array_equal(answers(model, [sample[None].astype("float32")])[0], found)
    return found[0]


def test_keras_1_on_tensorflow(tmp_path: Path) -> None:
    kernel, bias, w, b = some(3, 2, 3, 4), some(4), some(4, 2), some(2)
    config = sequential(
        layer(
            "Convolution2D", "convolution2d_1", batch_input_shape=[None, 8, 7, 3], nb_filter=4,
            nb_row=3, nb_col=2, border_mode="valid", subsample=[1, 1], dim_ordering="tf",
            activation="relu", bias=True, init="glorot_uniform", input_dtype="float32",
        ),
        layer("GlobalAveragePooling2D", "globalaveragepooling2d_1", dim_ordering="tf"),
        layer("Dense", "dense_1", output_dim=2, activation="softmax", init="uniform", bias=True),
    )  # fmt: skip
    weights = {
        "convolution2d_1": [("convolution2d_1_W:0", kernel), ("convolution2d_1_b:0", bias)],
        "globalaveragepooling2d_1": [],
        "dense_1": [("dense_1_W:0", w), ("dense_1_b:0", b)],
    }
    path = write(tmp_path / "keras1.h5", config, weights, version="1.2.2")
    sample = some(8, 7, 3)
    features = np.maximum(correlate(sample, kernel) + bias, 0).mean((0, 1))
    assert answer(path, sample) == pytest.approx(softmax(features @ w + b), abs=1e-6)


def test_keras_1_on_theano_with_channels_first(tmp_path: Path) -> None:
    kernel, bias, w, b = some(4, 3, 3, 2), some(4), some(4 * 6 * 6, 2), some(2)
    config = sequential(
        layer(
            "Convolution2D", "convolution2d_1", batch_input_shape=[None, 3, 8, 7], nb_filter=4,
            nb_row=3, nb_col=2, border_mode="valid", subsample=[1, 1], dim_ordering="th",
            activation="linear", bias=True, input_dtype="float32",
        ),
        layer("Flatten", "flatten_1"),
        layer("Dense", "dense_1", output_dim=2, activation="linear", bias=True),
    )  # fmt: skip
    weights = {
        "convolution2d_1": [("convolution2d_1_W", kernel), ("convolution2d_1_b", bias)],
        "flatten_1": [],
        "dense_1": [("dense_1_W", w), ("dense_1_b", b)],
    }
    path = write(tmp_path / "theano.h5", config, weights, version="1.2.2")
    sample = some(3, 8, 7)
    features = convolve_theano(sample, kernel) + bias[:, None, None]
    assert answer(path, sample) == pytest.approx(features.ravel() @ w + b, abs=1e-5)


def test_keras_2_on_theano(tmp_path: Path) -> None:
    """Its kernels have today's order of axes and are turned all the same."""
    kernel, bias = some(3, 2, 3, 4), some(4)
    config = sequential(
        layer(
            "Conv2D", "conv2d_1", batch_input_shape=[None, 8, 7, 3], filters=4, dtype="float32",
            kernel_size=[3, 2], strides=[1, 1], padding="valid", data_format="channels_last",
            dilation_rate=[1, 1], activation="linear", use_bias=True, trainable=True,
        ),
    )  # fmt: skip
    weights = {"conv2d_1": [("conv2d_1/kernel", kernel), ("conv2d_1/bias", bias)]}
    path = write(tmp_path / "theano2.h5", config, weights, version="2.1.3", backend="theano")
    sample = some(8, 7, 3)
    turned = convolve_theano(sample.transpose(2, 0, 1), kernel.transpose(3, 2, 0, 1))
    expected = turned.transpose(1, 2, 0) + bias
    assert answer(path, sample) == pytest.approx(expected, abs=1e-5)


def test_gates_of_keras_1(tmp_path: Path) -> None:
    gates = {gate: (some(3, 5), some(5, 5), some(5)) for gate in "icfo"}
    config = sequential(
        layer(
            "LSTM", "lstm_1", batch_input_shape=[None, 6, 3], output_dim=5, activation="tanh",
            inner_activation="hard_sigmoid", inner_init="orthogonal", forget_bias_init="one",
            return_sequences=False, go_backwards=False, stateful=False, unroll=False,
            consume_less="cpu", input_dim=3, input_length=6, dropout_U=0.0, dropout_W=0.0,
        ),
    )  # fmt: skip
    named = [
        (f"lstm_1_{kind}_{gate}:0", array)
        for gate, arrays in gates.items()
        for kind, array in zip("WUb", arrays, strict=True)
    ]
    path = write(tmp_path / "lstm1.h5", config, {"lstm_1": named}, version="1.2.2")
    sample = 3 * some(6, 3)
    assert answer(path, sample) == pytest.approx(lstm(sample, gates), abs=1e-6)


def test_gru_of_keras_1(tmp_path: Path) -> None:
    gates = {gate: (some(3, 5), some(5, 5), some(5)) for gate in "zrh"}
    config = sequential(
        layer(
            "GRU", "gru_1", batch_input_shape=[None, 6, 3], output_dim=5, activation="tanh",
            inner_activation="hard_sigmoid", return_sequences=False, consume_less="cpu",
        ),
    )  # fmt: skip
    named = [
        (f"gru_1_{kind}_{gate}:0", array)
        for gate, arrays in gates.items()
        for kind, array in zip("WUb", arrays, strict=True)
    ]
    path = write(tmp_path / "gru1.h5", config, {"gru_1": named}, version="1.2.2")
    sample = 3 * some(6, 3)
    assert answer(path, sample) == pytest.approx(gru(sample, gates), abs=1e-6)


def test_normalization_of_keras_1_stores_the_variance_as_std(tmp_path: Path) -> None:
    gamma, beta, mean = some(3), some(3), some(3)
    variance = np.abs(some(3)) + 0.1
    config = sequential(
        layer(
            "BatchNormalization", "batchnormalization_1", batch_input_shape=[None, 4, 4, 3],
            epsilon=0.001, mode=0, axis=-1, momentum=0.99,
        ),
    )  # fmt: skip
    name = "batchnormalization_1"
    named = [(f"{name}_gamma:0", gamma), (f"{name}_beta:0", beta),
             (f"{name}_running_mean:0", mean), (f"{name}_running_std:0", variance)]  # fmt: skip
    path = write(tmp_path / "bn1.h5", config, {name: named}, version="1.2.2")
    sample = some(4, 4, 3)
    expected = gamma * (sample - mean) / np.sqrt(variance + 0.001) + beta
    assert answer(path, sample) == pytest.approx(expected, abs=1e-5)


def test_hard_sigmoid_of_keras_2(tmp_path: Path) -> None:
    kernel, recurrent, bias = some(3, 20), some(5, 20), some(20)
    config = sequential(
        layer(
            "LSTM", "lstm_1", batch_input_shape=[None, 6, 3], units=5, activation="tanh",
            recurrent_activation="hard_sigmoid", use_bias=True, unit_forget_bias=True,
            return_sequences=False, implementation=0, dtype="float32", trainable=True,
        ),
        layer("Dense", "dense_1", units=5, activation="hard_sigmoid", use_bias=False),
        layer("Activation", "activation_1", activation="hard_sigmoid"),
    )  # fmt: skip
    w = 4 * some(5, 5)
    weights = {
        "lstm_1": [(f"lstm_1/{kind}:0", array) for kind, array in
                   (("kernel", kernel), ("recurrent_kernel", recurrent), ("bias", bias))],
        "dense_1": [("dense_1/kernel:0", w)],
        "activation_1": [],
    }  # fmt: skip
    path = write(tmp_path / "lstm2.h5", config, weights, version="2.0.4", backend="tensorflow")
    parts = [np.split(each, 4, axis=-1) for each in (kernel, recurrent, bias)]
    gates = {gate: tuple(part[i] for part in parts) for i, gate in enumerate("ifco")}
    sample = 3 * some(6, 3)
    expected = hard_sigmoid(hard_sigmoid(lstm(sample, gates) @ w))
    assert answer(path, sample) == pytest.approx(expected, abs=1e-6)


def test_cudnn_lstm(tmp_path: Path) -> None:
    kernel, recurrent, bias = some(3, 20), some(5, 20), some(40)
    config = sequential(
        layer(
            "CuDNNLSTM", "cu_dnnlstm_1", batch_input_shape=[None, 6, 3], units=5,
            return_sequences=False, unit_forget_bias=True, trainable=True,
        ),
    )  # fmt: skip
    name = "cu_dnnlstm_1"
    named = [(f"{name}/kernel:0", kernel), (f"{name}/recurrent_kernel:0", recurrent),
             (f"{name}/bias:0", bias)]  # fmt: skip
    path = write(
        tmp_path / "cudnn.h5", config, {name: named}, version="2.2.4", backend="tensorflow"
    )
    both = bias[:20] + bias[20:]
    gates = {}
    for i, gate in enumerate("ifco"):
        at = slice(5 * i, 5 * i + 5)
        w = kernel[:, at].ravel().reshape(5, 3).T  # CuDNN read the numbers as (units, inputs)
        gates[gate] = (w, recurrent[:, at].ravel().reshape(5, 5).T, both[at])
    sample = 3 * some(6, 3)
    assert answer(path, sample) == pytest.approx(lstm(sample, gates, sigmoid), abs=1e-6)


def test_cudnn_gru(tmp_path: Path) -> None:
    kernel, recurrent, bias = some(3, 15), some(5, 15), some(30)
    config = sequential(
        layer(
            "CuDNNGRU", "cu_dnngru_1", batch_input_shape=[None, 6, 3], units=5,
            return_sequences=False, trainable=True,
        ),
    )  # fmt: skip
    name = "cu_dnngru_1"
    named = [(f"{name}/kernel:0", kernel), (f"{name}/recurrent_kernel:0", recurrent),
             (f"{name}/bias:0", bias)]  # fmt: skip
    path = write(
        tmp_path / "cudnn.h5", config, {name: named}, version="2.2.4", backend="tensorflow"
    )
    matrices = {}
    for i, gate in enumerate("zrh"):
        at = slice(5 * i, 5 * i + 5)
        matrices[gate] = (
            kernel[:, at].ravel().reshape(5, 3), recurrent[:, at].ravel().reshape(5, 5),
            bias[:15][at], bias[15:][at],
        )  # fmt: skip
    sample = 3 * some(6, 3)
    assert answer(path, sample) == pytest.approx(cudnn_gru(sample, matrices), abs=1e-6)


def test_branches_that_keras_1_merged(tmp_path: Path) -> None:
    """A Sequential that begins with two Sequentials, side by side."""
    left, right, last = some(3, 2), some(4, 2), some(4, 1)

    def branch(name: str, n_inputs: int) -> dict[str, object]:
        return sequential(
            layer(
                "Dense", name, batch_input_shape=[None, n_inputs], output_dim=2, bias=False,
                activation="tanh",
            )
        )  # fmt: skip

    config = sequential(
        layer(
            "Merge", "merge_1", layers=[branch("dense_1", 3), branch("dense_2", 4)],
            mode="concat", concat_axis=-1, mode_type="raw", dot_axes=-1,
        ),
        layer("Dense", "dense_3", output_dim=1, activation="linear", bias=False),
    )  # fmt: skip
    weights = {
        "merge_1": [("dense_1_W:0", left), ("dense_2_W:0", right)],
        "dense_3": [("dense_3_W:0", last)],
    }
    path = write(tmp_path / "merge.h5", config, weights, version="1.2.2")
    network = loaded(path)
    assert network.warnings == ()
    a, b = some(3), some(4)
    (found,) = answers(network.model, [a[None], b[None]])
    expected = np.concatenate([np.tanh(a @ left), np.tanh(b @ right)]) @ last
    assert found[0] == pytest.approx(expected, abs=1e-6)


def test_hard_sigmoid_in_both_directions_of_an_archive(tmp_path: Path) -> None:
    """Archives list what a layer holds by name: the backward direction first."""
    both = keras.layers.Bidirectional(keras.layers.LSTM(5))
    model = keras.Sequential([keras.Input((6, 3)), both])
    arrays = [some(*weight.shape) for weight in both.weights]
    both.set_weights(arrays)
    model.save(tmp_path / "today.keras")
    path = tmp_path / "keras_2_15.keras"
    with zipfile.ZipFile(tmp_path / "today.keras") as today, zipfile.ZipFile(path, "w") as old:
        for name in today.namelist():
            text = today.read(name)
            text = text.replace(b'activation": "sigmoid"', b'activation": "hard_sigmoid"')
            old.writestr(name, b'{"keras_version": "2.15.0"}' if name == "metadata.json" else text)
    sample = 3 * some(6, 3)
    expected = []
    for steps, weights in ((sample, arrays[:3]), (sample[::-1], arrays[3:])):
        parts = [np.split(each, 4, axis=-1) for each in weights]
        gates = {gate: tuple(part[i] for part in parts) for i, gate in enumerate("ifco")}
        expected.append(lstm(steps, gates))
    assert answer(path, sample) == pytest.approx(np.concatenate(expected), abs=1e-6)

"""Code of Lambda layers that is read instead of run: it answers as the code does."""

from __future__ import annotations

import base64
import marshal
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
tf = pytest.importorskip("tensorflow")

from repaired_networks import Table, asked, entry, network, some  # noqa: E402

from h5viewer.documents.compatibility import repair  # noqa: E402
from h5viewer.documents.compatibility.read_code import read_code, read_fields  # noqa: E402
from h5viewer.documents.compatibility.told_code import put_out_by_code  # noqa: E402
from h5viewer.documents.keras_config import finished, reading  # noqa: E402
from h5viewer.documents.marshalled import CodeFields, Items  # noqa: E402
from h5viewer.documents.shapes.network import work_out  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

K: Any = None  # what code calls so is never looked up
ops: Any = None
EPSILON_STD: Any = None
OUTSIDE = 3


def stored(function: Callable[..., Any]) -> list[object]:
    """As Keras 2 stores a function."""
    closure = [cell.cell_contents for cell in function.__closure__ or ()]
    defaults = list(function.__defaults__ or ())
    code = base64.b64encode(marshal.dumps(function.__code__)).decode()
    return [code, defaults or None, closure or None]


def enclosed() -> Callable[..., Any]:
    times = 4.0
    return lambda x: x * times


def distance(vectors: Any) -> Any:
    """Of two, as siamese networks have it."""
    x, y = vectors
    total = K.sum(K.square(x - y), axis=1, keepdims=True)
    return K.sqrt(K.maximum(total, K.epsilon()))


def drawn(args: Any) -> Any:
    """The trick of variational autoencoders."""
    mean, log_variance = args
    batch, size = K.shape(mean)[0], K.int_shape(mean)[1]
    noise = K.random_normal(shape=(batch, size), mean=0.0, stddev=EPSILON_STD)
    return mean + K.exp(0.5 * log_variance) * noise


def blocks(x: Any) -> Any:
    """As in YOLO."""
    import tensorflow as tf

    return tf.nn.space_to_depth(x, block_size=2)


def gated(x: Any) -> Any:
    """A part of several, and all of them."""
    parts = tf.split(x, 2, axis=1)
    return parts[0] * K.concatenate(parts, axis=1)[:, ::2]


def of_backend(x: Any) -> Any:
    from keras import backend as B  # noqa: N812
    import keras.backend as C  # isort: skip  # noqa: N812

    return B.exp(x) + C.square(x)


def norm(x: Any, axis: int) -> Any:
    return np.linalg.norm(x, axis=axis, keepdims=True)


V, S, P = (6,), (5, 4), (8, 10, 3)
CODES: list[tuple[Callable[..., Any], tuple[tuple[int, ...], ...], Callable[..., Any]]] = [
    (lambda x: K.l2_normalize(x, axis=1), (V,), lambda x: x / norm(x, 0)),
    (lambda t: K.abs(t[0] - t[1]), (V, V), lambda x, y: abs(x - y)),
    (distance, (V, V), lambda x, y: norm(x - y, 0)),
    (drawn, (V, V), lambda x, _: x),
    (blocks, (P,), lambda x: tf.nn.space_to_depth(x[None], 2)[0]),
    (gated, (V,), lambda x: x[:3] * x[::2]),
    (of_backend, (V,), lambda x: np.exp(x) + x**2),
    (enclosed(), (V,), lambda x: 4 * x),
    (lambda x, n=2: x**n, (V,), lambda x: x**2),
    (lambda x: x[:, -1, :], (S,), lambda x: x[-1]),
    (lambda x: x[:, 1:, ::2], (S,), lambda x: x[1:, ::2]),
    (lambda x: x[..., 0], (S,), lambda x: x[..., 0]),
    (lambda x: x[:, None], (V,), lambda x: x[None]),
    (lambda x: K.mean(x, axis=[1, 2]), (P,), lambda x: x.mean((0, 1))),
    (lambda x: tf.image.resize(x, (16, 20)), (P,), lambda x: tf.image.resize(x, (16, 20))),
    (lambda t: K.concatenate([t[0], t[1], t[0] * t[1]]), (V, V),
     lambda x, y: np.concatenate([x, y, x * y])),
    (lambda t: K.stack(t, axis=1), (V, V), lambda x, y: np.stack([x, y])),
    (lambda x: K.argmax(x), (S,), lambda x: x.argmax(-1)),
    (lambda x: tf.argmax(x, 1), (S,), lambda x: x.argmax(0)),
    (lambda x: (x - K.mean(x, 1, True)) / (K.std(x, axis=1, keepdims=True) + 1e-6), (V,),
     lambda x: (x - x.mean()) / (x.std() + 1e-6)),
    (lambda x: tf.where(x > 0, x, 0.1 * x), (V,), lambda x: np.where(x > 0, x, 0.1 * x)),
    (lambda x: K.reshape(x, (-1, x.shape[1] * x.shape[2])), (S,), np.ravel),
    (lambda x: tf.reshape(x, [tf.shape(x)[0], 20]), (S,), np.ravel),
    (lambda x: tf.split(x, 2, axis=-1)[1], (V,), lambda x: x[3:]),
    (lambda x: -K.log(1 / (1 + K.exp(-x))), (V,), lambda x: np.log1p(np.exp(-x))),
    (lambda x: tf.cast(x, tf.float32) / (2 * 3 - 1), (V,), lambda x: x / 5),
    (lambda x: x[..., ::-1] - [103.9, 116.8, 123.7], (P,),
     lambda x: x[..., ::-1] - [103.9, 116.8, 123.7]),
    (lambda x: K.sqrt(x), (V,), lambda x: np.sqrt(x.clip(0))),  # as Keras 2 had it
    (lambda x: K.hard_sigmoid(x), (V,), lambda x: (0.2 * x + 0.5).clip(0, 1)),
    (lambda x: K.repeat(x, 3), (V,), lambda x: np.stack([x, x, x])),
    (lambda t: K.batch_dot(K.l2_normalize(t[0], -1), t[1], axes=1), (V, V),
     lambda x, y: (x @ y / norm(x, 0))),
    (lambda t: K.batch_dot(t[0], t[1], axes=(2, 1)), (S, (4,)), lambda x, y: x @ y),
    (lambda t: K.batch_dot(t[0], t[1]), (S, (4, 3)), lambda x, y: x @ y),
    (lambda t: K.batch_dot(t[0], t[1], axes=1), (S, (5, 3)), lambda x, y: x.T @ y),
    (lambda x: K.relu(x, max_value=0.5), (V,), lambda x: x.clip(0, 0.5)),
    (lambda x: K.relu(x, 0.1, 0.5, 0.2), (V,),
     lambda x: np.where(x > 0.2, x, 0.1 * (x - 0.2)).clip(None, 0.5)),
    (lambda x: K.elu(x, 0.5), (V,), lambda x: np.where(x > 0, x, np.expm1(x) / 2)),
    (lambda x: K.in_train_phase(x + K.random_normal(K.shape(x)), x), (V,), lambda x: x),
    (lambda x: K.stop_gradient(x), (S,), lambda x: x),
    (lambda x: K.cast_to_floatx(x > 0), (V,), lambda x: (x > 0) * 1.0),
    (lambda x: tf.image.resize(x, (4, 5), method=tf.image.ResizeMethod.NEAREST_NEIGHBOR), (P,),
     lambda x: tf.image.resize(x, (4, 5), method="nearest")),
    (lambda x: K.reshape(x, (-1,) + K.int_shape(x)[1:2] + (2, 2)), ((3, 4),),  # noqa: RUF005
     lambda x: x.reshape(3, 2, 2)),
    (lambda x: tf.constant([1.0, 2.0, 3.0]) * x, ((3,),), lambda x: x * [1, 2, 3]),
    (lambda x: abs(x) + K.constant([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), (V,),
     lambda x: abs(x) + np.arange(1, 7)),
    (lambda x: K.dot(x, K.constant([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])), (V,), None),
    (lambda x: tf.split(x, 3, axis=-1)[0] * 2, (V,), lambda x: x[:2] * 2),
    (lambda x: ops.concatenate([x, x]), (V,), None),  # along the samples
    (lambda x: ops.power(ops.absolute(x), 3), (V,), lambda x: abs(x) ** 3),
    (lambda x: keras.ops.mean(x, axis=-1), (S,), lambda x: x.mean(-1)),
    (lambda x: K.clip(x, 0, None), (V,), lambda x: x.clip(0)),
    (lambda x: tf.math.reduce_euclidean_norm(x, 1), (S,), lambda x: norm(x, 0)[0]),
    (lambda x: tf.norm(x, ord="fro", axis=[1, 2]), (S,), np.linalg.norm),
    (lambda x: K.switch(x[:, :, 0] > 0, x, -x), ((4, 4),),
     lambda x: np.where(x[:, :1] > 0, x, -x)),
    (lambda x: x[:, : x.shape[1] // 2], (V,), lambda x: x[:3]),
    (lambda x: x[:, int(K.int_shape(x)[-1] / 2) :], (V,), lambda x: x[3:]),
    (lambda x: x[:, K.shape(x)[1] - 1], (S,), lambda x: x[-1]),
    (lambda x: K.tile(x, [1, K.int_shape(x)[1], len(x.shape)]), (S,),
     lambda x: np.tile(x, [5, 3])),
    (lambda x: tf.reshape(x, [-1, x.get_shape().as_list()[2], x.shape[1].value]), (S,),
     lambda x: x.reshape(4, 5)),
    (lambda x: K.reshape(x, (-1, np.prod(K.int_shape(x)[1:]))), (S,), np.ravel),
    (lambda x: x[:, tf.newaxis] / np.sqrt(x.shape[1]) + math.pi, (V,),
     lambda x: x[None] / 6**0.5 + math.pi),
    (lambda x, n=4: x * n**-0.5, (V,), lambda x: x / 2),
    (lambda x: ops.split(x, [2, 3], axis=-1)[2], (V,), lambda x: x[3:]),
    (lambda x: ops.one_hot(ops.argmax(x, -1), 4, 1), (S,),
     lambda x: np.eye(4)[x.argmax(-1)].T),
    (lambda x: K.sum(x, axis=1, keepdims=1), (V,), lambda x: x.sum(keepdims=True)),
    (lambda x: tf.zeros_like(x, dtype=tf.int32), (V,), np.zeros_like),
]  # fmt: skip


@pytest.mark.parametrize(("code", "shapes", "expected"), CODES)
def test_code_answers_as_it_would_if_it_ran(
    code: Callable[..., Any], shapes: tuple[tuple[int, ...], ...], expected: Any
) -> None:
    names = ["x", "y"][: len(shapes)]
    layer = entry("Lambda", "coded", function=stored(code), function_type="lambda")
    config = network([(layer, [[[name, 0, 0, {}] for name in names]])], *shapes)
    found = repair(config, version="2.9.0", backend="tensorflow")
    assert found.loads
    assert not found.code
    if expected is not None:
        samples = [some(*shape) for shape in shapes]
        answer = asked(config, *samples)
        assert answer == pytest.approx(np.asarray(expected(*samples)), abs=1e-5)


def test_whole_numbers_that_are_fed_pick_places() -> None:
    function = stored(lambda x: K.gather(K.constant([1.0, 2.0, 4.0]), x) + tf.one_hot(x, 3)[:, 0])
    layer = entry("Lambda", "coded", function=function)
    config = network([(layer, [[["x", 0, 0, {}]]])], (3,))
    config["config"]["layers"][0]["config"]["dtype"] = "int32"
    answer = asked(config, np.array([2, 0, 1], "int32"), is_shape_told=False)
    assert answer == pytest.approx([4, 1, 3], abs=1e-6)


def test_what_the_code_computes_is_said() -> None:
    layer = entry("Lambda", "coded", function=stored(distance), function_type="function")
    config = network([(layer, [[["x", 0, 0, {}], ["y", 0, 0, {}]]])], V, V)
    (told,) = repair(config, version="2.9.0", backend="tensorflow").findings
    assert told.message == (
        "It holds Python code, which computes K.sqrt(K.maximum(K.sum(K.square(vectors[0] - "
        "vectors[1]), axis=1, keepdims=True), K.epsilon()))."
    )
    assert told.repair.startswith("The code is read, it does not run: built as Subtract, Square")


def test_what_is_said_has_the_brackets_that_the_code_needs() -> None:
    function = stored(lambda x: (x * 2) ** 2 * -x - (x - x**2) / (x / (x % 3)) * (x + 1))
    layer = entry("Lambda", "coded", function=function)
    config = network([(layer, [[["x", 0, 0, {}]]])], V)
    (told,) = repair(config, version="2.9.0", backend="tensorflow").findings
    assert "computes (x * 2) ** 2 * (-x) - (x - x ** 2) / (x / (x % 3)) * (x + 1)." in told.message


@pytest.mark.parametrize(
    "code",
    [lambda x: [x[:, :2] * 1, x[:, 2:]], lambda x: tf.split(x, [2, 4], axis=1)],
)
def test_code_may_give_back_several_tensors(code: Callable[..., Any]) -> None:
    layer = entry("Lambda", "coded", function=stored(code))
    both = entry("Concatenate", "both", axis=-1)
    ends = [[["coded", 0, 1, {}], ["coded", 0, 0, {}]]]
    config = network([(layer, [[["x", 0, 0, {}]]]), (both, ends)], V)
    x = some(*V)
    expected = np.concatenate([x[2:], x[:2]])
    assert asked(config, x, is_shape_told=False) == pytest.approx(expected)


def test_arguments_of_the_layer_are_those_of_the_code() -> None:
    function = stored(lambda parts, scale: parts[0] + parts[1] * scale)
    layer = entry("Lambda", "coded", function=function, arguments={"scale": 0.5})
    config = network([(layer, [[["x", 0, 0, {}], ["y", 0, 0, {}]]])], V, V)
    x, y = some(*V), some(*V)
    assert asked(config, x, y) == pytest.approx(x + y / 2, abs=1e-6)


def test_a_layer_that_is_called_with_several_sizes_takes_each() -> None:
    layer = entry("Lambda", "coded", function=stored(lambda x: K.l2_normalize(x, axis=1)))
    both = entry("Concatenate", "both", axis=-1)
    calls = [[["x", 0, 0, {}]], [["y", 0, 0, {}]]]
    config = network(
        [(layer, calls), (both, [[["coded", 0, 0, {}], ["coded", 1, 0, {}]]])], (3,), (5,)
    )
    x, y = some(3), some(5)
    expected = np.concatenate([x / norm(x, 0), y / norm(y, 0)])
    assert asked(config, x, y) == pytest.approx(expected, abs=1e-6)


@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask:UserWarning")
def test_a_mask_ends_at_code() -> None:
    """As Keras has it, whatever the code does: what comes behind counts every step."""
    masked = entry("Masking", "masked", mask_value=0.0)
    layer = entry("Lambda", "coded", function=stored(lambda x: x * 2 + 1))
    summed = entry("GlobalAveragePooling1D", "mean")
    calls = [[["x", 0, 0, {}]], [["masked", 0, 0, {}]], [["coded", 0, 0, {}]]]
    x = some(*S)
    x[3:] = 0
    config = network(list(zip((masked, layer, summed), calls, strict=True)), S)
    assert asked(config, x) == pytest.approx((x * 2 + 1).mean(0), abs=1e-6)


def test_code_after_code_is_read_too() -> None:
    """Keras 2 does not store what the first puts out."""
    first = entry("Lambda", "first", function=stored(lambda x: K.l2_normalize(x, axis=-1)))
    flat = entry("Lambda", "flat", function=stored(lambda x: K.reshape(x, (-1, 20))))
    last = entry("Lambda", "last", function=stored(lambda x: K.expand_dims(x) * x.shape[1]))
    calls = [[["x", 0, 0, {}]], [["first", 0, 0, {}]], [["flat", 0, 0, {}]]]
    config = network(list(zip((first, flat, last), calls, strict=True)), S)
    x = some(*S)
    expected = (x / norm(x, -1)).reshape(20, 1) * 20
    assert asked(config, x) == pytest.approx(expected, abs=1e-5)


def test_multiplications_of_code_are_counted() -> None:
    matrix = np.ones((6, 3)).tolist()
    dot = entry("Lambda", "dot", function=stored(lambda x: 2 * K.dot(x, K.constant(matrix))))
    config = network([(dot, [[["x", 0, 0, {}]]])], V)
    declaration = finished(reading(config))
    finished(work_out(declaration.layers, config["config"], put_out_by_code))
    layer = declaration.layers[-1]
    assert (layer.output_shape, layer.multiply_adds, layer.n_values) == ((None, 3), 18, 3)


def test_a_file_with_endless_code_has_a_few_of_its_shapes_told() -> None:
    double = stored(lambda x: K.concatenate([x, x[:, :1]]))
    entries = [
        (entry("Lambda", f"l{i}", function=double), [[[f"l{i - 1}" if i else "x", 0, 0, {}]]])
        for i in range(1200)
    ]
    config = network(entries, (1,))
    asked_for = []

    def of_code(*given: Any) -> Any:
        asked_for.append(given)
        return put_out_by_code(*given)

    declaration = finished(reading(config))
    finished(work_out(declaration.layers, config["config"], of_code))
    shapes = [layer.output_shape for layer in declaration.layers]
    assert shapes[1000] == (None, 1001)
    assert shapes[1001] is None
    assert len(asked_for) == 1000


def growing(x: Any) -> Any:
    a = 9
    a = a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a
    a = a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a * a
    return x * a


def doubling(x: Any) -> Any:
    a = (x, x)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    a = (a, a)
    return K.stack(a)


@pytest.mark.parametrize(
    "code",
    [
        lambda x: x * OUTSIDE,
        lambda x: tf.split(x, 10**15, axis=-1)[0],
        lambda x: tf.split(x, -1, axis=-1)[0],
        lambda x: x if x is not None else 0,
        lambda x: sum([x, x]),
        lambda x: __import__("os").system("id") or x,
        lambda x: K.lost(x),
        lambda x: x[0],
        lambda *x: x[0] * 2,
        lambda x: (lambda y: y * 2)(x),
        lambda x: [each * 2 for each in x],
        lambda x: 9**9**9 * x if OUTSIDE else x,
        lambda x: x.__class__,
        lambda x: tf.io.read_file("a"),
        lambda x: tf.nn.silu(x, beta=2.0),
        lambda x: ops.round(x, 1),
        lambda x: tf.nn.embedding_lookup([[1.0, 2.0], [3.0, 4.0]], x),
        lambda x: tf.norm(x, ord=2, axis=[0, 1]),
        lambda x: ops.max(x, axis=1, initial=0.5),
        growing,
        doubling,
    ],
)
def test_anything_else_is_left_to_the_user(code: Callable[..., Any]) -> None:
    assert read_code(stored(code), None, "coded", [(None, 6)]) is None


def test_code_that_is_fed_something_unknown_is_left_to_the_user() -> None:
    function = stored(lambda x: K.abs(x))
    assert read_code(function, None, "coded", []) is None
    assert read_code(function, None, "coded", [None]) is None


ABS = {  # lambda t: K.abs(t[0] - t[1]), as instructions and arguments
    "Python 2": "74 0000 6a 0100 7c 0000 64 0100 19 7c 0000 64 0200 19 18 83 0100 53",
    "Python 3.0 to 3.7": "7400 6a01 7c00 6401 1900 7c00 6402 1900 1800 8301 5300",
    "Python 3.8 to 3.10": "7400 a001 7c00 6401 1900 7c00 6402 1900 1800 a101 5300",
    "Python 3.11 or later": "9700 7400 0000 a001 0000 7c00 6401 1900 0000 7c00 6402 1900 0000"
    "7a0a 0000 a601 0000 ab01 0000 5300",
    "3.12": "9700 7400 0000 6a03 0000 7c00 6401 1900 0000 7c00 6402 1900 0000 7a0a 0000 ab01"
    "0000 5300",
    "3.13": "9500 5b00 0000 5203 0000 5500 5301 0500 0000 5500 5302 0500 0000 2d0a 0000 3501"
    "0000 2400",
}
"""Of Python 2 in threes, of 3.5 likewise; since 3.11 with room for what it learns."""


@pytest.mark.parametrize("python", [*ABS, "3.5"])
def test_code_of_every_python_is_read(python: str) -> None:
    names = {"3.5": "Python 3.0 to 3.7", "3.12": "Python 3.11 or later"}
    written_by = names.get(python, "Python 3.11 or later" if python == "3.13" else python)
    code = bytes.fromhex(ABS["Python 2" if python == "3.5" else python])
    values: Table = {
        "code": code, "args": 1, "keyword": 0, "flags": 67,
        "consts": Items("()", [None, 0, 1]), "names": Items("()", ["K", "abs"]),
        "varnames" if "3.1" not in written_by else "localsplus": Items("()", ["t"]),
    }  # fmt: skip
    found = read_fields(written_by, CodeFields(values), (None, None, {}), "a", [(None, 6)] * 2)
    assert found is not None
    assert found.said == "K.abs(t[0] - t[1])"
    assert found.operations == ("Subtract", "Absolute")


def test_python_2_divides_sizes_as_whole_numbers() -> None:
    """lambda x: x * (x.shape[1] / 2)."""
    values: Table = {
        "code": bytes.fromhex("7c0000 7c0000 6a0000 640100 19 640200 15 14 53"),
        "args": 1, "keyword": 0, "flags": 67, "consts": Items("()", [None, 1, 2]),
        "names": Items("()", ["shape"]), "varnames": Items("()", ["x"]),
    }  # fmt: skip
    found = read_fields("Python 2", CodeFields(values), (None, None, {}), "a", [(None, 5)])
    assert found is not None
    assert found.made.config["layers"][1]["inbound_nodes"][0]["args"][1] == 2  # type: ignore[index]


BELOW_0 = {  # lambda x: x < 0
    "3.11": "9700 7c00 6401 6b00 0000 0000 5300",
    "3.12": "9700 7c00 6401 6b02 0000 5300",
    "3.13": "9500 5500 5301 3a02 0000 2400",
}


@pytest.mark.parametrize("python", BELOW_0)
def test_comparisons_are_those_of_the_python_that_wrote_them(python: str) -> None:
    values: Table = {
        "code": bytes.fromhex(BELOW_0[python]), "args": 1, "keyword": 0, "flags": 3,
        "consts": Items("()", [None, 0]), "names": Items("()", []),
        "localsplus": Items("()", ["x"]),
    }  # fmt: skip
    fields = CodeFields(values)
    found = read_fields("Python 3.11 or later", fields, (None, None, {}), "a", [(None, 6)])
    assert found is not None
    assert found.said == "x < 0"


@pytest.mark.parametrize("at", range(0, 40))
def test_damaged_code_is_survived(at: int) -> None:
    data = bytearray(base64.b64decode(str(stored(distance)[0])))
    data[at * len(data) // 40] ^= 0x15
    function = [base64.b64encode(bytes(data)).decode(), None, None]
    found = read_code(function, None, "coded", [(None, 6), (None, 6)])
    assert found is None or found.operations

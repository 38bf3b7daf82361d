"""Code of Lambda layers and files of the user: only on the user's word, for these very bytes."""

from __future__ import annotations

import base64
import codecs
import json
import marshal
import math
import opcode
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402
from keras_files import answers, loaded  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.formats.content_hash import content_hash  # noqa: E402
from h5viewer.network.lambda_code import compiled_function  # noqa: E402
from h5viewer.network.loaded import loaded as kept  # noqa: E402
from h5viewer.network.prepared import calling  # noqa: E402
from h5viewer.operations.diagnose import diagnose_network  # noqa: E402
from h5viewer.requests import CodeFile, Consent, DiagnoseNetwork  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SAMPLE = [np.array([[1.0, 2.0, 3.0]], "float32")]


@pytest.fixture
def lambda_file(tmp_path: Path) -> Path:
    """What is last comes first, as code of this Python."""
    inputs = keras.Input((3,))
    turned = keras.layers.Lambda(lambda x: (lambda y: y[:, ::-1])(x), name="turned")(inputs)
    path = tmp_path / "code.keras"
    keras.Model(inputs, turned).save(path)
    return path


def consent(path: Path, **given: object) -> Consent:
    """For exactly these bytes."""
    with opened(path) as (container,):
        digest, _, _ = answered(content_hash(container.source))
    return Consent(content_hash=digest, **given)  # type: ignore[arg-type]


def test_code_does_not_run_without_the_users_word(lambda_file: Path) -> None:
    with pytest.raises(CannotRead, match=r"“turned” holds Python code, which runs only when"):
        loaded(lambda_file)


def test_code_runs_on_the_users_word(lambda_file: Path) -> None:
    network = loaded(lambda_file, consent(lambda_file, run_code=True))
    assert answers(network.model, SAMPLE)[0].tolist() == [[3, 2, 1]]


def test_a_word_given_for_other_bytes_does_not_count(lambda_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.keras"
    other.write_bytes(lambda_file.read_bytes() + b"\0")
    with pytest.raises(CannotRead, match="runs only when you allow it"):
        loaded(lambda_file, consent(other, run_code=True))


def test_word_for_weights_and_their_architecture_is_for_both(
    lambda_file: Path, tmp_path: Path
) -> None:
    keras.saving.load_model(lambda_file, safe_mode=False).save_weights(tmp_path / "a.weights.h5")
    config = json.loads(zipfile.ZipFile(lambda_file).read("config.json"))
    for text in (json.dumps(config), json.dumps(config, indent=1)):
        given = CodeFile(name="config.json", text=text)
        with opened(tmp_path / "a.weights.h5") as (container,):
            digest, _, _ = answered(content_hash(container.source, json.dumps(config)))
        word = Consent(content_hash=digest, run_code=True, architecture=given)
        if text == json.dumps(config):
            network = loaded(tmp_path / "a.weights.h5", word)
            assert answers(network.model, SAMPLE)[0].tolist() == [[3, 2, 1]]
        else:
            with pytest.raises(CannotRead, match="runs only when you allow it"):
                loaded(tmp_path / "a.weights.h5", word)


def with_function(path: Path, function: object, **config: object) -> Path:
    """A Keras 2 file whose only layer of note is a Lambda with this function."""
    layers = [
        {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [None, 3]}},
        {"class_name": "Lambda", "config": {"name": "coded", "function": function, **config}},
    ]
    model = {"class_name": "Sequential", "config": {"name": "old", "layers": layers}}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        file.attrs["keras_version"] = "2.9.0"
        file.create_group("model_weights").attrs["layer_names"] = np.array([], "S1")
    return path


def with_code(path: Path, function: Callable[..., Any]) -> Path:
    """The same with code of this Python."""
    code = codecs.encode(marshal.dumps(function.__code__), "base64").decode()
    return with_function(path, [code, None, None], function_type="lambda")


@pytest.mark.parametrize(
    "function",
    [
        lambda x: K.sqrt(K.maximum(x * x, K.epsilon())),  # type: ignore[name-defined]  # noqa: F821
        lambda x: keras.backend.abs(x),
        lambda x: tf.keras.backend.clip(x, 0, 9),  # type: ignore[name-defined]  # noqa: F821
        lambda x: x * math.pi / np.pi,
    ],
    ids=["K", "keras.backend", "tf.keras.backend", "math"],
)
def test_code_finds_the_names_that_most_notebooks_have(
    tmp_path: Path, function: Callable[..., Any]
) -> None:
    """Those of Keras 2: Keras 3 has no such backend."""
    path = with_code(tmp_path / "a.h5", function)
    network = loaded(path, consent(path, run_code=True))
    assert answers(network.model, SAMPLE)[0] == pytest.approx(SAMPLE[0])


def test_name_that_code_lacks_is_said(tmp_path: Path) -> None:
    """And not that its shape cannot be worked out."""
    path = with_code(tmp_path / "a.h5", lambda x: K.lost(x))  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(CannotRead, match=r"“coded” .* could not be built: .* no attribute 'lost'"):
        loaded(path, consent(path, run_code=True))


def test_code_that_fails_is_blamed_by_its_layer(tmp_path: Path) -> None:
    """It tries to write a file, say, which a confined worker refuses."""
    path = with_function(tmp_path / "bad.h5", "coded")
    code = CodeFile(name="bad.py", text="def coded(x):\n    raise PermissionError('no file')")
    with pytest.raises(CannotRead, match=r"The layer “coded” .* could not be built"):
        loaded(path, consent(path, run_code=True, code_files=(code,)))


def test_code_that_fails_with_real_numbers_is_one_sentence() -> None:
    """Keras takes its word for the shape and does not run it before."""
    inputs = keras.Input((3,))
    outputs = keras.layers.Lambda(lambda x: {}["missing"], output_shape=(3,))(inputs)
    with pytest.raises(CannotRead, match="The network cannot answer:"):
        calling(keras.Model(inputs, outputs), ())


def of_python_3_6() -> bytes:
    """`lambda x: x[1]`, marshalled as Python 3.6 did: 124 load x, 100 load 1, 25 subscribe …"""
    numbers = b"".join(n.to_bytes(4, "little") for n in (1, 0, 1, 2, 67))
    instructions = bytes([124, 0, 100, 1, 25, 0, 83, 0])
    code = b"s" + len(instructions).to_bytes(4, "little") + instructions
    values = b")\x02Ni" + (1).to_bytes(4, "little")
    ends = b")\0" + b")\x01z\x01x" + b")\0" * 2 + b"z\x01f" + b"z\x08<lambda>"
    return b"\xe3" + numbers + code + values + ends + (1).to_bytes(4, "little") + b"s\0\0\0\0"


OF_3_6 = base64.b64encode(of_python_3_6()).decode()


def test_code_of_another_python_is_told_in_one_sentence(tmp_path: Path) -> None:
    path = with_function(tmp_path / "old.h5", [OF_3_6, None, None])
    with pytest.raises(CannotRead, match=r"“coded” was compiled by another Python \(Python 3"):
        loaded(path, consent(path, run_code=True))
    with pytest.raises(CannotRead, match="another Python"):  # the word would not help
        loaded(path)


def test_code_of_another_python_is_asked_for_as_a_file(tmp_path: Path) -> None:
    path = with_function(tmp_path / "old.h5", [OF_3_6, None, None])
    with opened(path) as (container,):
        found, _, _ = answered(diagnose_network(DiagnoseNetwork(document=str(path)), container))
    (finding,) = found.findings
    assert (finding.needs, finding.subject, found.loads) == ("class", "coded", False)
    assert "compiled by Python 3" in finding.message
    file = CodeFile(name="mine.py", text="def coded(x):\n    return 2 * x\n")
    network = loaded(path, consent(path, code_files=(file,)))
    assert answers(network.model, SAMPLE)[0].tolist() == [[2, 4, 6]]


def without_resuming(code: bytes) -> bytes:
    return bytes([NOP, 0]) + code[2:]


def with_an_instruction_of_no_compiler(code: bytes) -> bytes:
    return code[:2] + bytes([255, 0]) + code[4:]


def with_an_empty_stack(code: bytes) -> bytes:
    return code[:2] + bytes([NOP, 0]) + code[4:]  # instead of loading x


def with_a_far_constant(code: bytes) -> bytes:
    at = next(i for i in range(0, len(code), 2) if code[i] == opcode.opmap["LOAD_CONST"])
    return code[:at] + bytes([code[at], 99]) + code[at + 2 :]


NOP = opcode.opmap["NOP"]


@pytest.mark.parametrize(
    "change",
    [
        without_resuming,
        with_an_instruction_of_no_compiler,
        with_an_empty_stack,
        with_a_far_constant,
    ],
)
def test_instructions_of_another_python_are_not_run(change: Callable[[bytes], bytes]) -> None:
    """The bytes of Python 3.11 to 3.13 look alike; run by another one they crash the process."""
    code = (lambda x: [x + 1000][0]).__code__
    strange = code.replace(co_code=change(code.co_code))
    with pytest.raises(CannotRead, match="was compiled by another Python"):
        compiled_function("coded", [marshalled(strange), None, None], {})


@pytest.mark.parametrize(
    "function",
    [
        lambda x: [each**2 for each in x if each],
        lambda x, y=2: {"a": x, **({} if y else {"b": y})},
        lambda x: (yield from x),
        lambda x, *more, **rest: print(f"{x!r:>10}", *more, **rest) or (lambda z: z + x)(1),
        lambda x: x[1:] if x and x[0] > 3 and not x[-1] else -x.mean(axis=0, keepdims=True),
    ],
)
def test_all_that_this_python_compiles_is_known_as_its_own(function: Callable[..., object]) -> None:
    made = compiled_function("coded", [marshalled(function.__code__), None, None], {})
    assert made.__code__ == function.__code__


def marshalled(code: object) -> str:
    from marshal import dumps

    return base64.b64encode(dumps(code)).decode()


def test_damaged_code_is_told_in_one_sentence(tmp_path: Path) -> None:
    cut = base64.b64encode(base64.b64decode(OF_3_6)[:40]).decode()
    path = with_function(tmp_path / "cut.h5", [cut, None, None])
    with pytest.raises(CannotRead, match="The Python code of “coded” is damaged"):
        loaded(path, consent(path, run_code=True))


def test_old_code_may_be_replaced_by_a_function_of_the_users(tmp_path: Path) -> None:
    path = with_function(tmp_path / "old.h5", [OF_3_6, None, None])
    file = CodeFile(name="layers.py", text="def coded(x):\n    return x / 127.5 - 1\n")
    network = loaded(path, consent(path, code_files=(file,)))
    (found,) = answers(network.model, [np.array([[0.0, 127.5, 255.0]], "float32")])
    assert found.tolist() == [[-1, 0, 1]]


def test_a_function_that_is_only_named_is_asked_for(tmp_path: Path) -> None:
    path = with_function(tmp_path / "named.h5", "sampling", function_type="function")
    with pytest.raises(CannotRead, match="calls sampling, which is not in the file"):
        loaded(path)
    file = CodeFile(name="vae.py", text="def sampling(x):\n    return -x\n")
    network = loaded(path, consent(path, code_files=(file,)))
    assert answers(network.model, SAMPLE)[0].tolist() == [[-1, -2, -3]]


SCALE = """
import keras

class Scale(keras.layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), name="gain")

    def call(self, x):
        return x * self.gain * self.factor
"""


@pytest.fixture
def own_class_file(tmp_path: Path) -> Path:
    """A layer of the user's, with an argument its class no longer takes."""
    names: dict[str, object] = {"__name__": "mine"}
    exec(SCALE, names)
    inputs = keras.Input((3,))
    layer = names["Scale"](2.0, name="scale")  # type: ignore[operator]
    layer.get_config = lambda: {"name": "scale", "factor": 2.0, "time_major": False}
    model = keras.Model(inputs, layer(inputs))
    layer.gain.assign([1.0, 10.0, 100.0])
    path = tmp_path / "own.keras"
    model.save(path)
    return path


def test_a_class_of_the_users_file_is_built_with_its_weights(own_class_file: Path) -> None:
    file = CodeFile(name="scale.py", text=SCALE)
    network = loaded(own_class_file, consent(own_class_file, code_files=(file,)))
    assert network.warnings == ()
    assert answers(network.model, SAMPLE)[0].tolist() == [[2, 40, 600]]


def test_a_class_that_nobody_defines_is_named(own_class_file: Path) -> None:
    with pytest.raises(CannotRead, match="uses Scale, which Keras does not have") as caught:
        loaded(own_class_file)
    assert "Python file" in caught.value.hint


def test_a_stand_in_lets_its_input_through(own_class_file: Path) -> None:
    network = loaded(own_class_file, Consent(pass_through=("Scale", "mine>Scale")))
    assert "stands in for “scale” lets its input through unchanged" in network.warnings[0]
    assert answers(network.model, SAMPLE)[0].tolist() == [[1, 2, 3]]


def test_network_is_kept_until_another_word_is_given(own_class_file: Path) -> None:
    file = CodeFile(name="scale.py", text=SCALE)
    word = consent(own_class_file, code_files=(file,))
    through = Consent(pass_through=("Scale", "mine>Scale"))
    with opened(own_class_file) as (container,):
        first, again, other = (
            answered(kept(container, each))[0] for each in (through, through, word)
        )
    assert first is again
    assert answers(first.model, SAMPLE)[0].tolist() == [[1, 2, 3]]
    assert answers(other.model, SAMPLE)[0].tolist() == [[2, 40, 600]]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("class Scale(:", "is no Python that can be run: line 1"),
        ("import there_is_no_such_module", "does not run here: No module named"),
        ("raise SystemExit(3)", "does not run here"),
        ("Scale = 3", "uses Scale, which Keras does not have"),
    ],
)
def test_a_file_that_does_not_help_is_told(own_class_file: Path, text: str, told: str) -> None:
    file = CodeFile(name="scale.py", text=text)
    with pytest.raises(CannotRead, match=told):
        loaded(own_class_file, consent(own_class_file, code_files=(file,)))


def test_a_list_of_layers_in_a_class_of_the_users_is_theirs(tmp_path: Path) -> None:
    names: dict[str, Any] = {"__name__": "mine"}
    text = SCALE.replace("factor", "layers").replace("* self.layers", "* self.layers[1]")
    exec(text, names)
    inputs = keras.Input((3,))
    layer = names["Scale"]([8, 2], name="scale")
    layer.get_config = lambda: {"name": "scale", "layers": [8, 2]}
    model = keras.Model(inputs, layer(inputs))
    layer.gain.assign([1.0, 1.0, 1.0])
    model.save(tmp_path / "own.keras")
    file = CodeFile(name="scale.py", text=text)
    network = loaded(tmp_path / "own.keras", consent(tmp_path / "own.keras", code_files=(file,)))
    assert answers(network.model, SAMPLE)[0].tolist() == [[2, 4, 6]]

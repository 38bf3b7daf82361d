"""Lambda layers that multiply and add are told from their bytes; nothing of them runs."""

from __future__ import annotations

import base64
import marshal
from collections.abc import Callable
from typing import Any

import pytest
from repairing_configs import classes, layer, layer_of, messages, repaired, sequential

from h5viewer.documents.compatibility.plain_arithmetic import arithmetic

# lambda img: (img - 128) / 127.5, as the marshal module of each Python writes it
COMPILED = {
    "2.7": (
        "6301000000010000000200000043000000730c0000007c000064010018640200155328030000004e6980"
        "000000670000000000e05f40280000000028010000007403000000696d67280000000028000000007308"
        "0000006d6f64656c2e707974080000003c6c616d6264613e010000007400000000"
    ),
    "3.6": (
        "e30100000000000000010000000200000043000000730c0000007c006401180064021b00530029034ee9"
        "80000000670000000000e05f40a90029015a03696d6772020000007202000000fa086d6f64656c2e7079"
        "da083c6c616d6264613e010000007300000000"
    ),
    "3.8": (
        "e3010000000000000000000000010000000200000043000000730c0000007c006401180064021b005300"
        "29034ee980000000670000000000e05f40a90029015a03696d6772020000007202000000fa086d6f6465"
        "6c2e7079da083c6c616d6264613e01000000f300000000"
    ),
    "3.10": (
        "e3010000000000000000000000010000000200000043000000730c0000007c006401180064021b005300"
        "29034ee980000000670000000000e05f40a90029015a03696d6772020000007202000000fa086d6f6465"
        "6c2e7079da083c6c616d6264613e0100000073020000000c00"
    ),
    "3.11": (
        "e30100000000000000000000000200000003000000f31200000097007c0064017a0a000064027a0b0000"
        "530029034ee980000000670000000000e05f40a9002901da03696d67730100000020fa086d6f64656c2e"
        "7079fa083c6c616d6264613e720600000001000000730f00000080008853903389599825d10c1f8000f3"
        "00000000"
    ),
    "3.12": (
        "e30100000000000000000000000200000003000000f31200000097007c0064017a0a000064027a0b0000"
        "530029034ee980000000670000000000e05f40a9002901da03696d67730100000020fa086d6f64656c2e"
        "7079fa083c6c616d6264613e720600000001000000730f00000080008853903389599825d10c1f8000f3"
        "00000000"
    ),
    "3.13": (
        "e30100000000000000000000000200000003000000f3120000009500550053012d0a000053022d0b0000"
        "240029034ee980000000670000000000e05f40a9002901da03696d67730100000020da086d6f64656c2e"
        "7079da083c6c616d6264613e720600000001000000730d00000080008853903389599825d20c1ff30000"
        "0000"
    ),
}
# x times x, as Python 3.8 writes it
SQUARE = (
    "e301000000000000000000000001000000020000004300000073080000007c007c001400530029014ea9"
    "002901da017872010000007201000000fa086d6f64656c2e7079da083c6c616d6264613e01000000f300"
    "000000"
)
TIMES = "y"


def stored(code: bytes) -> list[Any]:
    """As Keras 2 stores a function."""
    return [base64.b64encode(code).decode() + "\n", None, None]


def of_this_python(function: Callable[..., Any]) -> list[Any]:
    return stored(marshal.dumps(function.__code__))


@pytest.mark.parametrize("code", COMPILED.values(), ids=COMPILED)
def test_arithmetic_of_every_python_is_read(code: str) -> None:
    line = arithmetic(stored(bytes.fromhex(code)))
    assert line is not None
    assert (line.factor, line.offset) == pytest.approx((1 / 127.5, -128 / 127.5))
    assert line.said == "(img - 128) / 127.5"


def test_keras_1_stored_the_bytes_as_letters() -> None:
    code = bytes.fromhex(COMPILED["2.7"]).decode("latin-1")
    assert arithmetic([code, None, None]) is not None


@pytest.mark.parametrize(
    ("function", "factor", "offset", "said"),
    [
        (lambda x: -x, -1, 0, "-x"),
        (lambda x: 1 - x * 0.5, -0.5, 1, "1 - x * 0.5"),
        (lambda x: -(x + 2), -1, -2, "-(x + 2)"),
        (lambda x: 2 * (x - 1) / 4, 0.5, -0.5, "2 * (x - 1) / 4"),
        (lambda x: x, 1, 0, "x"),
    ],
)
def test_what_the_code_computes_is_said(
    function: Callable[[Any], Any], factor: float, offset: float, said: str
) -> None:
    line = arithmetic(of_this_python(function))
    assert line is not None
    assert (line.factor, line.offset, line.said) == (factor, offset, said)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x,
        lambda x: 1 / x,
        lambda x: x**2,
        lambda x: x[0],
        lambda x: abs(x),
        lambda x: 3,
        lambda x, y=2: x * y,
        lambda *x: x,
        lambda x: x if x > 0 else -x,
        lambda x: x / 0,
        lambda x: x * TIMES,
    ],
)
def test_anything_else_is_left_to_the_user(function: Callable[..., Any]) -> None:
    assert arithmetic(of_this_python(function)) is None


def test_enclosed_values_and_defaults_are_left_to_the_user() -> None:
    code = stored(bytes.fromhex(COMPILED["3.8"]))
    assert arithmetic([code[0], [2], None]) is None
    assert arithmetic([code[0], None, [2]]) is None
    assert arithmetic(stored(bytes.fromhex(SQUARE))) is None


@pytest.mark.parametrize("at", range(0, 105, 3))
def test_damaged_code_is_survived(at: int) -> None:
    code = bytearray(bytes.fromhex(COMPILED["3.8"]))
    code[at] ^= 0x5A
    line = arithmetic(stored(bytes(code)))
    assert line is None or line.factor


def test_a_network_with_such_a_layer_loads_without_anybodys_word() -> None:
    function = stored(bytes.fromhex(COMPILED["3.6"]))
    first = layer("Lambda", "scale", function=function, batch_input_shape=[None, 4])
    found = repaired(sequential(first, layer("Dense", "out", units=2)), "2.2.4")
    assert found.loads
    assert classes(found) == ["InputLayer", "Rescaling", "Dense"]
    assert layer_of(found, "scale")["scale"] == pytest.approx(1 / 127.5)
    assert "It holds Python code, which computes (img - 128) / 127.5." in messages(found)
    assert found.code == {}

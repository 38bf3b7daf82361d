"""Compiled Python code is told as facts, whichever Python wrote it, and never run."""

from __future__ import annotations

import base64
import marshal
import random
import struct
import tracemalloc
from pathlib import Path
from types import CodeType

import pytest
from compiled_code import COMPILED
from decoding import decoded

from h5viewer.documents.bytecode import (
    LONGEST_TEXT,
    MOST_LETTERS,
    code_bytes,
    constant_text,
    read_functions,
)
from h5viewer.documents.marshalled import LONGEST, Items
from h5viewer.errors import CannotRead
from h5viewer.nodes import CodeFunction


def code_of(source: str) -> CodeType:
    """The first function of `source`."""
    whole = compile(source, "/home/someone/model.py", "exec")
    return next(each for each in whole.co_consts if isinstance(each, CodeType))


def told(source: str) -> CodeFunction:
    return read_functions(marshal.dumps(code_of(source)))[1][0]


@pytest.mark.parametrize("python", COMPILED)
def test_code_of_every_python_tells_the_same(python: str) -> None:
    written_by, functions = read_functions(bytes.fromhex(COMPILED[python]))
    assert written_by == python.rpartition(" in ")[2]
    outer, inner = functions
    assert (outer.file, outer.line, outer.depth) == ("/home/someone/model.py", 2, 0)
    assert outer.arguments == ("x", "y", "*more", "**rest")
    assert set(outer.variables) == {"big", "inner", "os"}
    assert "os" in outer.names
    assert "123456789012345678901234567890" in outer.constants
    assert "'π'" in outer.constants
    assert (inner.name.rpartition(".")[2], inner.line, inner.depth) == ("inner", 5, 1)
    assert (inner.arguments, inner.names) == (("z",), ("system",))
    assert inner.enclosed == ("os", "x")
    assert inner.constants[-1] == "1.5j"
    assert inner.constants[0] in ("'echo hi'", "b'echo hi'")
    assert inner.cautions == ("system: can run other programs",)


def test_this_very_python_agrees_with_the_reader() -> None:
    """Names, constants and lines of all functions of a module, against the code objects."""
    source = Path(__file__).read_text("utf-8")
    whole = compile(source, __file__, "exec")
    functions = read_functions(marshal.dumps(whole))[1]
    expected = [whole]
    for code in expected:
        expected += [each for each in code.co_consts if isinstance(each, CodeType)]
    by_place = {(code.co_qualname, code.co_firstlineno): code for code in expected}
    assert len(functions) == len(expected) > 20
    for function in functions:
        code = by_place[function.name, function.line]
        assert function.names == code.co_names
        assert function.enclosed == code.co_freevars
        assert {name.lstrip("*") for name in function.arguments} | set(function.variables) >= set(
            code.co_varnames
        )


def test_arguments_stand_as_in_the_source() -> None:
    assert told("def f(a, b=1, *, c, d=2, **e): x = 1").arguments == (
        "a",
        "b",
        "*",
        "c",
        "d",
        "**e",
    )
    assert told("def f(a, /, b): pass").arguments == ("a", "b")
    function = told("def f(a):\n  b = 1\n  return lambda: (a, b)")
    assert (function.arguments, function.variables) == (("a",), ("b",))


def test_constants_of_every_kind_are_text() -> None:
    source = (
        "f = lambda: (1, -7, 2.5, 1e400, 'a\\nb', b'\\xff', (1,), (), ..., 1j, 2**64, True, None)"
    )
    (text,) = told(source).constants
    assert text == (
        r"(1, -7, 2.5, inf, 'a\nb', b'\xff', (1,), (), ..., 1j, 18446744073709551616, True, None)"
    )


def test_keras_1_and_base64_give_the_same_bytes() -> None:
    data = marshal.dumps(code_of("f = lambda x: x * 2 + 'ü\\udcff€'.count('x')"))
    assert code_bytes(base64.encodebytes(data).decode()) == data
    assert code_bytes(data.decode("raw_unicode_escape")) == data


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"c",
        b"\xe3" + bytes(3),
        marshal.dumps([1, 2]),
        marshal.dumps(code_of("f = lambda: 1"))[:-5],
        marshal.dumps(code_of("f = lambda: 1")) + b"N",
        b"(\xff\xff\xff\x7f",
        b")" * 10,
        b"[\x01\x00\x00\x00" * 5000 + b"N",
        b"r\x05\x00\x00\x00",
        bytes(LONGEST + 1),
    ],
)
def test_what_is_no_code_is_said_in_one_sentence(damaged: bytes) -> None:
    with pytest.raises(CannotRead, match=r"^(It is|At byte).*\.$"):
        read_functions(damaged)


def test_text_that_is_no_base64_is_said() -> None:
    with pytest.raises(CannotRead, match="no base64"):
        code_bytes("no code at all!")


@pytest.mark.parametrize("python", COMPILED)
def test_random_damage_never_raises_anything_else(python: str) -> None:
    data = bytes.fromhex(COMPILED[python])
    dice = random.Random(python)
    for _ in range(400):
        mutant = bytearray(data)
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(mutant))
            mutant[at] = dice.choice((0, 0x72, 0xA9, 0xE3, 0xFF, 0x7F, dice.randrange(256)))
        if dice.random() < 0.2:
            del mutant[dice.randrange(len(mutant)) :]
        try:
            read_functions(bytes(mutant))
        except CannotRead:
            continue


def with_constants(constants: bytes) -> bytes:
    """Code as Python 3.8 writes it, with these constants."""
    numbers = struct.pack("<6i", 0, 0, 0, 0, 0, 0)
    empty = b")\x00"
    names = empty * 4
    return (
        b"\xe3" + numbers + b"s\0\0\0\0" + constants + names
        + b"z\x01fz\x01g" + struct.pack("<i", 1) + b"s\0\0\0\0"
    )  # fmt: skip


def test_a_tuple_inside_itself_has_an_end() -> None:
    (function,) = read_functions(
        with_constants(b"\xa9\x01\xa9\x02r\x01\x00\x00\x00r\x02\x00\x00\x00")
    )[1]
    assert function.constants[0].startswith("((")
    assert len(function.constants[0]) <= LONGEST_TEXT


def test_code_inside_itself_is_told_once() -> None:
    functions = read_functions(with_constants(b")\x01r\x00\x00\x00\x00"))[1]
    assert [function.name for function in functions] == ["g"]


def test_references_do_not_multiply() -> None:
    """Tuples of a hundred references to tuples of a hundred references, and so on."""
    level = b"\xa9\x01z\x03abc"
    for number in range(1, 30):
        level = b"\xa9\x65" + level + (b"r" + struct.pack("<i", 31 - number)) * 100
    tracemalloc.start()
    functions = read_functions(with_constants(b")\x01" + level))[1]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(text) for text in functions[0].constants) <= LONGEST_TEXT
    assert peak < 5_000_000


def test_the_same_names_a_hundred_times_over_are_cut() -> None:
    names = b"\xa9\xc8" + b"".join(b"z\xfa" + b"%250d" % number for number in range(200))
    inner = b"c" + bytes(24) + b"s\0\0\0\0)\x00r\x01\0\0\0" + b")\x00" * 3
    inner += b"z\x01fz\x01g" + struct.pack("<i", 1) + b"s\0\0\0\0"
    functions = read_functions(with_constants(b")\x65" + names + inner * 100))[1]
    n_letters = sum(len(name) for function in functions for name in function.names)
    assert len(functions) == 100
    assert 50_000 < n_letters <= MOST_LETTERS + len(functions)
    assert functions[-1].names == ("…",)


def test_a_constant_is_cut() -> None:
    assert len(constant_text("x" * 5000)) == LONGEST_TEXT
    assert constant_text(Items("()", ["x"])) == "('x',)"
    assert constant_text(Items("{}", ["a", 1, "b", 2], is_table=True)) == "{'a': 1, 'b': 2}"


def test_all_code_of_the_corpus_is_read(corpus: Path) -> None:
    found = {}
    for path in sorted((corpus / "keras_h5").iterdir()):
        if path.name.startswith(("Bigwode", "MichaelHopf", "binbreaze__VAE", "naokishibuya")):
            for code in decoded(path).architecture.code:
                assert not code.problem
                found[path.name.partition("_")[0], code.layer, code.place] = code.functions[0]
    assert found["Bigwode", "lambda_1", "function"].name == "euclidean_distance"
    assert found["Bigwode", "lambda_1", "output_shape"].name == "eucl_dist_output_shape"
    assert found["MichaelHopf", "lambda_109", "function"].constants == ("127.5", "1")
    assert found["binbreaze", "z", "function"].file.endswith("VAE.py")
    assert found["naokishibuya", "lambda_1", "function"].line == 34

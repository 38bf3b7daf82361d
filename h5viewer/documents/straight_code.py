"""The instructions of compiled Python that run in a straight line, in the words of one table.

Numbers and meanings of instructions differ from one Python to the next, which the bytes do not
say: of those that write a layout, each is tried, and one fits. Loops, jumps and functions inside
are no instructions here.

Source: Lib/opcode.py, Include/opcode_ids.h and Doc/library/dis.rst of Python 2.7 to 3.13.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from h5viewer.documents.marshalled import CodeFields, Items

LONGEST = 2000  # bytes of code
_TAKES_MANY = 0x0C  # flags: *arguments, **arguments
_HAS_ARGUMENT = 90  # up to Python 3.5 these had two bytes more, the others none


class Instruction(NamedTuple):
    """What is to be done, and with what.

    load (a name of an argument), free (a place among enclosed values), constant (a value), global,
    attribute, method, import, from (a name), store (a name), call (counts of arguments by place
    and by name), call-named (how many), names (of arguments), operator (its sign; "div": as
    Python 2 divides), compare (its sign), build (brackets and how many), slice (how many), cut
    (bits: has a begin, has an end), cut-2 (has both), extend, unpack (how many), negative,
    positive, item, null, return, return-constant, pop, swap.
    """

    name: str
    argument: object = None


class NotStraight(Exception):
    """It is of another Python, or does something else."""


_UNARY = {10: "positive", 11: "negative"}
_BINARY = {
    16: "@", 19: "**", 20: "*", 21: "div", 22: "%", 23: "+", 24: "-", 26: "//", 27: "/", 28: "//",
    29: "/", 55: "+", 56: "-", 57: "*", 59: "%", 67: "**",
}  # fmt: skip
_COMPARED = ("<", "<=", "==", "!=", ">", ">=")
_COMMON = {  # Python 2.7 to 3.12
    1: "pop", 25: "item", 83: "return", 92: "unpack", 100: "constant", 102: "()", 103: "[]",
    106: "attribute", 107: "compare", 108: "import", 109: "from", 116: "global", 124: "load",
    125: "store", 133: "slice",
}  # fmt: skip
_TO_3_10 = {**_COMMON, **_UNARY, 2: "swap", 136: "free"}
_IN_THREES = {**_TO_3_10, 131: "call", 30: "cut", 31: "cut", 32: "cut", 33: "cut"}
_FROM_3_6 = {
    **_TO_3_10, 9: "", 131: "call", 141: "call-named", 160: "method", 161: "call", 162: "extend",
}  # fmt: skip
_FROM_3_11 = {
    **_COMMON, **_UNARY, 0: "", 2: "null", 9: "", 122: "operator", 137: "free", 149: "", 151: "",
    99: "swap", 162: "extend", 171: "call", 172: "names",
}  # fmt: skip
_3_11 = {**_FROM_3_11, 160: "method", 166: "precall"}
_3_12 = {**_FROM_3_11, 26: "cut-2", 121: "return-constant"}
_3_13 = {
    0: "", 4: "cut-2", 5: "item", 30: "", 32: "pop", 34: "null", 36: "return", 42: "negative",
    45: "operator", 47: "[]", 50: "slice", 52: "()", 53: "call", 57: "call-named", 58: "compare",
    62: "", 74: "from", 75: "import", 81: "extend", 82: "attribute", 83: "constant", 84: "free",
    85: "load", 88: "load-2", 91: "global", 103: "return-constant", 110: "store",
    111: "store-load", 112: "store-2", 115: "swap", 117: "unpack", 149: "",
}  # fmt: skip
_OPERATORS = ("+", "&", "//", "<<", "@", "*", "%", "|", "**", ">>", "-", "/", "^")


def readings(written_by: str, fields: CodeFields) -> Iterator[list[Instruction]]:
    """The instructions as each Python that writes such code would understand them."""
    known: dict[str, list[tuple[dict[int, str], str]]] = {
        "Python 2": [(_IN_THREES, "2")],
        "Python 3.0 to 3.7": [(_FROM_3_6, "3.6"), (_IN_THREES, "3.5")],
        "Python 3.8 to 3.10": [(_FROM_3_6, "3.6")],
        "Python 3.11 or later": [(_3_11, "3.11"), (_3_12, "3.12"), (_3_13, "3.13")],
    }
    for table, python in known.get(written_by, []):
        try:
            yield list(_read(fields, table, python))
        except NotStraight:
            continue


def arguments_of(fields: CodeFields) -> list[str]:
    """The names of the arguments of code, all of which are given by place; one at least.

    Raises:
        NotStraight: it takes others.
    """
    count, n_named, flags = (fields.values.get(key, 0) for key in ("args", "keyword", "flags"))
    takes_others = n_named or not isinstance(flags, int) or flags < 0 or flags & _TAKES_MANY
    listed = fields.values.get("varnames", fields.values.get("localsplus"))
    names = list(listed.values) if isinstance(listed, Items) else []
    if takes_others or not isinstance(count, int) or not 0 < count <= len(names):
        raise NotStraight
    found = [name for name in names[:count] if isinstance(name, str)]
    if len(found) < count:
        raise NotStraight
    return found


def _read(fields: CodeFields, table: Mapping[int, str], python: str) -> Iterator[Instruction]:
    code = fields.values.get("code")
    if not isinstance(code, bytes) or not 0 < len(code) <= LONGEST:
        raise NotStraight
    in_threes = table is _IN_THREES
    at, before = 0, ""
    while at < len(code):
        number = code[at]
        if in_threes:
            size = 3 if number >= _HAS_ARGUMENT else 1
            argument = int.from_bytes(code[at + 1 : at + size], "little")
        else:
            size, argument = 2, code[at + 1] if at + 1 < len(code) else 0
        at += size
        name = table.get(number)
        if name is None:
            if not _is_binary(number, python):
                raise NotStraight
            yield Instruction("operator", _BINARY[number])
        elif name == "precall":
            pass
        elif name:
            if python == "3.11" and name == "call" and before != "precall":
                raise NotStraight
            if python == "3.11" and name == "compare" and code[at : at + 4 : 2] != b"\0\0":
                raise NotStraight  # 3.12 leaves room for one, and states the sign otherwise
            yield from _made(name, number, argument, fields, python)
        if name != "":
            before = name or ""


def _is_binary(number: int, python: str) -> bool:
    is_older = python in ("2", "3.5", "3.6")
    return is_older and number in _BINARY and (number != 21 or python == "2")


def _made(
    name: str, number: int, argument: int, fields: CodeFields, python: str
) -> Iterator[Instruction]:
    match name:
        case "load" | "store":
            yield Instruction(name, _local(fields, argument))
        case "load-2" | "store-2" | "store-load":
            first, second = _local(fields, argument >> 4), _local(fields, argument & 15)
            yield Instruction("load" if name == "load-2" else "store", first)
            yield Instruction("store" if name == "store-2" else "load", second)
        case "constant" | "return-constant" | "names":
            yield Instruction(name, _of(fields, "consts", argument))
        case "free":
            yield Instruction(name, _free(fields, argument))
        case "global":
            if python in ("3.11", "3.12", "3.13") and argument & 1:
                yield Instruction("null")
            place = argument >> 1 if python in ("3.11", "3.12", "3.13") else argument
            yield Instruction(name, _text(fields, place))
        case "attribute" if python in ("3.12", "3.13"):
            yield Instruction("method" if argument & 1 else name, _text(fields, argument >> 1))
        case "attribute" | "method" | "import" | "from":
            yield Instruction(name, _text(fields, argument))
        case "call" if python in ("2", "3.5"):
            yield Instruction(name, (argument & 255, argument >> 8))
        case "call":
            yield Instruction(name, (argument, 0))
        case "operator":
            if argument >= 2 * len(_OPERATORS):
                raise NotStraight
            yield Instruction(name, _OPERATORS[argument % len(_OPERATORS)])
        case "compare":
            shift = {"3.12": 4, "3.13": 5}.get(python, 0)
            if argument >> shift >= len(_COMPARED):
                raise NotStraight
            yield Instruction(name, _COMPARED[argument >> shift])
        case "()" | "[]":
            yield Instruction("build", (name, argument))
        case "cut":
            yield Instruction(name, number - 30)
        case _:
            yield Instruction(name, argument)


def _of(fields: CodeFields, which: str, place: int) -> object:
    listed = fields.values.get(which)
    if not isinstance(listed, Items) or place >= len(listed.values):
        raise NotStraight
    return listed.values[place]


def _text(fields: CodeFields, place: int) -> str:
    name = _of(fields, "names", place)
    if not isinstance(name, str):
        raise NotStraight
    return name


def _local(fields: CodeFields, place: int) -> str:
    name = _of(fields, "varnames" if "varnames" in fields.values else "localsplus", place)
    if not isinstance(name, str):
        raise NotStraight
    return name


def _free(fields: CodeFields, place: int) -> int:
    """Its place among the enclosed values."""
    kinds = fields.values.get("kinds")
    if isinstance(kinds, bytes):  # since 3.11 they are counted with all other names
        first = next((at for at, kind in enumerate(kinds) if kind & 0x80), len(kinds))
        place -= first
    elif isinstance(shared := fields.values.get("cellvars"), Items):
        place -= len(shared.values)
    if place < 0:
        raise NotStraight
    return place

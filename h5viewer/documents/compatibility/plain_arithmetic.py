"""Lambda layers that only multiply and add: told from their bytes, so that nothing has to run.

`lambda x: x / 127.5 - 1.0` is most of what old networks for pictures used a Lambda for, and code
of another Python could not run anyway. Bytes are walked by the tables below, in a straight line;
whatever is not in them is no arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import msgspec

from h5viewer.documents.bytecode import code_bytes, is_code
from h5viewer.documents.json_text import is_list, table
from h5viewer.documents.marshalled import CodeFields, Items, read_marshalled
from h5viewer.errors import CannotRead
from h5viewer.names import plain

_LONGEST = 400  # bytes of code
_TAKES_MANY = 0x0C  # flags: *arguments, **arguments

_TO_3_10 = {
    124: "argument", 100: "constant", 83: "return", 11: "negative", 20: "*", 21: "/", 23: "+",
    24: "-", 27: "/",
}  # fmt: skip
_FROM_3_11 = {151: "", 0: "", 124: "argument", 100: "constant", 83: "return", 11: "negative",
              122: "operator"}  # fmt: skip
_FROM_3_13 = {149: "", 0: "", 85: "argument", 83: "constant", 36: "return", 42: "negative",
              45: "operator"}  # fmt: skip
_OPERATORS = {0: "+", 5: "*", 10: "-", 11: "/"}  # arguments of BINARY_OP
_HAS_ARGUMENT = 90  # up to Python 3.5 these had two bytes more, the others none


class NoArithmetic(Exception):
    """The code does something else."""


class Line(msgspec.Struct, frozen=True):
    """`factor` x input + `offset`, and how the code says it."""

    factor: float
    offset: float
    said: str
    is_compound: bool = False


def arithmetic(function: object) -> Line | None:
    """What the function of a Lambda layer computes, if that is a line; None: something else."""
    code = function[0] if is_list(function) and function else None
    rest: list[object] = list(function[1:]) if is_list(function) else []
    if code is None:
        stated = table(table(function).get("config"))
        code, rest = stated.get("code"), [stated.get("defaults"), stated.get("closure")]
    if not isinstance(code, str) or not is_code(code) or any(rest):
        return None
    try:
        _, fields = read_marshalled(code_bytes(code))
    except CannotRead:
        return None
    for walk in (_in_threes, _in_pairs(_TO_3_10), _in_pairs(_FROM_3_11), _in_pairs(_FROM_3_13)):
        try:
            return _followed(fields, walk)
        except NoArithmetic:
            continue
    return None


Walk = Callable[[bytes], Iterator[tuple[str, int]]]


def _in_threes(code: bytes) -> Iterator[tuple[str, int]]:
    """Python 2.7 to 3.5."""
    at = 0
    while at < len(code):
        name = _TO_3_10.get(code[at])
        if name is None:
            raise NoArithmetic
        has_argument = code[at] >= _HAS_ARGUMENT
        yield name, int.from_bytes(code[at + 1 : at + 3], "little") if has_argument else 0
        at += 3 if has_argument else 1


def _in_pairs(names: Mapping[int, str]) -> Walk:
    """Python 3.6 and later."""

    def walk(code: bytes) -> Iterator[tuple[str, int]]:
        if len(code) % 2:
            raise NoArithmetic
        for at in range(0, len(code), 2):
            name = names.get(code[at])
            if name is None:
                raise NoArithmetic
            if name == "operator":
                name = _OPERATORS.get(code[at + 1], "?")
            if name:
                yield name, code[at + 1]

    return walk


def _followed(fields: CodeFields, walk: Walk) -> Line:
    code, flags = fields.values.get("code"), fields.values.get("flags")
    takes = [fields.values.get(key, 0) for key in ("args", "keyword", "positional")]
    is_simple = isinstance(flags, int) and not flags & _TAKES_MANY and takes[:2] == [1, 0]
    if not isinstance(code, bytes) or len(code) > _LONGEST or not is_simple:
        raise NoArithmetic
    stack: list[Line] = []
    steps = list(walk(code))
    for i, (name, argument) in enumerate(steps):
        if name == "argument":
            if argument:
                raise NoArithmetic
            stack.append(Line(1.0, 0.0, _name(fields)))
        elif name == "constant":
            stack.append(_constant(fields, argument))
        elif name == "negative":
            stack.append(_negative(_taken(stack)))
        elif name == "return":
            if i != len(steps) - 1 or len(stack) != 1 or not stack[0].factor:
                raise NoArithmetic
            return stack[0]
        else:
            second, first = _taken(stack), _taken(stack)
            stack.append(_joined(first, name, second))
    raise NoArithmetic


def _taken(stack: list[Line]) -> Line:
    if not stack:
        raise NoArithmetic
    return stack.pop()


def _name(fields: CodeFields) -> str:
    names = fields.values.get("varnames", fields.values.get("localsplus"))
    first = names.values[0] if isinstance(names, Items) and names.values else None
    return plain(first)[:40] if isinstance(first, str) else "x"


def _constant(fields: CodeFields, place: int) -> Line:
    constants = fields.values.get("consts")
    values = constants.values if isinstance(constants, Items) else []
    value = values[place] if place < len(values) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NoArithmetic
    if isinstance(value, int) and abs(value) > 2**53:
        raise NoArithmetic
    return Line(0.0, float(value), str(value))


def _negative(line: Line) -> Line:
    said = f"-({line.said})" if line.is_compound else f"-{line.said}"
    return Line(-line.factor, -line.offset, said)


def _joined(first: Line, operator: str, second: Line) -> Line:
    match operator:
        case "+":
            factor, offset = first.factor + second.factor, first.offset + second.offset
        case "-":
            factor, offset = first.factor - second.factor, first.offset - second.offset
        case "*" if not second.factor:
            factor, offset = first.factor * second.offset, first.offset * second.offset
        case "*" if not first.factor:
            factor, offset = first.offset * second.factor, first.offset * second.offset
        case "/" if first.factor and not second.factor and second.offset:
            factor, offset = first.factor / second.offset, first.offset / second.offset
        case _:
            raise NoArithmetic
    if not (math.isfinite(factor) and math.isfinite(offset)):
        raise NoArithmetic
    tight = operator in "*/"
    left = f"({first.said})" if tight and first.is_compound else first.said
    right = f"({second.said})" if (tight or operator == "-") and second.is_compound else second.said
    return Line(factor, offset, f"{left} {operator} {right}", is_compound=not tight)

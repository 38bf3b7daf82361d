"""Lambda layers that only multiply and add: told from their bytes, so that nothing has to run.

`lambda x: x / 127.5 - 1.0` is most of what old networks for pictures used a Lambda for, and code
of another Python could not run anyway. Unlike for what `read_code` reads, no shape has to be known.
"""

from __future__ import annotations

import math

import msgspec

from h5viewer.documents.bytecode import code_object, function_parts
from h5viewer.documents.marshalled import CodeFields
from h5viewer.documents.straight_code import Instruction, NotStraight, arguments_of, readings
from h5viewer.names import plain

_MOST = 200  # instructions


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
    code, *values = function_parts(function)
    found = code_object(code)
    if found is None or any(values):
        return None
    written_by, fields = found
    for instructions in readings(written_by, fields):
        try:
            return _followed(fields, instructions)
        except (NoArithmetic, NotStraight):
            continue
    return None


def _followed(fields: CodeFields, instructions: list[Instruction]) -> Line:
    first, *others = arguments_of(fields)
    if not 0 < len(instructions) <= _MOST or others:
        raise NoArithmetic
    stack: list[Line] = []
    *steps, (last, _) = instructions
    for name, argument in steps:
        if name == "load" and argument == first:
            stack.append(Line(1.0, 0.0, plain(first)[:40]))
        elif name == "constant":
            stack.append(_constant(argument))
        elif name == "negative":
            stack.append(_negative(_taken(stack)))
        elif name == "operator":
            right, left = _taken(stack), _taken(stack)
            stack.append(_joined(left, "/" if argument == "div" else str(argument), right))
        else:
            raise NoArithmetic
    if last != "return" or len(stack) != 1 or not stack[0].factor:
        raise NoArithmetic
    return stack[0]


def _taken(stack: list[Line]) -> Line:
    if not stack:
        raise NoArithmetic
    return stack.pop()


def _constant(value: object) -> Line:
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

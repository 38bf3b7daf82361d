"""The arithmetic of expressions: a checked syntax tree and a box of values, to new values.

Numbers are computed as float64, whole ones as int64 or uint64, whatever the weight is stored as.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from h5viewer.documents.edits import Values
from h5viewer.documents.edits.language import NAMES, called, is_whole
from h5viewer.errors import CannotRead

Known = Mapping[ast.expr, Values]
"""The numbers of what is about the whole weight: sums, single elements."""

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        *("abs", "sign", "sqrt", "square", "exp", "expm1", "log", "log2", "log10", "log1p"),
        *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("floor", "ceil", "trunc", "isnan", "isinf", "isfinite", "minimum", "maximum"),
    )
}

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.true_divide,
    ast.Eq: np.equal, ast.NotEq: np.not_equal, ast.Lt: np.less, ast.LtE: np.less_equal,
    ast.Gt: np.greater, ast.GtE: np.greater_equal, ast.BitAnd: np.bitwise_and,
    ast.BitOr: np.bitwise_or, ast.BitXor: np.bitwise_xor, ast.Invert: np.invert,
    ast.USub: np.negative, ast.UAdd: np.positive, ast.Not: np.logical_not,
}  # fmt: skip


def evaluate(node: ast.expr, x: Values, known: Known) -> Values:
    """What a checked expression gives for the values `x`: an array of their shape, or a number.

    Raises:
        CannotRead: an operation is not for such values.
    """
    try:
        with np.errstate(all="ignore"):  # infinities and NaN are counted by whoever stores them
            return np.asarray(_value(node, x, known))
    except (TypeError, ValueError, OverflowError) as error:
        shown = ast.unparse(node)
        raise CannotRead(
            f"“{shown[:80]}” cannot be computed for these values.", details=str(error)
        ) from error


def combine(operator: ast.operator, first: Values, second: Values) -> Values:
    """`first operator second`, as for `x[3] *= 2`."""
    with np.errstate(all="ignore"):
        return np.asarray(_operator(operator)(first, second))


def _value(node: ast.expr, x: Values, known: Known) -> Any:
    if is_whole(node):
        return known[node]
    match node:
        case ast.Name("x"):
            return x
        case ast.Name(name):
            return np.float64(NAMES[name])
        case ast.Constant(value):
            return _constant(value, x)
        case ast.UnaryOp(op, operand):
            return _operator(op)(_value(operand, x, known))
        case ast.BinOp(left, op, right):
            return _operator(op)(_value(left, x, known), _value(right, x, known))
        case ast.BoolOp(op, parts):
            combined = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return _folded(combined, [_value(each, x, known) for each in parts])
        case ast.Compare(left, ops, others):
            sides = [_value(each, x, known) for each in (left, *others)]
            pairs = zip(ops, sides, sides[1:], strict=False)
            return _folded(np.logical_and, [_operator(op)(a, b) for op, a, b in pairs])
        case ast.IfExp(test, body, orelse):
            return np.where(*(_value(each, x, known) for each in (test, body, orelse)))
        case ast.Call():
            return _function(called(node), [_value(each, x, known) for each in node.args])
    raise TypeError(f"{type(node).__name__} was not checked.")


def _constant(value: Any, x: Values) -> Any:
    """Of a type of fixed length: Python's whole numbers grow without end."""
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int) and x.dtype.kind != "f":
        if x.dtype == np.uint64 and 0 <= value < 1 << 64:
            return np.uint64(value)
        if -(1 << 63) <= value < 1 << 63:
            return np.int64(value)
    return np.float64(value)


def _operator(op: ast.AST) -> Callable[..., Any]:
    if isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Pow):
        return _bounded(_power if isinstance(op, ast.Pow) else _OPERATORS[type(op)])
    if isinstance(op, ast.FloorDiv | ast.Mod):
        divide = np.floor_divide if isinstance(op, ast.FloorDiv) else np.remainder
        return lambda a, b: divide(a, _no_zeros(a, b))
    return _OPERATORS[type(op)]


def _bounded(operator: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but whole numbers do not start anew from the other end of their range."""

    def bounded(first: Any, second: Any) -> Any:
        found = operator(first, second)
        if np.asarray(found).dtype.kind in "iu":
            exact = operator(np.asarray(first, np.float64), np.asarray(second, np.float64))
            limits = np.iinfo(np.asarray(found).dtype)
            if np.any(exact >= limits.max) or np.any(exact < limits.min):
                raise CannotRead("A whole number becomes larger than 64 bits hold.")
        return found

    return bounded


def _power(base: Any, exponent: Any) -> Any:
    if np.asarray(exponent).dtype.kind in "iub" and np.any(np.less(exponent, 0)):
        base = np.asarray(base).astype(np.float64)
    return np.power(base, exponent)


def _no_zeros(first: Any, second: Any) -> Any:
    """The divisor; whole numbers have no infinity that could say what came out."""
    kinds = {np.asarray(each).dtype.kind for each in (first, second)}
    if kinds <= set("iub") and np.any(np.equal(second, 0)):
        raise CannotRead("Whole numbers cannot be divided by zero.")
    return second


def _folded(combine_two: Callable[..., Any], values: list[Any]) -> Any:
    found = values[0]
    for each in values[1:]:
        found = combine_two(found, each)
    return found


def _function(name: str, args: list[Any]) -> Any:
    match name:
        case "clip":
            return np.minimum(np.maximum(args[0], args[1]), args[2])
        case "where":
            return np.where(args[0], args[1], args[2])
        case "round":
            return np.round(args[0], _digits(args[1]) if len(args) > 1 else 0)
        case "nan_to_num":
            return np.where(np.isnan(args[0]), args[1] if len(args) > 1 else 0.0, args[0])
    return _FUNCTIONS[name](*args)


def _digits(value: Any) -> int:
    if np.ndim(value) or not float(value).is_integer() or abs(float(value)) > 30:
        raise CannotRead("The digits in round(x, digits) are a whole number.")
    return int(value)

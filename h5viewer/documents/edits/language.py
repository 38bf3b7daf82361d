"""Expressions over the values of a weight: read by Python's parser, then by a list of what may be.

`x` is the weight. Nothing is evaluated by Python: names, functions and operators stand in tables,
and whatever is not in them is refused.
"""

from __future__ import annotations

import ast
import warnings

import msgspec

from h5viewer.errors import CannotRead
from h5viewer.names import visible

LONGEST = 2000  # characters
_MOST_PARTS = 300
_HINT = "Write it like x * 0.5, clip(x, -1, 1), where(isnan(x), 0, x) or x[3] = 0."

ELEMENTWISE: dict[str, tuple[int, int]] = {
    **dict.fromkeys(
        (
            *("abs", "sign", "sqrt", "square", "exp", "expm1", "log", "log2", "log10", "log1p"),
            *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
            *("floor", "ceil", "trunc", "isnan", "isinf", "isfinite"),
        ),
        (1, 1),
    ),
    **dict.fromkeys(("minimum", "maximum"), (2, 2)),
    **dict.fromkeys(("round", "nan_to_num"), (1, 2)),
    **dict.fromkeys(("clip", "where"), (3, 3)),
}
"""Functions of each value by itself: the least and the most arguments."""

WHOLE = frozenset({"sum", "mean", "std", "var", "min", "max", "count_nonzero", "norm"})
"""Functions of all values together, which give one number."""

NAMES: dict[str, float] = {
    "pi": 3.141592653589793,
    "e": 2.718281828459045,
    "nan": float("nan"),
    "inf": float("inf"),
}

_OPERATORS = (
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow),
    *(ast.BitAnd, ast.BitOr, ast.BitXor, ast.USub, ast.UAdd, ast.Invert, ast.Not),
    *(ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
)


class Statement(msgspec.Struct, frozen=True):
    """One assignment to `x`, or to some of its elements.

    `where`: None for all of it; a tuple of indices; or an expression that is true where.
    """

    value: ast.expr
    operator: ast.operator | None = None  # of `x[3] *= 2`
    index: tuple[ast.expr, ...] | None = None
    mask: ast.expr | None = None


def parse(text: str) -> tuple[Statement, ...]:
    """The statements of an expression; a plain value is what `x` becomes.

    Raises:
        CannotRead: it is none, or uses something that is not in the tables here.
    """
    if len(text) > LONGEST:
        raise CannotRead(f"The expression has more than {LONGEST:,} characters.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python's parser, about its own language
            tree = ast.parse(text.strip())
    except SyntaxError as error:
        why = (error.msg or "it is not complete").partition(".")[0]
        raise CannotRead(
            f"“{visible(text.strip(), 80)}” is no expression: {why[:1].lower()}{why[1:]}.",
            hint=_HINT,
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CannotRead("The expression cannot be read.", hint=_HINT) from error
    if not tree.body:
        raise CannotRead("There is no expression.", hint=_HINT)
    if sum(1 for _ in ast.walk(tree)) > _MOST_PARTS:
        raise CannotRead("The expression is too long.", hint="Make the change in several steps.")
    return tuple(_statement(each) for each in tree.body)


def is_whole(node: ast.expr) -> bool:
    """True for what gives one number for the whole weight: a sum, a single element."""
    if isinstance(node, ast.Subscript):
        return True
    return isinstance(node, ast.Call) and _called(node) in WHOLE


def called(node: ast.Call) -> str:
    """The name of a function that was checked."""
    return _called(node)


def index_parts(node: ast.expr) -> tuple[ast.expr, ...] | None:
    """The parts of `3, :, ...`; None: it is no index but an expression."""
    parts = tuple(node.elts) if isinstance(node, ast.Tuple) else (node,)
    return parts if all(_is_index(part) for part in parts) else None


def _is_index(node: ast.expr) -> bool:
    if isinstance(node, ast.Slice):
        ends = (node.lower, node.upper, node.step)
        return all(end is None or _is_number(end) for end in ends)
    return _is_number(node) or (isinstance(node, ast.Constant) and node.value is Ellipsis)


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


# ------------------------------------------------------------------- what may be


def _statement(node: ast.stmt) -> Statement:
    match node:
        case ast.Expr(value):
            return Statement(_checked(value))
        case ast.Assign([target], value):
            return _assignment(target, value, None)
        case ast.AugAssign(target, operator, value):
            return _assignment(target, value, operator)
    raise _refused(node)


def _assignment(target: ast.expr, value: ast.expr, operator: ast.operator | None) -> Statement:
    if operator is not None and not isinstance(operator, _OPERATORS):
        raise _refused(target)
    checked = _checked(value)
    match target:
        case ast.Name("x"):
            return Statement(checked, operator)
        case ast.Subscript(ast.Name("x"), place):
            if _uses_x(checked):
                raise CannotRead(
                    "Beside x[…] = there can be a number, but not x, which has other places.",
                    hint="Write x[3] *= 2, or where(x > 1, x * 2, x).",
                )
            index = index_parts(place)
            if index is not None:
                return Statement(checked, operator, index=index)
            return Statement(checked, operator, mask=_checked(place))
    raise CannotRead("Only x can be given values.", hint=_HINT)


def _uses_x(node: ast.expr) -> bool:
    """True where each value matters, not only one number for all."""
    if is_whole(node):
        return False
    if isinstance(node, ast.Name):
        return node.id == "x"
    return any(_uses_x(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr))


def _checked(node: ast.expr) -> ast.expr:
    """The expression, if everything in it may be.

    Raises:
        CannotRead: something may not.
    """
    match node:
        case ast.Constant(value) if type(value) in (int, float, bool):
            return node
        case ast.Name(name) if name == "x" or name in NAMES:
            return node
        case ast.Name(name):
            hint = "The weight is called x; functions need brackets, as in abs(x)."
            raise CannotRead(f"“{visible(name, 60)}” is not known here.", hint=hint)
        case ast.Subscript(ast.Name("x"), place):
            parts = index_parts(place)
            if parts is None or not all(_is_number(part) for part in parts):
                raise CannotRead("Only a single element can be read, as in x[3] or x[0, 2].")
            return node
        case ast.Call():
            _check_call(node)
        case ast.BinOp() | ast.UnaryOp() | ast.BoolOp() | ast.Compare():
            _check_operators(node)
        case ast.IfExp():
            pass
        case _:
            raise _refused(node)
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.expr) and not (isinstance(node, ast.Call) and each is node.func):
            _checked(each)
    return node


def _check_operators(node: ast.AST) -> None:
    for each in ast.iter_child_nodes(node):
        is_operator = isinstance(each, ast.operator | ast.unaryop | ast.cmpop)
        if is_operator and not isinstance(each, _OPERATORS):
            raise _refused(node)


def _check_call(node: ast.Call) -> None:
    name = _called(node)
    if node.keywords or (name not in ELEMENTWISE and name not in WHOLE):
        what = f"“{visible(name, 60)}”" if name else "That"
        known = ", ".join(sorted((*ELEMENTWISE, *WHOLE)))
        raise CannotRead(f"{what} is no function that is known here.", hint=f"There are: {known}.")
    fewest, most = ELEMENTWISE.get(name, (1, 1))
    if not fewest <= len(node.args) <= most:
        wanted = f"{fewest}" if fewest == most else f"{fewest} or {most}"
        raise CannotRead(f"{name} takes {wanted} values in its brackets, not {len(node.args)}.")


def _called(node: ast.Call) -> str:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    return "" if node.keywords else name


def _refused(node: ast.AST) -> CannotRead:
    try:
        shown = visible(ast.unparse(node), 60)
    except (ValueError, RecursionError):
        shown = "That"
    return CannotRead(f"“{shown}” cannot be used in an expression.", hint=_HINT)

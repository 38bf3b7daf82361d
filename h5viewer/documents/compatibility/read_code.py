"""Lambda layers whose code is told from its bytes: functions of tensors in a straight line.

`lambda x: K.l2_normalize(x, axis=1)`, the distance of siamese networks, what autoencoders draw:
nothing of it runs. Every call is looked up in the table of TensorFlow's functions and becomes
operations of Keras 3; whatever is not in it is left to the user.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from h5viewer.documents.bytecode import code_object, function_parts
from h5viewer.documents.compatibility.calls import Tensor
from h5viewer.documents.compatibility.chains import CannotSay, known_size
from h5viewer.documents.compatibility.composite import Sketch
from h5viewer.documents.compatibility.place import Made, Shape
from h5viewer.documents.compatibility.python_functions import (
    CONSTANTS,
    OPERATORS,
    Ready,
    attribute,
    is_whole,
)
from h5viewer.documents.compatibility.read_calls import CodeCalls
from h5viewer.documents.compatibility.told_values import (
    ATOM,
    Name,
    Null,
    Told,
    Unknown,
    bounded,
    constant,
    cut_said,
    each_told,
    held,
    joined,
    parts_of,
    same_path,
    slice_of,
    sliced,
    tensors_of,
    together,
)
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.marshalled import CodeFields, Items, Other
from h5viewer.documents.straight_code import Instruction, NotStraight, arguments_of, readings
from h5viewer.names import plain

_MOST_SAID = 300  # characters
_ROOTS = {
    "K": "K", "backend": "K", "tf": "tf", "tensorflow": "tf", "keras": "keras", "ops": "ops",
    "abs": "tf.abs", "float": "float", "int": "int", "len": "len", "math": "math", "np": "np",
    "numpy": "np",
}  # fmt: skip
_STATIC = (".int_shape", ".get_shape")  # give tuples, not tensors
_SIGNS = {
    "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "div": "divide", "//": "floordiv",
    "%": "floormod", "**": "pow", "@": "matmul", "<": "less", "<=": "less_equal", "==": "equal",
    "!=": "not_equal", ">": "greater", ">=": "greater_equal",
}  # fmt: skip
_LOOSE, _SUM, _PRODUCT, _POWER = range(ATOM)  # how tightly what is said holds together
_HOLDS = {"+": _SUM, "-": _SUM, "**": _POWER}  # others as products


class ReadCode(msgspec.Struct, frozen=True):
    """Operations in the place of code, and how the code says it."""

    made: Made
    shapes: tuple[Shape | None, ...]  # of what they give
    multiply_adds: int | None  # of one sample
    said: str
    operations: tuple[str, ...]
    notes: tuple[str, ...]


def read_code(
    function: object, given: object, name: str, shapes: Sequence[Shape | None]
) -> ReadCode | None:
    """What the function of a Lambda layer does, as operations; None: something else.

    Args:
        function: as the configuration states it.
        given: further arguments, by name.
        name: of the layer in the result.
        shapes: of what it is fed.
    """
    code, defaults, closure = function_parts(function)
    known = [shape for shape in shapes if shape is not None]
    found = code_object(code)
    if found is None or len(known) < len(shapes) or not known:
        return None
    written_by, fields = found
    return read_fields(written_by, fields, (defaults, closure, table(given)), name, known)


def read_fields(
    written_by: str,
    fields: CodeFields,
    values: tuple[object, object, dict[str, object]],
    name: str,
    shapes: Sequence[Shape],
) -> ReadCode | None:
    """The same of a code object.

    Args:
        written_by: as `read_marshalled` says.
        fields: as it says.
        values: defaults, enclosed values, and arguments that are given by name.
        name: of the layer in the result.
        shapes: of what it is fed.
    """
    defaults, closure, given = values
    for instructions in readings(written_by, fields):
        sketch = Sketch(name)
        inputs = [sketch.input(shape) for shape in shapes]
        calls = CodeCalls(name, dict(zip(inputs, shapes, strict=True)))
        walk = _Walk(calls, closure)
        try:
            walk.begin(fields, inputs, defaults, given)
            told = walk.result(instructions)
            outputs = tensors_of(told)
        except (CannotSay, NotStraight, ArithmeticError, LookupError, TypeError, ValueError):
            continue
        outputs = [calls.copied(x) if x in inputs else x for x in outputs]
        return _finished(sketch, calls, outputs, told.said)
    return None


def _finished(sketch: Sketch, calls: CodeCalls, outputs: list[Tensor], said: str) -> ReadCode:
    for made, call in calls.chain.operations:
        sketch.add(made, *call.args, **call.kwargs)
    first, *more = outputs
    names = [made.class_name for made, _ in calls.chain.operations]
    return ReadCode(
        made=sketch.made(first, more=more),
        shapes=tuple(map(calls.shape, outputs)),
        multiply_adds=calls.multiply_adds,
        said=said,
        operations=tuple(dict.fromkeys(names)),
        notes=tuple(dict.fromkeys(calls.chain.notes)),
    )


class _Walk:
    """Does in symbols what the instructions do."""

    def __init__(self, calls: CodeCalls, closure: object) -> None:
        self._calls = calls
        self._closure = closure if is_list(closure) else []
        self._local: dict[str, Told] = {}
        self._stack: list[Told] = []
        self._names: tuple[str, ...] = ()  # of the arguments of the next call

    def begin(
        self, fields: CodeFields, inputs: list[Tensor], defaults: object, given: dict[str, object]
    ) -> None:
        """Give the arguments their values."""
        arguments = arguments_of(fields)
        last = list(defaults) if is_list(defaults) else []
        values = dict(zip(arguments[-len(last) :] if last else [], last, strict=False)) | given
        first, *others = arguments
        if set(given) - set(others) or set(others) - set(values):
            raise NotStraight
        said = plain(first)[:40]
        if len(inputs) > 1:
            each = [Told(tensor, f"{said}[{i}]") for i, tensor in enumerate(inputs)]
            self._local[first] = replace(together("[]", each), said=said)
        else:
            self._local[first] = Told(inputs[0], said)
        for other in others:
            self._local[other] = constant(values[other])

    def result(self, instructions: list[Instruction]) -> Told:
        """What the function gives back."""
        for place, (name, argument) in enumerate(instructions):
            if name in ("return", "return-constant"):
                if place != len(instructions) - 1 or len(self._stack) != 1 or name != "return":
                    raise NotStraight
                return self._stack.pop()
            self._do(name, argument)
        raise NotStraight

    def _do(self, name: str, argument: object) -> None:
        ways: dict[str, Callable[..., None]] = {
            "load": self._load, "store": self._store, "free": self._free,
            "constant": lambda value: self._stack.append(constant(value)),
            "global": self._global, "attribute": self._attribute, "method": self._method,
            "import": self._import, "from": self._from, "pop": self._pop, "swap": self._swap,
            "null": self._null, "names": self._names_of, "build": self._build,
            "extend": self._extend, "unpack": self._unpack, "slice": self._slice,
            "cut": self._cut, "cut-2": self._cut_2, "item": self._item,
            "negative": self._negative, "positive": self._positive, "operator": self._operator,
            "compare": self._compare, "call": self._call, "call-named": self._call_named,
        }  # fmt: skip
        ways[name](argument)

    def _push(self, value: object, said: str, hold: int = ATOM) -> None:
        self._keep(Told(value, said, hold))

    def _keep(self, told: Told) -> None:
        is_long = len(told.said) > _MOST_SAID
        self._stack.append(replace(told, said="…") if is_long else told)

    # ------------------------------------------------------------- instructions

    def _load(self, name: str) -> None:
        self._stack.append(self._local[name])

    def _store(self, name: str) -> None:
        self._local[name] = self._stack.pop()

    def _free(self, place: int) -> None:
        self._stack.append(constant(self._closure[place]))

    def _global(self, name: str) -> None:
        if name in CONSTANTS:
            self._push(CONSTANTS[name], name)
        else:
            self._push(Name(_ROOTS[name]) if name in _ROOTS else Unknown(), plain(name)[:40])

    def _attribute(self, name: str) -> None:
        of = self._stack.pop()
        said = f"{of.said}.{name}"
        if not isinstance(of.value, Name):
            self._keep(each_told(attribute(of.value, name, self._calls.sizes), said))
            return
        path = same_path(f"{of.value.path}.{name}")
        self._push(CONSTANTS[path] if path in CONSTANTS else Name(path), said)

    def _method(self, name: str) -> None:
        self._attribute(name)
        self._stack.insert(-1, Told(Null(), ""))

    def _import(self, name: str) -> None:
        listed = self._stack.pop()
        self._stack.pop()
        path = name if listed.value else name.partition(".")[0]
        self._push(Name(same_path(path)), path)

    def _from(self, name: str) -> None:
        module = self._stack[-1].value
        if not isinstance(module, Name):
            raise NotStraight
        self._push(Name(same_path(f"{module.path}.{name}")), name)

    def _pop(self, _: object) -> None:
        self._stack.pop()

    def _swap(self, _: object) -> None:
        self._stack[-1], self._stack[-2] = self._stack[-2], self._stack[-1]

    def _null(self, _: object) -> None:
        self._push(Null(), "")

    def _names_of(self, names: object) -> None:
        self._names = tuple(str(each) for each in names.values) if isinstance(names, Items) else ()

    def _build(self, what: tuple[str, int]) -> None:
        brackets, count = what
        self._keep(together(brackets, self._taken(count)))

    def _extend(self, _: object) -> None:
        more, first = self._stack.pop(), self._stack.pop()
        if first.value:
            raise NotStraight
        self._keep(together("[]", parts_of(more)))

    def _unpack(self, count: int) -> None:
        of = self._stack.pop()
        parts = parts_of(of)
        if len(parts) != count:
            raise NotStraight
        self._stack += reversed(parts)

    def _slice(self, count: int) -> None:
        ends = self._taken(count)
        self._push(slice_of([each.value for each in ends]), cut_said(ends))

    def _cut(self, bits: int) -> None:
        last = self._stack.pop() if bits & 2 else constant(None)
        first = self._stack.pop() if bits & 1 else constant(None)
        self._push(slice_of([first.value, last.value]), cut_said([first, last]))
        self._item(None)

    def _cut_2(self, _: object) -> None:
        self._slice(2)
        self._item(None)

    def _item(self, _: object) -> None:
        key, of = self._stack.pop(), self._stack.pop()
        said = f"{held(of, ATOM)}[{key.said[1:-1] if is_list(key.value) else key.said}]"
        if is_list(of.value) and isinstance(key.value, int):
            self._push(parts_of(of)[key.value].value, said)
            return
        if is_list(of.value) and is_table(key.value):
            self._keep(sliced(of, key.value, said))
            return
        parts = parts_of(key) if is_list(key.value) else [key]
        spec = [known_size(each.value) for each in parts]
        if isinstance(of.value, Tensor) and isinstance(spec[0], int):
            raise NotStraight  # one sample of several: it means a list, or is a mistake
        keys = ["..." if isinstance(each, Other) and each.text == "..." else each for each in spec]
        self._push(self._calls.built("getitem", [of.value, keys], {}), said)

    def _negative(self, _: object) -> None:
        x = self._stack.pop()
        is_number = isinstance(x.value, int | float)
        made = -x.value if is_number else self._calls.built("negative", [x.value], {})  # type: ignore[operator]
        self._push(made, f"-{held(x, _PRODUCT)}", _PRODUCT)

    def _positive(self, _: object) -> None:
        if not isinstance(self._stack[-1].value, int | float | Tensor):
            raise NotStraight

    def _operator(self, sign: str) -> None:
        y, x = self._stack.pop(), self._stack.pop()
        hold, shown = _HOLDS.get(sign, _PRODUCT), "/" if sign == "div" else sign
        if hold == _POWER:  # from right to left, all others from left to right
            said = f"{held(x, ATOM)} {shown} {held(y, hold)}"
        else:
            said = f"{held(x, hold)} {shown} {held(y, hold + (sign != '+'))}"
        if sign == "+" and (tuples := joined(x, y, said)):
            self._keep(replace(tuples, hold=hold))
            return
        numbers = [each for each in (x.value, y.value) if isinstance(each, int | float)]
        if len(numbers) == 2:
            way = OPERATORS["//" if sign == "div" and all(map(is_whole, numbers)) else shown]
            self._push(bounded(way(*numbers)), said, hold)
            return
        if sign == "div" and is_whole(x.value) and is_whole(y.value):
            sign = "//"
        self._push(self._calls.built(_SIGNS[sign], [x.value, y.value], {}), said, hold)

    def _compare(self, sign: str) -> None:
        y, x = self._stack.pop(), self._stack.pop()
        said = f"{held(x, _SUM)} {sign} {held(y, _SUM)}"
        self._push(self._calls.built(_SIGNS[sign], [x.value, y.value], {}), said, _LOOSE)

    def _call_named(self, count: int) -> None:
        self._names = tuple(str(each.value) for each in parts_of(self._stack.pop()))
        self._call((count, 0))

    def _call(self, counts: tuple[int, int]) -> None:
        count, n_pairs = counts
        flat = self._taken(2 * n_pairs)
        named = {str(flat[i].value): flat[i + 1] for i in range(0, len(flat), 2)}
        given = self._taken(count)
        if self._names:
            at = len(given) - len(self._names)
            named = dict(zip(self._names, given[at:], strict=True))
            given, self._names = given[:at], ()
        of = self._stack.pop()
        beside = self._stack[-1].value if self._stack else None
        if isinstance(of.value, Null):  # since Python 3.13 the other way round
            of = self._stack.pop()
        elif isinstance(beside, Null):
            self._stack.pop()
        if isinstance(of.value, Ready) and not given and not named:
            self._keep(each_told(of.value.answer, f"{of.said}()"))
            return
        if not isinstance(of.value, Name):
            raise NotStraight
        texts = [each.said for each in given] + [f"{k}={v.said}" for k, v in named.items()]
        args = [each.value for each in given]
        made = self._calls.called(of.value.path, args, {k: v.value for k, v in named.items()})
        said = f"{of.said}({', '.join(texts)})"
        if parts := self._calls.parts(made):
            each = [Told(part, f"{said}[{place}]") for place, part in enumerate(parts)]
            self._keep(replace(together("[]", each), said=said))
        else:
            is_static = of.value.path.endswith(_STATIC)
            self._keep(each_told(made, said) if is_static else Told(made, said))

    def _taken(self, count: int) -> list[Told]:
        if count > len(self._stack):
            raise NotStraight
        at = len(self._stack) - count
        taken, self._stack = self._stack[at:], self._stack[:at]
        return taken

"""The calls that code makes, as operations of Keras 3, with the shapes of what they give."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from h5viewer.documents.compatibility.backend_functions import MEANS, NAMED, NUMBERS
from h5viewer.documents.compatibility.calls import Call, Tensor
from h5viewer.documents.compatibility.chains import CannotSay, Chain, Symbolic
from h5viewer.documents.compatibility.place import Made, Shape
from h5viewer.documents.compatibility.python_functions import PYTHON
from h5viewer.documents.compatibility.tensorflow_filled import NOTE
from h5viewer.documents.compatibility.tensorflow_functions import FUNCTIONS
from h5viewer.documents.compatibility.told_values import MOST_PARTS, bare, tensors_in
from h5viewer.documents.json_text import is_list
from h5viewer.documents.shapes.axes import Fed, ShapeUnknown, plus
from h5viewer.documents.shapes.axes import Made as PutOut
from h5viewer.documents.shapes.axes import Tensor as Shaped
from h5viewer.documents.shapes.operations import MULTIPLYING
from h5viewer.documents.shapes.operations import OPERATIONS as SHAPES
from h5viewer.documents.straight_code import NotStraight

_MOST_OPERATIONS = 200
_AXES, _OTHER_AXES = "abcdef", "uvwxyz"  # of two tensors
_SEVERAL = {"Split": None, "Unstack": None, "TopK": 2, "Moments": 2}  # how many outputs
_COUNTING = {"one_hot": 0, "gather": 1}  # where their `indices` stand
_TF_PREFIXES = ("math.", "nn.", "linalg.", "compat.v1.", "dtypes.")


class CodeCalls:
    """One piece of code."""

    def __init__(self, name: str, shapes: Mapping[Tensor, Shape]) -> None:
        """`shapes`: of what it is fed."""
        self.chain = Chain(name)
        self.multiply_adds: int | None = 0  # of one sample; None: not known
        self._shapes: dict[Tensor, Shape | None] = {**shapes}

    def called(self, path: str, args: list[object], kwargs: dict[str, object]) -> object:
        """What a function gives: `path` is "K.sum", "tf.image.resize", "ops.mean".

        Raises:
            NotStraight, CannotSay, LookupError: it is not in the tables, or does otherwise.
        """
        root, _, name = path.partition(".")
        if path in _COMPOSED:
            return _COMPOSED[path](self, *args, **kwargs)
        if path in PYTHON:
            return PYTHON[path](*args, **kwargs)
        if path in NUMBERS and not args and not kwargs:
            return NUMBERS[path]
        first = next(iter([*args, *kwargs.values()]), None)
        if name in ("int_shape", "get_shape") and isinstance(first, Tensor):
            return self.sizes(first)
        if path == "K.ndim" and isinstance(first, Tensor):
            return len(self.sizes(first).sizes)
        if root in NAMED:
            name = NAMED[root][name](args, kwargs)
        elif root != "tf":
            raise NotStraight
        for prefix in _TF_PREFIXES:
            name = name if name in FUNCTIONS else name.removeprefix(prefix)
        if name in MEANS:
            return self._drawn(name, args, kwargs)
        if name in _COUNTING:
            self._make_whole(args, kwargs, _COUNTING[name])
        return self.built(name, args, kwargs)

    def _make_whole(self, args: list[object], kwargs: dict[str, object], place: int) -> None:
        """Numbers of classes and places may come as any numbers."""
        if place < len(args) and isinstance(args[place], Tensor):
            args[place] = self.built("to_int32", [args[place]], {})
        elif isinstance(kwargs.get("indices"), Tensor):
            kwargs["indices"] = self.built("to_int32", [kwargs["indices"]], {})

    def _drawn(self, name: str, args: list[object], kwargs: dict[str, object]) -> object:
        """Random numbers; where variables outside say how many, their mean alone."""
        try:
            return self.built(name, list(args), dict(kwargs))
        except (NotStraight, CannotSay):
            self.chain.notes.append(NOTE)
            return MEANS[name](args, kwargs)

    def built(self, name: str, args: list[object], kwargs: dict[str, object]) -> object:
        """What a function of the table gives.

        Raises:
            NotStraight, CannotSay, LookupError: as `called`.
        """
        call = Call([bare(each) for each in args], {k: bare(v) for k, v in kwargs.items()})
        tensors = tensors_in([*call.args, *call.kwargs.values()])
        self.chain.shapes = [self._shapes.get(each) for each in tensors]
        before = len(self.chain.operations)
        made = FUNCTIONS[name](self.chain, call)
        if len(self.chain.operations) > _MOST_OPERATIONS:
            raise NotStraight
        for operation, its_call in self.chain.operations[before:]:
            put_out = self._put_out(operation, its_call)
            self.multiply_adds = plus(self.multiply_adds, put_out.multiply_adds)
            for place, shape in enumerate(put_out.shapes):
                self._shapes[Tensor(operation.name, 0, place)] = shape
        return made

    def _put_out(self, made: Made, call: Call) -> PutOut:
        """Of an operation; no shapes: none is known."""
        unknown = PutOut((), None if made.class_name in MULTIPLYING else 0)
        rule = SHAPES.get(made.class_name)
        shapes = [self._shapes.get(each) for each in tensors_in(call.args)]
        if rule is None or any(shape is None for shape in shapes):
            return unknown
        args = [self._shaped(each) for each in call.args]
        try:
            return rule(made.config, Fed(shapes, args))
        except ShapeUnknown:
            return unknown

    def _shaped(self, value: object) -> object:
        if isinstance(value, Tensor):
            return Shaped(self._shapes.get(value))
        return [self._shaped(each) for each in value] if is_list(value) else value

    def sizes(self, tensor: Tensor) -> Symbolic:
        """Its shape as code computes with it.

        Raises:
            NotStraight: it is not known.
        """
        shape = self._shapes.get(tensor)
        if shape is None:
            raise NotStraight
        return Symbolic(tensor, tuple(shape), is_stored=True)

    def parts(self, made: object) -> list[Tensor]:
        """Each tensor, where the last operation gives several; [] where it gives one.

        Raises:
            NotStraight: nobody knows how many, or they are very many.
        """
        operation, _ = self.chain.operations[-1] if self.chain.operations else (None, None)
        if operation is None or operation.class_name not in _SEVERAL:
            return []
        first = Tensor(operation.name, 0, 0)
        if made != first:
            return []
        stated = operation.config.get("indices_or_sections", operation.config.get("num"))
        count = len(stated) + 1 if is_list(stated) else stated or _SEVERAL[operation.class_name]
        if not isinstance(count, int):
            count = sum(each.layer == first.layer for each in self._shapes)
            if count < 2:
                raise NotStraight
        if not 0 < count <= MOST_PARTS:
            raise NotStraight
        return [first._replace(output=place) for place in range(count)]

    def copied(self, x: Tensor) -> Tensor:
        """The same as an operation gives it: networks do not give back what they are fed."""
        made = self.chain.add("Copy", x)
        self._shapes[made] = self._shapes[x]
        return made

    def shape(self, tensor: object) -> Shape | None:
        """Its axes, as far as they are known."""
        return self._shapes.get(tensor) if isinstance(tensor, Tensor) else None

    def rank(self, tensor: object) -> int | None:
        """How many axes it has."""
        shape = self.shape(tensor)
        return None if shape is None else len(shape)


# ------------------------------------------- functions that are several of the table's


def _root(calls: CodeCalls, x: object) -> object:
    """K.sqrt, which takes what is negative for 0."""
    return calls.built("sqrt", [calls.built("maximum", [x, 0.0], {})], {})


def _hard_sigmoid(calls: CodeCalls, x: object) -> object:
    """As Keras 2 had it; that of Keras 3 is flatter."""
    line = calls.built("add", [calls.built("multiply", [x, 0.2], {}), 0.5], {})
    return calls.built("clip", [line, 0.0, 1.0], {})


def _relu(
    calls: CodeCalls, x: object, alpha: object = 0.0, max_value: object = None,
    threshold: object = 0.0,
) -> object:  # fmt: skip
    """K.relu, which may leak, end, and begin elsewhere."""
    if alpha in (0, None) and not threshold:
        above = calls.built("relu", [x], {})
    else:
        below = calls.built("multiply", [calls.built("subtract", [x, threshold], {}), alpha], {})
        above = calls.built("where", [calls.built("greater", [x, threshold], {}), x, below], {})
    return above if max_value is None else calls.built("minimum", [above, max_value], {})


def _elu(calls: CodeCalls, x: object, alpha: object = 1.0) -> object:
    """K.elu."""
    below = calls.built("multiply", [calls.built("expm1", [x], {}), alpha], {})
    return calls.built("where", [calls.built("greater", [x, 0], {}), x, below], {})


def _untrained(_: CodeCalls, __: object, otherwise: object, training: object = None) -> object:
    """K.in_train_phase, of which networks here are in the other phase."""
    if training:
        raise NotStraight
    return otherwise


def _floating(calls: CodeCalls, x: object) -> object:
    """K.cast_to_floatx."""
    return calls.built("cast", [x, "float32"], {})


def _repeat(calls: CodeCalls, x: object, n: object) -> object:
    """K.repeat: (samples, numbers) so many times."""
    return calls.built("repeat", [calls.built("expand_dims", [x, 1], {}), n, 1], {})


def _product_of_each(calls: CodeCalls, x: object, y: object, axes: object = None) -> object:
    """K.batch_dot: along an axis of each, sample by sample."""
    ranks = [calls.rank(x) or 0, calls.rank(y) or 0]
    stated = bare(axes)
    if stated is None:
        stated = [ranks[0] - 1, ranks[1] - (1 if ranks[1] == 2 else 2)]
    pair = stated if is_list(stated) else [stated, stated]
    along = [axis % rank for axis, rank in zip(pair, ranks, strict=True) if isinstance(axis, int)]
    if len(along) < 2 or 0 in along or max(ranks) > len(_AXES):
        raise NotStraight
    (first, at), (second, its_at) = zip((_AXES, _OTHER_AXES), along, strict=True)
    x_axes = f"s{first[: ranks[0] - 1]}"
    y_axes = f"s{second[: ranks[1] - 1]}"
    y_axes = y_axes.replace(y_axes[its_at], x_axes[at])
    rest = "".join(dict.fromkeys(x_axes + y_axes[1:])).replace(x_axes[at], "")
    product = calls.built("einsum", [f"{x_axes},{y_axes}->{rest}", x, y], {})
    return calls.built("expand_dims", [product, -1], {}) if len(rest) == 1 else product


def _dot(calls: CodeCalls, x: object, y: object) -> object:
    """K.dot of rows and a matrix."""
    rows = bare(y)
    is_matrix = is_list(rows) and all(is_list(row) for row in rows)
    if not is_matrix and (calls.rank(y) != 2 or calls.rank(x) is None):
        raise NotStraight
    return calls.built("matmul", [x, y], {})


def _switch(calls: CodeCalls, condition: object, then: object, other: object) -> object:
    """K.switch, whose condition may lack the last axes."""
    n_axes, rank = calls.rank(condition), calls.rank(then)
    if n_axes is None or rank is None or n_axes > rank:
        raise NotStraight
    for _ in range(rank - n_axes):
        condition = calls.built("expand_dims", [condition, -1], {})
    return calls.built("where", [condition, then, other], {})


def _look_up(calls: CodeCalls, params: object, ids: object) -> object:
    """tf.nn.embedding_lookup, for which a list is a table in pieces."""
    if not isinstance(params, Tensor):
        raise NotStraight
    return calls.called("tf.gather", [params, ids], {})


def _constant(_: CodeCalls, value: object) -> object:
    """Numbers stay what they are; a type of their own would count."""
    return value


_COMPOSED: Mapping[str, Callable[..., object]] = {
    "K.batch_dot": _product_of_each,
    "K.cast_to_floatx": _floating,
    "K.constant": _constant,
    "K.dot": _dot,
    "K.elu": _elu,
    "K.hard_sigmoid": _hard_sigmoid,
    "K.in_train_phase": _untrained,
    "K.relu": _relu,
    "K.repeat": _repeat,
    "K.sqrt": _root,
    "K.switch": _switch,
    "tf.constant": _constant,
    "tf.nn.embedding_lookup": _look_up,
}

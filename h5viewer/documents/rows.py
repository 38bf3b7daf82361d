"""Declared layers with their stored weights, as the rows that the window shows."""

from __future__ import annotations

from h5viewer.documents.assignment import Assignment, Assignments, NamedWeight
from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.guesses import axes_by_name
from h5viewer.documents.roles import Role, roles_of
from h5viewer.documents.shapes.axes import Axes
from h5viewer.documents.shapes.expected import shapes_of
from h5viewer.documents.stored import MISSING, StoredWeight
from h5viewer.documents.stored_names import NEVER_TRAINED, canonical_role
from h5viewer.documents.weight_parts import in_parts
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Layer, ParameterCount, Problem, Shape, Weight

_FREQUENCIES = (b"vars", b"idf_weights")  # of words: Keras keeps them, but in no variable


class Rows:
    """Makes layers one at a time; counts parameters, each dataset once."""

    def __init__(self, assignments: Assignments) -> None:
        self._assignments = assignments
        self._counted: set[NodePath] = set()
        self._named: set[str] = set()
        self.problems: list[Problem] = []
        self.n_trainable = 0
        self.n_fixed = 0
        self.n_expected = 0  # weights the file or the configuration names
        self.n_stored = 0
        self.n_layers = 0  # top-level ones

    @property
    def parameters(self) -> ParameterCount:
        """The totals of the rows made so far."""
        return ParameterCount(
            total=self.n_trainable + self.n_fixed,
            trainable=self.n_trainable,
            non_trainable=self.n_fixed,
        )

    def layer(
        self, declared: DeclaredLayer, *, is_trained: bool = True, may_miss: bool = True
    ) -> Layer:
        """The row of a declared layer with those below it.

        `may_miss`: weights of its class that are not stored are missing; False where the
        row above holds them.
        """
        is_trained = is_trained and declared.trainable is not False
        assignment = self._assignments.by_key.get(declared.key)
        known = roles_of(declared)
        if may_miss and known and not (assignment and assignment.weights):
            assignment = self._without_weights(declared, known, assignment)
        weights: tuple[Weight, ...] = ()
        if assignment is not None and assignment.weights:
            expected = _expected(declared, known)
            weights = tuple(
                self._weight(named, expected, is_trained=is_trained) for named in assignment.weights
            )
        own = sum(self._count(weights, assignment.weights)) if assignment is not None else 0
        judgement = self._judge(declared.name, weights, assignment.problem if assignment else "")
        below = self._layers_inside(declared, weights, is_trained=is_trained)
        return Layer(
            name=declared.name,
            class_name=declared.class_name or None,
            key=declared.key,
            n_parameters=own + sum(layer.n_parameters for layer in below) if below else own,
            trainable=False if not is_trained else declared.trainable,
            inputs=declared.inputs,
            output_shape=declared.output_shape,
            shape_note=declared.shape_note,
            multiply_adds=declared.multiply_adds,
            activation_bytes=None if declared.n_values is None else 4 * declared.n_values,
            weights=weights,
            layers=below,
            has_code=declared.has_code,
            problem=declared.problem or judgement,
        )

    def _layers_inside(
        self, declared: DeclaredLayer, weights: tuple[Weight, ...], *, is_trained: bool
    ) -> tuple[Layer, ...]:
        if not declared.layers:
            return ()
        is_passed_on = not weights and (declared.is_network or not declared.is_wrapper)
        is_passed_on = is_passed_on or declared.class_name == "TimeDistributed"
        return tuple(
            self.layer(inner, is_trained=is_trained, may_miss=is_passed_on)
            for inner in declared.layers
        )

    def extra(
        self,
        name: str,
        assignment: Assignment,
        key: tuple[int, ...],
        below: tuple[Layer, ...] = (),
    ) -> Layer:
        """A row that no configuration declares: a group of weights in the file."""
        self.n_layers += len(key) == 1
        weights = tuple(
            self._weight(named, None, is_trained=True, is_declared=False)
            for named in assignment.weights
        )
        counted = list(zip(weights, self._count(weights, assignment.weights), strict=True))
        problem = self._judge(name, weights, assignment.problem)
        return in_parts(plain(name), key, counted, below, problem)

    # ---------------------------------------------------------------- weights

    def _weight(
        self,
        named: NamedWeight,
        expected: dict[str, Axes | None] | None,
        *,
        is_trained: bool,
        is_declared: bool = True,
    ) -> Weight:
        stored, role = named.weight, named.role
        problem = stored.problem
        sized = expected.get(role.name) if expected and role is not None else None
        if sized is not None and not problem and stored.is_float:
            problem = _disagreement(stored.shape, sized)
        return Weight(
            name=plain(named.name),
            path=stored.path,
            shape=stored.shape,
            dtype=stored.dtype,
            axes=_axes(named),
            trainable=_is_trainable(named, is_trained=is_trained, is_declared=is_declared),
            problem=problem,
        )

    def _count(self, weights: tuple[Weight, ...], named: list[NamedWeight]) -> list[int]:
        """Parameters of each that are stored here and nowhere met before."""
        counts = [0] * len(weights)
        for i, (weight, each) in enumerate(zip(weights, named, strict=True)):
            self.n_expected += 1
            stored = each.weight
            if stored.path is None:
                continue
            self.n_stored += 1
            identity = stored.same_as or stored.path
            is_copy = each.role is not None and each.role.is_copy
            is_odd = not stored.is_number or _is_absurd(stored.shape)
            is_no_variable = stored.path[-2:] == _FREQUENCIES
            if identity in self._counted or is_copy or is_odd or is_no_variable:
                continue
            self._counted.add(identity)
            counts[i] = weight.n_parameters
            if weight.trainable is False:
                self.n_fixed += weight.n_parameters
            else:
                self.n_trainable += weight.n_parameters
        return counts

    def _without_weights(
        self, declared: DeclaredLayer, known: list[Role], assignment: Assignment | None
    ) -> Assignment:
        """A layer of a class that has weights, for which the file holds none."""
        problem = assignment.problem if assignment is not None else ""
        is_said_to_be_empty = assignment is not None and not problem
        known = [role for role in known if not (role.is_optional or role.is_copy)]
        if is_said_to_be_empty or not self._assignments.is_any_stored or declared.is_wrapper:
            return assignment or Assignment()
        if declared.name in self._named and not problem:
            problem = "The file stores the weights of one layer of this name, not of this one."
        return Assignment([_absent(role) for role in known], problem)

    def _judge(self, layer: str, weights: tuple[Weight, ...], problem: str) -> str:
        """One sentence about a layer's weights; all of them go to the problems."""
        self._named.add(layer)
        if not weights and not problem:
            return ""
        absent = [weight for weight in weights if weight.path is None]
        sentences = [problem] if problem else []
        if absent and len(absent) == len(weights):
            sentences.append("Its weights are missing from the file.")
        elif absent:
            sentences.append(f"{len(absent)} of its {len(weights)} weights are missing.")
        sentences += [
            f"“{weight.name}”: {weight.problem}"
            for weight in weights
            if weight.problem and weight.problem != MISSING
        ]
        self.problems += [Problem(where=layer, message=sentence) for sentence in sentences]
        return sentences[0] if sentences else ""


def _absent(role: Role) -> NamedWeight:
    return NamedWeight(role.name, StoredWeight(role.name, None, problem=MISSING), role)


def _expected(declared: DeclaredLayer, known: list[Role] | None) -> dict[str, Axes | None] | None:
    """The shape that each weight must have, by role."""
    if known is None:
        return None
    shapes = shapes_of(declared, known)
    return {role.name: shape for role, shape in zip(known, shapes, strict=True)}


def _axes(named: NamedWeight) -> tuple[str, ...]:
    shape = named.weight.shape
    if shape is None:
        return ()
    if named.role is not None and named.role.axes:
        return named.role.axes if len(named.role.axes) == len(shape) else ()
    return axes_by_name(named.name, shape)


def _is_trainable(named: NamedWeight, *, is_trained: bool, is_declared: bool) -> bool | None:
    role = canonical_role(named.name)
    if role.startswith(NEVER_TRAINED) or not named.weight.is_float:
        return False
    if named.role is not None and not named.role.trainable:
        return False
    if not is_declared:
        return None
    return is_trained


def _disagreement(shape: Shape | None, sizes: Axes) -> str:
    if shape is None or not sizes:
        return ""
    if len(shape) == len(sizes) and all(
        wanted is None or size == wanted for size, wanted in zip(shape, sizes, strict=True)
    ):
        return ""
    wanted_text = " × ".join("?" if size is None else str(size) for size in sizes)
    stored_text = " × ".join(str(size) for size in shape) or "a single number"
    return f"The file stores {stored_text}, the configuration says {wanted_text}."


def _is_absurd(shape: Shape | None) -> bool:
    total = 1
    for size in shape or ():
        total *= size
    return total > 2**60

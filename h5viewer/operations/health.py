"""The health report: one pass over the weights in bounded pieces, findings as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.declared import DeclaredLayer, every_layer
from h5viewer.documents.document import find_places
from h5viewer.documents.health import kinds, normalization, rank, scale, structure, units, values
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import KEPT_BYTES, Measured, Measuring
from h5viewer.documents.health.optimizer import StateVariable, optimizer_state
from h5viewer.documents.health.ranking import ranked
from h5viewer.documents.health.scale import Scale, scale_of
from h5viewer.documents.health.subject import Subject
from h5viewer.documents.health.untrained import Start, start_of, untrained
from h5viewer.documents.stored import datasets_below, group_at
from h5viewer.errors import H5ViewerError, TooLarge
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import NodePath
from h5viewer.nodes import Architecture, HealthFinding, HealthFindings, HealthReport, Layer, Layers
from h5viewer.operations import Operation
from h5viewer.operations.cuts import READ_BUDGET, require_numbers
from h5viewer.requests import CheckHealth, Progress
from h5viewer.wording import bytes_text

_BOX = 4 << 20  # bytes, of weights that are too large to be kept whole
_YIELD = 0.04  # seconds
_UNFOLDED = 100  # times the bytes stored: fill values or a bomb rather than weights

Judge = Callable[[Measured], Iterable[HealthFinding | None]]

JUDGES: tuple[Judge, ...] = (
    values.not_finite,
    normalization.moving_variance,
    units.dead_units,
    units.constant_units,
    units.duplicate_units,
    units.untrained_rows,
    rank.low_rank,
    values.float16,
    values.few_values,
)
"""What is found in one weight alone."""


def check_health(_request: CheckHealth, container: Container) -> Operation[HealthReport]:
    """Structure first, then weight by weight, then what needs all of them."""
    return (yield from _Checkup(container).run())


class _Checkup:
    """One report in the making."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._found: list[HealthFinding] = []
        self._told = 0
        self._starts: list[Start] = []
        self._scales: list[Scale] = []
        self._limits: list[str] = []
        self._n_bytes = 0
        self._seen: set[NodePath] = set()

    def run(self) -> Operation[HealthReport]:
        decoder = Decoder(self._container)
        layers: list[Layer] = []
        architecture = yield from _keeping(decoder.decode(), layers)
        declared = {layer.key: layer for layer in every_layer(decoder.declaration.layers)}
        subjects = list(self._subjects(layers, declared))
        self._check_structure(layers, subjects, is_declared=bool(declared))
        yield from self._tell()
        yield from self._check_values(subjects)
        self._found += untrained(self._starts)
        self._found += scale.out_of_scale(self._scales)
        training = architecture.training
        optimizer = training.optimizer_class if training is not None else None
        yield from self._check_optimizer(subjects, optimizer or "")
        yield from self._tell()
        return HealthReport(
            n_weights=len(self._seen),
            n_layers=len({subject.layer.key for subject in subjects}),
            n_bytes=self._n_bytes,
            findings=ranked(self._found),
            limits=tuple(self._limits),
        )

    def _tell(self) -> Iterator[HealthFindings]:
        """What was found since the last time."""
        if len(self._found) > self._told:
            yield HealthFindings(findings=tuple(self._found[self._told :]))
            self._told = len(self._found)

    def _subjects(
        self, layers: Sequence[Layer], declared: dict[tuple[int, ...], DeclaredLayer]
    ) -> Iterator[Subject]:
        """Every stored weight of every layer; those of several layers with each of them."""
        waiting = [(layer, False) for layer in reversed(layers)]
        while waiting:
            layer, is_frozen = waiting.pop()
            is_frozen = is_frozen or layer.trainable is False
            for weight in layer.weights:
                if weight.path is not None:
                    yield Subject(layer, weight, declared.get(layer.key), is_frozen)
            waiting += [(inner, is_frozen) for inner in reversed(layer.layers)]

    # -------------------------------------------------------------- structure

    def _check_structure(
        self, layers: Sequence[Layer], subjects: Sequence[Subject], *, is_declared: bool
    ) -> None:
        waiting = list(reversed(layers))
        while waiting:
            layer = waiting.pop()
            self._found += structure.missing_weights(layer)
            waiting += reversed(layer.layers)
        self._found += structure.left_over(layers, is_declared=is_declared)
        for subject in subjects:
            self._found += structure.shape_mismatch(subject)
        self._found += structure.frozen(layers)

    def _check_optimizer(self, subjects: Sequence[Subject], optimizer: str) -> Iterator[Progress]:
        places = find_places(self._container)
        if not places.has_network or group_at(self._container, places.optimizer) is None:
            return
        variables: list[StateVariable] = []
        for node in datasets_below(self._container, places.optimizer):
            variables.append(StateVariable(node.path, node.shape or ()))
            if len(variables) % 100 == 0:
                yield Progress(done=len(variables), unit="variables")
        self._found += optimizer_state(variables, subjects, optimizer)

    # ----------------------------------------------------------------- values

    def _check_values(self, subjects: Sequence[Subject]) -> Operation[None]:
        arrays: list[tuple[Subject, StoredArray]] = []
        total = 0
        for subject in subjects:
            if subject.path in self._seen:
                continue
            self._seen.add(subject.path)
            array = self._container.array(subject.path)
            if array.facts.dtype.kind in ("float", "bfloat16"):
                arrays.append((subject, array))
                total += array.cost(whole(array.facts.shape or ()))
        due = time.monotonic() + _YIELD
        for subject, array in arrays:
            for _ in self._check_weight(subject, array):
                if time.monotonic() >= due:
                    yield Progress(done=min(self._n_bytes, total), total=total, unit="bytes")
                    due = time.monotonic() + _YIELD
            yield from self._tell()

    def _check_weight(self, subject: Subject, array: StoredArray) -> Iterator[None]:
        """Measure and judge one weight; yields where time passes."""
        try:
            require_numbers(array.facts, insist=False)
            measured = yield from self._measured(subject, array)
        except H5ViewerError as error:
            message = f"It could not be looked at: {error.message}"
            self._found.append(
                of_weight(kinds.UNREADABLE, "serious", subject, 1, limits.STRUCTURE, message)
            )
            return
        if not measured.counted.count:
            return
        for judge in JUDGES:
            for found in judge(measured):
                if found is not None:
                    self._found.append(found)
                yield
        start, scale_found = start_of(measured), scale_of(measured)
        self._starts += [start] if start is not None else []
        self._scales += [scale_found] if scale_found is not None else []

    def _measured(self, subject: Subject, array: StoredArray) -> Generator[None, None, Measured]:
        region = whole(array.facts.shape or ())
        cost = array.cost(region)
        if cost > max(READ_BUDGET, _UNFOLDED * array.facts.stored_bytes):
            raise TooLarge(f"it unfolds to {bytes_text(cost)}.")
        measuring = Measuring(subject, array.facts.dtype.itemsize)
        boxes = array.boxes(region, KEPT_BYTES if cost <= KEPT_BYTES else _BOX)
        with closing(array.process(boxes, measuring.take)) as pieces:
            for box, piece in pieces:
                measuring.add(box, piece)
                self._n_bytes += array.cost(box)
                yield
        return measuring.measured()


def _keeping(
    decoding: Generator[Progress | Layers, None, Architecture], layers: list[Layer]
) -> Generator[Progress, None, Architecture]:
    """Hand on the progress, take the layers."""
    while True:
        try:
            part = next(decoding)
        except StopIteration as end:
            architecture: Architecture = end.value
            return architecture
        if isinstance(part, Layers):
            layers += part.layers
        else:
            yield part

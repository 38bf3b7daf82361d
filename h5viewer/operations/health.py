"""The health report: one pass over the weights in bounded pieces, findings as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing

from h5viewer.documents.declared import every_layer
from h5viewer.documents.document import find_places, lists_weights
from h5viewer.documents.health import kinds, normalization, rank, scale, structure, units, values
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import KEPT_BYTES, Measured, Measuring, Room
from h5viewer.documents.health.ranking import MOST_FINDINGS, ranked
from h5viewer.documents.health.scale import Scale, scale_of
from h5viewer.documents.health.structure import Unclaimed
from h5viewer.documents.health.subject import Subject, subjects_of
from h5viewer.documents.health.untrained import Start, start_of, untrained
from h5viewer.documents.saved_state import NOT_WEIGHTS, SEEDS
from h5viewer.documents.stored import datasets_below, group_at
from h5viewer.documents.weight_rows import listed_weights
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import NodePath, plain
from h5viewer.nodes import (
    HealthFinding,
    HealthFindings,
    HealthReport,
    Layer,
    Training,
    Weight,
)
from h5viewer.operations import Operation
from h5viewer.operations.checkpoint_checksums import wrong_checksums
from h5viewer.operations.cuts import require_numbers
from h5viewer.operations.network import known_network
from h5viewer.operations.optimizer_health import check_optimizer
from h5viewer.operations.unfolding import Unfolding
from h5viewer.requests import CheckHealth, Progress
from h5viewer.wording import bytes_text, count_text, plural

_BOX = 1 << 20  # bytes; larger ones leave the processor's cache
_YIELD = 0.04  # seconds

_NOT_LAYERS = NOT_WEIGHTS | SEEDS

Judge = Callable[[Measured], Iterable[HealthFinding | None]]

JUDGES: tuple[Judge, ...] = (
    values.not_finite,
    normalization.moving_variance,
    units.dead_units,
    units.constant_units,
    units.unit_scale,
    units.duplicate_units,
    units.untrained_rows,
    rank.low_rank,
    values.large_values,
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
        self._places = find_places(container)
        self._is_named = lists_weights(container, self._places)
        self._found: list[HealthFinding] = []
        self._told = 0
        self._starts: list[Start] = []
        self._scales: list[Scale] = []
        self._limits: list[str] = []
        self._n_in_part = 0  # weights too large for all of their values to be kept
        self._unfolding = Unfolding()
        self._room = Room()
        self._n_bytes = 0
        self._seen: set[NodePath] = set()

    def run(self) -> Operation[HealthReport]:
        if self._places.has_network or self._is_named:
            network = yield from known_network(self._container)
            layers, training = network.layers, network.training
            declared = {layer.key: layer for layer in every_layer(network.declaration.layers)}
        else:
            layers, training, declared = (yield from self._groups_of_weights()), None, {}
        subjects = list(subjects_of(layers, declared))
        unclaimed = (yield from self._unclaimed(subjects)) if declared else []
        self._found += structure.findings(layers, declared, subjects, unclaimed)
        yield from self._tell()
        yield from self._check_values(subjects)
        self._found += untrained(self._starts)
        self._found += scale.out_of_scale(self._scales)
        yield from self._check_optimizer(subjects, training)
        if isinstance(self._container, CheckpointContainer):
            self._found += yield from wrong_checksums(self._container)
        yield from self._tell()
        findings = ranked(self._found)
        if self._n_in_part:
            self._limits.append(_in_part_text(self._n_in_part))
        if len(findings) > MOST_FINDINGS:
            left_out = plural(len(findings) - MOST_FINDINGS, "more finding")
            self._limits.append(f"{left_out}, none graver than those listed.")
        return HealthReport(
            n_weights=len(self._seen),
            n_layers=len({subject.layer.key for subject in subjects}),
            n_bytes=self._n_bytes,
            findings=findings[:MOST_FINDINGS],
            limits=tuple(self._limits),
        )

    def _tell(self) -> Iterator[HealthFindings]:
        """What was found since the last time."""
        if len(self._found) > self._told:
            yield HealthFindings(findings=tuple(self._found[self._told :]))
            self._told = len(self._found)

    def _groups_of_weights(self) -> Generator[Progress, None, list[Layer]]:
        """A checkpoint declares no layers; its weights are grouped by their names."""
        if self._container.format_hint != "tf-checkpoint":
            raise CannotRead(
                f"{self._container.source.name} holds no network, so there is nothing to check.",
                hint="Choose a model, a file of weights or a checkpoint.",
            )
        groups: dict[str, list[Weight]] = {}
        for listed in listed_weights(self._container, with_state=False):
            if listed is None:
                yield Progress(done=len(groups), unit="layers")
                continue
            shape = self._container.array(listed.path).facts.shape
            weight = Weight(name=listed.name, path=listed.path, shape=shape, dtype="")
            groups.setdefault(listed.layer, []).append(weight)
        return [
            Layer(name=name, class_name=None, key=(i,), weights=tuple(weights))
            for i, (name, weights) in enumerate(groups.items())
        ]

    def _unclaimed(self, subjects: Sequence[Subject]) -> Generator[Progress, None, list[Unclaimed]]:
        """Stored weights that no layer has got."""
        claimed = {subject.path for subject in subjects}
        claimed |= {same for path in claimed if (same := self._container.array(path).facts.same_as)}
        root, is_numbered = self._places.weights, self._places.is_numbered
        found: list[Unclaimed] = []
        for n_seen, node in enumerate(datasets_below(self._container, root)):
            if n_seen % 200 == 199:
                yield Progress(done=n_seen, unit="weights")
            inside = node.path[len(root) :]
            is_other = is_numbered and not {plain(part) for part in inside}.isdisjoint(_NOT_LAYERS)
            if node.path in claimed or is_other or node.dtype.kind not in ("float", "bfloat16"):
                continue
            found.append(Unclaimed(node.path, root, node.n_elements, is_numbered))
        return found

    def _check_optimizer(
        self, subjects: Sequence[Subject], training: Training | None
    ) -> Generator[Progress, None, None]:
        group = self._places.optimizer
        if not self._places.has_network or group_at(self._container, group) is None:
            return
        is_missing = any(each.kind == kinds.MISSING_WEIGHTS.word for each in self._found)
        known = [] if is_missing else subjects  # the state may be for what is missing
        optimizer = (training.optimizer_class or "") if training is not None else ""
        self._found += yield from check_optimizer(
            self._container, group, known, optimizer, self._unfolding
        )

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
            n = array.facts.n_elements
            values = "value" if n == 1 else "values"
            message = f"Its {count_text(n)} {values} could not be looked at: {error.message}"
            self._found.append(
                of_weight(kinds.UNREADABLE, "serious", subject, n, limits.READABLE, message)
            )
            return
        if not measured.counted.count:
            return
        self._n_in_part += not measured.is_whole
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
        self._unfolding.allow(array, region)
        measuring = Measuring(subject, array.facts.dtype.itemsize, self._room)
        is_in_rows = measuring.takes_whole_units(next(array.boxes(region, _BOX), region))
        is_kept = cost <= KEPT_BYTES and not is_in_rows
        boxes = array.boxes(region, KEPT_BYTES if is_kept else _BOX)
        with closing(array.process(boxes, measuring.take)) as pieces:
            for box, piece in pieces:
                measuring.add(box, piece)
                self._n_bytes += array.cost(box)
                yield
        return measuring.measured()


def _in_part_text(n_weights: int) -> str:
    weights = "weight is" if n_weights == 1 else "weights are"
    return (
        f"{n_weights:,} {weights} larger than {bytes_text(KEPT_BYTES)}: duplicates, rank and "
        "distribution were judged by rows spread evenly, the rest by all values."
    )

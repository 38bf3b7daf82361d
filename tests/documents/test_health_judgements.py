"""What the health report measures and judges, number by number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5viewer.documents.health import kinds, thresholds
from h5viewer.documents.health.initializers import fit_of
from h5viewer.documents.health.kinds import Kind
from h5viewer.documents.health.measured import KEPT_BYTES, Measured, Measuring
from h5viewer.documents.health.normalization import moving_variance
from h5viewer.documents.health.optimizer import StateVariable, optimizer_state
from h5viewer.documents.health.rank import participation, rank_share
from h5viewer.documents.health.scale import Scale, out_of_scale
from h5viewer.documents.health.subject import Subject
from h5viewer.documents.health.thresholds import Threshold
from h5viewer.documents.health.units import dead_units, duplicate_units
from h5viewer.formats.boxes import Box, whole
from h5viewer.nodes import HealthFinding, Layer, Weight

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
DENSE = ("in", "out")


def subject(shape: tuple[int, ...], axes: tuple[str, ...] = DENSE, name: str = "kernel") -> Subject:
    weight = Weight(name=name, path=(b"dense", b"kernel"), shape=shape, dtype="f4", axes=axes)
    layer = Layer(name="dense", class_name="Dense", key=(0,), weights=(weight,))
    return Subject("dense", layer, weight, None)


def measured(
    values: np.ndarray, axes: tuple[str, ...] = DENSE, boxes: list[Box] | None = None
) -> Measured:
    measuring = Measuring(subject(values.shape, axes), 4)
    for box in boxes or [whole(values.shape)]:
        measuring.add(box, measuring.take(box, values[box]))
    return measuring.measured()


def found(findings: Iterator[HealthFinding | None]) -> list[HealthFinding]:
    return [finding for finding in findings if finding is not None]


# --------------------------------------------------------------------- measuring


@given(st.integers(1, 9), st.integers(1, 7), st.lists(st.integers(0, 9), max_size=3), st.randoms())
@settings(max_examples=60, deadline=None)
def test_pieces_add_up_to_the_whole(
    rows: int, columns: int, cuts: list[int], random: object
) -> None:
    values = np.random.default_rng(rows * 10 + columns).normal(size=(rows, columns)).astype("f4")
    values[values > 1.5] = np.nan
    values[values < -1.5] = 0
    edges = sorted({0, rows, *(cut for cut in cuts if cut < rows)})
    boxes = [(slice(a, b), slice(0, columns)) for a, b in pairwise(edges)]
    whole_one, pieces = measured(values), measured(values, boxes=boxes)
    assert pieces.counted.count == values.size
    assert pieces.counted.n_nan == np.isnan(values).sum()
    assert pieces.counted.n_zero == (values == 0).sum()
    assert pieces.counted.squares == pytest.approx(whole_one.counted.squares)
    assert pieces.counted.low == whole_one.counted.low
    np.testing.assert_array_equal(pieces.unit_low, whole_one.unit_low)
    np.testing.assert_array_equal(pieces.unit_high, whole_one.unit_high)
    np.testing.assert_array_equal(pieces.kept, whole_one.kept)


@pytest.mark.parametrize(
    ("axes", "shape", "n_units", "fan_in"),
    [
        (("in", "out"), (5, 3), 3, 5),
        (("kernel height", "kernel width", "in", "out"), (3, 3, 4, 6), 6, 36),
        (("out", "in", "kernel height", "kernel width"), (6, 4, 3, 3), 6, 36),
        (("kernel height", "kernel width", "in", "multiplier"), (3, 3, 4, 2), 8, 9),
        (("in", "head", "dimension"), (5, 2, 3), 6, 5),
        (("head", "dimension", "out"), (2, 3, 5), 5, 6),
        (("token", "dimension"), (7, 4), 7, 4),
        (("in", "gates"), (5, 12), 12, 5),
    ],
)
def test_units_are_what_the_axes_say(
    axes: tuple[str, ...], shape: tuple[int, ...], n_units: int, fan_in: int
) -> None:
    values = np.arange(1, math.prod(shape) + 1, dtype="f4").reshape(shape)
    found = measured(values, axes)
    assert found.subject.n_units == n_units
    assert found.fan_in == fan_in
    assert found.unit_low is not None
    assert found.unit_low.size == n_units


def test_squares_of_huge_values_do_not_overflow() -> None:
    values = np.full((4, 4), 1e300)
    assert math.isfinite(measured(values).counted.rms)


# ------------------------------------------------------------------------- units


def test_dead_units_are_numbered_from_zero() -> None:
    values = np.random.default_rng(0).normal(size=(20, 30))
    values[:, [0, 4]] = 0
    [dead] = found(dead_units(measured(values)))
    assert dead.message == "2 of 30 units are all zero (numbers 0, 4)."
    assert dead.gravity == "note"


def test_many_dead_units_are_a_warning() -> None:
    values = np.random.default_rng(0).normal(size=(20, 30))
    values[:, :3] = 0
    [dead] = found(dead_units(measured(values)))
    assert dead.gravity == "warning"


def test_a_unit_turned_around_is_no_duplicate() -> None:
    values = np.random.default_rng(0).normal(size=(20, 30))
    values[:, 3] = -values[:, 4]
    assert found(duplicate_units(measured(values))) == []


def test_groups_of_duplicates_count_all_but_the_first() -> None:
    values = np.random.default_rng(0).normal(size=(20, 1300))
    values[:, [3, 700, 1299]] = values[:, [0]]
    values[:, 8] = 3 * values[:, 7]
    [same] = found(duplicate_units(measured(values)))
    assert same.message.startswith("4 of 1,300 units repeat another one (cosine 1.000000)")
    assert "(numbers 3, 8, 700, 1299)" in same.message


# -------------------------------------------------------------------------- rank


@given(st.integers(2, 12), st.integers(16, 40), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_participation_is_never_above_the_effective_rank(rank: int, n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(50, rank)) @ random.normal(size=(rank, n)) ** 3
    assert participation(matrix) <= rank_share(matrix) * (1 + 1e-4)


def test_effective_rank_is_that_of_the_singular_values() -> None:
    matrix = np.random.default_rng(1).normal(size=(60, 24))
    singular = np.linalg.svd(matrix, compute_uv=False)
    shares = singular / singular.sum()
    assert rank_share(matrix) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()) / 24)


# ------------------------------------------------------------------- initializers

_SHAPE = (3, 3, 8, 24)
_FAN_IN, _FAN_OUT = 72, 216
_CONVOLUTION = ("kernel height", "kernel width", "in", "out")


def truncated(std: float) -> np.ndarray:
    """As Keras draws: beyond two standard deviations anew."""
    random = np.random.default_rng(3)
    wide = std / 0.87962566103423978
    values = random.normal(0, wide, 4 * math.prod(_SHAPE))
    return values[np.abs(values) < 2 * wide][: math.prod(_SHAPE)].reshape(_SHAPE)


def uniform(limit: float) -> np.ndarray:
    return np.random.default_rng(3).uniform(-limit, limit, _SHAPE)


DRAWN = {
    "glorot_uniform": uniform(math.sqrt(6 / (_FAN_IN + _FAN_OUT))),
    "he_uniform": uniform(math.sqrt(6 / _FAN_IN)),
    "he_normal": truncated(math.sqrt(2 / _FAN_IN)),
    "glorot_normal": truncated(math.sqrt(2 / (_FAN_IN + _FAN_OUT))),
    "random_uniform": uniform(0.05),
    "random_normal": np.random.default_rng(3).normal(0, 0.05, _SHAPE),
    "zeros": np.zeros(_SHAPE),
}


@pytest.mark.parametrize("name", DRAWN)
def test_what_an_initializer_draws_fits_it_and_no_other(name: str) -> None:
    values = measured(DRAWN[name].astype("f4"), _CONVOLUTION)
    fits = {
        other
        for other in DRAWN
        if (fit := fit_of(values, other, other)) and fit.statistic < thresholds.UNTRAINED.value
    }
    assert fits == {name}


def test_an_orthogonal_kernel_is_known_by_its_angles() -> None:
    matrix = np.linalg.qr(np.random.default_rng(2).normal(size=(24, 24)))[0].astype("f4")
    assert fit_of(measured(matrix), "orthogonal", "orthogonal") is not None
    matrix[3, 4] += 0.01
    assert fit_of(measured(matrix), "orthogonal", "orthogonal") is None


def test_one_value_beyond_the_limit_is_enough_to_be_trained() -> None:
    values = DRAWN["glorot_uniform"].astype("f4")
    values[0, 0, 0, 0] = 1.01 * math.sqrt(6 / (_FAN_IN + _FAN_OUT))
    assert fit_of(measured(values, _CONVOLUTION), None, "glorot_uniform") is None


# -------------------------------------------------------------------------- scale


def test_the_odd_one_out_is_found_among_its_kind() -> None:
    scales = [Scale(subject((4, 4)), gain) for gain in (1.0, 0.8, 1.3, 90.0)]
    [odd] = found(out_of_scale(scales))
    assert odd.value == pytest.approx(90 / 1.15)
    assert odd.message.startswith("Its scale is 90, 78 times the median of 4 kernels of its kind")


def test_two_layers_say_nothing_about_scale() -> None:
    assert found(out_of_scale([Scale(subject((4, 4)), gain) for gain in (1.0, 900.0)])) == []


# ---------------------------------------------------------------------- optimizer


def states(*shapes: tuple[int, ...]) -> list[StateVariable]:
    return [StateVariable((b"optimizer", str(i).encode()), shape) for i, shape in enumerate(shapes)]


def subjects(*shapes: tuple[int, ...]) -> list[Subject]:
    made = []
    for i, shape in enumerate(shapes):
        weight = Weight(name="kernel", path=(str(i).encode(),), shape=shape, dtype="f4")
        made.append(
            Subject("dense", Layer(name="dense", class_name="Dense", key=(i,)), weight, None)
        )
    return made


@pytest.mark.parametrize("n_slots", [1, 2, 3])
def test_an_optimizer_keeps_as_many_arrays_for_each_weight(n_slots: int) -> None:
    shapes = [(4, 3), (3,), (3, 2), (2,)]
    state = states((), *(shapes * n_slots))
    assert found(optimizer_state(state, subjects(*shapes), "Adam")) == []


def test_weights_that_are_not_trained_have_no_state() -> None:
    state = states((), (4, 3), (4, 3))
    assert found(optimizer_state(state, subjects((4, 3), (9, 9)), "Adam")) == []


def test_a_shape_that_no_weight_has_does_not_fit() -> None:
    state = states((), (4, 3), (4, 7))
    [odd] = found(optimizer_state(state, subjects((4, 3)), "Adam"))
    assert odd.value == 1
    assert odd.path == (b"optimizer", b"2")


def test_too_many_arrays_of_a_shape_do_not_fit() -> None:
    state = states((4, 3), (4, 3), (5, 5), (5, 5), (5, 5))
    [odd] = found(optimizer_state(state, subjects((4, 3), (5, 5)), "Adam"))
    assert "3 arrays of shape (5, 5) for 1 weight of that shape" in odd.message


def test_sums_over_rows_and_columns_are_not_expected_to_fit() -> None:
    state = states((4,), (3,))
    assert found(optimizer_state(state, subjects((4, 3)), "Adafactor")) == []


# ---------------------------------------------------------------------- documents


def test_the_readme_lists_every_kind_of_finding() -> None:
    words = [each.word for each in vars(kinds).values() if isinstance(each, Kind)]
    listed = re.search(r"`kind` is one of: ([\w,\s]+)\.", README)
    assert listed is not None
    assert sorted(re.findall(r"\w+", listed[1])) == sorted(words)


def test_every_threshold_says_where_it_comes_from() -> None:
    for name, each in vars(thresholds).items():
        if isinstance(each, Threshold):
            assert each.source.endswith("."), name
            assert each.quantity, name


# ------------------------------------------------------------------ normalisation


@pytest.mark.parametrize(("lowest", "gravity"), [(-0.5, "serious"), (-1e-6, "warning")])
def test_a_negative_variance_is_serious_where_its_root_is_nan(lowest: float, gravity: str) -> None:
    measuring = Measuring(subject((8,), ("channel",), "moving_variance"), 4)
    values = np.ones(8, "f4")
    values[3] = lowest
    measuring.add(whole((8,)), measuring.take(whole((8,)), values))
    [negative] = found(moving_variance(measuring.measured()))
    assert negative.gravity == gravity
    assert negative.message.startswith("The variance of 1 of 8 channels is negative")


def test_of_a_wide_weight_no_more_is_kept_than_of_others() -> None:
    values = np.random.default_rng(0).normal(size=(400, 70_000)).astype("f4")
    boxes = [(slice(row, row + 1), slice(0, 70_000)) for row in range(400)]
    found = measured(values, boxes=boxes)
    assert found.kept is not None
    assert found.kept.nbytes <= KEPT_BYTES + values[:1].nbytes
    assert not found.is_whole
    np.testing.assert_array_equal(found.kept, values[:: 400 // len(found.kept)][: len(found.kept)])


def test_units_that_repeat_are_found_wherever_they_stand() -> None:
    values = np.random.default_rng(0).normal(size=(2000, 700)).astype("f4")
    values[values > -2] = 0  # mostly zeros, as in a pruned network
    for copy, original in ((300, 2), (301, 2), (699, 650), (3, 1)):
        values[:, copy] = 3 * values[:, original]
    [same] = found(duplicate_units(measured(values)))
    assert same.message.startswith("4 of 700 units repeat another one")
    assert "(numbers 3, 300, 301, 699)" in same.message

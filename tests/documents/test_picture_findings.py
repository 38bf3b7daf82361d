"""Numbers of pictures: equal for equal ones, near for alike ones, and found among many."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from decoding import run
from faulty_pictures import pictures, softened
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.colours import are_exchanged, count_colours
from h5viewer.documents.picture_findings.details import Close
from h5viewer.documents.picture_findings.duplicates import _components
from h5viewer.documents.picture_findings.likeness import alike
from h5viewer.documents.picture_findings.measures import Measures, Measuring, averages, joined
from h5viewer.nodes import PictureLayout


def layout_of(x: NDArray[Any]) -> PictureLayout:
    return PictureLayout(
        axes="nhwc", height=x.shape[1], width=x.shape[2], channels=x.shape[3], low=0, high=255
    )


def measured(x: NDArray[Any]) -> Measures:
    return Measuring(layout_of(x), x.dtype).take(x)


def pairs_of(patterns: NDArray[np.int8], owners: NDArray[Any] | None = None) -> NDArray[np.int64]:
    return run(alike(patterns, np.zeros(len(patterns), np.intp) if owners is None else owners))[0]


@settings(deadline=None, max_examples=200)
@given(
    side=st.integers(8, 13),
    dtype=st.sampled_from(["u1", "i2", "f4", "f8"]),
    places=st.lists(st.integers(0, 10**6), min_size=1, max_size=4, unique=True),
    bit=st.integers(0, 7),
)
def test_any_change_changes_the_content(side: int, dtype: str, places: list[int], bit: int) -> None:
    x = np.repeat(pictures(1, side).astype(dtype), 2, axis=0)
    stored = x[1].reshape(-1).view(np.uint8)
    for place in {place % len(stored) for place in places}:
        stored[place] ^= 1 << bit
    found = measured(x).content
    assert found[0] != found[1]


def test_parts_measured_alone_are_the_same(tmp_path: object) -> None:
    x = pictures(30, 20)
    measuring = Measuring(layout_of(x), x.dtype)
    parts = joined([measuring.take(x[start : start + 7]) for start in range(0, 30, 7)])
    whole = measuring.take(x)
    for name in Measures.__struct_fields__:
        assert np.array_equal(getattr(parts, name), getattr(whole, name)), name
    assert joined([]).length == 0


@pytest.mark.parametrize("side", [8, 9, 28, 64, 100])
def test_pattern_is_the_mean_of_cells(side: int) -> None:
    x = pictures(5, side)
    rows = averages(side, 8)
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
    if side < 64:  # of larger ones rows are skipped
        cells = np.einsum("ih,nhwc,jw->nij", rows, x.astype(float), rows).reshape(5, 64) / 3
        wanted = cells - cells.mean(axis=1, keepdims=True)
        wanted *= 32 / wanted.std(axis=1, keepdims=True)
        assert np.abs(measured(x).pattern - np.clip(wanted, -127, 127)).max() <= 0.51


def test_pattern_is_the_same_in_another_light_and_size() -> None:
    x = pictures(4, 64)
    dim = (x * 0.5 + 10).astype(np.uint8)
    half = x.reshape(4, 32, 2, 32, 2, 3).mean(axis=(2, 4)).astype(np.float32) / 255
    for other in (dim, half):
        assert np.abs(measured(other).pattern.astype(int) - measured(x).pattern).max() <= 10


def test_alike_pictures_are_found_among_thousands() -> None:
    x = pictures(3000, 16)
    copies = np.stack([softened(each) for each in x[::30]])
    found = pairs_of(measured(np.concatenate([x, copies])).pattern)
    assert {(30 * number, 3000 + number) for number in range(100)} == set(map(tuple, found))


def test_all_frames_of_one_film_are_tied_together() -> None:
    frame = pictures(1, 16)
    noise = np.random.default_rng(0).normal(0, 3, (800, 16, 16, 3))
    x = np.clip(frame + noise, 0, 255).astype(np.uint8)
    pairs = pairs_of(measured(x).pattern)
    assert len(pairs) < 800 * 40
    assert set(_components(800, pairs)) == {0}


def test_partners_in_other_sets_are_found_beside_many_in_the_own() -> None:
    frame = pictures(1, 16)
    noise = np.random.default_rng(0).normal(0, 3, (400, 16, 16, 3))
    x = np.clip(frame + noise, 0, 255).astype(np.uint8)
    owners = np.zeros(400, np.intp)
    owners[390:] = 1
    pairs = pairs_of(measured(x).pattern, owners)
    across = pairs[owners[pairs[:, 0]] != owners[pairs[:, 1]]]
    assert set(across[:, 1]) == set(range(390, 400))


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_pictures_are_compared_as_well(n: int) -> None:
    x = np.repeat(pictures(1), n, axis=0)
    assert pairs_of(measured(x).pattern if n else np.zeros((0, 64), np.int8)).tolist() == (
        [[0, 1]] if n == 2 else []
    )


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_groups_are_what_pairs_tie_together(pairs: list[tuple[int, int]]) -> None:
    groups = [{n} for n in range(20)]
    for one, other in pairs:
        a, b = (next(group for group in groups if n in group) for n in (one, other))
        if a is not b:
            groups.remove(b)
            a |= b
    wanted = [min(next(group for group in groups if n in group)) for n in range(20)]
    found = _components(20, np.array(pairs, np.intp).reshape(-1, 2))
    assert found.tolist() == wanted


def test_close_look_needs_shape_and_colours() -> None:
    x = pictures(3, 64)
    layout = layout_of(x)
    close = Close([layout])
    others = np.stack([softened(x[0]), x[1][..., ::-1], x[0]])
    seen = np.concatenate([close.take(x, layout), close.take(others, layout)])
    pairs = np.array([[0, 3], [1, 4], [2, 5], [0, 5]])
    coloured = np.ones(6, bool)
    assert np.concatenate(list(close.alike(seen, pairs, coloured))).tolist() == [
        True, False, False, True,
    ]  # fmt: skip
    grey = np.concatenate(list(close.alike(seen, pairs, ~coloured)))
    assert grey.tolist() == [True, True, False, True]


def test_exchanged_colours_are_told_by_dark_pixels() -> None:
    x = pictures(60)
    layout = layout_of(x)
    assert not are_exchanged(count_colours(x, layout))
    assert are_exchanged(count_colours(x[..., ::-1], layout))
    blue_alone = x * np.array([0, 0.2, 0.9])
    assert not are_exchanged(count_colours(blue_alone, layout))
    assert not are_exchanged(count_colours(x[:5, ..., ::-1], layout))

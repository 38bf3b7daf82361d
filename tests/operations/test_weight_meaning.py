"""Numbers of the Weight panel equal numpy's, and memory and time stay bounded."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from answering import answer
from decoding import functional, layer_entry, opened, run, write_archive

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.operations import neighbours, parts, singular_values
from h5viewer.operations.parts import read_parts
from h5viewer.requests import (
    Block,
    ReadGallery,
    ReadNeighbours,
    ReadNorms,
    ReadOrdered,
    ReadParts,
    ReadProjection,
    ReadSingularValues,
)

RANDOM = np.random.default_rng(0)
KERNEL = RANDOM.standard_normal((3, 5, 4, 6)).astype(np.float32)


def _file(path: Path, values: np.ndarray, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **options)
    return path


# ----------------------------------------------------------------------- filters


def test_filters_are_the_stored_numbers(tmp_path: Path) -> None:
    """One input channel of each filter; any layout, chunked or not."""
    path = _file(tmp_path / "x.h5", KERNEL, chunks=(3, 5, 1, 2), compression="gzip")
    found = answer(path, ReadGallery, height=0, width=1, filters=3, index=(0, 0, 2, 0))
    assert found.total == 6
    np.testing.assert_array_equal(found.values.values, np.moveaxis(KERNEL[:, :, 2, :], 2, 0))


def test_filters_come_in_pages(tmp_path: Path) -> None:
    """`start` and `count`; a page beyond the end is the last that there is."""
    path = _file(tmp_path / "x.h5", KERNEL)
    found = answer(path, ReadGallery, height=0, width=1, filters=3, start=4, count=64)
    assert (found.start, found.values.shape) == (4, (2, 3, 5))
    np.testing.assert_array_equal(found.values.values[0], KERNEL[:, :, 0, 4])


def test_three_channels_are_colours_in_theanos_order_too(tmp_path: Path) -> None:
    """(out, in, height, width): the picture has red, green, blue last."""
    values = RANDOM.standard_normal((7, 3, 4, 5)).astype(np.float32)
    path = _file(tmp_path / "x.h5", values)
    found = answer(path, ReadGallery, height=2, width=3, filters=0, colours=1)
    np.testing.assert_array_equal(found.values.values, values.transpose(0, 2, 3, 1))


def test_axes_that_are_not_there_are_refused(tmp_path: Path) -> None:
    """A request from a stale window."""
    path = _file(tmp_path / "x.h5", KERNEL)
    with pytest.raises(CannotRead):
        answer(path, ReadGallery, height=0, width=9, filters=3)
    with pytest.raises(CannotRead):
        answer(path, ReadGallery, height=0, width=0, filters=3)


# ------------------------------------------------------------------------- norms


@pytest.mark.parametrize("axis", [0, 2, 3])
def test_norms_equal_numpys(tmp_path: Path, axis: int) -> None:
    """Along any axis, over several chunks."""
    path = _file(tmp_path / "x.h5", KERNEL, chunks=(2, 2, 3, 4))
    found = answer(path, ReadNorms, axis=axis)
    others = tuple(a for a in range(4) if a != axis)
    exact = KERNEL.astype(np.float64)
    np.testing.assert_allclose(found.l1.values, np.abs(exact).sum(axis=others), rtol=1e-12)
    np.testing.assert_allclose(found.l2.values, np.sqrt((exact**2).sum(axis=others)), rtol=1e-12)
    np.testing.assert_array_equal(found.largest.values, np.abs(KERNEL).max(axis=others))


def test_values_that_are_not_finite_are_left_out_of_norms(tmp_path: Path) -> None:
    """And counted."""
    path = _file(tmp_path / "x.h5", np.array([[3.0, np.nan], [4.0, np.inf]], np.float32))
    found = answer(path, ReadNorms, axis=1)
    assert found.l2.values.tolist() == [5.0, 0.0]
    assert found.n_not_finite == 2


# --------------------------------------------------------------- singular values


def test_singular_values_equal_numpys(tmp_path: Path) -> None:
    """Of a convolution with its outputs across."""
    path = _file(tmp_path / "x.h5", KERNEL)
    found = answer(path, ReadSingularValues, columns=(3,), axes=("h", "w", "in", "out"))
    exact = np.linalg.svd(KERNEL.reshape(60, 6).astype(np.float64), compute_uv=False)
    np.testing.assert_allclose(found.values, exact, rtol=1e-9)
    assert (found.n_rows, found.n_columns) == (60, 6)
    assert found.matrix == "Laid out as a matrix of 60 × 6: h × w × in downwards, out across."
    assert found.numerical_rank == np.linalg.matrix_rank(KERNEL.reshape(60, 6))


@pytest.mark.parametrize("shape", [(40, 300), (300, 40)])
def test_the_gram_matrix_gives_the_same_values(
    tmp_path: Path, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever side is the shorter, slab by slab over chunks."""
    monkeypatch.setattr(singular_values, "_DIRECT", 0)
    monkeypatch.setattr(singular_values, "_SLAB", 900)
    values = RANDOM.standard_normal(shape)
    path = _file(tmp_path / "x.h5", values, chunks=(16, 16))
    found = answer(path, ReadSingularValues)
    np.testing.assert_allclose(found.values, np.linalg.svd(values, compute_uv=False), rtol=1e-6)
    assert "times itself" in found.method


def test_effective_rank_counts_directions(tmp_path: Path) -> None:
    """The identity uses all of them, a matrix of equal rows one."""
    one = answer(_file(tmp_path / "1.h5", np.eye(8)), ReadSingularValues)
    assert one.effective_rank == pytest.approx(8)
    assert (one.numerical_rank, one.stable_rank) == (8, pytest.approx(8))
    two = answer(_file(tmp_path / "2.h5", np.ones((8, 8), np.float32)), ReadSingularValues)
    assert two.effective_rank == pytest.approx(1, abs=1e-6)
    assert two.numerical_rank == 1
    zero = answer(_file(tmp_path / "3.h5", np.zeros((8, 8))), ReadSingularValues)
    assert (zero.effective_rank, zero.numerical_rank) == (0.0, 0)


def test_numbers_near_the_largest_there_are_have_singular_values(tmp_path: Path) -> None:
    """Squares of 1e200 overflow; the values do not."""
    found = answer(_file(tmp_path / "x.h5", np.eye(3) * 1e200), ReadSingularValues)
    assert found.values == pytest.approx((1e200, 1e200, 1e200))


def test_matrices_too_large_are_refused_unless_the_user_insists(tmp_path: Path) -> None:
    """The shorter side counts."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("x", shape=(2100, 2100), dtype="f4", chunks=(100, 2100))
        file.create_dataset("y", shape=(5000, 5000), dtype="f4", chunks=(100, 5000))
    with pytest.raises(TooLarge) as asked:
        answer(tmp_path / "x.h5", ReadSingularValues)
    assert asked.value.hint
    with pytest.raises(TooLarge) as refused:
        answer(tmp_path / "x.h5", ReadSingularValues, "y", insist=True)
    assert not refused.value.hint


# --------------------------------------------------------------------- embeddings


def test_neighbours_are_those_with_the_largest_cosine(tmp_path: Path) -> None:
    """As numpy finds them; the row itself and rows of zeros are not among them."""
    table = RANDOM.standard_normal((50, 8)).astype(np.float32)
    table[7] = 0
    path = _file(tmp_path / "x.h5", table, chunks=(9, 3))
    found = answer(path, ReadNeighbours, row=3, count=48)
    unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-30)
    cosines = (unit @ unit[3]).astype(np.float64)
    order = [int(row) for row in np.argsort(-cosines) if row not in (3, 7)]
    assert list(found.rows) == order
    np.testing.assert_allclose(found.cosines, cosines[order], atol=1e-6)


def test_the_projection_is_that_of_the_principal_components(tmp_path: Path) -> None:
    """Up to sign; shares of the variance too."""
    table = RANDOM.standard_normal((200, 6)) * np.array([5, 3, 1, 1, 0.5, 0.1]) + 40
    path = _file(tmp_path / "x.h5", table, chunks=(30, 6))
    found = answer(path, ReadProjection)
    centred = table - table.mean(axis=0)
    _, strengths, directions = np.linalg.svd(centred, full_matrices=False)
    for values, direction in ((found.x.values, directions[0]), (found.y.values, directions[1])):
        exact = centred @ direction
        sign = np.sign(values @ exact)
        np.testing.assert_allclose(values * sign, exact, atol=1e-9)
    np.testing.assert_allclose(found.explained, (strengths**2 / (strengths**2).sum())[:2])


def test_many_rows_are_drawn_evenly_spread(tmp_path: Path) -> None:
    """`most` of them, the first and the last among them."""
    path = _file(tmp_path / "x.h5", RANDOM.standard_normal((1000, 2)))
    found = answer(path, ReadProjection, most=11)
    assert found.rows.values.tolist() == [0, 100, 200, 300, 400, 500, 599, 699, 799, 899, 999]
    assert found.n_rows == 1000


def test_a_vocabulary_names_the_rows(tmp_path: Path) -> None:
    """From the configuration, with the unknown word in front."""
    lookup = layer_entry("StringLookup", "words", vocabulary=["cat", "<b>dog</b>"])
    embedding = layer_entry("Embedding", "e", "words", input_dim=4, output_dim=2)
    network = functional(lookup, embedding)
    write_archive(tmp_path / "x.keras", network, {"layers/embedding/vars/0": (4, 2)})
    node = "model.weights.h5/layers/embedding/vars/0"
    found = answer(tmp_path / "x.keras", ReadProjection, node, labels="words")
    assert found.labels == ("[UNK]", "cat", "<b>dog</b>", "")


def test_a_vocabulary_in_the_archives_assets_names_the_rows(tmp_path: Path) -> None:
    """TextVectorization's file lists all words, special ones too."""
    network = functional(
        layer_entry("TextVectorization", "t"),
        layer_entry("Embedding", "e", "t", input_dim=3, output_dim=2),
    )
    asset = {"assets/layers/text_vectorization/vocabulary.txt": "\n[UNK]\nhello"}
    write_archive(tmp_path / "x.keras", network, {"layers/embedding/vars/0": (3, 2)}, **asset)
    node = "model.weights.h5/layers/embedding/vars/0"
    found = answer(tmp_path / "x.keras", ReadNeighbours, node, row=0, labels="t")
    assert set(found.labels) == {"[UNK]", "hello"}


def test_rows_too_wide_are_refused(tmp_path: Path) -> None:
    """A covariance of 5,000 × 5,000 is too much."""
    path = _file(tmp_path / "x.h5", np.zeros((2, neighbours._WIDEST + 1), np.float32))
    with pytest.raises(TooLarge):
        answer(path, ReadProjection)


# -------------------------------------------------------------------------- order


def test_ordering_brings_blocks_together(tmp_path: Path) -> None:
    """Two kinds of rows and columns, shuffled: sorted, each kind is one stretch."""
    kinds_of_rows, kinds_of_columns = np.arange(40) % 2, np.arange(30) % 2
    values = np.where(kinds_of_rows[:, None] == kinds_of_columns, 1.0, -1.0)
    values = values + 0.01 * RANDOM.standard_normal(values.shape)
    found = answer(_file(tmp_path / "x.h5", values), ReadOrdered)
    rows, columns = found.row_order.values, found.column_order.values
    assert np.count_nonzero(np.diff(kinds_of_rows[rows])) == 1
    assert np.count_nonzero(np.diff(kinds_of_columns[columns])) == 1
    np.testing.assert_allclose(
        found.values.values, values[np.ix_(rows, columns)].astype(np.float32)
    )


def test_weak_rows_come_last_in_an_order(tmp_path: Path) -> None:
    """A dead unit among others has no angle."""
    values = RANDOM.standard_normal((20, 30))
    values[4], values[11] = 0, values[11] * 0.01
    found = answer(_file(tmp_path / "x.h5", values), ReadOrdered)
    assert found.row_order.values[-2:].tolist() == [11, 4]


def test_unsorted_matrices_stay_as_they_are(tmp_path: Path) -> None:
    """NaN too."""
    values = np.array([[1.0, np.nan], [3.0, 4.0]])
    found = answer(_file(tmp_path / "x.h5", values), ReadOrdered, sort=False)
    np.testing.assert_array_equal(found.values.values, values.astype(np.float32))


def test_large_matrices_come_as_blocks_that_keep_extremes(tmp_path: Path) -> None:
    """A single large number is not averaged away."""
    values = np.zeros((100, 90), np.float32)
    values[51, 60] = -9.0
    found = answer(_file(tmp_path / "x.h5", values), ReadOrdered, max_rows=10, max_columns=9)
    assert found.values.shape == (10, 9)
    assert (found.row_step, found.column_step) == (10, 10)
    assert np.nanmin(found.values.values) == -9.0


# -------------------------------------------------------------------------- parts


def test_parts_have_the_numbers_of_their_block(tmp_path: Path) -> None:
    """A gate: mean, spread, norm and picture of its columns alone."""
    values = RANDOM.standard_normal((5, 12)).astype(np.float32)
    values[0, 4] = 0
    path = _file(tmp_path / "x.h5", values, chunks=(2, 5))
    part = Block(path=(b"x",), axis=1, start=3, stop=6)
    numbers = _parts(path, part)
    own = values[:, 3:6].astype(np.float64)
    np.testing.assert_array_equal(numbers.values.values, values[:, 3:6])
    assert numbers.count == 15
    assert numbers.n_zero == 1
    assert numbers.mean == pytest.approx(own.mean())
    assert numbers.std == pytest.approx(own.std())
    assert numbers.norm == pytest.approx(np.linalg.norm(own))


def test_one_of_two_bias_rows_is_a_part(tmp_path: Path) -> None:
    """GRU: the second row, its second gate."""
    values = np.arange(12, dtype=np.float32).reshape(2, 6)
    path = _file(tmp_path / "x.h5", values)
    part = Block(path=(b"x",), axis=1, start=2, stop=4, row=1)
    np.testing.assert_array_equal(_parts(path, part).values.values, values[1:, 2:4])


def test_a_head_is_a_slice(tmp_path: Path) -> None:
    """(in, head, dimension): its picture is in × dimension."""
    values = RANDOM.standard_normal((6, 2, 4)).astype(np.float32)
    path = _file(tmp_path / "x.h5", values)
    part = Block(path=(b"x",), axis=1, start=1, stop=2)
    np.testing.assert_array_equal(_parts(path, part).values.values, values[:, 1, :])


def test_single_numbers_are_parts_too(tmp_path: Path) -> None:
    """Iterations, learning rate."""
    path = _file(tmp_path / "x.h5", np.int64(1234))
    assert _parts(path, Block(path=(b"x",))).mean == 1234


def test_parts_outside_of_the_weight_are_refused(tmp_path: Path) -> None:
    """A file that changed meanwhile."""
    path = _file(tmp_path / "x.h5", np.zeros((2, 6)))
    with pytest.raises(CannotRead):
        _parts(path, Block(path=(b"x",), axis=1, start=4, stop=8))
    with pytest.raises(CannotRead):
        _parts(path, Block(path=(b"x",), axis=3, start=0, stop=1))


def _parts(path: Path, part: Block):  # type: ignore[no-untyped-def]
    request = ReadParts(document=str(path), parts=(part,))
    return opened(path, lambda container: run(read_parts(request, container))[0]).parts[0]


def test_large_parts_are_read_slab_by_slab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same numbers, and no extreme lost in the small picture."""
    monkeypatch.setattr(parts, "_SLAB", 700)
    monkeypatch.setattr(parts, "_PIXELS", 10)
    values = RANDOM.standard_normal((33, 3, 25)).astype(np.float32)
    values[17, 1, 8] = 50
    path = _file(tmp_path / "x.h5", values, chunks=(7, 2, 25))
    numbers = _parts(path, Block(path=(b"x",)))
    exact = values.astype(np.float64)
    assert numbers.mean == pytest.approx(exact.mean())
    assert numbers.std == pytest.approx(exact.std())
    assert numbers.norm == pytest.approx(np.linalg.norm(exact))
    assert numbers.values.shape == (10, 9)
    picture = numbers.values.values
    assert picture.max() == 50
    assert np.unravel_index(picture.argmax(), picture.shape) == ((17 * 3 + 1) // 10, 8 // 3)


def test_weights_that_need_too_many_numbers_at_once_are_refused(tmp_path: Path) -> None:
    """A bias of 40 million; a kernel whose every slab is as large."""
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("bias", shape=(40_000_000,), dtype="f4", chunks=(1_000_000,))
        file.create_dataset("x", (2, 500, 500, 160), "f4", chunks=(1, 100, 100, 160))
    with pytest.raises(TooLarge):
        _parts(tmp_path / "x.h5", Block(path=(b"bias",)))
    with pytest.raises(TooLarge):
        answer(tmp_path / "x.h5", ReadSingularValues)

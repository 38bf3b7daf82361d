"""Stored arrays become Keras 3's by steps; each is checked with numbers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from h5viewer.documents.compatibility.layout import (
    Blocks,
    CudnnKernel,
    CudnnRecurrentKernel,
    DivideBy,
    EachHalf,
    Flip,
    Join,
    Pick,
    Reshape,
    Scale,
    SumHalves,
    Transpose,
)
from h5viewer.operations.layout_steps import converted

A = np.array([[1.0, 2.0], [3.0, 4.0]], "float32")


def one(array: np.ndarray, *steps: object) -> list[object]:
    """The only array after the steps, as nested lists."""
    (result,) = converted([array], steps)  # type: ignore[arg-type]
    assert result.dtype == array.dtype
    return result.tolist()


def test_without_steps_nothing_changes() -> None:
    assert converted([A], ())[0] is A


def test_a_transposed_kernel_has_its_axes_in_the_other_order() -> None:
    kernel = np.arange(6.0, dtype="float32").reshape(3, 2, 1, 1)  # filters, stack, rows, columns
    turned = converted([kernel], (Transpose(0, (2, 3, 1, 0)),))[0]
    assert turned.shape == (1, 1, 2, 3)
    assert turned[0, 0].tolist() == [[0, 2, 4], [1, 3, 5]]


def test_an_array_of_another_rank_is_not_transposed() -> None:
    assert one(A, Transpose(0, (2, 3, 1, 0))) == [[1, 2], [3, 4]]


def test_an_array_is_transposed_only_where_its_sizes_say_so() -> None:
    step = Transpose(0, (1, 0), where=((0, 3),))
    wide, tall = np.zeros((3, 5), "float32"), np.zeros((5, 3), "float32")
    assert converted([wide], (step,))[0].shape == (5, 3)
    assert converted([tall], (step,))[0] is tall


def test_a_flipped_kernel_runs_backwards_along_both_axes() -> None:
    assert one(A, Flip(0, (0, 1))) == [[4, 3], [2, 1]]
    assert one(A, Flip(0, (1,))) == [[2, 1], [4, 3]]


def test_a_flipped_kernel_correlates_as_the_stored_one_convolves() -> None:
    """Theano convolved: the sum of kernel[i] x picture[n - i]."""
    kernel, picture = np.array([1.0, 2.0, 3.0]), np.array([1.0, 0.0, 4.0, 2.0, 5.0])
    flipped = converted([kernel], (Flip(0, (0,)),))[0]
    correlated = [float(flipped @ picture[i : i + 3]) for i in range(3)]
    assert correlated == np.convolve(picture, kernel, "valid").tolist()


def test_gates_stored_apart_are_joined_in_the_order_of_the_groups() -> None:
    """Keras 1 kept W, U and b of the gates i, c, f, o one after the other."""
    stored = [np.full((2, 1), value, "float32") for value in range(12)]
    kernel, recurrent, bias = converted(
        stored, (Join(((0, 6, 3, 9), (1, 7, 4, 10), (2, 8, 5, 11))),)
    )
    assert kernel.tolist() == [[0, 6, 3, 9]] * 2
    assert recurrent.tolist() == [[1, 7, 4, 10]] * 2
    assert bias.tolist() == [[2, 8, 5, 11]] * 2


def test_gates_that_are_joined_already_stay_as_they_are() -> None:
    assert converted([A], (Join(((0, 1), (2, 3))),))[0] is A


def test_blocks_change_places() -> None:
    assert one(np.array([1, 2, 3, 4, 5, 6], "float32"), Blocks(0, (0, 2, 1))) == [1, 2, 5, 6, 3, 4]


def test_blocks_of_gates_are_scaled_apart() -> None:
    """Keras 2's hard sigmoid is 0.2 x + 0.5, Keras 3's x / 6 + 0.5: those gates x 1.2."""
    gates = np.ones((1, 4), "float32")
    assert one(gates, Scale(0, (1.2, 1.2, 1.0, 1.2))) == [
        [pytest.approx(1.2), pytest.approx(1.2), 1.0, pytest.approx(1.2)]
    ]


def test_a_cudnn_kernel_is_turned_in_place_block_by_block() -> None:
    kernel = np.arange(12.0, dtype="float32").reshape(3, 4)  # 3 inputs, 2 gates of 2 units
    turned = converted([kernel], (CudnnKernel(0, 2),))[0]
    assert turned.tolist() == [[0, 5, 2, 7], [1, 8, 3, 10], [4, 9, 6, 11]]
    for gate in (0, 1):  # CuDNN read a gate's numbers in a row as a matrix (units, inputs)
        stored, ours = (each[:, 2 * gate : 2 * gate + 2] for each in (kernel, turned))
        assert np.array_equal(ours.T, stored.ravel().reshape(2, 3))


def test_a_cudnn_recurrent_kernel_is_transposed_block_by_block() -> None:
    kernel = np.array([[1, 2, 5, 6], [3, 4, 7, 8]], "float32")
    assert one(kernel, CudnnRecurrentKernel(0, 2)) == [[1, 3, 5, 7], [2, 4, 6, 8]]


def test_two_biases_of_cudnn_become_their_sum() -> None:
    assert one(np.array([1, 2, 10, 20], "float32"), SumHalves(0)) == [11, 22]


def test_a_bias_is_cut_into_rows() -> None:
    assert one(np.array([1, 2, 3, 4], "float32"), Reshape(0, (2, -1))) == [[1, 2], [3, 4]]


def test_arrays_are_picked_in_another_order() -> None:
    a, b = np.zeros(1), np.ones(1)
    assert converted([a, b], (Pick((1, 0)),)) == [b, a]
    assert converted([a, b], (Pick((0,)),)) == [a]


def test_an_optional_array_that_is_not_there_is_left_out() -> None:
    assert len(converted([A], (Pick((0, 1)),))) == 1


def test_a_kernel_is_divided_by_a_stored_number_which_goes() -> None:
    sigma, bias = np.array([2.0], "float32"), np.zeros(2, "float32")
    divided, kept = converted([A, sigma, bias], (DivideBy(0, 1),))
    assert divided.tolist() == [[0.5, 1.0], [1.5, 2.0]]
    assert kept is bias


def test_both_directions_of_a_bidirectional_layer_are_changed_alike() -> None:
    forward, backward = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    first, second = converted([forward, backward], (EachHalf((Blocks(0, (1, 0)),)),))
    assert (first.tolist(), second.tolist()) == ([2, 1], [4, 3])


def test_steps_follow_each_other() -> None:
    assert one(A, Flip(0, (1,)), Reshape(0, (4,)), SumHalves(0)) == [2 + 4, 1 + 3]


@pytest.mark.parametrize("step", [Reshape(0, (3, 2)), Blocks(0, (0, 1, 2))])
def test_what_does_not_fit_is_refused(step: object) -> None:
    with pytest.raises((ValueError, IndexError)):
        converted([A], (step,))  # type: ignore[arg-type]

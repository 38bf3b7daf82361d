"""Which layer is which, and in which row it stands."""

from __future__ import annotations

from typing import Any

from h5viewer.documents.alignment import aligned
from h5viewer.documents.matching import match_layers, match_weights
from h5viewer.nodes import Layer, Weight


def weight(name: str, *shape: int) -> Weight:
    return Weight(name=name, path=(name.encode(),), shape=shape, dtype="float32")


def layers(*rows: tuple[Any, ...], above: tuple[int, ...] = ()) -> list[Layer]:
    """(name, class, size of its kernel or the layers inside)."""
    made = []
    for position, (name, class_name, *inside) in enumerate(rows):
        key = (*above, position)
        below = tuple(layers(*inside, above=key)) if inside and isinstance(inside[0], tuple) else ()
        weights = () if below or not inside else (weight("kernel", *inside),)
        made.append(Layer(name=name, class_name=class_name, key=key, weights=weights, layers=below))
    return made


def rows(a: list[Layer], b: list[Layer], **wishes: Any) -> list[tuple[Any, ...]]:
    """(name in A, name in B, moved)."""
    matching = match_layers(a, b, **wishes)
    return [
        (row.a and row.a.name, row.b and row.b.name, row.is_moved)
        for row in aligned(a, b, matching)
    ]


def test_names_come_before_shapes() -> None:
    a = layers(("x", "Dense", 4, 4), ("y", "Dense", 8, 8))
    b = layers(("y", "Dense", 4, 4), ("x", "Dense", 8, 8))
    assert {row[:2] for row in rows(a, b)} == {("x", "x"), ("y", "y")}


def test_those_left_over_pair_by_class_and_shapes_in_order() -> None:
    a = layers(("a1", "Dense", 4), ("a2", "Conv2D", 4), ("a3", "Dense", 4), ("a4", "Dense", 5))
    b = layers(("b1", "Dense", 4), ("b2", "Dense", 4), ("b3", "Conv2D", 9))
    assert [row[:2] for row in rows(a, b)] == [
        ("a1", "b1"), ("a2", None), ("a3", "b2"), ("a4", None), (None, "b3"),
    ]  # fmt: skip


def test_classes_do_not_count_where_one_file_does_not_state_them() -> None:
    a = layers(("a", "Dense", 4), ("relu", "ReLU"))
    b = layers(("b", None, 4))
    assert [row[:2] for row in rows(a, b)] == [("a", "b"), ("relu", None)]


def test_a_layer_that_changed_its_place_is_moved_and_shown_once() -> None:
    a = layers(("a", "Dense", 1), ("b", "Dense", 2), ("c", "Dense", 3), ("d", "Dense", 4))
    b = layers(("a", "Dense", 1), ("d", "Dense", 4), ("b", "Dense", 2), ("c", "Dense", 3))
    assert rows(a, b) == [
        ("a", "a", False), ("b", "b", False), ("c", "c", False), ("d", "d", True),
    ]  # fmt: skip


def test_added_layers_stand_behind_what_they_follow() -> None:
    a = layers(("a", "Dense", 1), ("b", "Dense", 2))
    b = layers(("new", "Dropout"), ("a", "Dense", 1), ("mid", "Dropout"), ("b", "Dense", 2))
    assert [row[:2] for row in rows(a, b)] == [
        (None, "new"), ("a", "a"), (None, "mid"), ("b", "b"),
    ]  # fmt: skip


def test_nested_models_are_matched_inside_their_pair() -> None:
    a = layers(("m", "Functional", ("x", "Dense", 1), ("y", "Dense", 2)), ("x", "Dense", 3))
    b = layers(("m", "Functional", ("y", "Dense", 2), ("z", "Dense", 1)), ("x", "Dense", 3))
    assert rows(a, b) == [
        ("m", "m", False), ("x", "z", True), ("y", "y", False), ("x", "x", False),
    ]  # fmt: skip


def test_a_layer_is_found_in_another_model() -> None:
    a = layers(("m", "Functional", ("deep", "Dense", 7)), ("x", "Dense", 3))
    b = layers(("x", "Dense", 3), ("out", "Dense", 7))
    found = rows(a, b)
    assert ("deep", "out", True) in found
    assert (None, "out", False) not in found


def test_plain_groups_are_what_their_path_says() -> None:
    a, b = layers(("/a", None, 4)), layers(("/b", None, 4))
    assert [row[:2] for row in rows(a, b, only_by_name=True)] == [("/a", None), (None, "/b")]


def test_the_users_pairs_come_first_and_keys_that_are_gone_do_no_harm() -> None:
    a = layers(("x", "Dense", 1), ("y", "Dense", 1))
    b = layers(("x", "Dense", 1), ("y", "Dense", 1))
    by_hand = [((0,), (1,)), ((9,), (0,)), ((1,), (1,))]
    assert {row[:2] for row in rows(a, b, by_hand=by_hand)} == {("x", "y"), ("y", "x")}
    alone = [((0,), ()), ((), (0,))]
    assert [row[:2] for row in rows(a, b, by_hand=alone)] == [
        ("x", None), (None, "x"), ("y", "y"),
    ]  # fmt: skip


def test_weights_pair_by_name_meaning_and_shape() -> None:
    a = [weight("kernel", 2), weight("dense_1_b", 3), weight("odd", 7), weight("mine", 1)]
    b = [weight("other", 7), weight("kernel", 5), weight("bias", 3), weight("theirs", 2)]
    pairs = [(x and x.name, y and y.name, basis) for x, y, basis in match_weights(a, b)]
    assert pairs == [
        ("kernel", "kernel", "name"),
        ("dense_1_b", "bias", "name"),
        ("odd", "other", "shape"),
        ("mine", None, ""),
        (None, "theirs", ""),
    ]


def test_weights_that_the_file_lacks_are_not_there() -> None:
    absent = Weight(name="kernel", path=None, shape=None, dtype="")
    assert list(match_weights([absent], [])) == []

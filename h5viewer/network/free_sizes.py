"""Inputs that take pictures of any size: whether they take them as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
from msgspec.structs import replace

from h5viewer.network.recording import flat, functional_of
from h5viewer.nodes import NetworkInput

_SMALLEST = (8, 16, 32)
_EVEN = 64  # halves six times


def with_free_sizes(model: Any, inputs: Sequence[NetworkInput]) -> tuple[NetworkInput, ...]:
    """Say of inputs without a size from how many pixels on the network takes any number."""
    free = [each.kind == "picture" and not (each.rows and each.columns) for each in inputs]
    if not any(free):
        return tuple(inputs)
    smallest = _smallest_side(model)
    return tuple(
        replace(each, smallest_side=smallest) if is_free else each
        for each, is_free in zip(inputs, free, strict=True)
    )


def _smallest_side(model: Any) -> int:
    """0: it takes but sizes that can be halved, or answers with maps that others would cut."""
    try:
        even = _answers(model, _EVEN, _EVEN)
    except Exception:  # noqa: BLE001  any layer's: it does not tell its shapes
        return 0
    for side in _SMALLEST:
        try:
            tried = [(side + 1, side + 2), (side + 4, side + 8)]  # none can be halved as often
            found = [(sides, _answers(model, *sides)) for sides in tried]
        except Exception:  # noqa: BLE001  any layer's: it does not take that size
            continue
        return side if all(_is_in_proportion(even, *each) for each in found) else 0
    return 0


def _answers(model: Any, rows: int, columns: int) -> list[tuple[int | None, ...]]:
    """Shapes of what it answers to pictures of that size; nothing is computed."""

    def sized(tensor: Any) -> Any:
        sides = iter((rows, columns))
        sizes = [next(sides) if size is None else size for size in tensor.shape[1:]]
        return keras.KerasTensor((1, *sizes), dtype=tensor.dtype)

    given = [sized(tensor) for tensor in flat(model.inputs)]
    return [tuple(each.shape) for each in flat(_followed(model)(given))]


def _followed(operation: Any) -> Callable[..., Any]:
    """What tells the shapes that an operation makes of others."""
    functional = functional_of(operation)
    if isinstance(functional, keras.Model) and hasattr(functional, "_run_through_graph"):
        return lambda given, **_: functional._run_through_graph(given, operation_fn=_followed)
    if isinstance(operation, keras.layers.Concatenate):  # its own rule compares no sizes
        return lambda given, **_: keras.ops.concatenate(given, axis=operation.axis)
    return operation.compute_output_spec  # type: ignore[no-any-return]


def _is_in_proportion(
    even: Sequence[tuple[int | None, ...]],
    sides: tuple[int, int],
    found: Sequence[tuple[int | None, ...]],
) -> bool:
    """Whether maps lie on the picture as those of the even size do."""
    for wanted, got in zip(even, found, strict=True):
        if len(wanted) != 4 or wanted == got:
            continue
        changed = [pair for pair in zip(wanted, got, strict=True) if pair[0] != pair[1]]
        if len(changed) > 2 or any(
            (new or 0) * _EVEN != (old or 0) * side
            for (old, new), side in zip(changed, sides, strict=False)
        ):
            return False
    return True

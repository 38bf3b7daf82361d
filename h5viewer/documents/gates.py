"""The gates of recurrent layers: which block of a weight belongs to which, by dialect.

Source: keras/layers/recurrent.py and cudnn_recurrent.py (Keras 1.2, 2.2), keras/src/layers/rnn
(Keras 3), tf.keras rnn; formats.md 1.2.
"""

from __future__ import annotations

from h5viewer.documents.stored_names import without_output
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Shape, WeightPart

LSTM = ("input gate", "forget gate", "candidate", "output gate")
GRU = ("update gate", "reset gate", "candidate")
_GATES = {
    "LSTM": LSTM, "LSTMCell": LSTM, "CuDNNLSTM": LSTM,
    "ConvLSTM1D": LSTM, "ConvLSTM2D": LSTM, "ConvLSTM3D": LSTM,
    "GRU": GRU, "GRUCell": GRU, "CuDNNGRU": GRU,
}  # fmt: skip
_LETTERS = {
    "i": "input gate", "f": "forget gate", "c": "candidate", "o": "output gate",
    "z": "update gate", "r": "reset gate", "h": "candidate",
}  # fmt: skip
_SPLIT = ("kernel", "recurrent_kernel", "bias")


def gates_of(class_name: str | None) -> tuple[str, ...]:
    """The gates in the order in which Keras 2 and 3 store them; () for other layers."""
    name = class_name or ""
    base = name[:-2] if name.endswith(("V1", "V2")) else name
    return _GATES.get(base, ())


def gates_by_shape(kernel: Shape | None, recurrent: Shape | None) -> tuple[str, ...]:
    """Where no class is stated: a recurrent kernel of (units, 4 × units) is an LSTM's."""
    if not recurrent or len(recurrent) != 2 or not kernel or kernel[-1] != recurrent[-1]:
        return ()
    units, wide = recurrent
    return {4: LSTM, 3: GRU}.get(wide // units, ()) if units and wide % units == 0 else ()


def gate_blocks(
    path: NodePath, role: str, shape: Shape, gates: tuple[str, ...]
) -> tuple[WeightPart, ...]:
    """The blocks of one weight, along its last axis; () where it does not divide evenly.

    A bias of two rows (GRU with reset_after) has one for the input, one for the state.
    """
    if not gates or role not in _SPLIT or not shape:
        return ()
    n_gates, wide, axis = len(gates), shape[-1], len(shape) - 1
    if role == "bias" and len(shape) == 2 and shape[0] == 2:
        rows = [_blocks(path, axis, 0, wide, gates, side, row) for row, side in enumerate(_SIDES)]
        return (*rows[0], *rows[1]) if wide % n_gates == 0 else ()
    return _blocks(path, axis, 0, wide, gates) if wide % n_gates == 0 else ()


def double_bias_blocks(
    path: NodePath, shape: Shape, gates: tuple[str, ...]
) -> tuple[WeightPart, ...]:
    """The blocks of a CuDNN bias: all gates for the input, then all for the state."""
    half = shape[0] // 2
    if half % len(gates):
        return ()
    first, second = (
        _blocks(path, 0, at * half, (at + 1) * half, gates, side) for at, side in enumerate(_SIDES)
    )
    return (*first, *second)


def separate_gates(path: NodePath, siblings: list[tuple[str, NodePath]]) -> tuple[WeightPart, ...]:
    """Keras 1: the arrays "lstm_1_W_i", "lstm_1_W_f" ... that together make one kernel."""
    letter = gate_letter(plain(path[-1]))
    if letter is None:
        return ()
    kind = without_output(plain(path[-1]))[-3]
    parts = []
    for name, other in siblings:
        gate = gate_letter(name)
        if gate is not None and without_output(name)[-3] == kind:
            parts.append(WeightPart(name=_LETTERS[gate], path=other))
    is_lstm = any(part.name == LSTM[0] for part in parts)
    order = LSTM if is_lstm else GRU
    if len(parts) < 2 or any(part.name not in order for part in parts):
        return ()
    return tuple(sorted(parts, key=lambda part: order.index(part.name)))


def gate_letter(name: str) -> str | None:
    """The gate in a name of Keras 1: "lstm_1_W_i:0" → "i"."""
    stem = without_output(name).rpartition("/")[2]
    if len(stem) >= 3 and stem[-2] == "_" and stem[-3] in "WUb" and stem[-1] in _LETTERS:
        return stem[-1] if len(stem) == 3 or stem[-4] == "_" else None
    return None


def gate_name(letter: str) -> str:
    """The gate that a letter of Keras 1 stands for: "i" → "input gate"."""
    return _LETTERS[letter]


_SIDES = ("of the input", "of the state")


def _blocks(
    path: NodePath,
    axis: int,
    start: int,
    stop: int,
    gates: tuple[str, ...],
    side: str = "",
    row: int | None = None,
) -> tuple[WeightPart, ...]:
    size = (stop - start) // len(gates)
    return tuple(
        WeightPart(
            name=f"{gate} {side}".strip(),
            path=path,
            axis=axis,
            start=start + at * size,
            stop=start + (at + 1) * size,
            row=row,
        )
        for at, gate in enumerate(gates)
    )

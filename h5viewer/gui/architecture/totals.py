"""The last line of `model.summary()`: how many parameters, how many bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.architecture import training_words
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import ITEMSIZES, Architecture

_MAX_PAIRS = 4


def totals(architecture: Architecture, sizes: Mapping[str, int]) -> list[tuple[str, str]]:
    """Labels and texts. `sizes`: parameters by dtype, shared weights as often as they appear."""
    count = architecture.parameters
    rows = [
        ("Parameters", _with_bytes(count.total, sizes)),
        ("Trainable", wording.count_text(count.trainable)),
        ("Non-trainable", wording.count_text(count.non_trainable)),
    ]
    if architecture.class_name is None or (
        count.total and not (count.trainable or count.non_trainable)
    ):
        rows = rows[:1]  # a file that does not say what is trained
    state = training_words.state_words(architecture.training) if architecture.training else ""
    if state:
        rows.append(("Optimizer", state))
    return rows


class TotalsStrip(QWidget):
    """Labels and numbers in a row, selectable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        self._row.setSpacing(theme.SPACE_XS)
        self._pairs: list[tuple[PlainLabel, PlainLabel]] = []
        for _ in range(_MAX_PAIRS):
            pair = (PlainLabel(role="muted"), PlainLabel())
            self._row.addWidget(pair[0])
            self._row.addWidget(pair[1])
            self._row.addSpacing(theme.SPACE_M)
            self._pairs.append(pair)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def show_totals(self, totals: Sequence[tuple[str, str]]) -> None:
        """Show other totals, at most four."""
        padded = [*totals, *[("", "")] * _MAX_PAIRS]
        for (label, number), (name, text) in zip(self._pairs, padded, strict=False):
            label.set_text(name)
            number.set_text(text)
            number.setAccessibleName(f"{name}: {text}")
            label.setVisible(bool(name))
            number.setVisible(bool(name))

    @property
    def texts(self) -> list[str]:
        """What is shown, for example "Trainable 78,426"."""
        return [
            f"{label.whole_text} {number.whole_text}"
            for label, number in self._pairs
            if label.whole_text
        ]


def _with_bytes(total: int, sizes: Mapping[str, int]) -> str:
    text = wording.count_text(total)
    dtypes = [dtype for dtype, n_parameters in sizes.items() if n_parameters]
    if not all(dtype in ITEMSIZES for dtype in dtypes):
        return text
    if len(dtypes) == 1:
        return f"{text} ({wording.bytes_text(total * ITEMSIZES[dtypes[0]])})"
    if dtypes and sum(sizes.values()) == total:  # no weight is counted twice
        n_bytes = sum(ITEMSIZES[dtype] * sizes[dtype] for dtype in dtypes)
        return f"{text} ({wording.bytes_text(n_bytes)})"
    return text

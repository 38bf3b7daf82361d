"""The last line of `model.summary()`: how many parameters, how many bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QHBoxLayout, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.architecture import training_words
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.wrapping_row import WrappingRow
from h5viewer.nodes import ITEMSIZES, Architecture

_MAX_TOTALS = 4


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
        row = WrappingRow(spacing=theme.SPACE_L)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        self._totals = [_Total() for _ in range(_MAX_TOTALS)]
        for each in self._totals:
            row.addWidget(each)
        self.setLayout(row)

    def show_totals(self, totals: Sequence[tuple[str, str]]) -> None:
        """Show other totals, at most four."""
        padded = [*totals, *[("", "")] * _MAX_TOTALS]
        for total, (name, text) in zip(self._totals, padded, strict=False):
            total.show_texts(name, text)

    @property
    def texts(self) -> list[str]:
        """What is shown, for example "Trainable 78,426"."""
        return [each.text for each in self._totals if each.text.strip()]


class _Total(QWidget):
    """What is counted, and the number."""

    def __init__(self) -> None:
        super().__init__()
        self._name = PlainLabel(role="muted")
        self._number = PlainLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(self._name)
        row.addWidget(self._number)

    def show_texts(self, name: str, text: str) -> None:
        self._name.set_text(name)
        self._number.set_text(text)
        self._number.setAccessibleName(f"{name}: {text}")
        self.setVisible(bool(name))

    @property
    def text(self) -> str:
        return f"{self._name.whole_text} {self._number.whole_text}"


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

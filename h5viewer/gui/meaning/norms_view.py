"""How large each output channel is: dead ones stand out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QButtonGroup, QWidget

from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.bar_plot import BarPlot
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.nodes import Norms, WeightMeaning
from h5viewer.requests import ReadNorms
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

_NEARLY = 1e-3
"""Of the median: below, a channel is nearly dead."""

_MOST_MARKS = 1000

_KINDS = (
    ("l2", "L2", "Root of the sum of squares"),
    ("l1", "L1", "Sum of the magnitudes"),
    ("largest", "Largest", "Largest magnitude"),
)


class NormsView(WeightView):
    """Bars in the order of the file or sorted; those of zero are marked."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._plot = BarPlot("Size of each output")
        self._kinds = QButtonGroup(self)
        self._buttons = {}
        for key, title, tooltip in _KINDS:
            button = self._buttons[key] = switch_button(title, tooltip)
            self._kinds.addButton(button)
            self._bar.addWidget(button)
        self._buttons["l2"].setChecked(True)
        self._sorted = switch_button("Sorted", "Largest first, instead of the order of the file")
        self._log = switch_button("log", "Draw by the logarithm: shows small ones")
        self._bar.addWidget(self._sorted)
        self._bar.addWidget(self._log)
        self._fill(self._plot)
        self._norms: Norms | None = None
        self._order = np.empty(0, np.int64)
        self._kinds.buttonClicked.connect(self._show)
        self._sorted.toggled.connect(self._show)
        self._log.toggled.connect(self._plot.set_logarithmic)
        self._plot.pointed.connect(self._tell)
        self._plot.unpointed.connect(lambda: self.pointed.emit(""))

    @property
    def _kind(self) -> str:
        return next(key for key, button in self._buttons.items() if button.isChecked())

    def _begin(self, meaning: WeightMeaning) -> None:
        if meaning.out_axis is not None:
            request = ReadNorms(document=self.document, node=meaning.path, axis=meaning.out_axis)
            self._ask(request, self._take)

    def _take(self, norms: Norms) -> None:
        self._norms = norms
        self._show()

    def _show(self) -> None:
        norms, meaning = self._norms, self.meaning
        if norms is None or meaning is None:
            return
        values = getattr(norms, self._kind).values
        self._order = np.argsort(-values, kind="stable") if self._sorted.isChecked() else (
            np.arange(values.size)
        )  # fmt: skip
        shown = values[self._order]
        self._plot.show_values(shown, np.flatnonzero(shown == 0)[:_MOST_MARKS])
        axis = _axis_name(meaning, norms.axis)
        title = f"{axis}, largest first" if self._sorted.isChecked() else axis
        self._plot.set_title("bottom", title)
        self._plot.set_title("left", self._buttons[self._kind].text())
        self._say(_sentence(values, axis, norms.n_not_finite))

    def _tell(self, place: QPointF) -> None:
        at = self._plot.position_at(place.x())
        if at is None or self._norms is None or self.meaning is None:
            self.pointed.emit("")
            return
        channel = int(self._order[at])
        values = ", ".join(
            f"{title} {getattr(self._norms, key).values[channel]:.4g}" for key, title, _ in _KINDS
        )
        name = _axis_name(self.meaning, self._norms.axis)
        self.pointed.emit(f"{name} {count_text(channel)}: {values}")

    def _forget(self) -> None:
        self._norms = None
        self._plot.show_values(np.empty(0), np.empty(0, np.int64))


def _axis_name(meaning: WeightMeaning, axis: int) -> str:
    name = meaning.axes[axis] if axis < len(meaning.axes) else ""
    names = {"out": "output", "multiplier": "multiplier", "gates": "unit of a gate"}
    return names.get(name, name or "output")


def _sentence(values: np.ndarray, axis: str, n_strange: int) -> str:
    n_dead = int(np.count_nonzero(values == 0))
    median = float(np.median(values)) if values.size else 0.0
    n_nearly = int(np.count_nonzero((values > 0) & (values < _NEARLY * median)))
    told = f"{plural(values.size, axis)}, median {median:.3g}."
    if n_dead:
        told += f" {count_text(n_dead)} all zero: dead."
    if n_nearly:
        told += f" {count_text(n_nearly)} below a thousandth of the median."
    if not n_dead and not n_nearly:
        told += " None is dead."
    if n_strange:
        told += f" {plural(n_strange, 'value')} that are not finite were left out."
    return told

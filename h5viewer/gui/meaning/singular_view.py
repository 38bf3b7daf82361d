"""Singular values of a weight, and what they say about how much of it is used."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from h5viewer.errors import H5ViewerError, TooLarge
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.bar_plot import BarPlot
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.nodes import SingularValues, WeightMeaning
from h5viewer.requests import ReadSingularValues
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool


class SingularView(WeightView):
    """A falling curve; the words below say how the matrix was made."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._plot = BarPlot("Singular values")
        self._plot.set_title("left", "singular value")
        self._plot.set_title("bottom", "rank")
        self._log = switch_button("log", "Draw by the logarithm: shows small values")
        self._bar.addWidget(self._log)
        self._fill(self._plot)
        self._found: SingularValues | None = None
        self._insist = False
        self._log.toggled.connect(self._plot.set_logarithmic)
        self._plot.pointed.connect(self._tell)
        self._plot.unpointed.connect(lambda: self.pointed.emit(""))

    def _begin(self, meaning: WeightMeaning) -> None:
        self._busy.set_busy(False, "Computing singular values…")
        request = ReadSingularValues(
            document=self.document,
            node=meaning.path,
            columns=meaning.matrix_columns,
            axes=meaning.axes,
            insist=self._insist,
        )
        self._insist = False
        self._ask(request, self._take)

    def _take(self, found: SingularValues) -> None:
        self._found = found
        self._plot.show_values(np.asarray(found.values), np.empty(0, np.int64))
        self._say(sentence(found))

    def _fail(self, error: H5ViewerError) -> None:
        super()._fail(error)
        if isinstance(error, TooLarge) and error.hint:
            self._notice.show_error(error, action="Compute anyway")

    def _again(self) -> None:
        self._insist = True
        super()._again()

    def _tell(self, place: QPointF) -> None:
        at = self._plot.position_at(place.x())
        found = self._found
        if at is None or found is None:
            self.pointed.emit("")
            return
        squares = np.square(np.asarray(found.values))
        share = 100 * float(squares[: at + 1].sum() / max(float(squares.sum()), 1e-300))
        text = f"value {at + 1}: {found.values[at]:.4g}; the first {at + 1} hold {share:.1f} %"
        self.pointed.emit(f"{text} of the sum of squares")

    def _forget(self) -> None:
        self._found = None
        self._plot.show_values(np.empty(0), np.empty(0, np.int64))


def sentence(found: SingularValues) -> str:
    """What the values mean, in words."""
    full = min(found.n_rows, found.n_columns)
    if not found.numerical_rank:
        return f"All singular values are zero: the weight is zero. {found.matrix}"
    share = found.effective_rank / full
    judged = (
        "it uses nearly all of its directions"
        if share > 0.75
        else "a few directions carry most of it"
        if share < 0.25
        else "it uses a part of its directions"
    )
    told = f"Effective rank {found.effective_rank:.1f} of {count_text(full)}: {judged}."
    if found.numerical_rank < full:
        told += f" Only {count_text(found.numerical_rank)} values differ from zero."
    return f"{told} {found.matrix} {found.method}"

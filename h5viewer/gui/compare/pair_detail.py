"""What is known of the chosen layer or weight: numbers, pictures, arguments."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.compare.argument_table import ArgumentsItemModel
from h5viewer.gui.compare.change_words import layer_look, weight_look
from h5viewer.gui.compare.compared_pictures import ComparedPictures
from h5viewer.gui.controls.notices import EmptyState, PlainLabel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.names import visible
from h5viewer.nodes import LayerPair, WeightPair
from h5viewer.workers.pool import Pool

_HINT = "Choose a layer to see which arguments changed, a weight to see where its values differ."


class _Body(QWidget):
    """Scrolls where it would get less than it needs, not less than it would like.

    A widget with words that wrap asks a scroll area for the height it would like.
    """

    # Qt override

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Words get the room of one or two lines all the same."""
        return False


class PairDetail(QWidget):
    """One of three pages: a hint, a layer, a weight.

    Signals:
        pointed(str): element and value under the cursor.
    """

    pointed = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = PlainLabel()
        self._title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._facts = PlainLabel(role="muted", wrap=True)
        self._arguments = ArgumentsItemModel(self)
        self._table = RowTable("Arguments that differ")
        self._table.setModel(self._arguments)
        self._pictures = ComparedPictures(pool)
        self._pictures.pointed.connect(self.pointed)
        self._empty = EmptyState("compare", "Nothing chosen", _HINT)
        body = _Body()
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self._title)
        column.addWidget(self._facts)
        column.addWidget(self._table, 1)
        column.addWidget(self._pictures, 1)
        column.addStretch(0)
        self._body = QScrollArea(widgetResizable=True)  # three pictures make a low window grow
        self._body.setFrameShape(QFrame.Shape.NoFrame)
        self._body.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around = QWidget()
        frame = QVBoxLayout(around)
        frame.setContentsMargins(0, 0, 0, 0)
        frame.addWidget(body)
        self._body.setWidget(around)
        for surface in (self._body.viewport(), around):
            surface.setAutoFillBackground(False)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._body)

    def make(self) -> Iterator[None]:
        """Make the plots, one a step."""
        yield from self._pictures.make()

    @property
    def room(self) -> int:
        """Pixels of height that what is shown asks for."""
        if self._stack.currentWidget() is self._empty:
            return 170
        if not self._pictures.isHidden():
            return 430
        return 230 if not self._table.isHidden() else 90

    def show_nothing(self) -> None:
        """The hint; free the data."""
        self._pictures.clear()
        self._stack.setCurrentWidget(self._empty)

    def show_layer(self, pair: LayerPair) -> None:
        """What changed of a layer."""
        self._pictures.clear()
        self._pictures.hide()
        self._title.set_text(_joined([side.name for side in (pair.a, pair.b) if side is not None]))
        self._facts.set_text(_layer_facts(pair))
        self._arguments.set_arguments(pair.arguments)
        self._table.setVisible(bool(pair.arguments))
        self._table.fit_columns(widest=360)
        self._stack.setCurrentWidget(self._body)

    def show_weight(self, pair: WeightPair, files: tuple[str, str], names: tuple[str, str]) -> None:
        """Numbers and pictures of a weight."""
        self._table.hide()
        self._title.set_text(_weight_title(pair))
        self._facts.set_text(_weight_facts(pair))
        self._stack.setCurrentWidget(self._body)
        if pair.state in ("identical", "changed") and pair.max_difference is None:
            self._pictures.show_none("These values are no numbers, or not finite: nothing to draw.")
        else:
            self._pictures.show_weights(files, names, pair.a, pair.b, pair.largest_at)


def _layer_facts(pair: LayerPair) -> str:
    told = [layer_look(pair).words]
    if pair.basis == "shape":
        told.append("paired because class and shapes of the weights agree")
    elif pair.basis == "hand":
        told.append("paired by hand")
    told += [
        f"{wording.count_text(side.n_parameters)} parameters in {letter}"
        for letter, side in (("A", pair.a), ("B", pair.b))
        if side is not None and side.n_parameters
    ]
    return " · ".join(told)


def _weight_title(pair: WeightPair) -> str:
    names = []
    for layer, weight in ((pair.layer_a, pair.a), (pair.layer_b, pair.b)):
        if weight is not None:
            names.append(f"{layer.rstrip('/')}/{weight.name}")
    return _joined(names)


def _weight_facts(pair: WeightPair) -> str:
    told = [weight_look(pair).words]
    if pair.problem:
        told.append(visible(pair.problem))
    shapes = [wording.shape_text(weight.shape) for weight in (pair.a, pair.b) if weight is not None]
    types = [visible(weight.dtype, 40) for weight in (pair.a, pair.b) if weight is not None]
    told += [_joined(shapes), _joined(types)]
    if pair.state == "changed":
        share = wording.share_text(pair.n_different, pair.n_elements)
        n = f"{wording.count_text(pair.n_different)} of {wording.count_text(pair.n_elements)}"
        told.append(f"{n} values differ ({share})")
        told += [
            f"{name} {text(value)}"
            for name, text, value in (
                ("largest difference", wording.difference_text, pair.max_difference),
                ("relative", wording.relative_text, pair.relative),
                ("cosine", wording.cosine_text, pair.cosine),
            )
            if value is not None
        ]
    return " · ".join(told)


def _joined(texts: list[str]) -> str:
    return visible(" → ".join(dict.fromkeys(texts)))

"""Freeze: which layers further training changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from h5viewer.gui.altering.layer_listing import Listed
from h5viewer.gui.altering.layers_dialog import LayersDialog
from h5viewer.gui.altering.listed_item_model import ListedItemModel
from h5viewer.gui.altering.wishes import Wish
from h5viewer.gui.controls.headed_item_model import RIGHT
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.row_table import Index
from h5viewer.nodes import Document
from h5viewer.requests import Export, FreezeLayers
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

CLASS, PARAMETERS, NOW, TRAINED = 1, 2, 3, 4
_EXPLANATION = (
    "Training leaves the weights of frozen layers as they are. Click in the last column to freeze "
    "a layer or to have it trained."
)


class FreezeItemModel(ListedItemModel):
    """Which layers are trained in the file, and which are to be.

    Signals:
        changed: another layer is frozen or trained.
    """

    changed = Signal()

    headings = ("Layer", "Class", "Parameters", "In the file", "In the copy")
    tips = (
        "The layer's name",
        "Its class",
        "Numbers stored for it",
        "What training does with it now",
        "What training is to do with it; click to change",
    )

    def __init__(self) -> None:
        super().__init__()
        self._trained: dict[int, bool] = {}  # only what differs from the file
        self.n_trained = 0  # parameters that training changes in the copy

    def show_layers(self, layers: Sequence[Listed]) -> None:
        """Other layers, as they are in the file."""
        self._trained = {}
        self.n_trained = sum(each.n_trained for each in layers if _is_trained(each))
        super().show_layers(layers)

    @property
    def frozen(self) -> tuple[str, ...]:
        """Paths of the layers that are trained now and not to be."""
        return self._paths(False)

    @property
    def trained(self) -> tuple[str, ...]:
        """Paths of the layers that are frozen now and not to be."""
        return self._paths(True)

    def set_trained(self, places: list[int], is_trained: bool) -> None:
        """Freeze layers or have them trained, with all that is nested in them."""
        for place in self._leaves(places):
            listed = self.layers[place]
            stored = _is_trained(listed)
            if is_trained != self._trained.get(place, stored):
                self.n_trained += listed.n_trained if is_trained else -listed.n_trained
            if is_trained == stored:
                self._trained.pop(place, None)
            else:
                self._trained[place] = is_trained
        self.tell_all()
        self.changed.emit()

    def is_trained(self, place: int) -> bool:
        """In the copy."""
        return self._trained.get(place, _is_trained(self.layers[place]))

    def is_trained_inside(self, place: int) -> bool:
        """The layer, or one nested in it."""
        return any(self.is_trained(leaf) for leaf in self._leaves([place]))

    def toggle(self, place: int) -> None:
        """The other way round."""
        self.set_trained([place], not self.is_trained_inside(place))

    def text(self, place: int, column: int) -> str:
        """Words for both states."""
        layer = self.layers[place].layer
        if column == CLASS:
            return super().text(place, column)
        if column == PARAMETERS:
            return count_text(layer.n_parameters)
        leaves = self._leaves([place])
        if not leaves:
            return ""
        states = {_is_trained(self.layers[leaf]) for leaf in leaves}
        if column == TRAINED:
            states = {self.is_trained(leaf) for leaf in leaves}
        return "partly" if len(states) > 1 else "trained" if True in states else "frozen"

    def tone(self, place: int, column: int) -> str | None:
        """What is to change stands out."""
        if column == TRAINED and any(leaf in self._trained for leaf in self._leaves([place])):
            return "accent"
        return super().tone(place, column)

    def _paths(self, is_trained: bool) -> tuple[str, ...]:
        return tuple(
            "/".join(self.layers[place].path)
            for place, value in sorted(self._trained.items())
            if value is is_trained
        )

    def _leaves(self, places: list[int]) -> list[int]:
        """Layers with weights at these places, and nested in what stands there."""
        found: dict[int, None] = {}
        for place in places:
            first = self.layers[place]
            if not first.layer.layers:  # the usual layer
                if first.layer.weights:
                    found[place] = None
                continue
            depth = first.depth
            for inner in range(place, len(self.layers)):
                listed = self.layers[inner]
                if inner > place and listed.depth <= depth:
                    break
                if listed.layer.weights and not listed.layer.layers:
                    found[inner] = None
        return list(found)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Numbers stand at the right."""
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == PARAMETERS:
            return RIGHT
        return super().data(index, role)


class FreezeDialog(LayersDialog):
    """Layers are frozen and trained."""

    def __init__(
        self, pool: Pool, document: Document, wish: Wish, parent: QWidget | None = None
    ) -> None:
        self._rows = FreezeItemModel()
        super().__init__(
            pool, document, wish, self._rows,
            title="Freeze", explanation=_EXPLANATION, ending="frozen", parent=parent,
        )  # fmt: skip
        self._rows.setParent(self)
        for text, tip, call in (
            (
                "Freeze chosen",
                "Freeze the chosen layers (Space)",
                lambda: self._set(False),
            ),
            (
                "Train chosen",
                "Have the chosen layers trained (Space again)",
                lambda: self._set(True),
            ),
            ("Freeze up to here", "Freeze all layers up to the chosen one", self._freeze_up_to),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(text)
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, call=call: call())
            self.tools.addWidget(button)
        self._count = PlainLabel(wrap=True)
        self.body.addWidget(self._count)
        self.table.clicked.connect(self._click)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.table)
        space.setContext(Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._toggle_chosen)
        self._rows.changed.connect(self._tell)
        self.begin()

    def show_wish(self, places: list[int]) -> None:
        """Freeze or unfreeze what the user began with."""
        self._rows.set_trained(places, self.wish.kind == "unfreeze")

    def words_against(self) -> str:
        """Something has to differ."""
        if not self.is_read:
            return super().words_against()
        has_change = self._rows.frozen or self._rows.trained
        return "" if has_change else "Choose layers to freeze, or to have trained again."

    def export_to(self, target: str) -> Export | None:
        """What differs from the file."""
        if self.words_against():
            return None
        return FreezeLayers(
            document=self.document.path,
            target=target,
            frozen=self._rows.frozen,
            trained=self._rows.trained,
        )

    def _click(self, index: Index) -> None:
        place = self._rows.place_at(index)
        if place is not None and index.column() == TRAINED:
            self._rows.toggle(place)

    def _toggle_chosen(self) -> None:
        """Freeze them, or have them trained when the first is frozen."""
        place = self._rows.place_at(self.table.currentIndex())
        if place is not None:
            self._set(not self._rows.is_trained_inside(place))

    def _set(self, is_trained: bool) -> None:
        rows = self.table.selectionModel().selectedRows()
        places = [self._rows.place_at(row) for row in rows]
        self._rows.set_trained([place for place in places if place is not None], is_trained)

    def _freeze_up_to(self) -> None:
        place = self._rows.place_at(self.table.currentIndex())
        if place is not None:
            self._rows.set_trained(list(range(place + 1)), False)

    def _tell(self) -> None:
        trained = self._rows.n_trained
        self._count.set_text(f"Training will change {plural(trained, 'parameter')}.")
        self.plan_anew()


def _is_trained(listed: Listed) -> bool:
    """As the file says; where it says nothing Keras trains."""
    return listed.layer.trainable is not False

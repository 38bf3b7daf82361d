"""At the left: a slot for each input, and the recipe below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.predict.input_slot import InputSlot
from h5viewer.gui.predict.recipe_bar import Choice, RecipeBar
from h5viewer.nodes import LoadedNetwork, NetworkInput, Prediction

_NARROWEST = 250  # pixels

_Value = TypeVar("_Value")


class InputSide(QScrollArea):
    """Scrolls when there are many inputs.

    Signals:
        files_dropped(input: int, paths: list[str]): onto one of several inputs.
        choose_wanted(input: int), row_wanted(input: int): the user wants to give it something.
    """

    files_dropped = Signal(int, list)
    choose_wanted = Signal(int)
    row_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slots: list[InputSlot] = []
        self.recipe_bar = RecipeBar()
        self._inputs: Sequence[NetworkInput] = ()
        page = QWidget()
        page.setProperty("role", "surface")
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(*[theme.SPACE_M] * 4)
        self._column.setSpacing(theme.SPACE_L)
        self._column.addWidget(self.recipe_bar)
        self._column.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What the network is given")
        self.setMinimumWidth(_NARROWEST)
        theme.changed.connect(self._draw)

    def show_network(self, network: LoadedNetwork, choice: Choice) -> None:
        """Slots for the inputs of this network."""
        if self._inputs != network.inputs or not self.slots:
            self._inputs = network.inputs
            self._make_slots(network.inputs)
        self.show_recipe(network, choice)

    def show_recipe(self, network: LoadedNetwork, choice: Choice) -> None:
        """Say that this recipe is in force."""
        self.recipe_bar.show_network(network, choice)
        takes_pictures = any(each.kind == "picture" for each in network.inputs)
        self.recipe_bar.setVisible(takes_pictures)

    def show_names(self, names: Sequence[str]) -> None:
        """What stands in each slot, by name; its picture comes with the answer."""
        for slot, name in zip(self.slots, names, strict=False):
            slot.show_name(name)

    def show_prediction(self, prediction: Prediction) -> None:
        """What the network saw."""
        for at, slot in enumerate(self.slots):
            slot.show_sample(
                _at(prediction.pictures, at), _at(prediction.seen, at), _at(prediction.ranges, at)
            )

    def clear(self) -> None:
        """Nothing is given."""
        for slot in self.slots:
            slot.clear()

    def _draw(self) -> None:
        """Slots come and go, this stays: it listens for them."""
        for slot in self.slots:
            slot.draw()

    def _make_slots(self, inputs: Sequence[NetworkInput]) -> None:
        for slot in self.slots:
            self._column.removeWidget(slot)
            slot.hide()
            slot.deleteLater()
        self.slots = [InputSlot(each, is_only=len(inputs) == 1) for each in inputs]
        for at, slot in enumerate(self.slots):
            self._column.insertWidget(at, slot)
            slot.files_dropped.connect(partial(self.files_dropped.emit, at))
            slot.choose_wanted.connect(partial(self.choose_wanted.emit, at))
            slot.row_wanted.connect(partial(self.row_wanted.emit, at))


def _at(values: Sequence[_Value], at: int) -> _Value | None:
    return values[at] if at < len(values) else None

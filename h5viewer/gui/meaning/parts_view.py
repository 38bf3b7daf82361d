"""Gates, heads, and the optimizer's variables: parts side by side, with their numbers."""

from __future__ import annotations

import math

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.gui.meaning.pixels import image_of, span_of
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.nodes import PartNumbers, Parts, Slot, WeightMeaning, WeightPart
from h5viewer.requests import Block, ReadParts
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

_PICTURE, _STRIP = (96, 420), (20, 64)  # pixels of the shorter side, from and to
_MOST = 64  # parts read at once


class PartsView(WeightView):
    """A picture of each part; below it mean, spread and norm."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._grid = PictureGrid("Parts of the weight")
        self._common = switch_button(
            "Common scale", "The same colours for all parts; else each has its own"
        )
        self._bar.addWidget(self._common)
        self._fill(self._grid)
        self._parts: tuple[WeightPart, ...] = ()
        self._numbers: tuple[PartNumbers, ...] = ()
        self._images: dict[int, QImage] = {}
        self._common.setChecked(True)
        self._common.toggled.connect(self._recolour)
        self._grid.pointed.connect(self._tell)
        self._grid.chosen.connect(self._choose)

    def _begin(self, meaning: WeightMeaning) -> None:
        self._ask_for(meaning.parts[:_MOST])

    def _ask_for(self, parts: tuple[WeightPart, ...]) -> None:
        self._parts = parts
        blocks = tuple(
            Block(path=part.path, axis=part.axis, start=part.start, stop=part.stop, row=part.row)
            for part in parts
        )
        self._ask(ReadParts(document=self.document, parts=blocks), self._take)

    def _take(self, found: Parts) -> None:
        self._numbers = found.parts
        self._show()
        meaning = self.meaning
        if meaning is not None and len(meaning.parts) > len(self._parts):
            rest = count_text(len(meaning.parts))
            self._say(f"The first {len(self._parts)} of {rest}.")
        elif meaning is not None:
            self._say(_SENTENCES.get("heads" if meaning.head_axis is not None else "gates", ""))

    def _show(self) -> None:
        self._images.clear()
        shapes = [part.values.shape for part in self._shown()]
        rows, columns = shapes[0] if shapes else (1, 1)
        self._grid.fill(*(_STRIP if rows == 1 else _PICTURE))
        self._grid.show_items(
            len(shapes),
            self._image,
            self._caption,
            aspect=math.sqrt(columns / max(1, rows)),
            n_lines=4,
        )

    def _shown(self) -> tuple[PartNumbers, ...]:
        """The parts that are drawn."""
        return self._numbers

    def _span(self, item: int) -> tuple[float, float]:
        own = span_of(self._shown()[item].values.values)
        if not self._common.isChecked():
            return own
        spans = [span_of(part.values.values) for part in self._shown()]
        return min(low for low, _ in spans), max(high for _, high in spans)

    def _image(self, item: int) -> QImage | None:
        if item not in self._images:
            self._images[item] = image_of(self._shown()[item].values.values, *self._span(item))
        return self._images[item]

    def _title(self, item: int) -> str:
        name = self._parts[item].name
        return name[:1].upper() + name[1:]

    def _caption(self, item: int) -> tuple[str, ...]:
        return (self._title(item), *lines_of(self._shown()[item]))

    def _tell(self, item: int) -> None:
        if not 0 <= item < len(self._shown()):
            self.pointed.emit("")
            return
        part = self._shown()[item]
        self.pointed.emit(
            f"{self._title(item)}: {_number(part.minimum)} to {_number(part.maximum)}, "
            f"{plural(part.count, 'number')}"
        )

    def _choose(self, item: int) -> None:
        """To the dataset that a gate of Keras 1 is; to this head in the Array panel."""
        part, meaning = self._parts[item], self.meaning
        if meaning is None:
            return
        is_single = part.axis is not None and part.stop - part.start == 1
        axes = range(len(meaning.shape))
        drawn = [axis for axis in axes if not (is_single and axis == part.axis)]
        if part.path != meaning.path or len(drawn) < 2 or not is_single:
            self.cut_wanted.emit(part.path, None)
            return
        index = [0] * len(meaning.shape)
        index[part.axis or 0] = part.start
        self._show_in_array(drawn[-2], drawn[-1], tuple(index))

    def _recolour(self) -> None:
        self._images.clear()
        self._grid.refresh()

    def _forget(self) -> None:
        self._parts, self._numbers = (), ()
        self._images.clear()
        self._grid.show_items(0, self._image, self._caption)


class StateView(PartsView):
    """The weight, and beside it what the optimizer keeps for it."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._common.setChecked(False)
        self._common.hide()
        self._slots: tuple[Slot, ...] = ()
        self._n_drawn = 0

    def _begin(self, meaning: WeightMeaning) -> None:
        state = meaning.optimizer
        if state is None:
            return
        self._slots = state.slots
        weight = meaning.path if meaning.slot is None else meaning.slot.weight
        drawn = [WeightPart(name="Weight", path=weight)] if weight is not None else []
        drawn += [WeightPart(name=slot.title, path=slot.path) for slot in state.slots]
        self._n_drawn = len(drawn)
        own = [WeightPart(name=slot.title, path=slot.path) for slot in state.own if not slot.shape]
        self._ask_for((*drawn, *own))

    def _take(self, found: Parts) -> None:
        self._numbers = found.parts
        self._show()
        self._say(self._sentence())

    def _shown(self) -> tuple[PartNumbers, ...]:
        return self._numbers[: self._n_drawn]

    def _caption(self, item: int) -> tuple[str, ...]:
        return (self._title(item), *lines_of(self._shown()[item])[:2], self._meaning_of(item))

    def _meaning_of(self, item: int) -> str:
        slots = self._slots
        n_before = self._n_drawn - len(slots)
        return slots[item - n_before].meaning if 0 <= item - n_before < len(slots) else ""

    def _sentence(self) -> str:
        state = self.meaning.optimizer if self.meaning is not None else None
        if state is None:
            return ""
        name = (state.optimizer or "").rpartition(">")[2]
        numbers = [
            f"{part.name.lower()} {_number(numbers.mean)}"
            for part, numbers in zip(
                self._parts[self._n_drawn :], self._numbers[self._n_drawn :], strict=True
            )
        ]
        told = f"{name or 'The optimizer'}: {', '.join(numbers)}." if numbers else ""
        if name and not numbers:
            told = f"{name}."
        return f"{told} {state.problem}".strip()

    def _choose(self, item: int) -> None:
        self.cut_wanted.emit(self._parts[item].path, None)

    def _forget(self) -> None:
        super()._forget()
        self._slots, self._n_drawn = (), 0


_SENTENCES = {
    "gates": "Each gate is a block of the weight, in the order in which the file stores them.",
    "heads": "Each head is a slice of the weight.",
}


def lines_of(part: PartNumbers) -> tuple[str, str, str]:
    """Numbers of a part in short lines."""
    strange = f", {part.n_not_finite:,} not finite" if part.n_not_finite else ""
    zeros = f"{100 * part.n_zero / part.count:.3g} % zeros" if part.count and part.n_zero else ""
    return (
        f"mean {_number(part.mean)}, std {_number(part.std)}",
        f"largest {_number(max(abs(part.minimum), abs(part.maximum)))}{strange}",
        f"norm {_number(part.norm)}" + (f", {zeros}" if zeros else ""),
    )


def _number(number: float) -> str:
    if math.isnan(number):
        return "—"
    if number == int(number) and abs(number) < 1e12:
        return f"{int(number):,}".replace("-", "−")
    return f"{number:.3g}".replace("-", "−")

"""Saving the dataset that is shown: its cut and colours as a request, and the menu that asks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QMenu, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.levels import Levels
from h5viewer.requests import Cut, SaveDataset

SAVE = "Save dataset as…"
_N_COLOURS = 256  # the colour after them is that of missing values


def save_request(
    subject: Subject, cut: Cut, colours: NDArray[np.uint8] | None, levels: Levels
) -> SaveDataset:
    """The cut as it is drawn; the target is to be chosen.

    Args:
        subject: the dataset, and which axis holds red, green and blue.
        cut: what is drawn.
        colours: (n, 4) RGBA from the lowest level to the highest; None: colours as stored.
        levels: what is drawn in the first and the last colour.
    """
    shape = subject.dataset.shape or ()
    drawn = {axis for axis in (cut.rows, cut.columns) if axis is not None}
    is_picture = cut.rows is not None
    channels = subject.channels % len(shape) if is_picture and colours is None else None
    if channels is not None:
        drawn.add(channels)
    selection = tuple(
        (0, length) if axis in drawn else place
        for axis, (length, place) in enumerate(zip(shape, cut.index, strict=False))
    )
    return SaveDataset(
        document=subject.document,
        target="",
        node=subject.dataset.path,
        selection=selection if any(isinstance(each, int) for each in selection) else (),
        is_turned=is_picture and cut.rows is not None and cut.rows > (cut.columns or 0),
        channels=channels,
        low=levels.low if is_picture and colours is not None else None,
        high=levels.high if is_picture and colours is not None else None,
        colours=b"" if colours is None else colours[:_N_COLOURS, :3].tobytes(),
    )


def save_menu(parent: QWidget) -> QMenu:
    """Its only action is `save_menu(…).actions()[0]`."""
    menu = QMenu(parent)
    menu.setAccessibleName("Actions for this picture")
    menu.aboutToHide.connect(menu.deleteLater)
    menu.addAction(theme.icon("save", "muted"), SAVE)
    return menu

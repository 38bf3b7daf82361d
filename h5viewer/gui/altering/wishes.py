"""What a user may want done with layers: the rows of the menus that offer it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec
from PySide6.QtWidgets import QMenu

from h5viewer.gui import theme
from h5viewer.names import NodePath
from h5viewer.nodes import Layer, LayerItem

Kind = Literal["cut", "freeze", "unfreeze", "rename"]
Key = tuple[int, ...]

WISHES: tuple[tuple[Kind, str, str, str], ...] = (
    ("cut", "Cut here…", "cut", "Write the network up to this layer into a new file"),
    ("freeze", "Freeze…", "frozen", "Write a copy in which training leaves these layers alone"),
    ("unfreeze", "Unfreeze…", "training", "Write a copy in which training changes these layers"),
    ("rename", "Rename…", "rename", "Give layers other names, in a copy"),
)
"""Kind, text, icon, tooltip."""


class Wish(msgspec.Struct, frozen=True):
    """Something to be done with layers of a document; `group`: those whose weights it holds."""

    kind: Kind
    document: str
    layers: tuple[Key, ...] = ()
    group: NodePath = ()


def add_wishes(
    menu: QMenu,
    layers: Sequence[Layer],
    wanted: Callable[[Kind], None],
    item: LayerItem = "layer",
) -> None:
    """Offer what can be done with these layers; with operations of a graph it is nothing."""
    if item != "layer":
        return
    menu.addSeparator()
    for kind, text, icon, tooltip in WISHES:
        action = menu.addAction(theme.icon(icon, "muted"), text)
        action.setToolTip(tooltip)
        action.setEnabled(can_be_done(kind, layers))
        action.triggered.connect(lambda _=False, kind=kind: wanted(kind))


def can_be_done(kind: Kind, layers: Sequence[Layer]) -> bool:
    """Whether it makes sense for all of them; files of weights declare no layers."""
    if not layers or any(layer.class_name is None for layer in layers):
        return False
    if kind == "cut":
        return len(layers) == 1
    if kind == "rename":
        return True
    return any(layer.n_parameters for layer in layers)

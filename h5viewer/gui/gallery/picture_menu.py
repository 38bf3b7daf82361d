"""What can be done with the chosen pictures: a menu over actions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import show_name
from h5viewer.gui.node_text import document_name
from h5viewer.nodes import Document
from h5viewer.wording import plural


def picture_menu(
    parent: QWidget,
    n_chosen: int,
    networks: Sequence[Document],
    *,
    open_large: Callable[[], None],
    copy: Callable[[], None],
    save: Callable[[], None],
    predict: Callable[[Document], None],
) -> QMenu:
    """A menu for so many pictures; it deletes itself."""
    menu = QMenu(parent)
    menu.setAccessibleName("Actions for the chosen pictures")
    menu.setToolTipsVisible(True)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.addAction(theme.icon("expand", "muted"), "See it large").triggered.connect(open_large)
    menu.addAction(theme.icon("copy", "muted"), "Copy picture").triggered.connect(copy)
    words = "Predict this picture" if n_chosen == 1 else f"Predict {plural(n_chosen, 'picture')}"
    add_networks(menu, words, networks, predict)
    menu.addSeparator()
    words = "Save as PNG…" if n_chosen == 1 else f"Save {plural(n_chosen, 'picture')} as PNG…"
    menu.addAction(theme.icon("save", "muted"), words).triggered.connect(save)
    return menu


def add_networks(
    menu: QMenu, words: str, networks: Sequence[Document], predict: Callable[[Document], None]
) -> None:
    """One action for one network, a menu for several, a greyed line for none."""
    if len(networks) > 1:
        inner = menu.addMenu(theme.icon("network", "muted"), words)
        fill_networks(inner, networks, predict)
        return
    action = menu.addAction(theme.icon("network", "muted"), words)
    action.setEnabled(bool(networks))
    if networks:
        action.triggered.connect(partial(predict, networks[0]))
    else:
        action.setToolTip("Open a network first")


def fill_networks(
    menu: QMenu, networks: Sequence[Document], predict: Callable[[Document], None]
) -> None:
    """An action for each."""
    menu.clear()
    for network in networks:
        name = show_name(document_name(network), 60)
        menu.addAction(name).triggered.connect(partial(predict, network))

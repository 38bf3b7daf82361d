"""Every command of the window: its words, key and icon, and the menus they stand in."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import show_name
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.settings_dialog import THEMES
from h5viewer.names import visible


class Command(msgspec.Struct, frozen=True):
    """One row of the table. `key` is a portable key sequence, or empty."""

    name: str
    text: str
    icon: str
    key: str
    tooltip: str


COMMANDS = (
    Command("open", "&Open…", "open", "Ctrl+O", "Choose files to open"),
    Command(
        "folder",
        "Open fol&der…",
        "folder-open",
        "Ctrl+Shift+R",
        "Open a run of training, a checkpoint or a folder of pictures",
    ),
    Command("example", "Open the &example", "example", "", "Open the example network"),
    Command("reload", "&Reload", "reload", "F5", "Read the file anew"),
    Command(
        "compare",
        "Co&mpare with…",
        "compare",
        "Ctrl+D",
        "Compare the file that is shown with another",
    ),
    Command(
        "pictures",
        "Ask about &pictures…",
        "image",
        "Ctrl+Shift+O",
        "Choose pictures for the network that is shown",
    ),
    Command(
        "paste",
        "Paste p&icture",
        "copy",
        "Ctrl+V",
        "Ask the network on the picture in the clipboard",
    ),
    Command(
        "repaired",
        "Save &repaired copy…",
        "save",
        "",
        "Save the network as a .keras file that plain Keras 3 loads",
    ),
    Command("export", "E&xport…", "save", "Ctrl+E", "Write a new file made of this one"),
    Command(
        "merge", "&Merge…", "merge", "Ctrl+M", "Make one network of several files, in a new file"
    ),
    Command(
        "data-set",
        "&New data set…",
        "dataset",
        "Ctrl+N",
        "Make one file to train from of a folder of pictures",
    ),
    Command("undo", "&Undo last change", "undo", "Ctrl+Z", "Take back what was changed last"),
    Command(
        "names", "Class &names…", "tag", "", "Change the class names that the file keeps, in a copy"
    ),
    Command(
        "save", "&Save as…", "save", "Ctrl+S", "Write a copy of the file with what was changed"
    ),
    Command("close", "&Close file", "close", "Ctrl+W", "Close the file that is shown"),
    Command("settings", "&Settings…", "settings", "Ctrl+,", "Theme and limits"),
    Command("quit", "&Quit", "exit", "Ctrl+Q", "Close the window"),
    Command("back", "&Back", "back", "Alt+Left", "To what was shown before"),
    Command("forward", "&Forward", "forward", "Alt+Right", "Forward again"),
    Command("find", "&Search names", "search", "Ctrl+F", "Search names in all open files"),
    Command("sidebar", "Show or hide the &tree", "tree", "Ctrl+B", "More room for the view"),
    Command("shortcuts", "&Keyboard", "keyboard", "F1", "All keys at a glance"),
    Command("about", "&About h5viewer", "info", "", "Versions and licence"),
)

_MENUS = (
    (
        "&File",
        (
            *("open", "folder", "recent", "example", ""),
            *("pictures", "paste", ""),
            *("export", "merge", "data-set", "repaired", ""),
            *("compare", "reload", "close", "", "settings", "", "quit"),
        ),
    ),
    ("&Edit", ("undo", "", "names", "", "save")),
    ("&View", ("back", "forward", "", "find", "sidebar", "", "theme")),
    ("&Help", ("shortcuts", "about")),
)


class Actions(QObject):
    """The commands as QActions, by name, and the submenus that change."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._actions = {command.name: self._create(command, window) for command in COMMANDS}
        self.recent = QMenu("Recent &files", window)
        self.recent.setIcon(theme.icon("clock", "muted"))
        self.theme = QMenu("T&heme", window)
        self.theme.setIcon(theme.icon("palette", "muted"))
        self.themes = QActionGroup(self)
        for mode, text in THEMES:
            action = self.themes.addAction(text)
            action.setCheckable(True)
            action.setData(mode)
            self.theme.addAction(action)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def fill(self, bar: QMenuBar) -> None:
        """Build the menus."""
        submenus = {"recent": self.recent, "theme": self.theme}
        for title, names in _MENUS:
            menu = bar.addMenu(title)
            for name in names:
                if not name:
                    menu.addSeparator()
                elif name in submenus:
                    menu.addMenu(submenus[name])
                else:
                    menu.addAction(self._actions[name])

    def show_recent(self, paths: list[str]) -> None:
        """Fill the submenu of recent files; an entry's data is its path, the last one's none."""
        self.recent.clear()
        for path in paths:
            action = self.recent.addAction(show_name(Path(path).name, 60))
            action.setData(path)
            action.setToolTip(plain_tooltip(visible(path, 200)))
        self.recent.addSeparator()
        self.recent.addAction("Clear recent files")
        self.recent.setEnabled(bool(paths))

    def allow(self, *, has_any: bool, has_file: bool, has_network: bool) -> None:
        """What there is something to do with: anything open, a file on view, a network."""
        for names, is_allowed in (
            (("close", "find", "sidebar"), has_any),
            (("compare", "export", "reload"), has_file),
            (("pictures", "paste", "repaired", "names"), has_network),
        ):
            for name in names:
                self._actions[name].setEnabled(is_allowed)

    def check_theme(self, mode: theme.Mode) -> None:
        """Mark the theme in force."""
        for action in self.themes.actions():
            action.setChecked(action.data() == mode)

    def _create(self, command: Command, window: QWidget) -> QAction:
        action = QAction(theme.icon(command.icon, "muted"), command.text, window)
        action.setToolTip(command.tooltip)
        action.setStatusTip("")
        if command.key:
            action.setShortcut(QKeySequence(command.key))
        window.addAction(action)
        return action

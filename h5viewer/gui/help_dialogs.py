"""Keyboard help, About, and the dialog for bugs."""

from __future__ import annotations

import platform
from collections.abc import Sequence

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import h5viewer
from h5viewer.gui import theme
from h5viewer.gui.actions import COMMANDS
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.wording import how_to_install

_MORE_KEYS = (
    ("Ctrl+1 … Ctrl+9", "Show the first, second, … view"),
    ("F2, double click", "In an answer: name the class"),
    ("Ctrl+G", "In a table of values: go to a row and column; in a gallery: to a picture"),
    ("Return, Esc", "In a gallery: see the picture large, see all again"),
    ("+, −, 0", "In a picture: zoom in, zoom out, show everything"),
    ("Left, Right", "In the tree: fold, unfold, go up or down a level"),
    ("Space, Return", "In the tree: unfold or fold"),
    ("*, Shift+Right", "In the tree: unfold everything below, Esc to stop"),
    ("Shift+Left", "In the tree: fold everything below"),
    ("Ctrl+C", "In the tree: copy the path"),
    ("Esc", "In the search box: back to the tree"),
)

Versions = Sequence[tuple[str, str]]

_PACKAGES = ("PySide6-Essentials", "h5py", "numpy", "pyqtgraph")
_NO_TENSORFLOW = "not installed; Predict needs it. " + how_to_install("'h5viewer[predict]'")


class ShortcutsDialog(QDialog):
    """All keys at a glance."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard")
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE_XL)
        grid.setVerticalSpacing(theme.SPACE_S)
        native = QKeySequence.SequenceFormat.NativeText
        rows = [
            (QKeySequence(command.key).toString(native), command.tooltip)
            for command in COMMANDS
            if command.key
        ]
        for number, (keys, meaning) in enumerate((*rows, *_MORE_KEYS)):
            grid.addWidget(PlainLabel(keys, role="chip"), number, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(PlainLabel(meaning), number, 1)
        grid.setColumnStretch(1, 1)
        _finish(self, grid)


class AboutDialog(QDialog):
    """What runs here, in lines that can be copied into a report."""

    def __init__(self, libraries: Versions = (), parent: QWidget | None = None) -> None:
        """`libraries`: those that read files in other processes, as these state them."""
        super().__init__(parent)
        self.setWindowTitle("About h5viewer")
        shown = versions(libraries)
        title = PlainLabel(f"h5viewer {h5viewer.__version__}")
        title.setFont(theme.scaled_font(1.5, QFont.Weight.DemiBold))
        what = PlainLabel(
            "Opens Keras and HDF5 model files: tree, architecture and weights, safely and at once. "
            "Free software under the MIT licence; icons by Lucide, ISC licence.",
            wrap=True,
            role="muted",
        )
        grid = QGridLayout()
        grid.addWidget(title, 0, 0, 1, 2)
        grid.addWidget(what, 1, 0, 1, 2)
        grid.setRowMinimumHeight(2, theme.SPACE_S)
        grid.setHorizontalSpacing(theme.SPACE_XL)
        grid.setVerticalSpacing(theme.SPACE_S)
        for number, (name, version) in enumerate(shown, 3):
            grid.addWidget(PlainLabel(name, role="muted"), number, 0)
            grid.addWidget(PlainLabel(version), number, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(grid.rowCount(), 1)  # else the lines drift apart
        copy = QPushButton("Copy versions")
        copy.setToolTip("Copy the versions, for a report")
        copy.setAccessibleName("Copy versions")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(_versions_text(shown)))
        _finish(self, grid, copy)


class BugDialog(QDialog):
    """Something happened that should not: the traceback, to be copied into a report."""

    def __init__(self, traceback: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("A fault in h5viewer")
        self._text = f"{traceback}\n{_versions_text(versions())}\n"
        title = PlainLabel("h5viewer made a mistake.")
        title.setFont(theme.scaled_font(1.15, QFont.Weight.DemiBold))
        what = PlainLabel(
            "Your files are untouched and the window goes on. "
            "Please report what stands below, so that it can be mended.",
            wrap=True,
        )
        text = QPlainTextEdit(self._text)
        text.setReadOnly(True)
        text.setAccessibleName("Technical details")
        text.setToolTip("Where in the program it happened")
        text.setFont(theme.monospace(-1))
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        grid = QGridLayout()
        grid.addWidget(title, 0, 0)
        grid.addWidget(what, 1, 0)
        grid.addWidget(text, 2, 0)
        copy = QPushButton("Copy")
        copy.setToolTip("Copy the details")
        copy.setAccessibleName("Copy the details")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        _finish(self, grid, copy)
        self.resize(720, 460)


def versions(libraries: Versions = ()) -> list[tuple[str, str]]:
    """What runs here.

    Args:
        libraries: h5py and HDF5 as the processes that read files have them; without them
            h5py's version is asked of its package.
    """
    found = [
        ("h5viewer", h5viewer.__version__),
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
    ]
    known = dict(libraries)
    for name in _PACKAGES:
        if version := known.pop(name, "") or _version(name):
            found.append((name, version))
        if name == "h5py":
            found += known.items()
    found.append(("tensorflow", _version("tensorflow") or _NO_TENSORFLOW))
    return [*found, ("System", f"{platform.system()} {platform.release()} {platform.machine()}")]


def _version(package: str) -> str:
    """Of an installed package; "" where there is none, or (frozen program) no list of them."""
    from importlib import metadata  # 15 ms that the start of the window does without

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _versions_text(shown: Versions) -> str:
    return "\n".join(f"{name} {version}" for name, version in shown)


def _finish(dialog: QDialog, content: QGridLayout, *buttons: QPushButton) -> None:
    """Margins and the row of buttons that all dialogs have."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    box.rejected.connect(dialog.accept)
    for button in buttons:
        box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(*[theme.SPACE_XL] * 4)
    column.setSpacing(theme.SPACE_XL)
    column.addLayout(content)
    column.addWidget(box)
    dialog.setMinimumWidth(460)
    dialog.setAccessibleName(dialog.windowTitle())

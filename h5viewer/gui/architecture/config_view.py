"""A configuration (JSON): as a tree of settings to read, or as the text it is."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.text_view import TextView
from h5viewer.gui.controls.tool_button import close_button, tool_button
from h5viewer.names import visible
from h5viewer.nodes import Text

_MAX_PARSED = 200_000  # characters; Python's parser takes 5 ms for them
_MAX_ROWS = 2_000
_MAX_DEPTH = 30
_FEW = 20
_SHORT = 80  # characters of a list that stands in its row instead of unfolding
_ABOUT_OBJECTS = ("class_name", "config", "module", "registered_name", "name")

_UNREADABLE = (ValueError, RecursionError, MemoryError)


class ConfigView(QWidget):
    """One configuration with a heading, a choice of tree or text, and Copy.

    Signals:
        whole_wanted, copy_wanted: as in TextView.
        closed(): the user does not want to see it; only where it is `closable`.
    """

    whole_wanted = Signal()
    copy_wanted = Signal()
    closed = Signal()

    def __init__(
        self,
        title: str,
        *,
        unfolded: bool = False,
        closable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._close = close_button() if closable else None
        self._unfolded = unfolded
        self._title = PlainLabel(title)
        self._title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._tree = SettingsTree(title)
        self._text = TextView(f"{title} as JSON", with_bar=False)
        self._text.whole_wanted.connect(self.whole_wanted)
        self._text.copy_wanted.connect(self.copy_wanted)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._tree)
        self._pages.addWidget(self._text)
        self._as_text = tool_button(
            "json",
            "Show the configuration as it is in the file",
            name="Show as JSON",
            quiet=True,
            checkable=True,
        )
        self._as_text.toggled.connect(self._choose_page)
        self._copy = tool_button(
            "copy", "Copy the whole configuration as JSON", name="Copy configuration", quiet=True
        )
        self._copy.clicked.connect(self._text.copy_all)
        self._has_tree = False
        self._arrange()

    def show_text(self, text: Text) -> None:
        """Show a configuration; as text where it is no JSON object or too long for a tree."""
        settings = _parsed(text)
        self._has_tree = settings is not None
        self._tree.show_settings(settings if settings is not None else {})
        if self._unfolded:
            self._tree.unfold_few()
        self._text.show_text(text)
        self._copy.setEnabled(True)
        self._as_text.setEnabled(self._has_tree)
        self._choose_page()

    def clear(self) -> None:
        """Show nothing."""
        self._tree.clear()
        self._text.clear()
        self._copy.setEnabled(False)
        self._as_text.setEnabled(False)

    def _choose_page(self) -> None:
        as_text = self._as_text.isChecked() or not self._has_tree
        self._pages.setCurrentWidget(self._text if as_text else self._tree)

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_XS)
        bar.addWidget(self._title, 1)
        bar.addWidget(self._as_text)
        bar.addWidget(self._copy)
        if self._close is not None:
            self._close.clicked.connect(self.closed)
            bar.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self._pages, 1)


class SettingsTree(QTreeWidget):
    """Names and values; objects unfold."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.header().setStretchLastSection(True)
        self.expanded.connect(self._fit_names)
        self.setItemDelegate(_SettingDelegate(self))

    def show_settings(self, settings: dict[str, Any]) -> None:
        """Show the entries of a JSON object."""
        self.clear()
        budget = [_MAX_ROWS]
        items = list(_items(settings, budget))
        self.addTopLevelItems(items)
        if budget[0] <= 0:
            note = QTreeWidgetItem(["…", "more than fits here; see the JSON"])
            self.addTopLevelItem(note)
        self._fit_names()

    def _fit_names(self) -> None:
        self.resizeColumnToContents(0)
        self.setColumnWidth(0, min(self.columnWidth(0) + theme.SPACE_M, 240))

    def unfold_few(self) -> None:
        """Unfold the first level where what it holds still fits on a screen."""
        items = [self.topLevelItem(row) for row in range(self.topLevelItemCount())]
        for item in items:
            if item is not None and item.childCount() <= _FEW:
                item.setExpanded(True)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the chosen lines as `name: value`."""
        if event.matches(QKeySequence.StandardKey.Copy):
            lines = [f"{item.text(0)}: {item.text(1)}" for item in self.selectedItems()]
            QGuiApplication.clipboard().setText("\n".join(lines))
        else:
            super().keyPressEvent(event)


class _SettingDelegate(QStyledItemDelegate):
    """Names rank second, values first; None says least."""

    # Qt overrides

    def initStyleOption(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Colour of the text, asked anew at every drawing: themes change."""
        super().initStyleOption(option, index)
        shade = theme.colours()
        colour = shade.muted
        if index.column() == 1:
            colour = shade.faint if index.data() in ("None", "") else shade.text
        option.palette.setColor(QPalette.ColorRole.Text, QColor(colour))


def value_words(value: Any) -> str:
    """A JSON value in one line, as Python people write it."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, int | float):
        return visible(json.dumps(value))
    if isinstance(value, dict):
        name = value.get("class_name")
        if isinstance(name, str):
            return visible(name) + _only_setting(value.get("config"))
        return wording.plural(len(value), "entry", "entries") if value else "{}"
    short = _short_list(value)
    return short or wording.plural(len(value), "item")


def _only_setting(config: Any) -> str:
    """`L2 (0.0001)`, `DTypePolicy (float32)`: one plain setting says it all."""
    if not isinstance(config, dict) or len(config) != 1:
        return ""
    setting = next(iter(config.values()))
    if setting is None or isinstance(setting, dict | list):
        return ""
    return f" ({value_words(setting)})"


def _items(value: Any, budget: list[int], depth: int = 0) -> Iterator[QTreeWidgetItem]:
    """Rows for the entries of an object or list, as long as the budget of rows lasts."""
    for name, entry in _entries(value):
        budget[0] -= 1
        if budget[0] <= 0:
            return
        item = QTreeWidgetItem([visible(name), value_words(entry)])
        for column in (0, 1):
            item.setToolTip(column, html.escape(item.text(column)))
        if depth < _MAX_DEPTH and not _short_list(entry):
            item.addChildren(list(_items(entry, budget, depth + 1)))
        yield item


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((str(place), entry) for place, entry in enumerate(value))
    elif isinstance(value, dict):
        inner = value.get("config")
        if isinstance(value.get("class_name"), str) and isinstance(inner, dict):
            yield from inner.items()
            # what Keras writes about the object, not into it, comes last
            rest = {key: entry for key, entry in value.items() if key not in ("config",)}
            yield from ((key, rest[key]) for key in rest if key not in _ABOUT_OBJECTS)
            return
        yield from value.items()


def _short_list(value: Any) -> str:
    """A list of plain values that fits into its row."""
    if not isinstance(value, list) or len(value) > _SHORT // 2:
        return ""
    if any(isinstance(entry, dict | list) and entry for entry in value):
        return ""
    text = visible(json.dumps(value))
    return text if len(text) <= _SHORT else ""


def _parsed(text: Text) -> dict[str, Any] | None:
    """The object, or None where it is none or too long for a tree."""
    if text.language != "json" or not text.is_complete or len(text.text) > _MAX_PARSED:
        return None
    try:
        value = json.loads(text.text)
    except _UNREADABLE:
        return None
    return value if isinstance(value, dict) else None

"""Facts about the selection, its attributes, and the value of one of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QFont, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.controls.text_view import FIRST_LIMIT, SHOW_LIMIT, TextView
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.details.attribute_editing import AttributeEditing
from h5viewer.gui.details.attributes_item_model import PAGE, AttributesItemModel
from h5viewer.gui.details.facts import facts, relation_facts
from h5viewer.gui.details.facts_view import FactsView
from h5viewer.gui.details.targets_bar import TargetsBar
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath, visible
from h5viewer.nodes import (
    Attribute,
    Attributes,
    Dataset,
    Entry,
    Group,
    Link,
    NamedType,
    Relations,
    Text,
)
from h5viewer.requests import (
    AnyChange,
    ReadAttributes,
    ReadAttributeText,
    ReadRelations,
)
from h5viewer.workers.pool import Pool

# A list, a dict or an object of some class as PyTables and pandas write them: protocol 0 is text.
_PICKLED = re.compile(r"(\([ld]p\d+\n|c[\w.]+\n\w+\n).*\.\Z", re.DOTALL)


class DetailsPanel(Panel):
    """Works for every selection."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._selection: Selection | None = None
        self._attribute: Attribute | None = None
        self._paging = Latest(pool, self)
        self._reading = Latest(pool, self)
        self._copying = Latest(pool, self)
        self._relating = Latest(pool, self)
        self._facts = FactsView()
        self._facts.target_chosen.connect(self._go_to)
        self._model = AttributesItemModel(self)
        self._model.page_wanted.connect(self._read_page)
        self._table = RowTable("Attributes")
        self._table.setModel(self._model)
        self._table.row_changed.connect(self._show_attribute)
        self._table.activated.connect(self._go_or_edit)
        self._heading = PlainLabel()
        self._heading.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._failure = Notice()
        self._failure.action_requested.connect(lambda: self._read_page(0))
        self._busy = Busy("Reading the attributes…")
        self._busy.cancelled.connect(self._paging.cancel)
        self._paging.busy_changed.connect(self._busy.set_busy)
        self._change = tool_button(
            "rename", "Give the attribute another value, in a copy", name="Change value"
        )
        self._change.clicked.connect(self._edit_value)
        self._editing = AttributeEditing(pool, self._model, self)
        self._editing.made.connect(self.changes_made)
        self._targets = TargetsBar()
        self._targets.target_chosen.connect(self._go_to)
        self._value = TextView("Value of the attribute")
        self._value.whole_wanted.connect(lambda: self._read_value(SHOW_LIMIT))
        self._value.copy_wanted.connect(self._copy_value)
        self._value_failure = Notice()
        self._editing.failed.connect(self._value_failure.show_error)
        self._value_busy = Busy("Reading the value…")
        self._value_busy.cancelled.connect(self._cancel_value)
        self._reading.busy_changed.connect(self._value_busy.set_busy)
        self._none = PlainLabel("No attributes", role="muted")
        self._none.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, 0)
        self._attributes = QWidget()
        self._value_page = QWidget()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._arrange()

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """Show facts at once, attributes when they come."""
        self.clear()
        self._selection = selection
        self._facts.show_facts(facts(selection))
        count = _n_attributes(selection)
        self._splitter.setVisible(count > 0)
        self._none.setVisible(count == 0 and not isinstance(selection.node, Entry | Link))
        self._heading.set_text(wording.plural(count, "attribute"))
        self._model.clear(count)
        self._editing.show_selection(selection)
        if count:
            self._read_page(0)
        if selection.document.format == "hdf5" or count:
            request = ReadRelations(document=selection.document.path, node=selection.path)
            self._relating.ask(
                request, self._show_relations, on_failure=self._show_without_relations
            )

    def clear(self) -> None:
        """Stop reading and forget."""
        for latest in (self._paging, self._reading, self._copying, self._relating):
            latest.cancel()
        self._selection = None
        self._editing.show_selection(None)
        self._attribute = None
        self._facts.clear()
        self._model.clear()
        self._failure.clear()
        self._clear_value()
        self._splitter.hide()
        self._none.hide()

    def show_changes(self, document: str, changes: Sequence[AnyChange]) -> None:
        """Values that wait to be saved are shown beside their names."""
        self._editing.show_changes(document, changes)

    # Other nodes

    def _show_relations(self, relations: Relations) -> None:
        selection = self._selection
        if selection is not None and relations.relations:
            self._facts.show_facts([*facts(selection), *relation_facts(relations)])

    def _show_without_relations(self, _error: H5ViewerError) -> None:
        """Nothing to add: a damaged node says so in its own facts."""

    def _go_to(self, target: NodePath) -> None:
        if self._selection is not None:
            self.node_requested.emit(self._selection.document.path, target, ())

    def _go_or_edit(self, index: QModelIndex) -> None:
        attribute = self._model.attribute_at(index)
        if attribute is not None and attribute.targets:
            self._go_to(attribute.targets[0])
        elif attribute is not None:
            self._edit_value()

    # Attributes

    def _read_page(self, start: int) -> None:
        selection = self._selection
        if selection is None:
            return
        self._failure.clear()
        self._paging.ask(
            ReadAttributes(
                document=selection.document.path, node=selection.path, start=start, count=PAGE
            ),
            self._show_page,
            on_failure=self._fail,
        )

    def _show_page(self, page: Attributes) -> None:
        is_first = not self._table.currentIndex().isValid()
        self._model.set_page(page)
        self._heading.set_text(wording.plural(page.total, "attribute"))
        if is_first and page.attributes:
            self._table.fit_columns(widest=280, last=240)
            self._give_table_room(page.total)
            self._table.selectRow(page.start)
        else:
            self._show_attribute(self._table.currentIndex())

    def _give_table_room(self, n_rows: int) -> None:
        """The table takes what its rows need, the value the rest, at least half."""
        whole = self._splitter.height()
        head = self._attributes.sizeHint().height() - self._table.sizeHint().height()
        rows = (n_rows + 1) * self._table.row_height + self._table.horizontalHeader().height()
        room = min(head + rows, whole // 2)
        self._splitter.setSizes([room, whole - room])

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error, action="Try again")

    # One value

    def _show_attribute(self, index: QModelIndex) -> None:
        attribute = self._model.attribute_at(index)
        if attribute == self._attribute:  # also when its page was read anew
            return
        self._clear_value()
        self._attribute = attribute
        self._change.setEnabled(attribute is not None)
        if attribute is None:
            return
        self._value_page.show()
        self._targets.show_targets(attribute.targets)
        is_text = attribute.dtype.kind == "string"
        if attribute.is_complete and not is_text:
            whole = Text(text=attribute.text, total=len(attribute.text), is_complete=True)
            self._value.show_text(whole, _caption(attribute, whole))
        else:
            self._read_value(FIRST_LIMIT)

    def _edit_value(self) -> None:
        if self._attribute is not None:
            self._value_failure.clear()
            self._editing.edit(self._attribute)

    def _read_value(self, limit: int) -> None:
        selection, attribute = self._selection, self._attribute
        if selection is None or attribute is None:
            return
        self._reading.ask(
            ReadAttributeText(
                document=selection.document.path,
                node=selection.path,
                name=attribute.name,
                limit=limit,
            ),
            lambda text: self._value.show_text(text, _caption(attribute, text)),
            on_failure=self._value_failure.show_error,
        )

    def _copy_value(self) -> None:
        """All of it, however long, as the user asked."""
        selection, attribute = self._selection, self._attribute
        if selection is None or attribute is None:
            return
        self._value_busy.set_busy(True, "Reading all of the value…")
        self._copying.ask(
            ReadAttributeText(
                document=selection.document.path,
                node=selection.path,
                name=attribute.name,
                limit=1 << 40,
            ),
            self._put_in_clipboard,
            on_failure=self._fail_copying,
        )

    def _put_in_clipboard(self, text: Text) -> None:
        self._value_busy.set_busy(False)
        QGuiApplication.clipboard().setText(text.text)
        self.status_changed.emit(f"Copied {wording.count_text(len(text.text))} characters")

    def _fail_copying(self, error: H5ViewerError) -> None:
        self._value_busy.set_busy(False)
        self._value_failure.show_error(error)

    def _cancel_value(self) -> None:
        self._reading.cancel()
        self._copying.cancel()
        self._value_busy.set_busy(False)

    def _clear_value(self) -> None:
        self._cancel_value()
        self._attribute = None
        self._targets.show_targets(())
        self._value.clear()
        self._value_failure.clear()

    # Building

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        bar.addWidget(self._heading)
        bar.addWidget(self._busy)
        bar.addStretch(1)
        bar.addWidget(self._change)
        above = QVBoxLayout(self._attributes)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(0)
        above.addWidget(line())
        above.addLayout(bar)
        above.addWidget(self._failure)
        above.addWidget(self._table, 1)
        below = QVBoxLayout(self._value_page)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        for part in (self._targets, self._value_failure, self._value_busy):
            below.addWidget(part)
        below.addWidget(self._value, 1)
        self._splitter.addWidget(self._attributes)
        self._splitter.addWidget(self._value_page)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(0, 0)  # the rows keep their room, the value gives
        self._splitter.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_FactsPage(self._facts), 2)
        column.addWidget(self._none)
        column.addWidget(self._splitter, 3)
        column.addStretch(0)


class _FactsPage(QScrollArea):
    """Scrolls the facts where they are many; takes no more room than they need."""

    def __init__(self, facts_view: FactsView) -> None:
        super().__init__(widgetResizable=True)
        self._facts = facts_view
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(facts_view)
        # the page shows through; a scroll area paints the window's colour otherwise
        self.viewport().setAutoFillBackground(False)
        facts_view.setAutoFillBackground(False)
        facts_view.installEventFilter(self)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Other facts, or other line breaks."""
        if watched is self._facts and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrower lines are more lines."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = self._facts.heightForWidth(self.viewport().width())
        # -1: no text in it breaks lines
        self.setMaximumHeight(self._facts.sizeHint().height() if needed < 0 else needed)


def _n_attributes(selection: Selection) -> int:
    node = selection.document.root if selection.is_document else selection.node
    return node.n_attributes if isinstance(node, Group | Dataset | NamedType) else 0


def _caption(attribute: Attribute, text: Text) -> str:
    size = wording.bytes_text(attribute.n_bytes)
    if attribute.dtype.kind == "string":
        size = wording.plural(text.total, "character")
        if _PICKLED.match(text.text):
            size += "  ·  a pickled Python object, which is not loaded"
    return f"{visible(attribute.name, 120)}  ·  {size}"

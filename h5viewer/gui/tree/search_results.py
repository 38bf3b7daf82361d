"""What the filter box found: paths from all open files, in place of the tree."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPoint,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import node_text, theme
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable, draw_line, text_room
from h5viewer.gui.task import Latest, Task
from h5viewer.gui.tree.tree_delegate import draw_icon
from h5viewer.names import NodePath, path_text
from h5viewer.nodes import Document, Listed, Node, Nodes, Paths
from h5viewer.requests import DescribeNodes, Progress, SearchNames
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_NOWHERE = QModelIndex()
_DESCRIBE_AFTER = 20  # milliseconds of rest while findings come or are scrolled


class ResultItemModel(QAbstractTableModel):
    """One row a finding: its name, and where it is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.has_several_files = False
        self._found: list[tuple[Document, NodePath]] = []
        self._facts: dict[tuple[str, NodePath], Node] = {}

    def clear(self, *, has_several_files: bool) -> None:
        """No findings; whether the file is told of those to come."""
        self.beginResetModel()
        self.has_several_files = has_several_files
        self._found.clear()
        self._facts.clear()
        self.endResetModel()

    def add(self, document: Document, paths: tuple[NodePath, ...]) -> None:
        """More findings, below the others."""
        if paths:
            first = len(self._found)
            self.beginInsertRows(_NOWHERE, first, first + len(paths) - 1)
            self._found.extend((document, path) for path in paths)
            self.endInsertRows()

    def finding(self, index: Index) -> tuple[Document, NodePath] | None:
        """What a row stands for."""
        return self._found[index.row()] if index.isValid() else None

    def node(self, document: Document, path: NodePath) -> Node | None:
        """What is known of a finding."""
        return self._facts.get((document.path, path))

    def add_facts(self, document: str, nodes: tuple[Node, ...]) -> None:
        """Facts about findings of a document."""
        self._facts.update({(document, node.path): node for node in nodes})
        if self._found:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._found) - 1, 0))

    def undescribed(self, first: int, last: int) -> dict[str, list[NodePath]]:
        """Findings in these rows whose facts are not known, by document."""
        wanted: dict[str, list[NodePath]] = {}
        for document, path in self._found[first : last + 1]:
            if (document.path, path) not in self._facts:
                wanted.setdefault(document.path, []).append(path)
        return wanted

    # Qt overrides

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Findings."""
        return 0 if parent.isValid() else len(self._found)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Only one."""
        return 0 if parent.isValid() else 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The name; everything in the tooltip and for screen readers."""
        finding = self.finding(index)
        if finding is None:
            return None
        document, path = finding
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return node_text.node_name(document, path)
            case Qt.ItemDataRole.AccessibleTextRole:
                return node_text.shown_path(path)
            case Qt.ItemDataRole.ToolTipRole:
                return node_text.tooltip(self.node(document, path), document, path)
        return None


class ResultDelegate(RowDelegate):
    """Draws icon and name, and muted beside them the way to it."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One finding."""
        model = index.model()
        if not isinstance(model, ResultItemModel) or (finding := model.finding(index)) is None:
            return
        document, path = finding
        painter.save()
        self.paint_ground(painter, option, index)
        room = text_room(option.rect)
        node = model.node(document, path)
        if node is not None:
            draw_icon(painter, room, node, document)
        room.setLeft(room.left() + theme.ICON_SIZE + theme.SPACE_S - 1)
        painter.setFont(option.font)
        painter.setPen(QColor(theme.colours().text))
        name = str(index.data())
        draw_line(painter, room, Qt.AlignmentFlag.AlignVCenter, name)
        used = painter.fontMetrics().horizontalAdvance(name) + theme.SPACE_M
        where = node_text.shown_path(path[:-1])
        if model.has_several_files:
            where = f"{node_text.document_name(document)} {where}"
        if used < room.width():
            self._write_where(painter, room.adjusted(used, 0, 0, 0), where)
        painter.restore()

    def _write_where(self, painter: QPainter, room: QRect, where: str) -> None:
        painter.setPen(QColor(theme.colours().muted))
        mode = Qt.TextElideMode.ElideLeft  # the nearest groups tell most
        shown = painter.fontMetrics().elidedText(where, mode, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)


class SearchResults(RowTable):
    """Searches all open files at once and lists what comes.

    Signals:
        node_chosen(document path: str, NodePath): the user went to a finding.
        state_changed(summary: str, is_running: bool): what to say below the filter box.
        progressed(Progress): how far all files together are.
        failed(document path: str, H5ViewerError): a file could not be searched.
        menu_wanted(Document, NodePath, Node | None, QPoint): context menu of a finding, at a
            global position.
    """

    node_chosen = Signal(str, object)
    state_changed = Signal(str, bool)
    progressed = Signal(object)
    failed = Signal(str, object)
    menu_wanted = Signal(object, object, object, QPoint)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__("Search results", parent=parent)
        self._pool = pool
        self._results = ResultItemModel(self)
        self._tasks: list[Task] = []
        self._progress: dict[Task, Progress] = {}
        self._truncated = False
        self._failed = False
        self._describing: dict[str, Latest] = {}  # by document
        self._rest = QTimer(self, singleShot=True, interval=_DESCRIBE_AFTER)
        self._rest.timeout.connect(self._describe)
        self._results.rowsInserted.connect(lambda *_: self._rest.start())
        self.verticalScrollBar().valueChanged.connect(lambda _: self._rest.start())
        self.setModel(self._results)
        self.setItemDelegate(ResultDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.horizontalHeader().hide()
        self.row_changed.connect(self._choose)

    def search(self, text: str, documents: list[Document]) -> None:
        """Look for names that contain `text`, abandoning the search before."""
        self.cancel()
        self._results.clear(has_several_files=len(documents) > 1)
        self._progress.clear()
        self._truncated = False
        self._failed = False
        for document in documents:
            task = Task(self._pool, SearchNames(document=document.path, text=text), self)
            self._tasks.append(task)
            task.part_arrived.connect(partial(self._take, document))
            task.progressed.connect(partial(self._note_progress, task))
            task.succeeded.connect(self._end_well)
            task.failed.connect(partial(self._end_badly, document))
            task.ended.connect(partial(self._end, task))
        self._tell()

    def cancel(self) -> None:
        """Stop searching; what was found stays."""
        self._rest.stop()
        while self._describing:
            self._describing.popitem()[1].cancel()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        self._tell()

    def _take(self, document: Document, part: Paths) -> None:
        self._results.add(document, part.paths)
        self._tell()

    def _note_progress(self, task: Task, progress: Progress) -> None:
        self._progress[task] = progress
        done = sum(each.done for each in self._progress.values())
        total = sum(each.total for each in self._progress.values())
        self.progressed.emit(Progress(done, total, progress.unit))

    def _end_well(self, listed: Listed) -> None:
        self._truncated |= listed.truncated

    def _end_badly(self, document: Document, error: H5ViewerError) -> None:
        self._failed = True
        self.failed.emit(document.path, error)

    def _end(self, task: Task) -> None:
        if task in self._tasks:
            self._tasks.remove(task)
            self._tell()

    def _tell(self) -> None:
        count = self._results.rowCount()
        text = f"{plural(count, 'name')} found" if count else "No name contains this"
        if self._truncated:
            text = f"The first {count:,} names; type more to narrow it down"
        if self._failed:
            text = f"Not every file could be searched; {plural(count, 'name')} found"
        if self._tasks and not count:
            text = ""
        self.state_changed.emit(text, bool(self._tasks))

    def _describe(self) -> None:
        """Ask what the findings in sight are."""
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        last = last if last >= 0 else self._results.rowCount() - 1
        for document, paths in self._results.undescribed(max(0, first), last).items():
            self._describing.setdefault(document, Latest(self._pool, self)).ask(
                DescribeNodes(document=document, nodes=tuple(paths)),
                lambda _: None,
                on_part=partial(self._take_facts, document),
            )

    def _take_facts(self, document: str, part: Nodes) -> None:
        self._results.add_facts(document, part.nodes)

    def _choose(self, index: QModelIndex) -> None:
        finding = self._results.finding(index)
        if finding is not None:
            self.node_chosen.emit(finding[0].path, finding[1])

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More rows may be in sight."""
        super().resizeEvent(event)
        self._rest.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The menu is for the row under it; what is shown stays."""
        if event.button() != Qt.MouseButton.RightButton:
            super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For the finding under the cursor, or by keyboard for the current one."""
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        index = self.indexAt(event.pos()) if by_mouse else self.currentIndex()
        finding = self._results.finding(index)
        if finding is not None:
            below = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft())
            spot = event.globalPos() if by_mouse else below
            self.menu_wanted.emit(*finding, self._results.node(*finding), spot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies the path."""
        finding = self._results.finding(self.currentIndex())
        if event.matches(QKeySequence.StandardKey.Copy) and finding is not None:
            QGuiApplication.clipboard().setText(path_text(finding[1]))
        else:
            super().keyPressEvent(event)

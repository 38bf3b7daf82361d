"""Architecture + weights: the match of the layers, to be changed by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QAbstractItemModel, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable
from h5viewer.gui.merge.match_files import MatchFiles
from h5viewer.gui.merge.match_item_model import SOURCE, MatchItemModel
from h5viewer.gui.task import Latest
from h5viewer.nodes import MergeMember, WeightMatches
from h5viewer.requests import CombineNetwork, MatchWeights
from h5viewer.wording import names_text, plural
from h5viewer.workers.pool import Pool

_NOTHING = WeightMatches(matches=(), sources=(), keeps_values=True)


class CombineOptions(QWidget):
    """Asks which layers match; what the user pairs comes first.

    Signals:
        changed: other pairs, or other files.
    """

    changed = Signal()

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._files: tuple[str, str] | None = None
        self._by_hand: dict[str, str] = {}  # layer: source; the last word counts
        self._error: H5ViewerError | None = None
        self._model = MatchItemModel(self)
        self._table = RowTable("Layers and the weights they take")
        self._table.setModel(self._model)
        self._table.setItemDelegateForColumn(SOURCE, _SourceDelegate(self._table))
        self._table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self._summary = PlainLabel(wrap=True)
        self._left_over = PlainLabel(wrap=True, role="muted")
        self._state = QCheckBox("Keep the optimizer's state")
        self._state.setToolTip("Training goes on where it stopped; in a .keras file")
        self._state.toggled.connect(self.changed)
        self._state_words = PlainLabel(wrap=True, role="muted")
        self._notice = Notice()
        self._busy = Busy("Matching the layers…")
        self._asking = Latest(pool, self)
        self._asking.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._asking.cancel)
        self._again = QPushButton("As found")
        self._again.setProperty("role", "quiet")
        self._again.setToolTip("Forget the pairs that you chose")
        self._again.setAccessibleName("Forget the pairs that you chose")
        self._again.clicked.connect(self._forget_pairs)
        self._in_files = MatchFiles()
        self._in_files.loaded.connect(self._take_pairs)
        self._in_files.failed.connect(self._notice.show_error)
        self._model.paired.connect(self._pair)
        self._arrange()

    @property
    def uses_shares(self) -> bool:
        """Never."""
        return False

    def show_members(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """Match the layers of the first two files."""
        del members
        files = (paths[0], paths[1]) if len(paths) == 2 else None
        if files != self._files:
            self._files = files
            self._by_hand = {}
            self._ask()

    def words_against(self) -> str:
        """Nothing matches, or nothing is known yet."""
        if self._error is not None:
            return self._error.message
        if self._asking.is_waiting or not self._model.found.matches:
            return "Matching the layers…"
        if not any(match.source for match in self._model.found.matches):
            return "No layer takes any weights; choose some in the table."
        return ""

    def export(
        self, paths: Sequence[str], shares: tuple[float, ...], target: str
    ) -> CombineNetwork:
        """Every pair as it stands in the table, once the user changed one."""
        del shares
        pairs = tuple((match.layer, match.source) for match in self._model.found.matches)
        return CombineNetwork(
            document=paths[0],
            others=tuple(paths[1:]),
            target=target,
            pairs=pairs if self._by_hand else None,
            with_state=self._state.isEnabled() and self._state.isChecked(),
        )

    def widget(self) -> QWidget:
        """Itself."""
        return self

    # -------------------------------------------------------------- private

    def _pair(self, layer: str, source: str) -> None:
        self._by_hand[layer] = source
        self._ask()

    def _take_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._by_hand = dict(pairs)
        self._ask()

    def _forget_pairs(self) -> None:
        self._by_hand = {}
        self._ask()

    def _ask(self) -> None:
        self._error = None
        self._notice.clear()
        self._again.setEnabled(bool(self._by_hand))
        self._in_files.show_match(self._files, _NOTHING)
        if self._files is None:
            self._asking.cancel()
            self._model.show_matches(_NOTHING)
            self._show_state(_NOTHING)
        else:
            architecture, weights = self._files
            pairs = tuple(self._by_hand.items())
            self._asking.ask(
                MatchWeights(document=architecture, other=weights, pairs=pairs),
                self._show,
                on_failure=self._fail,
            )
        self.changed.emit()

    def _show(self, found: WeightMatches) -> None:
        is_first = not self._model.found.matches
        self._model.show_matches(found)
        self._in_files.show_match(self._files, found)
        if is_first:
            self._table.fit_columns(widest=190, first=140, last=90)
        matched = [match for match in found.matches if match.source]
        rest = len(found.matches) - len(matched)
        keeps = "keep their own" if found.keeps_values else "begin anew"
        told = f"{len(matched):,} of {plural(len(found.matches), 'layer')} take weights"
        self._summary.set_text(f"{told}; {rest:,} {keeps}." if rest else f"{told}.")
        taken = {match.source for match in matched}
        unused = [source.name for source in found.sources if source.name not in taken]
        self._left_over.set_text(f"Not used: {names_text(unused, 6)}" if unused else "")
        self._left_over.setVisible(bool(unused))
        self._show_state(found)
        self.changed.emit()

    def _show_state(self, found: WeightMatches) -> None:
        """Of an optimizer, where the file of weights keeps any."""
        self._state.setVisible(bool(found.state or found.state_problem))
        self._state.setEnabled(bool(found.state))
        self._state_words.set_text(found.state or found.state_problem)
        self._state_words.setVisible(bool(found.state or found.state_problem))

    def _fail(self, error: H5ViewerError) -> None:
        self._error = error
        self._notice.show_error(error)
        self.changed.emit()

    def _arrange(self) -> None:
        for each in (self._left_over, self._state, self._state_words):
            each.hide()
        self._again.setEnabled(False)
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self._summary, 1)
        top.addWidget(self._again)
        top.addWidget(self._in_files)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addWidget(self._notice)
        column.addWidget(self._busy)
        column.addWidget(self._table, 1)
        column.addWidget(self._left_over)
        state = QHBoxLayout()
        state.setSpacing(theme.SPACE_S)
        state.addWidget(self._state)
        state.addWidget(self._state_words, 1)
        column.addLayout(state)


class _SourceDelegate(RowDelegate):
    """Chooses among the layers of the other file."""

    # Qt overrides

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A list that opens at once."""
        box = QComboBox(parent)
        box.setAccessibleName("Takes the weights of")
        box.setMaxVisibleItems(15)
        model = cast("MatchItemModel", index.model())
        match = model.match_at(index)
        for name, words in model.sources_for(match) if match is not None else []:
            box.addItem(words, name)
        box.activated.connect(lambda _: self._take(box))
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def setEditorData(self, editor: QWidget, index: Index) -> None:  # noqa: N802
        """Where the choice stands."""
        box, model = cast("QComboBox", editor), cast("MatchItemModel", index.model())
        box.setCurrentIndex(max(0, box.findData(model.source_at(index))))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """The choice."""
        model.setData(index, cast("QComboBox", editor).currentData())

    def _take(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

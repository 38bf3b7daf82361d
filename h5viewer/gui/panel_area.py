"""The panels that fit the selection, behind tabs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from h5viewer.evaluation import Samples
from h5viewer.gui import theme
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.panel import Panel
from h5viewer.gui.panel_tabs import PanelTabs
from h5viewer.gui.panels import LAYERS, PANELS, PICTURES, PREDICT, PanelKind
from h5viewer.gui.preparation import Preparation
from h5viewer.gui.selection import Selection
from h5viewer.gui.turns import polish
from h5viewer.names import NodePath
from h5viewer.nodes import Document
from h5viewer.requests import AnyChange
from h5viewer.workers.pool import Pool


class PanelArea(QWidget):
    """Shows a selection in one panel at a time; makes panels when first needed.

    The tab the user chose last comes first again for every selection with the same tabs.

    Signals:
        node_requested, status_changed, axes_learnt, save_wanted, open_wanted, wish_made,
        changes_made, pictures_requested, predict_wanted, evaluation_wanted: those of the panels.
    """

    node_requested = Signal(str, object, object)
    status_changed = Signal(str)
    axes_learnt = Signal(str, object)
    save_wanted = Signal(object)
    open_wanted = Signal()
    wish_made = Signal(object)
    changes_made = Signal(str, object)
    pictures_requested = Signal(str, object, object, str)
    predict_wanted = Signal(str, list)
    evaluation_wanted = Signal(object)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._selection: Selection | None = None
        self._kinds: tuple[PanelKind, ...] = ()
        self._panels: dict[str, Panel] = {}
        self._shown: dict[str, Selection] = {}
        self._chosen: dict[tuple[str, ...], str] = {}
        self._was_chosen = False  # the tab, since the selection is another one
        self._documents: Sequence[Document] = ()
        self._partners: dict[str, str] = {}
        self._changes: dict[str, Sequence[AnyChange]] = {}
        self._preparation: Preparation | None = None
        self._given: tuple[str, Callable[[Panel], None]] | None = None  # for a panel, by title
        self._tabs = PanelTabs()
        self._stack = Pages()
        self._blank = QWidget()
        self._stack.addWidget(self._blank)
        self._arrange()
        self._tabs.currentChanged.connect(self._show_tab)
        self._tabs.tabBarClicked.connect(self._remember)

    @property
    def is_making(self) -> bool:
        """True while the panel that is to be shown is not there yet."""
        return self._selection is not None and self._stack.currentWidget() is self._blank

    def show_selection(self, selection: Selection) -> None:
        """Offer the panels that fit, and show one."""
        is_same = _is_same(selection, self._selection)
        stays = self._shown_title if is_same and self._is_touched else ""
        if not is_same:
            self._was_chosen = False
        self._selection = selection
        kinds = tuple(kind for kind in PANELS if kind.supports(selection))
        titles = tuple(kind.title for kind in kinds)
        wanted = self._chosen.get(titles) or stays
        if wanted not in titles:
            wanted = _opened_first(selection, kinds)
        self._tabs.blockSignals(True)
        if kinds != self._kinds:
            self._kinds = kinds
            self._tabs.fill(kinds)
        self._tabs.setCurrentIndex(titles.index(wanted))
        self._tabs.blockSignals(False)
        self._show_tab(self._tabs.currentIndex())
        self._clear_others()

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open now."""
        self._documents = documents
        for panel in self._panels.values():
            panel.show_documents(documents, self._partners)

    def show_changes(self, document: str, changes: Sequence[AnyChange]) -> None:
        """These wait to be saved in a copy of a file."""
        self._changes[document] = changes
        for panel in self._panels.values():
            panel.show_changes(document, changes)

    def compare_with(self, path: str, other: str) -> None:
        """Whenever `path` is compared it is with `other`, as long as both are open."""
        self._partners[path] = other

    def prepare(self) -> None:
        """Make all panels, one a turn of the event loop."""
        if self._preparation is None:
            self._preparation = Preparation(PANELS, self._make, self)
            self._preparation.made.connect(self._show_made)

    def shut_down(self) -> None:
        """The program ends."""
        if self._preparation is not None:
            self._preparation.stop()
        for panel in self._panels.values():
            panel.clear()  # what is half saved is taken away

    def show_panel(self, title: str) -> None:
        """Show the panel of this title, if the selection has it."""
        for index, kind in enumerate(self._kinds):
            if kind.title.casefold() == title.casefold():
                self.show_panel_at(index)

    def show_panel_at(self, index: int) -> None:
        """Show the panel of the tab at `index`, from 0."""
        if 0 <= index < len(self._kinds):
            self._remember(index)
            self._tabs.setCurrentIndex(index)

    def give_pictures(self, paths: Sequence[str]) -> None:
        """Show the panel that takes pictures, and give it these as soon as it is made."""
        self._give(PREDICT, lambda panel: panel.take_pictures(paths))

    def expect_picture(self, path: str) -> None:
        """Tell the panel that takes pictures, if it has the network that is selected."""
        if self._shown.get(PREDICT) is self._selection and self._selection is not None:
            self._panels[PREDICT].expect_picture(path)

    def paste(self) -> None:
        """Show the panel that takes pictures, and have it look into the clipboard."""
        self._give(PREDICT, lambda panel: panel.paste())

    def save_repaired(self) -> None:
        """Show the panel that has the network, and have it saved."""
        self._give(PREDICT, lambda panel: panel.save_repaired())

    def show_pictures(self, node: NodePath, indices: Sequence[int], words: str) -> None:
        """Show these pictures of a data set of the document that is selected."""
        self._give(PICTURES, lambda panel: panel.show_pictures(node, indices, words))

    def evaluate_on(self, samples: Samples) -> None:
        """Judge the network that is selected by these."""
        self._give(PREDICT, lambda panel: panel.evaluate_on(samples))

    def clear(self) -> None:
        """Nothing is selected."""
        self._selection = None
        self._clear_others()

    def _arrange(self) -> None:
        line = QWidget()
        line.setFixedHeight(1)
        line.setProperty("role", "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        tabs = QVBoxLayout()
        tabs.setContentsMargins(theme.SPACE_S, 0, theme.SPACE_S, 0)
        tabs.addWidget(self._tabs)
        column.addLayout(tabs)
        column.addWidget(line)
        column.addWidget(self._stack, 1)

    def _show_tab(self, index: int) -> None:
        if self._selection is None or not 0 <= index < len(self._kinds):
            return
        kind = self._kinds[index]
        if not self._is_made(kind):
            if self._preparation is not None:
                self._stack.setCurrentWidget(self._blank)  # not what fitted something else
                self._preparation.hurry(kind)
                return
            for _ in self._make(kind):
                pass
        panel = self._panels[kind.title]
        self._stack.setCurrentWidget(panel)
        if self._shown.get(kind.title) is not self._selection:
            self._shown[kind.title] = self._selection
            panel.show_selection(self._selection)

    def _give(self, title: str, give: Callable[[Panel], None]) -> None:
        self._given = (title, give)
        self.show_panel(title)
        self._hand_over()

    def _hand_over(self) -> None:
        """What a panel was to get, once it shows the selection."""
        title, give = self._given or ("", None)
        panel = self._panels.get(title)
        if give is None or panel is None or self._shown.get(title) is not self._selection:
            return
        self._given = None
        give(panel)

    def _show_layer(self, key: tuple[int, ...]) -> None:
        """In the panel of layers, which is made before any other."""
        self.show_panel(LAYERS)
        if LAYERS in self._panels:
            self._panels[LAYERS].show_layer(key)

    def _show_output(self, key: tuple[int, ...]) -> None:
        """What a layer makes of the picture that is given."""
        self._give(PREDICT, lambda panel: panel.show_layer(key))

    def _show_made(self, kind: PanelKind) -> None:
        index = self._tabs.currentIndex()
        if 0 <= index < len(self._kinds) and self._kinds[index] is kind:
            self._show_tab(index)
            self._hand_over()

    def _is_made(self, kind: PanelKind) -> bool:
        panel = self._panels.get(kind.title)
        return panel is not None and self._stack.indexOf(panel) >= 0

    def _make(self, kind: PanelKind) -> Iterator[None]:
        """Make a panel in steps that hold the window up for less than 50 ms each."""
        panel = self._panels[kind.title] = kind.create(self._pool)
        panel.node_requested.connect(self.node_requested)
        panel.status_changed.connect(self.status_changed)
        panel.axes_learnt.connect(self.axes_learnt)
        panel.panel_requested.connect(self.show_panel)
        panel.layer_requested.connect(self._show_layer)
        panel.output_requested.connect(self._show_output)
        panel.save_wanted.connect(self.save_wanted)
        panel.open_wanted.connect(self.open_wanted)
        panel.wish_made.connect(self.wish_made)
        panel.changes_made.connect(self.changes_made)
        panel.pictures_requested.connect(self.pictures_requested)
        panel.predict_wanted.connect(self.predict_wanted)
        panel.evaluation_wanted.connect(self.evaluation_wanted)
        panel.show_documents(self._documents, self._partners)
        for document, changes in self._changes.items():
            panel.show_changes(document, changes)
        yield
        yield from panel.prepare()
        yield from polish(panel)
        self._stack.addWidget(panel)
        yield

    def _clear_others(self) -> None:
        """Panels that show something older give their memory back."""
        for title, selection in list(self._shown.items()):
            if selection is not self._selection:
                del self._shown[title]
                self._panels[title].clear()

    @property
    def _is_touched(self) -> bool:
        """The user chose the tab, or is in what it shows."""
        focus = QApplication.focusWidget()
        return self._was_chosen or (focus is not None and self._stack.isAncestorOf(focus))

    @property
    def _shown_title(self) -> str:
        index = self._tabs.currentIndex()
        return self._kinds[index].title if 0 <= index < len(self._kinds) else ""

    def _remember(self, index: int) -> None:
        if 0 <= index < len(self._kinds):
            self._was_chosen = True
            titles = tuple(kind.title for kind in self._kinds)
            self._chosen[titles] = titles[index]


def _is_same(one: Selection, other: Selection | None) -> bool:
    """True when only more is known of what is selected."""
    return other is not None and (one.document, one.node) == (other.document, other.node)


def _opened_first(selection: Selection, kinds: tuple[PanelKind, ...]) -> str:
    """The first tab; of a file none that reads all of it, as it was not asked for."""
    for_files = [kind for kind in kinds if kind.is_for_files]
    return (for_files if selection.is_document and for_files else kinds)[0].title

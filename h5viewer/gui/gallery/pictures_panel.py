"""The panel of data sets of pictures: which set, how it is read, its views behind tabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.gallery.evaluate_button import EvaluateButton
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.gallery.picture_classes import ALL
from h5viewer.gui.gallery.reading_choice import ReadingChoice
from h5viewer.gui.gallery.set_view import VIEWS, SetView, ShownSet
from h5viewer.gui.gallery.set_words import set_facts, set_title
from h5viewer.gui.gallery.views_ahead import ViewsAhead
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath
from h5viewer.nodes import Document, PictureSet, PictureSets
from h5viewer.requests import FitPictureSet
from h5viewer.workers.pool import Pool


class _Known(msgspec.Struct):
    """What the user chose of one document; kept as long as it is open."""

    found: tuple[PictureSet, ...]  # as they were guessed
    sets: list[PictureSet]  # as they are read
    at: int = 0  # which one is looked at


class _Wish(msgspec.Struct, frozen=True):
    """Pictures to be shown, once their set is."""

    indices: tuple[int, ...]
    words: str


class PicturesPanel(Panel):
    """Shows one of the sets of a document in the chosen view."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._selection: Selection | None = None
        self._known: dict[str, _Known] = {}
        self._shown: ShownSet | None = None
        self._told: dict[str, ShownSet] = {}  # what each view was given last
        self._views: dict[str, SetView] = {}
        self._documents: tuple[Document, ...] = ()
        self._chosen: tuple[int, ...] = ()
        self._wish: _Wish | None = None
        self._fitting = Latest(pool, self)
        self._sets = QComboBox()
        self._facts = PlainLabel(role="muted")
        self._reading = switch_button("How it is read", "Layout, colours and labels of this set")
        self._evaluate = EvaluateButton()
        self.choice = ReadingChoice()
        self._tabs = QTabBar()
        self._pages = Pages()
        self._ahead = ViewsAhead(pool, self._views.__contains__, self._keep, self)
        self._arrange()
        self._sets.activated.connect(self.choose_set)
        self._reading.toggled.connect(self.choice.setVisible)
        self._tabs.currentChanged.connect(lambda _: self._show_view())
        self.choice.wanted.connect(self._fit)
        self._evaluate.wanted.connect(self.evaluation_wanted)

    # Panel

    def prepare(self) -> Iterator[None]:
        """Make the gallery."""
        self._gallery = GalleryView(self.pool)
        yield
        yield from self._gallery.make()
        self._keep(VIEWS[0].title, self._gallery)
        yield

    def show_selection(self, selection: Selection) -> None:
        """Show the selected set; of a document that which was looked at before, or the first."""
        self._forget()
        self._selection = selection
        path = selection.document.path
        known = self._known.get(path)
        if known is None or known.found != selection.pictures:
            known = self._known[path] = _known_anew(selection.pictures, known)
        if not selection.is_document:
            known.at = _place(known.sets, selection.path)
        with QSignalBlocker(self._sets):
            self._sets.clear()
            for each in known.sets:
                self._sets.addItem(set_title(each), each.node)
            self._sets.setCurrentIndex(known.at)
        self._show_set(known)

    def show_documents(self, documents: Sequence[Document], partners: dict[str, str]) -> None:
        """Forget what was chosen of closed files; networks may be asked."""
        del partners
        self._documents = tuple(documents)
        self._evaluate.show_documents(documents)
        paths = {document.path for document in documents}
        self._known = {path: known for path, known in self._known.items() if path in paths}
        for view in self._views.values():
            view.show_documents(documents)

    def show_pictures(self, node: NodePath, indices: Sequence[int], words: str) -> None:
        """Show these of a set of the selected document alone; none: all of it."""
        known = self._here
        if known is None:
            return
        self._wish = _Wish(tuple(indices), words)
        self._tabs.setCurrentIndex(0)
        at = _place(known.sets, node)
        if at != known.at:
            self._sets.setCurrentIndex(at)
            self.choose_set(at)
        else:
            self._grant()

    def clear(self) -> None:
        """Stop reading, free the pictures."""
        self._forget()
        self._selection = None
        self.status_changed.emit("")

    # Sets

    @property
    def shown(self) -> ShownSet | None:
        """The set on view."""
        return self._shown

    @property
    def facts(self) -> str:
        """What is said of it."""
        return self._facts.whole_text

    @property
    def _here(self) -> _Known | None:
        return None if self._selection is None else self._known[self._selection.document.path]

    def _show_set(self, known: _Known) -> None:
        selection = self._selection
        if selection is None or not known.sets:
            return
        pictures = known.sets[known.at]
        others = tuple(each for at, each in enumerate(known.sets) if at != known.at)
        self._shown = ShownSet(selection.document.path, pictures, others)
        self._facts.set_text("  ·  ".join(set_facts(pictures)))
        self.choice.show_set(pictures)
        self._evaluate.show_set(self._shown)
        self._show_view()
        self._grant()
        self._ahead.begin()

    def choose_set(self, at: int) -> None:
        """Show another set of the document; where a dataset is selected, the tree goes along."""
        selection, known = self._selection, self._here
        if selection is None or known is None or at == known.at:
            return
        if selection.is_document:
            known.at = at
            self._chosen = ()
            self._show_set(known)
        else:
            self.node_requested.emit(selection.document.path, known.sets[at].node, ())

    def _fit(self, wanted: PictureSet) -> None:
        shown = self._shown
        if shown is not None:
            self._fitting.ask(
                FitPictureSet(document=shown.document, wanted=wanted),
                self._take_fitted,
                on_failure=self.choice.show_refusal,
            )

    def _take_fitted(self, found: PictureSets) -> None:
        known = self._here
        if known is None or not found.sets:
            return
        known.sets[known.at] = found.sets[0]
        self._sets.setItemText(known.at, set_title(found.sets[0]))
        self._show_set(known)

    # Views

    def show_view(self, title: str) -> None:
        """Show the view of this title."""
        self._tabs.setCurrentIndex([kind.title for kind in VIEWS].index(title))

    def _show_view(self) -> None:
        """Make the view if it is not there; give it what it does not know."""
        kind = VIEWS[max(0, self._tabs.currentIndex())]
        view = self._views.get(kind.title)
        if view is None:
            view = kind.create(self.pool)
            for _ in view.make():
                pass
            self._keep(kind.title, view)
        self._pages.setCurrentWidget(view)
        if self._shown is not None and self._told.get(kind.title) != self._shown:
            self._told[kind.title] = self._shown
            view.show_set(self._shown)
        view.show_chosen(self._chosen)

    def _keep(self, title: str, view: SetView) -> None:
        self._views[title] = view
        view.status_changed.connect(self.status_changed)
        view.save_wanted.connect(self.save_wanted)
        view.predict_wanted.connect(self.predict_wanted)
        view.pictures_wanted.connect(self._show_elsewhere)
        view.chosen_changed.connect(self._keep_chosen)
        view.class_wanted.connect(self._show_class)
        view.show_documents(self._documents)
        self._pages.addWidget(view)

    def _show_class(self, wanted: int) -> None:
        self._tabs.setCurrentIndex(0)
        self._gallery.show_class(wanted)

    def _keep_chosen(self, indices: tuple[int, ...]) -> None:
        self._chosen = indices

    def _show_elsewhere(
        self, document: str, node: NodePath, indices: Sequence[int], words: str
    ) -> None:
        """A view wants pictures to be seen: of this set, of another one, of another file."""
        shown = self._shown
        if shown is not None and (document, node) == shown.place:
            self.show_pictures(node, indices, words)
        else:
            self.pictures_requested.emit(document, node, tuple(indices), words)

    def _grant(self) -> None:
        """Show what was wished for, now that its set is there."""
        wish = self._wish
        if wish is None or self._shown is None:
            return
        self._wish = None
        if wish.indices:
            self._gallery.show_only(wish.indices, wish.words)
        else:
            self._gallery.show_class(ALL)

    def _forget(self) -> None:
        self._fitting.cancel()
        self._shown = None
        self._chosen = ()
        self._told = {}
        for view in self._views.values():
            view.clear()

    # Building

    def _arrange(self) -> None:
        self._sets.setAccessibleName("Data set")
        self._sets.setToolTip("The datasets of this file that look like pictures")
        self._sets.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._tabs.setAccessibleName("Views of the data set")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        with QSignalBlocker(self._tabs):
            for kind in VIEWS:
                index = self._tabs.addTab(theme.icon(kind.icon, "muted"), kind.title)
                self._tabs.setTabToolTip(index, kind.tooltip)
        header = QHBoxLayout()
        header.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_XS)
        header.setSpacing(theme.SPACE_M)
        header.addWidget(self._sets)
        header.addWidget(self._facts, 1)
        header.addWidget(self._evaluate)
        header.addWidget(self._reading)
        tabs = QHBoxLayout()
        tabs.setContentsMargins(theme.SPACE_S, 0, theme.SPACE_S, 0)
        tabs.addWidget(self._tabs)
        self.choice.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(header)
        column.addWidget(self.choice)
        column.addLayout(tabs)
        column.addWidget(line())
        column.addWidget(self._pages, 1)
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


def _known_anew(found: tuple[PictureSet, ...], before: _Known | None) -> _Known:
    """What was found, as the user had it read."""
    pairs = zip(before.found, before.sets, strict=True) if before is not None else ()
    changed = dict(pairs)
    sets = [changed.get(each, each) for each in found]
    return _Known(found, sets, _first(sets))


def _first(sets: Sequence[PictureSet]) -> int:
    """What a network is trained on comes before what it is tested on."""
    return next((at for at, each in enumerate(sets) if each.split == "training"), 0)


def _place(sets: Sequence[PictureSet], node: NodePath) -> int:
    return next((at for at, each in enumerate(sets) if each.node == node), 0)

"""The panel of data sets of pictures: which set, how it is read, its views behind tabs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import EmptyState
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.controls.wrapping_row import WrappingRow
from h5viewer.gui.gallery.evaluate_button import EvaluateButton
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.gallery.known_sets import KnownSets, known_anew, place_of
from h5viewer.gui.gallery.other_labels import LabelOffers
from h5viewer.gui.gallery.picture_classes import ALL
from h5viewer.gui.gallery.reading_choice import ReadingChoice
from h5viewer.gui.gallery.set_view import VIEWS, SetView, ShownSet
from h5viewer.gui.gallery.set_words import set_facts, set_title
from h5viewer.gui.gallery.views_ahead import ViewsAhead
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath
from h5viewer.nodes import Document, OtherLabels, PictureSet, PictureSets, without_labels
from h5viewer.requests import FitPictureSet
from h5viewer.wording import only_looked_at
from h5viewer.workers.pool import Pool


class _Wish(msgspec.Struct, frozen=True):
    """Pictures to be shown, once their set is."""

    indices: tuple[int, ...]
    words: str


class PicturesPanel(Panel):
    """Shows one of the sets of a document in the chosen view."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._selection: Selection | None = None
        self._known: dict[str, KnownSets] = {}
        self._shown: ShownSet | None = None
        self._told: dict[str, ShownSet] = {}  # what each view was given last
        self._views: dict[str, SetView] = {}
        self._documents: tuple[Document, ...] = ()
        self._chosen: tuple[int, ...] = ()
        self._wish: _Wish | None = None
        self._fitting = Latest(pool, self)
        self._offers = LabelOffers(pool, self)
        self._sets = QComboBox()
        self._facts = PlainLabel(role="muted")
        self._reading = switch_button("How it is read", "Layout, colours and labels of this set")
        self._evaluate = EvaluateButton()
        self.choice = ReadingChoice()
        self._tabs = QTabBar()
        self._pages = Pages()
        self.refusal = EmptyState()
        self._pages.addWidget(self.refusal)
        self._ahead = ViewsAhead(pool, self._views.__contains__, self._keep, self)
        self._arrange()
        self._sets.activated.connect(self.choose_set)
        self._reading.toggled.connect(self._show_choice)
        self._tabs.currentChanged.connect(lambda _: self._show_view())
        self.choice.wanted.connect(self._fit)
        self.choice.other_labels_wanted.connect(self._take_other_labels)
        self.choice.file_wanted.connect(self._choose_file)
        self._evaluate.wanted.connect(self.evaluation_wanted)

    # Panel

    def prepare(self) -> Iterator[None]:
        """Make the gallery."""
        self._gallery = GalleryView(self.pool)
        yield
        yield from self._gallery.make()
        self._keep(VIEWS[0].title, self._gallery)
        missing = self._gallery.side.labels_missing
        missing.taken.connect(self._take_other_labels)
        missing.file_wanted.connect(self._choose_file)
        self._offers.changed.connect(self._show_offers)
        yield

    def show_selection(self, selection: Selection) -> None:
        """Show the selected set; of a document that which was looked at before, or the first."""
        self._forget()
        self._selection = selection
        path = selection.document.path
        known = self._known.get(path)
        if known is None or known.found != selection.pictures:
            known = self._known[path] = known_anew(selection.pictures, known)
        if not selection.is_document:
            known.at = place_of(known, selection.path)
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
        self._look_for_labels()

    def show_pictures(self, node: NodePath, indices: Sequence[int], words: str) -> None:
        """Show these of a set of the selected document alone; none: all of it."""
        known = self._here
        if known is None:
            return
        self._wish = _Wish(tuple(indices), words)
        self._tabs.setCurrentIndex(0)
        at = place_of(known, node)
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
    def _here(self) -> KnownSets | None:
        return None if self._selection is None else self._known[self._selection.document.path]

    def _show_set(self, known: KnownSets) -> None:
        selection = self._selection
        if selection is None or not known.sets:
            return
        pictures = known.sets[known.at]
        others = tuple(each for at, each in enumerate(known.sets) if at != known.at)
        labels = known.other_labels.get(pictures.place)
        own = pictures if labels is None else without_labels(pictures)
        shown = self._shown = ShownSet(selection.document.path, own, others, labels)
        where = "" if labels is None else PurePath(labels.document).name
        self._facts.set_text("  ·  ".join(set_facts(shown.labelled, where)))
        self.choice.show_set(pictures, labels)
        self._evaluate.show_set(self._shown)
        self._show_view()
        self._grant()
        self._look_for_labels()
        self._ahead.begin()

    def choose_set(self, at: int) -> None:
        """Show another set of the document; where a dataset is selected, the tree goes along."""
        selection, known = self._selection, self._here
        if selection is None or known is None or at == known.at:
            return
        if selection.is_document or known.sets[at].node == selection.path:  # of one group
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
        fitted = known.sets[known.at] = found.sets[0]
        labels = known.other_labels.get(fitted.place)
        if labels is not None and labels.pictures.n_pictures != fitted.n_pictures:
            del known.other_labels[fitted.place]
        self._sets.setItemText(known.at, set_title(found.sets[0]))
        self._show_set(known)

    # Labels of another file

    def _show_choice(self, is_wanted: bool) -> None:
        self.choice.setVisible(is_wanted)
        self._look_for_labels()

    def _look_for_labels(self) -> None:
        """In other open files, when the set has none or the user wants to see what there is."""
        shown = self._shown
        is_asked = self._reading.isChecked()
        if shown is not None and (shown.pictures.labels is None or is_asked):
            self._offers.look(shown.document, shown.pictures, self._documents)

    def _show_offers(self) -> None:
        self.choice.show_offers(self._offers.found)
        self._gallery.side.labels_missing.show_offers(self._offers.found)

    def _choose_file(self) -> None:
        shown = self._shown
        if shown is None:
            return
        folder = str(PurePath(shown.document).parent)
        path, _ = QFileDialog.getOpenFileName(self.window(), "Labels of the pictures", folder)
        if path:
            self.take_labels_of(str(Path(path).absolute()))

    def take_labels_of(self, path: str) -> None:
        """Take the labels in a file that the user chose, or say why there are none."""
        shown = self._shown
        if shown is not None:
            self._offers.choose(
                path, shown.pictures, self._take_other_labels, self._gallery.notice.show_error
            )

    def _take_other_labels(self, labels: OtherLabels | None) -> None:
        known = self._here
        if known is None or self._shown is None:
            return
        place = self._shown.pictures.place
        has_focus = self._gallery.side.labels_missing.has_focus
        if labels is None:
            known.other_labels.pop(place, None)
        else:
            known.other_labels[place] = labels
        self._show_set(known)
        if has_focus:
            self._gallery.grid.setFocus()  # from the button that goes

    # Views

    def show_view(self, title: str) -> None:
        """Show the view of this title."""
        self._tabs.setCurrentIndex([kind.title for kind in VIEWS].index(title))

    def _show_view(self) -> None:
        """Make the view if it is not there; give it what it does not know."""
        kind = VIEWS[max(0, self._tabs.currentIndex())]
        if kind.needs_array and self._shown is not None and self._shown.pictures.is_loose:
            self.refusal.show_text(
                "info", "Only for pictures in one dataset", only_looked_at(self._shown.pictures)
            )
            self._pages.setCurrentWidget(self.refusal)
            return
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
        self._offers.clear()
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
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._evaluate)
        row.addWidget(self._reading)
        header = WrappingRow(corner=buttons)
        header.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_XS)
        header.addWidget(self._sets)
        header.addWidget(self._facts)
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

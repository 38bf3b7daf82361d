"""Evaluate: how good the network is on samples of known class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.evaluation import (
    NO_YES,
    Samples,
    confusion_pieces,
    matrix,
    mistake_pieces,
    output_of_classes,
    shown_classes,
)
from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice, PlainLabel
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.gui.predict.confusion_view import ConfusionView
from h5viewer.gui.predict.evaluating import Evaluating
from h5viewer.gui.predict.evaluation_words import headline, loss_words, mistake_words
from h5viewer.gui.predict.gallery_button import GalleryButton
from h5viewer.gui.predict.given import Given
from h5viewer.gui.predict.pictures import picture
from h5viewer.gui.predict.predict_view import PredictView
from h5viewer.gui.predict.sample import Sample
from h5viewer.gui.predict.sample_source import SampleSource, Source
from h5viewer.gui.saving import TextSaving
from h5viewer.labelled_pictures import LabelledPicture
from h5viewer.names import visible
from h5viewer.nodes import Document, Evaluation, Mistake
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_SIDE = 84  # pixels of a mistake
_ROW_HEIGHT = 130  # with its captions


class EvaluateView(PredictView):
    """Samples above, what the network makes of them below; a mistake that is clicked is given."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._sample: Sample | None = None
        self._found: Evaluation | None = None
        self._documents: Sequence[Document] = ()
        self._samples = Source()  # that were evaluated
        self._names: tuple[str, ...] = ()  # of the classes, in the file of the samples
        self._pictures: tuple[LabelledPicture, ...] = ()
        self._images: dict[int, QImage] = {}
        self._has_focus = False
        self._wish: Samples | None = None
        self._evaluating = Evaluating(pool, self)

    def prepare(self) -> Iterator[None]:
        """Choices, results, the rest."""
        self.source = SampleSource(self.pool)
        yield
        self._start = push_button("Evaluate", "Ask the network about each sample and compare")
        self._export = push_button("Save…", "Save the result as CSV")
        self._busy = Busy("Evaluating…")
        self._notice = Notice(closable=True)
        yield
        self._headline = PlainLabel(wrap=True)
        self._headline.setFont(theme.scaled_font(1.35, QFont.Weight.DemiBold))
        self._loss = PlainLabel(wrap=True, role="muted")
        self._notes = PlainLabel(wrap=True, role="muted")
        self._confusion = ConfusionView()
        yield
        self._mistakes = PictureGrid("The worst mistakes")
        self._mistakes.set_side(_SIDE)
        self._mistakes.setMinimumHeight(_ROW_HEIGHT)
        self._mistakes_title = PlainLabel()
        self._mistakes_title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._gallery = GalleryButton(self.pool)
        self._empty = EmptyState("check")
        yield
        self._arrange()
        self._connect()
        self._show_nothing()
        yield

    # PredictView

    def show_sample(self, sample: Sample) -> None:
        """Evaluate the network of this one; what is shown of it stays."""
        is_other = self._sample is None or (
            self._sample.document.path != sample.document.path
            or self._sample.document.identity != sample.document.identity
        )
        self._sample = sample
        if is_other:
            self._evaluating.stop()
            self._show_nothing()
        self.source.show_inputs(sample.network.inputs)
        self.source.show_documents(self._documents or (sample.document,), sample.document.path)
        self._allow()
        self._mistakes.refresh()
        self._confusion.viewport().update()

    def evaluate_on(self, samples: Samples) -> None:
        """Choose these; evaluate once the network and they are there."""
        self._wish = samples
        self.source.choose(samples)

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open now: datasets of each can be chosen."""
        self._documents = documents
        if self._sample is not None:
            self.source.show_documents(documents, self._sample.document.path)

    def clear(self) -> None:
        """Stop; what was found is there when the user comes back."""
        self._notice.clear()
        if self._evaluating.is_running:
            self._stop()

    # Evaluating

    def _evaluate(self) -> None:
        sample, source = self._sample, self.source.source
        if sample is None or not source.is_whole:
            return
        self._notice.clear()
        self._show_nothing()
        self._has_focus = self._start.hasFocus()
        self._start.setEnabled(False)
        self._samples, self._names = source, ()
        self._evaluating.start(sample, source, self._labels())

    def _labels(self) -> tuple[str, ...]:
        """The names that the user gave to the classes that are evaluated."""
        sample = self._sample
        if sample is None or not sample.network.outputs:
            return ()
        outputs = sample.network.outputs
        at = output_of_classes(outputs) if self._samples.folder else 0
        n = max(1, outputs[at].n_classes)
        return sample.names.by_count.get(n, ()) or sample.names.by_count.get(2 if n == 1 else n, ())

    def _stop(self) -> None:
        self._evaluating.stop()
        self._allow()
        text = "Evaluating was stopped."
        if self._found is not None:
            text = f"Evaluating was stopped after {plural(self._found.samples, 'sample')}."
        self._notice.show_text(text, action="Evaluate again")

    def _fail(self, error: H5ViewerError) -> None:
        self._allow()
        self._notice.show_error(error)

    def _end(self, found: Evaluation) -> None:
        self._allow()
        self._show(found)

    def _know_pictures(self, pictures: object) -> None:
        self._pictures = pictures if isinstance(pictures, tuple) else ()

    def _allow(self) -> None:
        is_ready = self._sample is not None and self.source.source.is_whole
        self._start.setEnabled(is_ready and not self._evaluating.is_running)
        if self._has_focus and self._start.isEnabled():  # it went while the button was disabled
            self._has_focus = False
            self._start.setFocus()
        self._grant()

    def _grant(self) -> None:
        """Evaluate as was wished elsewhere, when it can be."""
        wish, source = self._wish, self.source.source
        if wish is None or self._sample is None or not self._start.isEnabled():
            return
        is_there = (source.document, source.x[:1]) == (wish.document, (wish.x,))
        has_labels = (source.y_document, source.y) == (wish.y_document, wish.y)
        if is_there and has_labels and self._sample.document.path == wish.network:
            self._wish = None
            self._evaluate()

    # Showing

    def _show_nothing(self) -> None:
        self._found = None
        self._pictures = ()
        self._images.clear()
        self._export.setEnabled(False)
        self._gallery.show_found(None, self._samples)
        self._empty.show_text(
            "check",
            "How good is this network?",
            "Choose samples whose classes are known: two datasets of an open HDF5 file, or a "
            "folder that has a folder of pictures for each class.",
        )
        self._pages.setCurrentWidget(self._empty)

    def _show(self, found: Evaluation) -> None:
        self._found = found
        self._images.clear()
        self._pages.setCurrentWidget(self._results)
        self._headline.set_text(headline(found))
        self._loss.set_text(loss_words(found))
        self._notes.set_text(" ".join(visible(note, 400) for note in found.notes))
        self._notes.setVisible(bool(found.notes))
        self._show_classes(found)
        self._export.setEnabled(found.is_complete)
        self._gallery.show_found(found, self._samples)

    def _show_classes(self, found: Evaluation) -> None:
        """The parts in which classes are called by their names."""
        classes = shown_classes(found)
        self._confusion.setVisible(bool(classes))
        self._confusion.show_matrix(matrix(found, classes), classes, self._class)
        n = len(found.mistakes)
        self._mistakes_title.set_text("The surest mistakes" if n else "No mistakes")
        if not found.n_classes and n:
            self._mistakes_title.set_text("Farthest off")
        self._mistakes.show_items(n, self._image, self._caption, n_lines=3)

    def _class(self, index: int) -> str:
        """What a row of the matrix is called."""
        has_labels = self._found is not None and self._found.n_labels
        return NO_YES[index] if has_labels else self._name(index)

    def _name(self, index: int) -> str:
        """What a class or, where a sample may have several, a label is called."""
        found = self._found
        if index < 0:
            return "none"
        if found is not None and index < len(found.labels):
            return visible(found.labels[index], 100)
        if self._sample is None or found is None:
            return str(index)
        known, count = self._sample.names, found.n_labels or found.n_classes
        if not known.has(count) and index < len(self._names) == count:
            return visible(self._names[index], 100)
        return known.name(index, count)

    def _show_names(self, names: tuple[str, ...]) -> None:
        """The file of the samples says what classes are called."""
        if names != self._names and self._found is not None:
            self._names = names
            self._show_classes(self._found)

    def _mistake(self, item: int) -> Mistake | None:
        mistakes = self._found.mistakes if self._found is not None else ()
        return mistakes[item] if 0 <= item < len(mistakes) else None

    def _image(self, item: int) -> QImage | None:
        mistake = self._mistake(item)
        if mistake is None or mistake.picture is None:
            return None
        if item not in self._images:
            self._images[item] = picture(mistake.picture)
        return self._images[item]

    def _caption(self, item: int) -> tuple[str, ...]:
        mistake, found = self._mistake(item), self._found
        if mistake is None or found is None:
            return ()
        return mistake_words(mistake, found, self._name)

    def _give(self, item: int) -> None:
        """Show what the network answers to it."""
        mistake = self._mistake(item)
        if mistake is None or self._sample is None or len(self._sample.network.inputs) > 1:
            return  # what is shown of it is for one of several inputs
        path = next((each.path for each in self._pictures if each.name == mistake.name), "")
        if path:
            self.given.emit(Given(name=Path(path).name, path=path))
        elif mistake.picture is not None:
            name = mistake.name or f"row {mistake.row}"
            self.given.emit(Given(name=name, values=mistake.picture))

    # Saving

    def _save(self, what: str) -> None:
        found, sample = self._found, self._sample
        if found is None or sample is None:
            return
        opened = Path(sample.document.path)
        dialog = QFileDialog(self, "Save the result", str(opened.parent), "CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{opened.stem} {what}.csv")
        if dialog.exec() and self._found is found:
            self.save_as(Path(dialog.selectedFiles()[0]), what)
        dialog.deleteLater()

    def save_as(self, target: Path, what: str) -> None:
        """Save "confusion" or "mistakes"."""
        if self._found is None or self._sample is None:
            return
        if what == "confusion":
            pieces = confusion_pieces(self._found, self._class)
        else:
            pieces = mistake_pieces(self._found, self._name)
        saving = TextSaving(target, pieces, self._sample.document.path, self)
        saving.saved.connect(lambda path: self._notice.show_text(f"Saved in {visible(path.name)}."))
        saving.failed.connect(self._notice.show_error)

    # Building

    def _connect(self) -> None:
        self._start.clicked.connect(self._evaluate)
        self.source.changed.connect(self._allow)
        self._evaluating.grew.connect(self._show)
        self._evaluating.succeeded.connect(self._end)
        self._evaluating.failed.connect(self._fail)
        self._evaluating.pictures_known.connect(self._know_pictures)
        self._evaluating.progressed.connect(self._busy.show_progress)
        self._evaluating.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._notice.action_requested.connect(self._evaluate)
        self._confusion.pointed.connect(self.status_changed)
        self._confusion.opened.connect(self._gallery.show_pictures)
        self._gallery.pictures_requested.connect(self.pictures_requested)
        self._gallery.names_known.connect(self._show_names)
        self._mistakes.chosen.connect(self._give)

    def _arrange(self) -> None:
        self._menu = QMenu(self._export)
        for title, what in (("Confusion matrix…", "confusion"), ("Worst mistakes…", "mistakes")):
            self._menu.addAction(title, partial(self._save, what))
        self._export.setMenu(self._menu)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(self._start)
        bar.addWidget(self._busy, 1000)  # before the stretch, which is for when it is hidden
        bar.addStretch(1)
        bar.addWidget(self._export)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.SPACE_S)
        above = QHBoxLayout()
        above.addWidget(self._mistakes_title)
        above.addWidget(self._gallery)
        above.addStretch(1)
        beside.addLayout(above)
        beside.addWidget(self._mistakes, 1)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(1)
        halves.addWidget(self._confusion)
        halves.addWidget(right)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        self._results = QWidget()
        found = QVBoxLayout(self._results)
        found.setContentsMargins(0, 0, 0, 0)
        found.setSpacing(theme.SPACE_S)
        for part in (self._headline, self._loss, self._notes):
            found.addWidget(part)
        found.addWidget(halves, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._results)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.source)
        column.addLayout(bar)
        column.addWidget(self._notice)
        column.addWidget(line())
        column.addWidget(self._pages, 1)

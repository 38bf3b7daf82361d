"""An evaluation under way: one request for datasets, several for a folder of pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.evaluation import n_classes_of, output_of_classes, together
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict.sample import Sample
from h5viewer.gui.predict.sample_source import Source
from h5viewer.gui.task import Latest
from h5viewer.labelled_pictures import (
    LabelledPicture,
    LabelledPictures,
    ReadPictures,
    labelled_pictures,
    requests_of,
    thinned,
)
from h5viewer.nodes import Evaluation
from h5viewer.requests import EvaluateNetwork, Progress
from h5viewer.workers.pool import Pool


class Evaluating(QObject):
    """Asks a network about samples; pictures are read in threads, a request's at a time.

    Signals:
        progressed(Progress), grew(Evaluation): on the way.
        succeeded(Evaluation) or failed(H5ViewerError): at the end, unless it was stopped.
        pictures_known(tuple[LabelledPicture, ...]): of a folder, in the order of the samples.
        busy_changed(bool): from the start to the end, after a moment.
    """

    progressed = Signal(object)
    grew = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    pictures_known = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answer = Latest(pool, self)
        self._errand: Errand | None = None
        self._is_running = False
        self._request = EvaluateNetwork(document="")
        self._pieces: Iterator[ReadPictures] = iter(())
        self._total = 0
        self._done = 0
        self._notes: list[str] = []
        self._parts: list[Evaluation] = []

    @property
    def is_running(self) -> bool:
        """From the start to the end."""
        return self._is_running

    def start(self, sample: Sample, source: Source, labels: tuple[str, ...]) -> None:
        """Evaluate the network of `sample` by its recipe."""
        self.stop()
        document = sample.document.path
        self._request = EvaluateNetwork(
            document=document,
            consent=sample.consent,
            recipe=sample.recipe,
            labels=labels,
            limit=source.limit,
            data="" if source.document == document else source.document,
            x=source.x[0] if source.x else (),
            more_x=source.x[1:],
            y=source.y,
            is_y_apart=bool(source.y_document),
            y_data=source.y_document,
        )
        self._set_running(True)
        if not source.folder:
            self._ask(self._request, self._end)
            return
        output = output_of_classes(sample.network.outputs)
        self._request = msgspec.structs.replace(self._request, output=output)
        n_classes = n_classes_of(sample.network.outputs[output])
        names = labels or sample.network.labels
        inputs, given = sample.network.inputs, sample.given

        def find() -> LabelledPictures:
            offers = [None if each is None else each.read() for each in given]
            return labelled_pictures(source.folder, names, n_classes, inputs, offers)

        self._do(find, self._begin_folder)

    def stop(self) -> None:
        """Tell nothing more."""
        self._answer.cancel()
        if self._errand is not None:
            self._errand.forget()
            self._errand = None
        self._parts, self._notes, self._done = [], [], 0
        self._set_running(False)

    # A folder

    def _begin_folder(self, found: LabelledPictures) -> None:
        pictures: Sequence[LabelledPicture] = thinned(found.pictures, self._request.limit)
        self.pictures_known.emit(tuple(pictures))
        self._pieces, self._total = requests_of(pictures), len(pictures)
        self._notes = [found.note]
        self._request = msgspec.structs.replace(self._request, held=found.held)
        self._read_more()

    def _read_more(self) -> None:
        pieces = self._pieces
        self._do(lambda: next(pieces, None), self._take_piece)

    def _take_piece(self, piece: ReadPictures | None) -> None:
        if piece is None:
            self._end_folder()
            return
        self._notes += piece.refusals
        if piece.samples:
            part = piece.part_of(self._request)
            self._ask(part, lambda found: self._take_part(found, piece.n_files))
        else:
            self._read_more()

    def _take_part(self, found: Evaluation, n_more: int) -> None:
        self._parts.append(found)
        self._done += n_more
        self.progressed.emit(Progress(done=self._done, total=self._total, unit="pictures"))
        self.grew.emit(self._together(is_complete=False))
        self._read_more()

    def _end_folder(self) -> None:
        if self._parts:
            self._end(self._together(is_complete=True))
        else:
            self._fail(CannotRead("None of the pictures could be read.", hint=self._notes[-1]))

    def _together(self, *, is_complete: bool) -> Evaluation:
        return together(self._parts, total=self._total, notes=self._notes, is_complete=is_complete)

    # Asking

    def _ask(self, request: EvaluateNetwork, take: object) -> None:
        is_whole = request is self._request
        self._answer.ask(
            request,
            take,  # type: ignore[arg-type]
            on_part=self.grew.emit if is_whole else None,
            on_failure=self._fail,
            on_progress=self.progressed.emit if is_whole else self._tell_inside,
        )

    def _tell_inside(self, progress: Progress) -> None:
        """How far a request about some of the pictures is."""
        done = self._done + progress.done if progress.total else 0
        total = self._total if progress.total else 0
        self.progressed.emit(Progress(done=done, total=total, text=progress.text))

    def _do(self, work: object, take: object) -> None:
        errand = self._errand = Errand(work, self)  # type: ignore[arg-type]
        errand.done.connect(take)
        errand.failed.connect(self._fail)

    def _end(self, found: Evaluation) -> None:
        self._set_running(False)
        self.succeeded.emit(found)

    def _fail(self, error: H5ViewerError) -> None:
        self._set_running(False)
        self.failed.emit(error)

    def _set_running(self, is_running: bool) -> None:
        self._is_running = is_running
        self.busy_changed.emit(is_running)

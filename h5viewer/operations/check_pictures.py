"""What is wrong with data sets of pictures: every picture read once, a few numbers kept of each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import PurePath

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings import duplicates, labels, storage, values
from h5viewer.documents.picture_findings.colours import are_exchanged
from h5viewer.documents.picture_findings.details import Close
from h5viewer.documents.picture_findings.likeness import alike
from h5viewer.documents.picture_findings.subject import Subject
from h5viewer.documents.picture_words import means_maps, split_of
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import ClassCounts, PictureFinding, PictureReport, PictureSet
from h5viewer.operations import Operation, told
from h5viewer.operations.check_other_labels import read_other_labels
from h5viewer.operations.check_picture_labels import read_labels, unpaired_labels
from h5viewer.operations.check_picture_values import (
    are_bytes_wrapped,
    measure_batches,
    measure_pictures,
)
from h5viewer.operations.picture_reading import Pictures
from h5viewer.operations.picture_sets import find_picture_sets
from h5viewer.requests import CheckPictures, FindPictureSets, Progress
from h5viewer.wording import any_of, only_looked_at, plural

MOST_PICTURES = 2_000_000
"""Pictures that are looked at: 100 bytes are kept of each, a few times that while compared."""

_MOST_HINTS = 3
_YIELD = 0.04  # seconds


class _Looked(msgspec.Struct):
    """A set on its way into the report."""

    container: Container
    file: str
    pictures: PictureSet
    document: int  # of those asked about
    subject: Subject | None = None
    findings: list[PictureFinding] = []

    @property
    def is_masks(self) -> bool:
        """True for pictures of what belongs to what: blank and equal ones are usual."""
        return means_maps(self.pictures.node)


def check_pictures(request: CheckPictures, *containers: Container) -> Operation[PictureReport]:
    """Each set by itself, then what several have in common.

    Raises:
        CannotRead: there are no pictures.
    """
    return (yield from _Check(request, containers).run())


class _Check:
    """One report in the making."""

    def __init__(self, request: CheckPictures, containers: Sequence[Container]) -> None:
        self._request = request
        self._containers = containers
        self._looked: list[_Looked] = []
        self._limits: list[str] = []

    def run(self) -> Operation[PictureReport]:
        yield from self._find()
        left = MOST_PICTURES
        found: list[PictureFinding] = []
        for number, looked in enumerate(self._looked):
            taken = min(left, looked.pictures.n_pictures)
            left -= taken
            yield from self._look(number, looked, taken)
            found += looked.findings
        if sum(looked.pictures.n_pictures for looked in self._looked) > MOST_PICTURES:
            self._limits.append(f"Only the first {MOST_PICTURES:,} pictures were looked at.")
        subjects = [subject for _, subject in self._compared()]
        found += values.differences(subjects)
        found += labels.differences(subjects)
        found += yield from self._duplicates()
        order = sorted(found, key=lambda each: each.severity != "warning")
        return PictureReport(
            sets=tuple(looked.pictures for looked in self._looked),
            files=tuple(looked.file for looked in self._looked),
            counts=tuple(_counts(looked) for looked in self._looked),
            findings=tuple(order),
            limits=tuple(self._limits),
            documents=tuple(looked.document for looked in self._looked),
        )

    def _find(self) -> Operation[None]:
        has_loose = False
        for document, container in enumerate(self._containers):
            found = yield from find_picture_sets(
                FindPictureSets(document=self._request.document), container
            )
            name = visible(container.source.name)
            for each in found.sets:
                has_loose = has_loose or each.is_loose
                if each.is_loose:
                    self._limits.append(only_looked_at(each))
                else:
                    self._looked.append(_Looked(container, name, each, document))
            self._limits += found.problems
        if not self._looked:
            names = any_of([visible(container.source.name) for container in self._containers])
            which = " that can be checked" if has_loose else ""
            raise CannotRead(
                f"{names} holds no data set of pictures{which}.",
                hint=" ".join(self._limits[:_MOST_HINTS])
                or "Pictures are arrays of numbers with rows and columns of 8 pixels or more.",
            )

    # ------------------------------------------------------------ one set

    def _look(self, number: int, looked: _Looked, n_taken: int) -> Operation[None]:
        several = len(self._containers) > 1
        split = looked.pictures.split or split_of((_stem(looked.file),))
        try:
            pictures = Pictures(looked.container, looked.pictures)
            measures, colours = yield from measure_pictures(pictures, n_taken)
            known = yield from read_labels(looked.container, looked.pictures, n_taken)
            if known is None and several:
                others = [each for each in self._containers if each is not looked.container]
                known, where = yield from read_other_labels(
                    others, pictures.array.facts, looked.pictures, split, n_taken
                )
                self._limits += [where] if where else []
            subject = Subject(
                number=number,
                file=looked.file if several else "",
                pictures=looked.pictures,
                measures=measures,
                labels=known,
                colours=colours,
                split=split,
            )
            looked.subject = subject
            found = looked.findings
            found += values.findings(subject)
            found += values.wrapped(subject) if are_bytes_wrapped(pictures) else ()
            if looked.is_masks:
                found[:] = [each for each in found if each.kind == "nan"]
            found += labels.findings(subject)
            if known is None:
                found += yield from unpaired_labels(looked.container, subject)
            measured = yield from measure_batches(pictures)
            found += storage.findings(subject, pictures.array.facts, measured)
        except H5ViewerError as error:
            looked.subject = None
            message = f"Its pictures could not be looked at: {error.message}"
            looked.findings.append(
                PictureFinding(
                    severity="warning",
                    kind="unreadable",
                    value=looked.pictures.n_pictures,
                    set_index=number,
                    message=message,
                )
            )

    # ---------------------------------------------------------- all of them

    def _compared(self) -> list[tuple[_Looked, Subject]]:
        return [
            (looked, looked.subject)
            for looked in self._looked
            if looked.subject is not None and not looked.is_masks
        ]

    def _duplicates(self) -> Operation[list[PictureFinding]]:
        compared = self._compared()
        subjects = [subject for _, subject in compared]
        if not subjects:
            return []
        originals = duplicates.find_originals(subjects)
        yield Progress(done=0, text="Comparing pictures…")
        places = originals.originals
        patterns = np.concatenate([each.measures.pattern for each in subjects])[places]
        pairs = yield from told(
            alike(patterns, originals.sets(places)),
            lambda done: Progress(done=done, text="Comparing pictures…"),
        )
        pairs = yield from self._verified(compared, originals, places[pairs])
        return list(duplicates.findings(subjects, originals, pairs))

    def _verified(
        self,
        compared: Sequence[tuple[_Looked, Subject]],
        originals: duplicates.Originals,
        pairs: NDArray[np.int64],
    ) -> Operation[NDArray[np.int64]]:
        """Those that are alike when they are read again and looked at closely."""
        close = Close([subject.pictures.layout for _, subject in compared])
        if len(np.unique(pairs)) > close.most:
            pairs = _one_each(pairs)[: close.most // 2]
            self._limits.append(
                f"Very many pictures are alike: only {plural(len(pairs), 'pair')} of them were "
                "compared closely."
            )
        if not len(pairs):
            return pairs
        places = np.unique(pairs)
        seen = np.zeros((len(places), close.n_numbers), np.float32)
        own_set = originals.sets(places)
        for number, (looked, _) in enumerate(compared):
            rows = np.flatnonzero(own_set == number)
            indices = places[rows] - originals.starts[number]
            yield from _look_closely(looked, indices, rows, close, seen)
        channels = np.array([subject.pictures.layout.channels for _, subject in compared])
        kept: list[NDArray[np.bool_]] = []
        rows = np.searchsorted(places, pairs)
        for some in close.alike(seen, rows, channels[own_set] >= 3):
            kept.append(some)
            yield Progress(done=len(kept), text="Looking at alike pictures…")
        return pairs[np.concatenate(kept)]


def _one_each(pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each picture the first that it is like."""
    _, rows = np.unique(pairs[:, 1], return_index=True)
    return pairs[np.sort(rows)]


def _look_closely(
    looked: _Looked,
    indices: NDArray[np.int64],
    rows: NDArray[np.intp],
    close: Close,
    seen: NDArray[np.float32],
) -> Iterator[Progress]:
    """Small versions of these pictures of a set, into these rows of `seen`."""
    pictures = Pictures(looked.container, looked.pictures)
    layout = looked.pictures.layout
    if looked.subject is not None and are_exchanged(looked.subject.colours):
        layout = msgspec.structs.replace(layout, is_bgr=not layout.is_bgr)
    row_of = dict(zip(indices.tolist(), rows.tolist(), strict=True))
    results = pictures.each(list(row_of), lambda found: close.take(found, layout), close.side)
    done, due = 0, time.monotonic() + _YIELD
    with closing(results):
        for taken in results:
            if isinstance(taken, Progress):
                yield taken
                continue
            if taken.result is not None:
                seen[[row_of[index] for index in taken.wanted]] = taken.result
            done += len(taken.wanted)
            if time.monotonic() >= due:
                yield Progress(done=done, total=len(rows), text="Looking at alike pictures…")
                due = time.monotonic() + _YIELD


def _counts(looked: _Looked) -> ClassCounts:
    subject = looked.subject
    if subject is None or subject.labels is None:
        return ClassCounts(names=(), counts=(), n_without=looked.pictures.n_pictures)
    counts = labels.counts_of(subject.labels)
    return ClassCounts(
        names=subject.labels.names,
        counts=tuple(counts),
        n_without=labels.n_without(subject.labels),
    )


def _stem(file: str) -> bytes:
    return PurePath(file).stem.encode("utf-8", "surrogateescape")

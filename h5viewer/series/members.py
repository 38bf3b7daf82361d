"""Files in a folder as saved states: model files, checkpoints with their parts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import msgspec

from h5viewer.nodes import Metric, SeriesStep
from h5viewer.picture_files import is_folder

MOST_FILES = 100_000
"""Of a folder that are looked at."""

_SUFFIXES = (".weights.h5", ".h5", ".hdf5", ".hdf", ".he5", ".keras")
_SHARD = r"-(?P<shard>\d{5})-of-(?P<shards>\d{5})$"
_PART = re.compile(rf"\.(?:index$|meta$|data{_SHARD})")
_OLD_PART = re.compile(_SHARD)  # before 2017 shards held names and values
_STEP_FOLDER = re.compile(
    r"(?:^|[-_. =])(?:(?:epochs?|ep|e|(?:global[-_]?)?steps?|iter(?:ations?)?|ckpt|checkpoint)"
    r"[-_=. ]?)\d{1,15}$|^\d{1,15}$",
    re.IGNORECASE,
)
_MOST_OF_STEP = 1_000  # files in a folder of one step that are looked at
_V1 = re.compile(r"\.ckpt(?:-\d+)?$|^ckpt-\d+$")


class Member(msgspec.Struct):
    """One saved state."""

    stem: str  # of its name, without what names the format; with folders where they differ
    suffix: str  # what names the format: ".h5"; of checkpoints "ckpt"
    document: str = ""  # absolute path of the file to open; "": it is not there
    files: list[str] = []
    n_bytes: int = 0
    mtime: float = 0.0
    shards: set[str] = set()
    n_shards: int = 0  # that there should be

    @property
    def has_all_parts(self) -> bool:
        """False for a checkpoint without index or values: these are written one by one."""
        return bool(self.document) and len(self.shards) == self.n_shards

    def add(self, path: str, size: int, mtime: float) -> None:
        """One more of its files."""
        self.files.append(path)
        self.n_bytes += size
        self.mtime = max(self.mtime, mtime)


def is_step_folder(name: str) -> bool:
    """Whether a folder is called after one step of a run: `checkpoint-500`, `epoch_3`, `007`."""
    return _STEP_FOLDER.search(name) is not None


def members_in(folder: str) -> list[Member]:
    """Of the files in a folder, and in those of its folders that are one step each.

    Of a folder that cannot be listed none.
    """
    return members_of(_files_in(folder), folder)


def members_of(files: Iterable[tuple[str, int, float]], folder: str) -> list[Member]:
    """Files put together.

    Args:
        files: absolute path, size in bytes, seconds since 1970.
        folder: that they have in common.
    """
    found: dict[tuple[str, str], Member] = {}
    for path, size, mtime in sorted(files):
        name = path[len(folder) :].lstrip("/\\")
        if Path(path).name.startswith((".", "~")):
            continue
        stem, suffix, part = _kind(name)
        if not suffix:
            continue
        member = found.setdefault((stem, suffix), Member(stem, suffix))
        member.add(path, size, mtime)
        if part is None or part[0] == ".index":
            member.document = path
        elif part["shard"]:
            member.shards.add(part["shard"])
            member.n_shards = int(part["shards"])
            if part.re is _OLD_PART:
                member.document = member.document or path
    members = list(found.values())
    for member in members:
        if member.suffix == "ckpt" and member.document.endswith(".index"):
            member.n_shards = member.n_shards or 1  # its values, which may be missing
    return members


def step_of(
    member: Member, number: int | None = None, metrics: tuple[Metric, ...] = ()
) -> SeriesStep:
    """A saved state as a step of a run, or as one that stands alone."""
    return SeriesStep(
        document=member.document,
        files=tuple(member.files),
        number=number,
        metrics=metrics,
        n_bytes=member.n_bytes,
        mtime=member.mtime,
    )


def _kind(name: str) -> tuple[str, str, re.Match[str] | None]:
    """Stem, format and, of a checkpoint, which part of it; a format of "": none of ours."""
    part = _PART.search(name) or _OLD_PART.search(name)
    if part is not None:
        return name[: part.start()], "ckpt", part
    low = name.lower()
    for suffix in _SUFFIXES:
        if low.endswith(suffix):
            return name[: -len(suffix)], suffix, None
    return (name, "ckpt", None) if _V1.search(name) else (name, "", None)


def _files_in(folder: str) -> Iterator[tuple[str, int, float]]:
    inner: list[str] = []
    for entry in _entries(folder, MOST_FILES):
        if is_step_folder(entry.name) and is_folder(entry):
            inner.append(entry.path)
        elif (found := _facts(entry)) is not None:
            yield found
    n_left = MOST_FILES
    for each in inner:
        entries = _entries(each, min(n_left, _MOST_OF_STEP))
        n_left -= len(entries)
        yield from (found for entry in entries if (found := _facts(entry)) is not None)


def _entries(folder: str, most: int) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, most))
    except OSError:
        return []  # gone, or it may not be listed


def _facts(entry: os.DirEntry[str]) -> tuple[str, int, float] | None:
    if not _kind(entry.name)[1]:
        return None
    try:
        if not entry.is_file():
            return None
        facts = entry.stat()
    except OSError:
        return None  # deleted meanwhile
    return entry.path, facts.st_size, facts.st_mtime


def facts_of(path: str) -> tuple[str, int, float] | None:
    """Path, size and time of a file; None: there is none."""
    try:
        facts = Path(path).stat()
    except OSError:
        return None
    return path, facts.st_size, facts.st_mtime

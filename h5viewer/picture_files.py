"""Files that are dropped: which are pictures, and their bytes. Nothing of them is parsed here.

These functions wait for disks: they are for threads (`gui.errand`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.names import visible
from h5viewer.wording import bytes_text

MOST_BYTES = 200 << 20
"""Of one picture; a frame to a worker takes 256 MiB."""

MOST_PICTURES = 10_000
"""From one drop."""

_PIECE = 16 << 20  # bytes
_MOST_NAMES = 100_000  # looked at in a folder
_MOST_LEVELS = 3  # of folders inside a folder: classes, perhaps below "train" and "test"

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif",
     ".ppm", ".pgm", ".pbm", ".pnm", ".ico", ".tga", ".jp2", ".avif", ".npy")
)  # fmt: skip
"""Of files that are taken for pictures; `.npy` holds numbers, which a network takes as well."""

_BEGINNINGS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"\x93NUMPY")


class Dropped(msgspec.Struct, frozen=True):
    """What was dropped, sorted: absolute paths."""

    pictures: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_cut: bool = False  # there were more pictures than one drop takes
    folder: str = ""  # that was dropped alone and holds all of the pictures


def has_picture_name(path: str) -> bool:
    """Whether a file is taken for a picture by its name alone: no disk is touched."""
    return os.path.splitext(path)[1].lower() in SUFFIXES  # noqa: PTH122  # a tenth of Path's time


def sort_out(paths: Iterable[str]) -> Dropped:
    """Pictures, also those in folders, and everything else."""
    pictures: list[str] = []
    others: list[str] = []
    folders: list[str] = []
    given = list(paths)
    for path in given:
        if os.path.isdir(path):  # noqa: PTH112  # a Path of lone surrogates is fine, too
            inside = _pictures_in(path)
            pictures += inside
            (folders if inside else others).append(path)
        else:
            (pictures if has_picture_name(path) or _begins_so(path) else others).append(path)
    return Dropped(
        tuple(pictures[:MOST_PICTURES]),
        tuple(others),
        is_cut=len(pictures) > MOST_PICTURES,
        folder=folders[0] if folders and len(given) == 1 else "",
    )


def holds_pictures(folder: str) -> bool:
    """Whether there are pictures in a folder, or in the folders that it holds."""
    looked_at = 0
    for _, names, _ in _walk(folder):
        if any(map(_is_shown_picture, names)):
            return True
        looked_at += len(names)
        if looked_at > _MOST_NAMES:
            break
    return False


def read_picture(path: str, shown: str = "") -> bytes:
    """All bytes of a picture; `shown` names it in sentences, otherwise its file does.

    Raises:
        CannotRead: it is gone, or may not be read. TooLarge: more than MOST_BYTES.
    """
    try:
        return read_bytes(path, MOST_BYTES, shown)
    except TooLarge as error:
        error.hint = "Save it smaller, or as a compressed picture."
        raise


def read_bytes(path: str, most: int, shown: str = "") -> bytes:
    """All bytes of a file; `shown` names it in sentences.

    Raises:
        CannotRead: it is gone, or may not be read. TooLarge: more than `most`.
    """
    shown = shown or _shown(path)
    try:
        data = _at_once(path, most + 1)
    except FileNotFoundError as error:
        hint = "It may have been moved or deleted."
        raise CannotRead(f"{shown} does not exist.", hint=hint) from error
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise CannotRead(f"{shown} cannot be read: {why}.", details=str(error)) from error
    if len(data) > most:
        raise TooLarge(f"{shown} has more than {bytes_text(most)}.")
    if not data:
        raise CannotRead(f"{shown} is empty.", hint="The copy is probably incomplete.")
    return data


def _at_once(path: str, most: int) -> bytes:
    """A small file in one read: 20 µs, where a file object takes 70 of each of 100,000."""
    fd = _open_without_waiting(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        data = os.read(fd, min(most, os.fstat(fd).st_size + 1))
        while 0 < len(data) < most and (more := os.read(fd, min(most - len(data), _PIECE))):
            data += more
        return data
    finally:
        os.close(fd)


def _shown(path: str) -> str:
    return visible(Path(path).name)


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; a link that leads in a circle is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def in_natural_order(names: Iterable[str]) -> list[str]:
    """`2.png` before `10.png`."""
    return sorted(names, key=_natural)


def _pictures_in(folder: str) -> list[str]:
    found: list[str] = []
    looked_at = 0
    for level, names, where in _walk(folder):
        looked_at += len(names)
        found += [os.path.join(where, name) for name in names if _is_shown_picture(name)]  # noqa: PTH118
        if level > _MOST_LEVELS or looked_at > _MOST_NAMES or len(found) > MOST_PICTURES:
            break
    return found


def _walk(folder: str) -> Iterator[tuple[int, list[str], str]]:
    start = folder.rstrip(os.sep).count(os.sep)
    for where, folders, names in os.walk(folder):
        level = where.count(os.sep) - start
        folders[:] = [] if level >= _MOST_LEVELS else in_natural_order(folders)
        yield level, in_natural_order(names), where


def _is_shown_picture(name: str) -> bool:
    return not name.startswith(".") and has_picture_name(name)


def _begins_so(path: str) -> bool:
    """Pictures without the suffix of one."""
    try:
        with open(path, "rb", opener=_open_without_waiting) as file:
            start = file.read(12)
    except (OSError, ValueError):
        return False  # whoever opens it says why
    return start.startswith(_BEGINNINGS) or (start[:4], start[8:12]) == (b"RIFF", b"WEBP")


def _open_without_waiting(path: str, flags: int) -> int:
    """A named pipe would wait for a writer."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = re.split(r"(\d{1,18})", name.casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def picture_filter() -> str:
    """For dialogs that choose files."""
    return f"Pictures (*{' *'.join(sorted(SUFFIXES))});;All files (*)"

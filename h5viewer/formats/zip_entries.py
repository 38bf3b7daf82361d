"""Entries of a zip archive: listed, judged and read within limits, never unpacked."""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import stat
import struct
import zipfile
import zlib
from typing import Literal, cast

from h5viewer.errors import CannotOpen, CannotRead, TooLarge
from h5viewer.formats.hdf5_facts import MIB
from h5viewer.formats.source import Source
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Entry, Problem
from h5viewer.wording import bytes_text

# zipfile reports a bad archive in all these ways: encrypted entries are RuntimeError,
# unknown methods NotImplementedError (one too), absurd offsets ValueError, bad text in the
# directory UnicodeDecodeError (a ValueError), bad extra fields struct.error.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError,
    RuntimeError, ValueError, OverflowError,
)  # fmt: skip

# Deflate reaches 1032 : 1. Weights hardly shrink; only constant ones pass 100 : 1.
_BOMB_RATIO = 100
_BOMB_SIZE = 64 * MIB
LARGEST_INFLATED = 512 * MIB

_TEXT_SUFFIXES = (".txt", ".csv", ".tsv", ".md", ".py", ".yaml", ".yml", ".xml", ".html", ".log")
_DRIVE = re.compile(r"^[A-Za-z]:")

_FOREIGN = (  # (what an entry's name matches, what the archive is)
    (r"(^|/)data\.pkl$", "a PyTorch file", "Open it with PyTorch or Netron."),
    (r"(^|/)saved_model\.pb$", "a zipped TensorFlow SavedModel", "Save it as .keras or .h5."),
    (r"^[^/]+\.npy$", "a NumPy archive (.npz)", "Open it with numpy.load."),
    (r"^word/", "a Word document", ""),
    (r"^xl/", "an Excel workbook", ""),
    (r"^ppt/", "a PowerPoint presentation", ""),
    (r"^META-INF/MANIFEST\.MF$", "a Java archive", ""),
    (r"\.dist-info/METADATA$", "a Python package (wheel)", ""),
    (r"\.mlpackage/|\.mlmodel$", "a Core ML model", ""),
    (r"\.onnx$", "a zip archive with an ONNX model", "Unzip it; ONNX is not read."),
)


def group_by_name(archive: zipfile.ZipFile) -> dict[bytes, list[zipfile.ZipInfo]]:
    """Entries by their whole names as stored; the last of several is the one that counts."""
    entries: dict[bytes, list[zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        name = info.orig_filename.encode("utf-8", "surrogateescape")
        entries.setdefault(name, []).append(info)
    return entries


def refuse_bomb(source: Source, archive: zipfile.ZipFile) -> None:
    """Raise CannotOpen when the archive declares far more than it stores."""
    declared = sum(info.file_size for info in archive.infolist())
    stored = min(sum(info.compress_size for info in archive.infolist()), source.size)
    if declared > _BOMB_SIZE and declared > _BOMB_RATIO * stored:
        raise CannotOpen(
            f"{source.name} declares {bytes_text(declared)} of content but stores only "
            f"{bytes_text(stored)}: it is not opened.",
            hint="Such an archive is made to fill memory. Ask where it comes from.",
        )


def refuse_foreign(source: Source, names: list[bytes]) -> None:
    """Raise CannotOpen when no entry belongs to a Keras model."""
    texts = [visible(name) for name in names]
    last_parts = {posixpath.basename(text) for text in texts}
    has_weights = any(part.lower().endswith((".h5", ".hdf5")) for part in last_parts)
    if has_weights or last_parts & {"config.json", "model.weights.npz"}:
        return
    for pattern, what, hint in _FOREIGN:
        if any(re.search(pattern, text) for text in texts):
            raise CannotOpen(f"{source.name} is {what}, not a Keras model.", hint=hint)
    inside = "is empty" if not texts else f"holds {visible(texts[0], 60)}"
    more = f" and {len(texts) - 1} more" if len(texts) > 1 else ""
    raise CannotOpen(f"{source.name} is a zip archive without a Keras model: it {inside}{more}.")


def to_entry(archive: zipfile.ZipFile, path: NodePath, infos: list[zipfile.ZipInfo]) -> Entry:
    """The entry as a node."""
    info = infos[-1]
    return Entry(
        path=path,
        n_bytes=info.file_size,
        stored_bytes=info.compress_size,
        kind=_kind(info),
        note="; ".join(_notes(infos, _target(archive, info))),
    )


def entry_problems(entries: dict[bytes, list[zipfile.ZipInfo]]) -> tuple[Problem, ...]:
    """What is odd about the names; a `.keras` of Keras has none of it."""
    problems = []
    for name, infos in entries.items():
        for note in _notes(infos, ""):
            message = f"This entry is {note}; nothing is unpacked or followed."
            problems.append(Problem(where=visible(name), message=message, severity="note"))
    return tuple(problems[:100])


def read_start(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, shown: str) -> bytes:
    """The first `limit` bytes of an entry.

    Raises:
        CannotRead: encrypted, damaged or compressed in an unknown way.
    """
    data = io.BytesIO()
    try:
        with archive.open(info) as stream:
            # In pieces: at once, zipfile holds the compressed bytes and two copies of the others.
            while piece := stream.read(max(0, min(MIB, limit - data.tell()))):
                data.write(piece)
        return data.getvalue()
    except (*ZIP_ERRORS, MemoryError) as error:
        raise CannotRead(f"{shown} cannot be read from the archive.", details=str(error)) from error


def stored_range(source: Source, info: zipfile.ZipInfo, shown: str) -> int:
    """Where an uncompressed entry's bytes start in the source.

    Raises:
        CannotRead: encrypted, or the two descriptions of the entry disagree.
    """
    header = source.read_at(info.header_offset, 30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise CannotRead(f"{shown} is missing where the archive says it is.")
    (flags,) = struct.unpack_from("<H", header, 6)
    n_name, n_extra = struct.unpack_from("<2H", header, 26)
    start: int = info.header_offset + 30 + n_name + n_extra
    local_name = source.read_at(info.header_offset + 30, n_name)
    if (flags | info.flag_bits) & 1:
        raise CannotRead(f"{shown} is encrypted.")
    encoding = "utf-8" if info.flag_bits & 0x800 else "cp437"
    if local_name.decode(encoding, "replace") != info.orig_filename:
        raise CannotRead(f"{shown} is described twice in the archive, and differently.")
    if info.file_size != info.compress_size or start + info.file_size > source.size:
        raise CannotRead(f"{shown} does not have the size the archive states.")
    return start


def inflate(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, shown: str) -> bytes:
    """A compressed entry as a whole; the last one is kept with the source.

    Raises:
        TooLarge: it would fill memory.
        CannotRead: encrypted or damaged.
    """
    at, kept = source.kept.get("inflated", (None, b""))
    if at == info.header_offset:
        return cast("bytes", kept)
    if info.file_size > LARGEST_INFLATED:
        raise TooLarge(
            f"{shown} is compressed and holds {bytes_text(info.file_size)}; "
            f"at most {bytes_text(LARGEST_INFLATED)} are decompressed into memory."
        )
    source.kept.pop("inflated", None)  # not two of them in memory at once
    data = read_start(archive, info, info.file_size + 1, shown)
    if len(data) != info.file_size:
        raise CannotRead(f"{shown} does not have the size the archive states.")
    source.kept["inflated"] = info.header_offset, data
    return data


def _kind(info: zipfile.ZipInfo) -> Literal["text", "json", "binary", "link", "folder"]:
    name = info.orig_filename.lower()
    if stat.S_ISLNK(info.external_attr >> 16):
        return "link"
    if info.filename.endswith("/"):  # is_dir() of Python 3.11 fails at a name without letters
        return "folder"
    if name.endswith(".json"):
        return "json"
    return "text" if name.endswith(_TEXT_SUFFIXES) else "binary"


def _target(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """What a symbolic link points to, as text."""
    if _kind(info) != "link":
        return ""
    try:
        return visible(read_start(archive, info, 300, ""))
    except CannotRead:
        return "?"


def _notes(infos: list[zipfile.ZipInfo], target: str) -> list[str]:
    name = infos[-1].orig_filename
    notes = []
    if len(infos) > 1:
        times = "twice" if len(infos) == 2 else f"{len(infos)} times"
        notes.append(f"listed {times}, of which the last counts")
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or _DRIVE.match(name):
        notes.append("named by a path that leaves the archive")
    elif "\\" in name or "\0" in name:
        notes.append("named in a way that other programs read differently")
    if _kind(infos[-1]) == "link":
        notes.append("a symbolic link" + (f" to {target}" if target else ""))
    return notes

"""Files of a TensorFlow checkpoint: which of them is opened, whichever the user names.

A checkpoint is `m.index` with `m.data-00000-of-00002` ... (`m.meta` holds the graph), before
2017 one file `m` or the shards `m-00000-of-00002` ...; a file `checkpoint` in the folder names
the newest. People also name the prefix `m` and the folder. Only names are looked at, but for
the state file. These functions wait for disks.
"""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

STATE = "checkpoint"
"""Name of the file that names the newest checkpoint of its folder."""

LARGEST_STATE = 4 << 20
"""Bytes that are read of one: some 10,000 checkpoints."""

_MOST_NAMES = 20_000  # of a folder that are looked at
_MOST_NAMED = 1000
_DATA_FILE = re.compile(r"(?P<prefix>.+)\.data-\d{5}-of-\d{5}", re.DOTALL)
_OLD_SHARD = re.compile(r"(?P<prefix>.+)-\d{5}-of-(?P<n>\d{5})", re.DOTALL)
_DATA_END = re.compile(r"\.data-\d{5}-of-\d{5}")
_SHARD_END = re.compile(r"-\d{5}-of-\d{5}")
_ANY_SHARD = re.compile(r"-\?{5}-of-\d{5}$")  # what TensorFlow 1 calls all shards together
_FIELD = re.compile(
    r"""(?P<key>\w+)\s*:\s*(?:"(?P<twice>(?:[^"\\\n]|\\.)*)"|'(?P<once>(?:[^'\\\n]|\\.)*)')"""
)
_ESCAPED = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
_LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f"}
_LETTERS[b"v"] = b"\v"


class CheckpointState(msgspec.Struct, frozen=True):
    """What a `checkpoint` file says: prefixes of checkpoints, as they are written there."""

    latest: str
    kept: tuple[str, ...]  # oldest first, the latest among them


class NamedCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint that a state file names, and where it is found today."""

    written: str  # as in the file
    document: str | None  # the file to open; None: it is not in the folder of the state file
    was_moved: bool = False  # what is written leads elsewhere, but here is one of this name


def document_path(path: str) -> str:
    """The file to open for one that the user named: the index of its checkpoint.

    Anything else, and members of a checkpoint whose index is lost, stays as it is.

    Args:
        path: absolute.
    """
    name = Path(path).name
    if name.endswith(".index"):
        return path
    member = _DATA_FILE.fullmatch(name)
    if member is not None:
        return _of_prefix(path[: len(path) - len(name)] + member["prefix"]) or path
    if name.endswith(".meta"):
        return _of_prefix(path.removesuffix(".meta")) or path
    if _OLD_SHARD.fullmatch(name):
        return _of_prefix(path[: -len("-00000-of-00001")]) or path
    if os.path.isfile(path):  # noqa: PTH113  # Path raises for names with a zero byte before 3.13
        return (_latest(path) or path) if STATE in name.lower() else path
    if os.path.isdir(path):  # noqa: PTH112
        return _in_folder(path) or path
    return _of_prefix(path) or path


def is_of_checkpoint(path: str) -> bool:
    """True for names that files of checkpoints have."""
    return path.endswith(".index") or "ckpt" in Path(path).name or prefix_of(path) != path


def prefix_of(document: str) -> str:
    """The prefix of a checkpoint's document: its path without `.index` or the shard's number."""
    if document.endswith(".index"):
        return document.removesuffix(".index")
    shard = _OLD_SHARD.fullmatch(document)
    return shard["prefix"] if shard else document


def data_files(document: str) -> list[str]:
    """The files with the values of a checkpoint's document; of one of before 2017 other shards."""
    if not is_of_checkpoint(document):
        return []
    prefix = prefix_of(document)
    folder, stem = os.path.split(prefix)
    ending = _DATA_END if document.endswith(".index") else _SHARD_END
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(stem))  # noqa: PTH208
    except (OSError, ValueError):  # a folder that may be entered but not listed
        return []
    ends = (name.removeprefix(stem) for name in names)
    paths = (prefix + end for end in ends if ending.fullmatch(end))
    return [path for path in paths if path != document]


def parse_state(text: str) -> CheckpointState | None:
    """What a `checkpoint` file says; None: it is none."""
    latest, kept = "", []
    for found in _FIELD.finditer(text):
        value = _unescaped(found["twice"] if found["twice"] is not None else found["once"])
        if found["key"] == "model_checkpoint_path":
            latest = value
        elif found["key"] == "all_model_checkpoint_paths":
            kept.append(value)
    if not latest:
        return None
    if latest not in kept:
        kept.append(latest)
    return CheckpointState(latest, tuple(kept))


def read_state(path: str) -> CheckpointState | None:
    """What the `checkpoint` file at `path` says; None: it is none, or cannot be read."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_STATE)
    except (OSError, ValueError):
        return None
    return parse_state(data.decode("utf-8", "surrogateescape"))


def located(state: CheckpointState, folder: str) -> tuple[NamedCheckpoint, ...]:
    """Where the checkpoints of a state file are, oldest first; only its folder is looked into.

    Of more than a thousand, the last ones.
    """
    return tuple(_located(written, folder) for written in state.kept[-_MOST_NAMED:])


def corrected_text(text: str, folder: str) -> str:
    """A state file that is right wherever the folder lies: moved checkpoints by their names alone.

    What is not in the folder, and all else, stays as it was.
    """

    def correct(found: re.Match[str]) -> str:
        quote = "twice" if found["twice"] is not None else "once"
        if found["key"] not in ("model_checkpoint_path", "all_model_checkpoint_paths"):
            return found[0]
        named = _located(_unescaped(found[quote]), folder)
        if not named.was_moved:
            return found[0]
        return f'{found["key"]}: "{_escaped(_last_name(named.written))}"'

    return _FIELD.sub(correct, text)


def _located(written: str, folder: str) -> NamedCheckpoint:
    is_elsewhere = os.path.isabs(written) or ntpath.isabs(written)  # noqa: PTH117  # either system's
    if not is_elsewhere:
        there = os.path.normpath(os.path.join(folder, written))  # noqa: PTH118
        if _is_inside(there, folder):
            found = _of_prefix(there)
            if found is not None:
                return NamedCheckpoint(written, found)
    here = os.path.join(folder, _last_name(written))  # noqa: PTH118
    found = _of_prefix(here)
    if found is None:
        return NamedCheckpoint(written, None)
    return NamedCheckpoint(written, found, was_moved=os.path.normpath(written) != here)


def _is_inside(path: str, folder: str) -> bool:
    """What a file names is never followed out of its folder."""
    return path.startswith(os.path.join(os.path.normpath(folder), ""))  # noqa: PTH118


def _last_name(written: str) -> str:
    """The checkpoint's own name, whichever system wrote the path."""
    return re.split(r"[/\\]", written)[-1]


def _latest(state_path: str) -> str | None:
    """The newest checkpoint that a state file names and that is there."""
    state = read_state(state_path)
    if state is None:
        return None
    folder = str(Path(state_path).parent)
    first = _located(state.latest, folder)
    others = reversed(located(state, folder))
    return next((named.document for named in (first, *others) if named.document), None)


def _of_prefix(prefix: str) -> str | None:
    """The file to open for a prefix; None: there is no such checkpoint."""
    prefix = _ANY_SHARD.sub("", prefix)
    if not Path(prefix).name:
        return None
    index = f"{prefix}.index"
    for path in (index, prefix):
        if os.path.isfile(path):  # noqa: PTH113
            return path
    stem = Path(prefix).name
    shards = [
        name
        for name in _names_in(str(Path(prefix).parent))
        if name.startswith(stem) and re.fullmatch(r"-00000-of-\d{5}", name[len(stem) :])
    ]
    return os.path.join(Path(prefix).parent, max(shards)) if shards else None  # noqa: PTH118


def _in_folder(folder: str) -> str | None:
    """The newest checkpoint of a folder: by its state file, else by the numbers in names."""
    latest = _latest(os.path.join(folder, STATE))  # noqa: PTH118
    if latest is not None:
        return latest
    indexes = [name for name in _names_in(folder) if name.endswith(".index")]
    if indexes:
        return os.path.join(folder, max(indexes, key=_by_numbers))  # noqa: PTH118
    graphs = [name for name in _names_in(folder) if name.endswith(".meta")]
    if len(graphs) == 1:
        return document_path(os.path.join(folder, graphs[0]))  # noqa: PTH118
    return _of_prefix(os.path.join(folder, "variables", "variables"))  # noqa: PTH118  # SavedModel


def _names_in(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in islice(entries, _MOST_NAMES))
    except (OSError, ValueError):
        return  # a folder that cannot be listed has no checkpoints for us


def _by_numbers(name: str) -> tuple[tuple[bool, int, str], ...]:
    parts = re.split(r"(\d+)", name)
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)


def _unescaped(text: str) -> str:
    """A string of protocol buffers' text form."""

    def meant(found: re.Match[bytes]) -> bytes:
        octal, digits, letter = found.groups()
        if letter is not None:
            return _LETTERS.get(letter, letter)
        return bytes([int(octal, 8) & 255 if octal else int(digits, 16)])

    data = _ESCAPED.sub(meant, text.encode("utf-8", "surrogateescape"))
    return data.decode("utf-8", "surrogateescape")


def _escaped(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return "".join(
        f"\\{byte:03o}" if not 32 <= byte < 127 or byte in b"\"'\\" else chr(byte) for byte in data
    )

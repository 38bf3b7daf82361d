"""The `checkpoint` file: which checkpoint of a folder is the latest, which are kept."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from h5viewer.series.members import STATE

_LARGEST = 4 << 20  # bytes; 100 for each checkpoint that is kept
_LINE = re.compile(
    r'^\s*(model_checkpoint_path|all_model_checkpoint_paths)\s*:\s*"((?:[^"\\]|\\.)*)"',
    re.MULTILINE,
)


@dataclass(frozen=True)
class State:
    """Names of checkpoints without their folders, which may have been moved."""

    latest: str
    kept: tuple[str, ...]


def read_state(folder: str) -> State | None:
    """What the folder's state file says; None: there is none that can be understood."""
    try:
        with (Path(folder) / STATE).open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    latest, kept = "", []
    for word, quoted in _LINE.findall(text):
        name = re.split(r"[/\\]", _unquoted(quoted))[-1]
        if word == "model_checkpoint_path":
            latest = name
        else:
            kept.append(name)
    return State(latest, tuple(kept)) if latest else None


def _unquoted(text: str) -> str:
    """A text of a text-format message; a Windows path may have single backslashes."""
    try:
        raw = codecs.escape_decode(text.encode())[0]
        return bytes(raw).decode("utf-8", "replace")
    except ValueError:
        return text

"""Class names as tools for detection write them: label maps of TensorFlow, YAML of YOLO."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

_ITEM = re.compile(r"\bitem\s*\{([^{}]*)\}")
_ID = re.compile(r"\bid\s*:\s*(\d{1,7})\b")
_NAME = re.compile(r"\b(display_name|name)\s*:\s*(\"[^\"\n]*\"|'[^'\n]*')")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
_KEY = re.compile(r"^names[ \t]*:[ \t]*(.*)$", re.MULTILINE)
_ENTRY = re.compile(r"[ \t]*(?:-|(\d{1,7})[ \t]*:)[ \t]+(\S.*)")
_NUMBERED = re.compile(r"\s*(\d{1,7})\s*:(.*)")


def of_label_map(text: str) -> list[tuple[int, str]]:
    """Index and name of each `item { id: 1 name: 'cat' }`; `display_name` is for people."""
    found: list[tuple[int, str]] = []
    for item in _ITEM.findall(text):
        names = {key: value[1:-1] for key, value in _NAME.findall(item)}
        number = _ID.search(item)
        name = names.get("display_name") or names.get("name")
        if number is not None and name:
            found.append((int(number[1]), name))
    return found


def of_yaml(text: str) -> list[tuple[int, str]]:
    """Index and name of each entry below `names:`, a list or a table, in lines or in one."""
    text = _COMMENT.sub("", text)
    key = _KEY.search(text)
    if key is None:
        return []
    first = key[1].strip()
    after = text[key.end() :]
    if first[:1] in ("[", "{"):
        inner, _, _ = (first + after).partition("]" if first[0] == "[" else "}")
        try:
            return list(_of_flow(inner[1:].replace("\n", " ")))
        except csv.Error:  # longer than any name
            return []
    return list(_of_block(after)) if not first else []


def _of_block(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.splitlines():
        if not line.strip():
            continue
        entry = _ENTRY.fullmatch(line.rstrip())
        if entry is None:
            return
        yield int(entry[1]) if entry[1] else position, entry[2].strip().strip("\"'")
        position += 1


def _of_flow(text: str) -> Iterator[tuple[int, str]]:
    quote = "'" if text.count("'") > text.count('"') else '"'
    for cells in csv.reader([text], quotechar=quote, skipinitialspace=True):
        for position, cell in enumerate(cells):
            numbered = _NUMBERED.fullmatch(cell)
            index, name = (int(numbered[1]), numbered[2]) if numbered else (position, cell)
            if name.strip():
                yield index, name.strip().strip("\"'")

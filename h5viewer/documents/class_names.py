"""Class names from text, JSON and CSV as people write them, in the order of their indices."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.label_maps import of_label_map, of_yaml
from h5viewer.documents.pickled_names import is_binary, value_of
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container
from h5viewer.formats.plain_text import decoded
from h5viewer.names import NodePath

MOST = 100_000
"""Names of one file: more than the classes of any network seen."""

_LONGEST_TEXT = 1_000_000  # characters of an attribute
_LONGEST = 300  # characters of one name
_MOST_COLUMNS = 50
_NUMBERED = re.compile(r"\s*(\d{1,7})\s*[\s:,;=.)\-]\s*(\S.*)")
_INDEXED = re.compile(r"(\S.*?)\s*[\t:=,;]\s*(\d{1,7})")
_UNPARTED = re.compile(r"""(?<=[^\s,:(\[{])(['"])\s+(?=['"])""")  # 'cat' 'dog', as NumPy prints
_SYNSET = re.compile(r"\s*n\d{8}\s+(\S.*)")
_NAME_WORDS = ("name", "label", "class", "title", "categ", "sign", "tag", "breed", "species")
_KEYS = (
    "class_names", "classnames", "labels", "classes", "names", "label_names", "categories",
    "id2label", "label2id", "class_indices", "class_to_idx", "idx_to_class", "index_to_class",
    "label_map", "class_labels", "target_names",
)  # fmt: skip


def names_in(data: bytes, name: str) -> tuple[str, ...]:
    """The names in the bytes of a file: a text, a pickle or an array that Python saved.

    Raises:
        CannotRead, TooLarge: as `parse_names`.
    """
    if not is_binary(data, name):
        return parse_names(decoded(data, name), name)
    return _named(_of_value(value_of(data, name)), name)


def parse_names(text: str, name: str) -> tuple[str, ...]:
    """The names in a file called `name`; where an index has none it is its number.

    Raises:
        CannotRead: nothing in it looks like a list of names.
        TooLarge: more names than any network has.
    """
    head = text.lstrip()[:1]
    if head in ("{", "["):
        found = _of_json(text, name)
    elif name.lower().endswith((".csv", ".tsv")):
        found = _of_rows(text)
    elif name.lower().endswith(".pbtxt"):
        found = _by_index(of_label_map(text))
    elif name.lower().endswith((".yaml", ".yml")):
        found = _by_index(of_yaml(text))
    else:
        found = _of_lines(text)
    return _named(found, name)


def _named(found: Sequence[str], name: str) -> tuple[str, ...]:
    if not found:
        raise CannotRead(
            f"{name} holds no class names.",
            hint='Write one name a line, or JSON such as {"cat": 0, "dog": 1}.',
        )
    return tuple(each.strip()[:_LONGEST] or str(i) for i, each in enumerate(found))


def stored_names(container: Container) -> tuple[tuple[str, ...], str]:
    """Names that the file itself holds in an attribute, and the attribute's name."""
    names, _, key = stored_place(container)
    return names, key


def stored_place(container: Container) -> tuple[tuple[str, ...], NodePath, str]:
    """The same, and the object whose attribute it is; no names where there are none."""
    for path in ((), (b"model_weights",)):
        names, key = attribute_names(container, path)
        if names:
            return names, path, key
    return (), (), ""


def attribute_names(
    container: Container, path: NodePath, at_least: int = 2
) -> tuple[tuple[str, ...], str]:
    """The first attribute of one object that lists names, and what it is called."""
    for key in _KEYS:
        found = _attribute(container, path, key)
        if len(found) >= max(2, at_least):
            return found, key
    return (), ""


def written_like(names: Sequence[str], text: str) -> str:
    """Names as a text of the form that another text has: JSON, or lines.

    Raises:
        CannotRead: that one says more than names.
    """
    if text.lstrip()[:1] not in ("{", "["):
        is_one_line = "," in text and "\n" not in text.strip()
        return (", " if is_one_line else "\n").join(names)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CannotRead("The class names in the file are no valid JSON.") from error
    if is_list(value) and all(isinstance(each, str) for each in value):
        return json.dumps(list(names))
    if is_table(value) and all(type(each) is int for each in value.values()):
        if len(set(names)) < len(names):
            raise CannotRead("The file lists its classes by name, so each needs a name of its own.")
        return json.dumps({name: i for i, name in enumerate(names)})
    if is_table(value) and all(isinstance(each, str) for each in value.values()):
        return json.dumps({str(i): name for i, name in enumerate(names)})
    raise CannotRead(
        "The file keeps its class names together with other things.",
        hint="Change the attribute itself.",
    )


def _attribute(container: Container, path: NodePath, key: str) -> tuple[str, ...]:
    try:
        listed = container.attribute_strings(path, key.encode(), MOST)
        if listed and len(listed) > 1:
            return tuple(each[:_LONGEST] for each in listed)
        text = container.attribute_text(path, key.encode(), _LONGEST_TEXT)
        return parse_names(text.text, key) if text and text.is_complete else ()
    except CannotRead:
        return ()  # an attribute of that name which is something else


# ---------------------------------------------------------------------------- text


def _of_lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if len(lines) == 1 and lines[0].count(",") >= 1:  # "cat, dog, horse"
        lines = [part.strip(" \"'") for part in lines[0].split(",")]
    _require_few(len(lines))
    synsets = [_SYNSET.fullmatch(line) for line in lines]
    if lines and all(synsets):
        return [match[1] for match in synsets if match]
    numbered = [_NUMBERED.fullmatch(line) for line in lines]
    if len(lines) > 1 and all(numbered):
        pairs = [(int(match[1]), match[2]) for match in numbered if match]
        return _by_index(pairs) or lines
    indexed = [_INDEXED.fullmatch(line) for line in lines]
    if len(lines) > 1 and all(indexed):
        table = {match[1]: int(match[2]) for match in indexed if match}
        found = _by_index((index, key) for key, index in table.items())
        if len(found) == len(lines):
            return found
    return [line.strip("\"'") for line in lines]


def _require_few(count: int) -> None:
    if count > MOST:
        raise TooLarge(
            f"It holds {count:,} names, more than a network has classes.",
            hint="Choose the file with the names of the classes.",
        )


def _by_index(pairs: Iterable[tuple[int, str]]) -> list[str]:
    """In the order of the indices, which start at 0, or at 1; [] where they are no indices."""
    table = dict(pairs)
    if not table:
        return []
    low, high = min(table), max(table)
    if low not in (0, 1) or high - low >= min(MOST, 2 * len(table) + 10):
        return []
    first = low if high - low + 1 == len(table) else 0
    return [table.get(i, "") for i in range(first, high + 1)]


# ---------------------------------------------------------------------------- JSON


def _of_json(text: str, name: str) -> list[str]:
    try:
        return _of_value(json.loads(text))
    except (ValueError, RecursionError) as error:
        value = _of_python(text)
        if value is None:
            raise CannotRead(
                f"{name} is not valid JSON.",
                hint="Write one name a line instead.",
                details=str(error),
            ) from error
    return _of_value(value)


def _of_python(text: str) -> object:
    """What Python or NumPy prints of names, `{'cat': 0, 'dog': 1}`; None: something else.

    Nothing in it is run: literals alone are read.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        # Python would take two names with nothing between them for one.
        return _plain(ast.literal_eval(_UNPARTED.sub(r"\1, ", text.strip())))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _plain(value: object) -> object:
    """As JSON would have it."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _of_value(value: object, depth: int = 0) -> list[str]:
    if is_list(value):
        _require_few(len(value))
        return _of_list(value)
    if not is_table(value):
        return []
    _require_few(len(value))
    if all(isinstance(each, int) for each in value.values()):  # {"angry": 0}
        return _by_index((index, key) for key, index in value.items() if isinstance(index, int))
    if all(key.strip().isdecimal() and len(key) < 8 for key in value):  # {"0": "angry"}
        return _by_index((int(key), _last_text(each)) for key, each in value.items())
    if depth < 3:
        for key in _KEYS:
            found = _of_value(value.get(key), depth + 1)
            if found:
                return found
    if 0 < depth < 3 and len(value) == 1:  # {"classes": {"Label": ["cat", "dog"]}}
        return _of_value(next(iter(value.values())), depth + 1)
    return []


def _of_list(items: Sequence[object]) -> list[str]:
    if all(isinstance(item, str | int | float) for item in items):
        return [str(item) for item in items]
    names, indices = [], []
    for item in items:
        if not is_table(item):
            return []
        texts = [(key, each) for key, each in item.items() if isinstance(each, str)]
        if not texts:
            return []
        texts.sort(key=lambda pair: not _is_name(pair[0]))
        names.append(texts[0][1])
        indices += [each for key, each in item.items() if type(each) is int and "id" in key.lower()]
    if len(indices) == len(names):
        return _by_index(zip(indices, names, strict=True)) or names
    return names


def _last_text(value: object) -> str:
    """A name, or the last of `["n01440764", "tench"]`."""
    if is_list(value):
        texts = [each for each in value if isinstance(each, str)]
        return texts[-1] if texts else ""
    if is_table(value):
        texts = [each for key, each in value.items() if isinstance(each, str) and _is_name(key)]
        return texts[0] if texts else ""
    return str(value) if isinstance(value, str | int | float) else ""


def _is_name(key: str) -> bool:
    return any(word in key.lower() for word in _NAME_WORDS)


# ---------------------------------------------------------------------------- CSV


def _of_rows(text: str) -> list[str]:
    rows = list(_rows(text))
    if len(rows) <= 1:
        return rows[0] if rows else []
    width = min(len(row) for row in rows)
    if width < 2:
        names = [row[0] for row in rows]
        return names[1:] if _is_name(names[0]) and len(names) > 2 else names
    header = rows[0] if not any(cell.isdecimal() for cell in rows[0][:width]) else None
    body = rows[1:] if header else rows
    columns = [[row[i].strip() for row in body] for i in range(width)]
    named = [i for i, column in enumerate(columns) if not all(map(_is_number, column))]
    if not named:
        return []
    chosen = named[0]
    if header:
        chosen = next((i for i in named if _is_name(header[i])), chosen)
    for column in columns:
        if all(cell.isdecimal() and len(cell) < 8 for cell in column):
            pairs = zip(map(int, column), columns[chosen], strict=True)
            found = _by_index(pairs) if len(set(column)) == len(column) else []
            if found:
                return found
    return columns[chosen]


def _rows(text: str) -> Iterator[list[str]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    try:
        for i, row in enumerate(csv.reader(text.splitlines(), delimiter=delimiter)):
            _require_few(i)
            if any(cell.strip() for cell in row):
                yield row[:_MOST_COLUMNS]
    except csv.Error as error:
        raise CannotRead("The table of names is damaged.", details=str(error)) from error


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace("-", "", 1).isdecimal()

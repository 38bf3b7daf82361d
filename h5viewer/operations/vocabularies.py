"""Words of StringLookup, IntegerLookup and TextVectorization, which archives keep apart.

They are put into the repaired configuration before the layers are built, and so is how
often each is met: a table of words can be filled when it is made, and a copy then needs no
files beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from h5viewer.documents.compatibility import Repair
from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.document import ARCHIVED_WEIGHTS, Places
from h5viewer.documents.json_text import is_list, table, whole_number
from h5viewer.documents.keras_objects.classes import WITH_WORDS
from h5viewer.documents.roles import snake_case
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container
from h5viewer.nodes import Entry
from h5viewer.operations.stored_arrays import read_whole
from h5viewer.wording import names_text

_LONGEST = 50_000_000  # characters
_MOST_WORDS = 10_000_000
_MOST_UNKNOWN = 10_000
FREQUENCIES = "idf_weights"
"""The name of the dataset that says how often each word is met."""


def give_vocabularies(
    container: Container, places: Places, layers: Sequence[DeclaredLayer], repair: Repair
) -> None:
    """Add the words that the archive keeps for these layers to the repaired configuration.

    Raises:
        CannotRead: a file of words is damaged.
    """
    if places.format != "keras-archive":
        return
    for layer, folder in _folders(layers, "assets"):
        if layer.class_name not in WITH_WORDS:
            continue
        row = repair.layers.get(layer.key)
        entry = None if row is None else _entry(repair.config, row.path)
        if entry is None:
            continue
        if not is_list(layer.config.get("vocabulary")):
            words: list[str] | list[int] = _words(container, folder)
            if layer.class_name == "IntegerLookup":
                words = _whole_numbers(words, folder)
            entry["vocabulary"] = words
        if entry.get("output_mode") == "tf_idf" and not is_list(entry.get("idf_weights")):
            n_words = len(entry["vocabulary"])  # what is kept may be padded; Keras wants it as long
            entry["idf_weights"] = _frequencies(container, folder)[:n_words]


def without_words(layers: Sequence[DeclaredLayer], repair: Repair) -> Iterator[str]:
    """A warning where words of layers are nowhere: legacy files keep only those that were given."""
    rows = [
        repair.layers.get(layer.key)
        for layer, _ in _folders(layers, "")
        if layer.class_name in WITH_WORDS
    ]
    names = [
        f"“{row.path[-1]}”"
        for row in rows
        if row is not None and not (_entry(repair.config, row.path) or {}).get("vocabulary")
    ]
    if names:
        yield (
            f"The file does not hold the words of {names_text(names, 3)}: the network cannot "
            "answer before it is given them (set_vocabulary)."
        )


def frequencies_in(config: Mapping[str, Any], path: tuple[str, ...]) -> list[float]:
    """How often the words of a layer are met, as Keras holds it: with the unknown ones.

    Source: keras/src/layers/preprocessing/index_lookup.py, `set_vocabulary`; keras 3.15.
    """
    entry = _entry(config, path) or {}
    stated, words = entry.get("idf_weights"), entry.get("vocabulary")
    if not is_list(stated) or not stated:
        return []
    found = [float(str(value)) for value in stated]
    n_unknown = whole_number(entry.get("num_oov_indices"))
    n_unknown = 1 if n_unknown is None else max(0, min(n_unknown, _MOST_UNKNOWN))
    unknown = [entry.get("oov_token", "[UNK]")] * n_unknown
    if is_list(words) and words[:n_unknown] != unknown:  # the words alone: unknown ones are usual
        found = [sum(found) / len(found)] * n_unknown + found
    n_most = whole_number(entry.get("max_tokens"))
    if entry.get("pad_to_max_tokens") is True and n_most is not None:
        found += [0.0] * min(n_most - len(found), _MOST_WORDS)
    return found


def _folders(layers: Sequence[DeclaredLayer], above: str) -> Iterator[tuple[DeclaredLayer, str]]:
    """Each layer with the folder that Keras gives it, counting layers of one class."""
    used: dict[str, int] = {}
    for layer in layers:
        if layer.is_operation:
            continue
        base = snake_case(layer.class_name.rpartition(">")[2])
        number = used[base] = used.get(base, -1) + 1
        folder = f"{above}/layers/{base}_{number}" if number else f"{above}/layers/{base}"
        yield layer, folder
        if layer.is_network:
            yield from _folders(layer.layers, folder)


def _words(container: Container, folder: str) -> list[str]:
    path = (f"{folder}/vocabulary.txt".encode(),)
    if not isinstance(container.describe(path), Entry):
        raise CannotRead(f"The words of a layer are missing from the archive: {folder}.")
    text = container.entry_text(path, _LONGEST)
    if not text.is_complete:
        raise TooLarge(f"The words in {folder} are too many to be read.")
    lines = text.text.splitlines()
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _frequencies(container: Container, folder: str) -> list[float]:
    """Of each word, as it counts."""
    way = folder.split("/")[1:]
    path = tuple(part.encode() for part in (*way, "vars", FREQUENCIES))
    return [float(value) for value in read_whole(container, (ARCHIVED_WEIGHTS, *path)).reshape(-1)]


def _whole_numbers(words: Sequence[object], folder: str) -> list[int]:
    try:
        return [int(str(word)) for word in words]
    except ValueError as error:
        raise CannotRead(f"The words in {folder} are no whole numbers.") from error


def _entry(config: Mapping[str, Any] | None, path: tuple[str, ...]) -> dict[str, Any] | None:
    """The configuration of the layer that names lead to."""
    at: Any = config
    for name in path:
        entries = table(at).get("config")
        listed = table(entries).get("layers")
        at = next(
            (each for each in (listed if is_list(listed) else ()) if _name(each) == name), None
        )
    found: dict[str, Any] | None = table(at).get("config") if at is not None else None  # type: ignore[assignment]
    return found


def _name(entry: object) -> object:
    return table(entry).get("name") or table(table(entry).get("config")).get("name")

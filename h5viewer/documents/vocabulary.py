"""The words of a StringLookup, IntegerLookup or TextVectorization layer, by their numbers.

Source: keras/src/layers/preprocessing/index_lookup.py: a mask token and unknown tokens come
first; an asset file lists all of them, a configuration only the words.
"""

from __future__ import annotations

from h5viewer.documents.json_text import is_list, table, whole_number
from h5viewer.documents.roles import snake_case
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import Entry, Layer

_LONGEST_FILE = 20_000_000  # characters
_LONGEST_WORD = 60


def vocabulary(
    container: Container, layer: Layer, layers: list[Layer], entry: dict[str, object]
) -> list[str]:
    """The words in the order of their numbers; empty where the file does not hold them."""
    config = table(entry.get("config"))
    stated = config.get("vocabulary")
    if is_list(stated) and stated:
        words = [visible(str(word), _LONGEST_WORD) for word in stated]
        return [*_special(layer.class_name, config), *words]
    return _asset(container, layer, layers)


def _special(class_name: str | None, config: dict[str, object]) -> list[str]:
    """What comes before the words."""
    if class_name == "TextVectorization":
        return ["", "[UNK]"]
    found = [] if config.get("mask_token") is None else [visible(str(config["mask_token"]), 60)]
    n_unknown = whole_number(config.get("num_oov_indices"))
    n_unknown = 1 if n_unknown is None else max(0, min(n_unknown, 10_000))
    unknown = visible(str(config.get("oov_token", "[UNK]")), _LONGEST_WORD)
    return [*found, *[unknown] * n_unknown]


def _asset(container: Container, layer: Layer, layers: list[Layer]) -> list[str]:
    """The file of words in a .keras archive: its folder counts layers of one class."""
    same = [each.name for each in layers if each.class_name == layer.class_name]
    number = same.index(layer.name) if layer.name in same else 0
    folder = snake_case(layer.class_name or "") + (f"_{number}" if number else "")
    path = (f"assets/layers/{folder}/vocabulary.txt".encode(),)
    if not isinstance(container.describe(path), Entry):
        return []
    try:
        text = container.entry_text(path, _LONGEST_FILE)
    except CannotRead:
        return []
    return [visible(word, _LONGEST_WORD) for word in text.text.split("\n")]

"""Which class each picture has: by its folder, by its name, by a table."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import msgspec

from h5viewer.data_sets.levels import Levels, levels_of
from h5viewer.data_sets.patterns import Pattern, guessed
from h5viewer.data_sets.tables import read_table
from h5viewer.errors import CannotRead
from h5viewer.formats.source import Source
from h5viewer.names import plain, visible
from h5viewer.nodes import DataSetRecipe, LabelRule, Split
from h5viewer.requests import Progress
from h5viewer.wording import plural

_BATCH = 20_000  # names between two steps


class Labelled(msgspec.Struct):
    """The class of each picture, in the order of the names that were asked about."""

    rule: LabelRule
    pattern: str = ""
    classes: tuple[str, ...] = ()
    indices: list[int] = []  # of the classes; −1: see `reasons`
    splits: list[Split] = []  # that folders or the table say; else ""
    reasons: dict[int, str] = {}  # why a picture has no class
    has_split_folders: bool = False
    notes: list[str] = []


def labelled(
    names: Sequence[str], recipe: DataSetRecipe, table: Source | None
) -> Generator[Progress, None, Labelled]:
    """The class of each picture.

    Args:
        names: paths inside the folder.
        recipe: says how, or leaves it open.
        table: names and classes.

    Raises:
        CannotRead: the table or the pattern cannot be used.
    """
    levels = levels_of(names)
    yield Progress(done=0)
    rule, pattern, note = _rule(levels, recipe, table)
    found = Labelled(rule, pattern, splits=levels.splits, has_split_folders=bool(levels.folders))
    if levels.folders:
        said = ", ".join(visible(name, 40) for name in levels.folders)
        found.notes.append(f"The folders say what is for training, validation and test: {said}.")
    if note:
        found.notes.append(note)
    texts: list[str | None] = [None] * len(names)
    if rule == "table":
        if table is None:
            raise CannotRead("No table of names and classes was given.")
        yield from _by_table(names, table, texts, found)
    elif rule == "names":
        asked = Pattern(pattern)
        for at, (inner, path) in enumerate(zip(levels.inner, levels.paths, strict=True)):
            texts[at] = asked.class_of(inner) or asked.class_of(path)
            if at % _BATCH == 0:
                yield Progress(done=0)
    elif rule == "folders":
        texts = [plain(name.split("/")[0]) if "/" in name else None for name in levels.inner]
    if rule != "table" and levels.folders:
        _leave_out_others(texts, found)
    _number(texts, found)
    return found


def in_class_order(names: set[str]) -> tuple[str, ...]:
    """As Keras sorts folders; numbers by their value."""
    if all(name.isascii() and name.isdigit() for name in names):
        return tuple(sorted(names, key=lambda name: (int(name), name)))
    return tuple(sorted(names))


def _leave_out_others(texts: list[str | None], found: Labelled) -> None:
    """Pictures beside the folders of the splits."""
    for at, split in enumerate(found.splits):
        if not split:
            texts[at] = None
            found.reasons[at] = "It lies in no folder of training, validation or test."


def _rule(
    levels: Levels, recipe: DataSetRecipe, table: Source | None
) -> tuple[LabelRule, str, str]:
    """The rule, its pattern, and a sentence about what was chosen for the user."""
    names = levels.inner
    if levels.folders:  # what lies beside them is left out
        names = [name for name, split in zip(names, levels.splits, strict=True) if split]
    if recipe.labels:
        pattern = recipe.pattern
        if recipe.labels == "names" and not pattern:
            pattern = guessed(names)
            if not pattern:
                raise CannotRead(
                    "The names of the pictures do not say their classes in any usual way.",
                    hint="Say how, with {class} where the class stands: {class}_#.",
                )
        return recipe.labels, pattern, ""
    if table is not None:
        return "table", "", ""
    folders = {name.split("/")[0] for name in names if "/" in name}
    if len(folders) > 1:
        return "folders", "", ""
    pattern = guessed(names)
    if pattern:
        return "names", pattern, f"Classes are taken from the names, by the pattern {pattern}."
    why = "lie in one folder" if folders or levels.is_within else "lie side by side"
    return "none", "", f"The pictures {why} and their names say no classes: there are no labels."


def _by_table(
    names: Sequence[str], source: Source, texts: list[str | None], found: Labelled
) -> Generator[Progress, None, None]:
    table = yield from read_table(source, names)
    keys = [table.find(name) for name in names]
    yield Progress(done=0)
    nearly, n_nearly = table.nearly(), 0
    for at, name in enumerate(names):
        if keys[at] is None and (key := nearly.find(name)) is not None:
            keys[at] = key
            table.used.add(key)
            n_nearly += 1
    owners: dict[str, int] = {}
    for key in keys:
        if key is not None:
            owners[key] = owners.get(key, 0) + 1
    for at, key in enumerate(keys):
        if key is None:
            is_named = table.has_no_class(names[at])
            found.reasons[at] = f"It {'has no class' if is_named else 'is not'} in {table.name}."
        elif owners[key] > 1:
            found.reasons[at] = f"{table.name} means several pictures by its name."
        elif key in table.disputed:
            found.reasons[at] = f"It has several classes in {table.name}."
        elif table.splits and key in table.other_splits:
            said = visible(table.other_splits[key], 40)
            found.reasons[at] = (
                f"{table.name} has it in “{said}”, which is no training, validation or test."
            )
        else:
            texts[at] = table.classes[key]
            found.splits[at] = table.splits.get(key, found.splits[at])
    found.notes.append(f"Names and classes are the columns {table.columns} of {table.name}.")
    if n_nearly:
        what = plural(n_nearly, "picture has", "pictures have")
        found.notes.append(f"{what} another folder, ending or case in {table.name}.")
    n_missing = len(table.classes) - len(table.used)
    if n_missing:
        what = plural(n_missing, "picture")
        found.notes.append(f"{table.name} names {what} that the folder does not have.")


def _number(texts: Sequence[str | None], found: Labelled) -> None:
    """From the names of the classes to their numbers."""
    found.classes = in_class_order({text for text in texts if text is not None})
    index = {name: at for at, name in enumerate(found.classes)}
    found.indices = [-1 if text is None else index[text] for text in texts]
    why = {
        "folders": "It lies in no folder that could be its class.",
        "names": "Its name does not fit the pattern.",
    }.get(found.rule, "")
    if why:
        for at, text in enumerate(texts):
            if text is None:
                found.reasons.setdefault(at, why)

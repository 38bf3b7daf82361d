"""A network that a command asks: loaded, with its recipe and the names of its classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from h5viewer import beside
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.names import visible
from h5viewer.nodes import Answer, Labels, LoadedNetwork, Recipe, SavedRecipe, nameable
from h5viewer.requests import (
    Consent,
    LoadNetwork,
    ReadLabels,
    ReadRecipe,
)
from h5viewer.terminal import screen
from h5viewer.terminal.architecture import architecture_for
from h5viewer.terminal.consent import consent_for
from h5viewer.workers.pool import Pool, ask

_OTHER_NAMES = {
    "0-255": "raw",
    "0-1": "unit",
    "-1-1": "symmetric",
    "tf": "symmetric",  # as keras.applications has it
    "imagenet": "caffe",
    "-0.5-0.5": "centred",
}


class AskedNetwork(msgspec.Struct, frozen=True):
    """What is needed to put questions to it."""

    path: str
    consent: Consent
    known: LoadedNetwork
    recipe: Recipe | None  # None: the one that the evidence speaks for
    labels: tuple[str, ...] = ()
    labels_source: str = ""

    @property
    def first_recipe(self) -> Recipe | None:
        """The recipe that is used."""
        if self.recipe is not None:
            return self.recipe
        return self.known.recipes[0] if self.known.recipes else None

    def label(self, answer: Answer, index: int) -> str:
        """The name of a class, its number where it has none; names are of the output they fit."""
        is_yes_no = answer.kind == "sigmoid" and answer.shape[-1:] == (1,)
        count = 2 if is_yes_no else answer.shape[-1] if answer.shape else 1
        is_theirs = len(self.known.outputs) <= 1 or len(self.labels) == count
        return self.labels[index] if is_theirs and index < len(self.labels) else str(index)


def load(
    pool: Pool,
    model: str,
    *,
    allow_code: bool = False,
    code: Sequence[str] = (),
    architecture: str = "",
    recipe: str = "",
    labels: str = "",
) -> AskedNetwork:
    """Load a network; recipe and labels as they were asked for, else as they lie beside it.

    Args:
        model: absolute path.
        allow_code, code: see `consent_for`.
        architecture: see `architecture_for`.
        recipe: a name, or a JSON file that was saved beside a model.
        labels: a file of class names, or a folder of class folders.

    Raises:
        H5ViewerError: it cannot be loaded; there is no such recipe; the names cannot be read.
    """
    given = _read_labels(pool, os.path.abspath(labels)) if labels else None  # noqa: PTH100  # as typed
    consent = consent_for(
        pool,
        model,
        allow_code=allow_code,
        code=code,
        architecture=architecture_for(pool, model, architecture),
    )
    with screen.progress("Loading the network") as show:
        known = ask(pool, LoadNetwork(document=model, consent=consent), on_progress=show)
    assert isinstance(known, LoadedNetwork)
    saved = _saved(pool, model)
    names, source = _labels(pool, model, given, known, saved)
    return AskedNetwork(
        path=model,
        consent=consent,
        known=known,
        recipe=choose_recipe(pool, recipe, known, saved),
        labels=names,
        labels_source=source,
    )


def _saved(pool: Pool, model: str) -> SavedRecipe | None:
    """What was saved beside it; a damaged one is said and left alone."""
    path = beside.saved_recipe(model)
    if path is None:
        return None
    try:
        saved = ask(pool, ReadRecipe(document=path))
    except H5ViewerError as error:
        screen.errors().print(visible(error.message))
        return None
    assert isinstance(saved, SavedRecipe)
    return saved


def choose_recipe(
    pool: Pool, wish: str, known: LoadedNetwork, saved: SavedRecipe | None
) -> Recipe | None:
    """The recipe that was asked for; None: the one that the evidence speaks for.

    Raises:
        H5ViewerError: there is none such, or its file cannot be read.
    """
    if not wish:
        return saved.recipe if saved else None
    found = next((recipe for recipe in known.recipes if _is_called(recipe, wish)), None)
    if found is None and wish.lower().endswith(".json"):
        read = ask(pool, ReadRecipe(document=os.path.abspath(wish)))  # noqa: PTH100  # as typed
        assert isinstance(read, SavedRecipe)
        return read.recipe
    if found is None:
        names = ", ".join(recipe.name for recipe in known.recipes)
        raise CannotRead(
            f"There is no recipe {visible(wish)} for this network.", hint=f"Choose one of: {names}."
        )
    return found


def _is_called(recipe: Recipe, wish: str) -> bool:
    """By its name, by what others call it, or by what is special about it."""
    if wish == "inverted":
        return recipe.inverted
    return recipe.name == _OTHER_NAMES.get(wish, wish)


def _labels(
    pool: Pool, model: str, given: Labels | None, known: LoadedNetwork, saved: SavedRecipe | None
) -> tuple[tuple[str, ...], str]:
    """Names, and where they come from."""
    if given:
        return given.names, given.source
    if saved and saved.labels:
        return saved.labels, beside.RECIPE_SUFFIX
    if known.labels and not known.labels_are_guessed:
        return known.labels, known.labels_source
    counts = nameable(known.outputs)
    for path in beside.label_files(model) if counts else ():
        try:
            found = _read_labels(pool, path)
        except H5ViewerError:
            continue  # it is no list of names after all
        if len(found.names) in counts:
            return found.names, Path(path).name
    for folders in beside.labels_of_folders(model) if counts else ():
        if len(folders.names) in counts:
            return folders.names, folders.source
    return known.labels, known.labels_source


def _read_labels(pool: Pool, path: str) -> Labels:
    if Path(path).is_dir():
        return beside.class_labels(path)
    found = ask(pool, ReadLabels(document=path))
    assert isinstance(found, Labels)
    return found

"""ReadLabels and ReadRecipe: small text files beside a model, each a document of its own.

ReadStoredNames: what the model itself keeps.
"""

from __future__ import annotations

from h5viewer.documents.class_names import names_in, stored_names
from h5viewer.documents.saved_recipe import parse_recipe
from h5viewer.formats.container import Container
from h5viewer.formats.plain_text import PlainText
from h5viewer.nodes import Labels, SavedRecipe
from h5viewer.operations import Operation
from h5viewer.requests import Progress, ReadLabels, ReadRecipe, ReadStoredNames


def read_labels(_request: ReadLabels, file: PlainText) -> Operation[Labels]:
    """The class names of a file, in the order of their indices."""
    yield Progress(done=0)
    return Labels(names=names_in(file.data(), file.source.name), source=file.source.name)


def read_stored_names(_request: ReadStoredNames, container: Container) -> Operation[Labels]:
    """Those that a model file keeps, and the attribute that holds them."""
    yield Progress(done=0)
    names, source = stored_names(container)
    return Labels(names=names, source=source)


def read_recipe(_request: ReadRecipe, file: PlainText) -> Operation[SavedRecipe]:
    """What was saved beside a model."""
    yield Progress(done=0)
    return parse_recipe(file.text(), file.source.name)

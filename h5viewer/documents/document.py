"""Which kind of document a file is: recognised by its structure, in a few milliseconds."""

from __future__ import annotations

import json

import msgspec

from h5viewer.documents.named_weights import holds_named_weights
from h5viewer.documents.products import product_title
from h5viewer.documents.saved_state import has_states
from h5viewer.documents.stored import group_at, has_attribute, strings, text_attribute
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain, visible
from h5viewer.nodes import Document, Entry, Format, Group, Problem, Unreadable

MODEL_WEIGHTS = b"model_weights"
THIRD_PARTY = (b"model", b"kerasmodel")  # Netron meets it in third-party containers
ARCHIVED_WEIGHTS = b"model.weights.h5"
CONFIG, METADATA = b"config.json", b"metadata.json"
_TITLES: dict[Format, tuple[str, str]] = {
    "keras-h5": ("model", "HDF5"),
    "keras-h5-weights": ("weights", "HDF5"),
    "keras-archive": ("model", "archive"),
    "keras-weights": ("weights", ".weights.h5"),
}


class Places(msgspec.Struct, frozen=True):
    """Where a document keeps what belongs to a network."""

    format: Format
    model: NodePath = ()  # holds `model_config`, or the archive's entries
    weights: NodePath = ()

    @property
    def optimizer(self) -> NodePath:
        """The group of the optimizer's state, which may be absent."""
        if self.format in ("keras-archive", "keras-weights"):
            return (*self.weights, b"optimizer")
        return (*self.model, b"optimizer_weights")

    @property
    def has_network(self) -> bool:
        """True where layers are declared, or at least their weights grouped."""
        return self.format in _TITLES

    @property
    def is_numbered(self) -> bool:
        """True for the `vars` layout of Keras 3."""
        return self.format in ("keras-archive", "keras-weights")


def find_places(container: Container) -> Places:
    """Recognise the document's kind and find its parts."""
    if container.format_hint == "keras-archive":
        return Places("keras-archive", weights=(ARCHIVED_WEIGHTS,))
    if container.format_hint != "hdf5":
        return Places(container.format_hint)
    for model in ((), THIRD_PARTY):
        weights = (*model, MODEL_WEIGHTS)
        if model and group_at(container, model) is None:
            continue
        if group_at(container, weights) is not None or has_attribute(
            container, model, "model_config"
        ):
            return Places("keras-h5", model=model, weights=weights)
    if _lists_layers(container):
        return Places("keras-h5-weights")
    if has_states(container, ()):
        return Places("keras-weights")
    return Places("hdf5")


def describe(container: Container) -> Document:
    """The document as a whole; the configuration is not parsed."""
    places = find_places(container)
    root = container.describe(())
    problems = list(container.problems)
    if isinstance(root, Unreadable):
        problems.append(Problem(where="", message=root.reason))
    version, backend = keras_versions(container, places, problems)
    title = _title(container, places.format, version)
    named = not title and holds_named_weights(container)
    return Document(
        path=container.source.path,
        format=places.format,
        identity=container.source.identity,
        root=root if isinstance(root, Group) else Group(path=()),
        data_bytes=sum(file.size for file in container.source.companions.values()),
        keras_version=version,
        backend=backend,
        title=title or ("Weights (HDF5)" if named else "HDF5 file"),
        has_architecture=places.has_network,
        lists_weights=named,
        problems=tuple(problems),
    )


def lists_weights(container: Container, places: Places) -> bool:
    """True for HDF5 of no known program that holds weights under names of their own."""
    is_plain = places.format == "hdf5" and not product_title(container)
    return is_plain and holds_named_weights(container)


def keras_versions(
    container: Container, places: Places, problems: list[Problem]
) -> tuple[str | None, str | None]:
    """Of Keras and its backend as the file states them; adds what cannot be read of it."""
    if places.format == "keras-archive":
        return _archived_version(container, problems), None
    if places.format not in ("keras-h5", "keras-h5-weights"):
        return None, None
    found: list[str | None] = []
    for name in ("keras_version", "backend"):
        text = text_attribute(container, places.model, name)
        if text is None and group_at(container, places.weights) is not None:
            text = text_attribute(container, places.weights, name)
        found.append(visible(text, 60) if text else None)
    return found[0], found[1]


def _archived_version(container: Container, problems: list[Problem]) -> str | None:
    if not isinstance(container.describe((CONFIG,)), Entry):
        problems.append(
            Problem(
                where="config.json",
                message="config.json is missing from this archive; only its weights are shown.",
            )
        )
    if not isinstance(container.describe((METADATA,)), Entry):
        return None
    try:
        text = container.entry_text((METADATA,), 100_000)
        value = json.loads(text.text)
    except (CannotRead, ValueError, RecursionError):
        problems.append(
            Problem(where="metadata.json", message="metadata.json cannot be read.", severity="note")
        )
        return None
    version = value.get("keras_version") if isinstance(value, dict) else None
    return visible(plain(version), 60) if isinstance(version, str) else None


def _title(container: Container, kind: Format, version: str | None) -> str:
    """What to call the file; "" for plain HDF5."""
    if kind == "hdf5":
        return product_title(container)
    if kind not in _TITLES:
        return "TensorFlow graph" if kind == "tf-graph" else "TensorFlow checkpoint"
    what, form = _TITLES[kind]
    return f"Keras {version} {what} ({form})" if version else f"Keras {what} ({form})"


def _lists_layers(container: Container) -> bool:
    if has_attribute(container, (), "nb_layers"):
        return True
    try:
        return strings(container, (), "layer_names", 1) is not None
    except CannotRead:
        return True  # there is such a list, too large or damaged

"""A copy of a model file in which a few things are different: collected, then written and verified.

Everything else is kept as it is stored, as in `model_copying`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from h5viewer.documents.compatibility import Repair, repair
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.document import CONFIG, Places, find_places
from h5viewer.documents.network_size import require_few_layers
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_differences import Differences, NewAttribute, text_attribute
from h5viewer.formats.hdf5_links import address_of
from h5viewer.formats.hdf5_lists import attribute_type, object_at, read_lists, with_items
from h5viewer.formats.hdf5_new_values import Make, NewValues
from h5viewer.formats.keras_archive import KerasArchive
from h5viewer.formats.scratch import Scratch
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import Exported, Problem
from h5viewer.operations import Operation
from h5viewer.operations.model_copying import Changes, Inside, copy_model, require_one_file

MODEL, TRAINING = b"model_config", b"training_config"


class Altered:
    """What is to be different in a copy of one document. Paths are those of its tree."""

    def __init__(self, container: Container) -> None:
        """Raises CannotRead when the document is of a kind that is not copied."""
        self.container = container
        require_one_file(container)
        self.places: Places = find_places(container)
        if not isinstance(container, KerasArchive | Hdf5Container):
            raise CannotRead(
                f"{container.source.name} is a TensorFlow checkpoint, of which no changed copy can "
                "be written.",
                hint="Choose an HDF5 file or a .keras archive.",
            )
        self.notes: list[str] = []
        self._config: Any = None
        self._attributes: dict[NodePath, dict[bytes, NewAttribute]] = {}
        self._names: dict[NodePath, bytes] = {}
        self._left_out: set[NodePath] = set()
        self._values: dict[NodePath, NewValues] = {}
        self._by_address: dict[int, NewValues] = {}  # a dataset may have several names
        self._met: set[NodePath] = set()
        self._value_notes: list[Callable[[], str]] = []
        self._entries: dict[str, bytes] = {}

    # ---------------------------------------------------------------- what there is

    @property
    def config(self) -> Any:
        """The network's configuration, as it will be.

        Raises:
            CannotRead: the file has none, or none that is understood.
        """
        return self.stated if self._config is None else self._config

    @cached_property
    def stated(self) -> Any:
        """The network's configuration, as the file states it.

        Raises:
            CannotRead: the file has none, or none that is understood, or of too many layers.
        """
        problems: list[Problem] = []
        stated = parsed_config(self.container, self.places, problems)
        if stated is None:
            name = self.container.source.name
            if problems:
                raise CannotRead(f"{name} declares no network. {problems[0].message}")
            raise CannotRead(f"{name} holds no architecture of a network.")
        require_few_layers(stated, self.container.source.name)
        return stated

    @cached_property
    def repaired(self) -> Repair:
        """What Keras 3 is to build of the configuration as the file states it.

        Raises:
            CannotRead: the file has none, or none that is understood.
        """
        version, backend = written_by(self.container, self.places)
        return repair(self.stated, version=version, backend=backend)

    @property
    def is_archive(self) -> bool:
        """A `.keras` archive."""
        return isinstance(self.container, KerasArchive)

    def inner(self, path: NodePath) -> NodePath:
        """A path inside the HDF5 file; of an archive without the entry's name.

        Raises:
            CannotRead: it is in no such file.
        """
        if not self.is_archive:
            return path
        if path[: len(self.places.weights)] != self.places.weights or not path:
            shown = visible(path_text(path), 80)
            raise CannotRead(
                f"{shown} is not in the part of the archive that holds weights.",
                hint="Only what is below /model.weights.h5 can be changed.",
            )
        return path[1:]

    def file(self) -> Hdf5Container:
        """The HDF5 file, of an archive the one in it."""
        if isinstance(self.container, KerasArchive):
            return self.container.tree(self.places.weights[0])
        assert isinstance(self.container, Hdf5Container)
        return self.container

    def training(self) -> Any:
        """How it was trained; None: the file does not say."""
        return parsed_training(self.container, self.places, self.config, [])

    # ---------------------------------------------------------------- what changes

    def set_config(self, config: Any) -> None:
        """Another configuration; of an archive that of its training is part of it."""
        self._config = config
        if self.is_archive:
            self._entries[plain(CONFIG)] = json.dumps(config).encode()
        else:
            self._set_json(MODEL, config)

    def set_training(self, training: Any) -> None:
        """Another training configuration."""
        if self.is_archive:
            self.set_config({**self.config, "compile_config": training})
        else:
            self._set_json(TRAINING, training)

    def set_attribute(self, path: NodePath, name: bytes, value: NewAttribute) -> None:
        """Another value, or an attribute more."""
        self._attributes.setdefault(self.inner(path), {})[name] = value

    def attribute_set(self, path: NodePath, name: bytes) -> NewAttribute | None:
        """The new value, if it gets one."""
        return self._attributes.get(self.inner(path), {}).get(name)

    def set_list(self, path: NodePath, name: bytes, items: list[bytes]) -> None:
        """Other names in a list of the same length."""
        inner = self.inner(path)
        lists = read_lists(self.file().root, inner, name)
        made = with_items(lists, items)
        self._attributes.setdefault(inner, {}).update(made)
        self._left_out |= {(*inner, b"", each.name) for each in lists if each.name not in made}

    def rename_link(self, path: NodePath, name: bytes) -> None:
        """Another name for a group or dataset."""
        self._names[self.inner(path)] = name

    def leave_out(self, path: NodePath) -> None:
        """All below this path."""
        self._left_out.add(self.inner(path))

    def leaves_out(self, path: NodePath) -> bool:
        """True when it was left out."""
        return self.inner(path) in self._left_out

    def set_values(self, path: NodePath, make: Make, notes: Callable[[], str]) -> None:
        """Other values for a dataset; `notes` says what came of them, once they are written."""
        inner = self.inner(path)
        self._values[inner] = NewValues(make)
        self._by_address[address_of(object_at(self.file().root, inner))] = self._values[inner]
        self._value_notes.append(notes)

    @property
    def is_same(self) -> bool:
        """Nothing is to be different."""
        parts: tuple[Mapping[Any, Any] | set[NodePath], ...]
        parts = (self._attributes, self._names, self._left_out, self._values, self._entries)
        return not any(parts)

    # ---------------------------------------------------------------- writing

    def write(self, scratch: Scratch, target: str) -> Operation[Exported]:
        """Copy, read back, compare.

        Raises:
            CannotRead: something cannot be copied, or a value does not fit.
            CannotWrite: the disk refuses, or what was read back is not what was written.
        """
        inside = Inside(self.places)
        changes = Changes(
            is_left_out=self._left_out.__contains__,
            is_weight=inside.is_weight,
            rewriting_of=self._values_of,
            entries=self._entries,
            n_bytes=self.container.source.size,
            differences=Differences(self._names, self._attributes),
        )
        found = yield from copy_model(self.container, scratch, changes, target)
        self._require_met(changes, target)
        n_changed = sum(inside.is_weight(path) for path in self._met)
        return Exported(
            bytes_before=self.container.source.size,
            bytes_after=scratch.size,
            n_weights=found.weights,
            n_identical=found.identical - n_changed,
            n_changed=n_changed,
            notes=(*self.notes, *(note() for note in self._value_notes)),
        )

    def _values_of(self, path: NodePath) -> NewValues | None:
        if not self._values:
            return None
        values = self._values.get(path)
        if values is None:
            values = self._by_address.get(address_of(object_at(self.file().root, path)))
        if values is not None:
            self._met.add(path)
        return values

    def _require_met(self, changes: Changes, target: str) -> None:
        """Raise when something that was to change was met under another of its names.

        Raises:
            CannotWrite: it was.
        """
        missed = [path for path, values in self._values.items() if not values.is_written]
        missed += changes.differences.missed()
        if missed:
            raise CannotWrite(
                f"{target} was not saved: {visible(path_text(missed[0]), 100)} has another name in "
                "the file, under which it would have stayed as it was.",
                hint="Make the change under its other name.",
            )

    def _set_json(self, name: bytes, value: Any) -> None:
        path = self.places.model
        found = attribute_type(self.file().root, path, name)
        tid, shape = found or (None, ())
        made = text_attribute(json.dumps(value), tid)
        self.set_attribute(path, name, NewAttribute(made.tid, shape, made.values.reshape(shape)))

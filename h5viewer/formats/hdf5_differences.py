"""What is called otherwise or says something else in a copy of an HDF5 file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np
from h5py import h5a, h5s, h5t
from numpy.typing import NDArray

from h5viewer.formats.hdf5_raw import equal_values, read_attribute
from h5viewer.names import NodePath
from h5viewer.nodes import Shape


class NewAttribute(msgspec.Struct, frozen=True):
    """A value for an attribute: of fixed length as bytes of the type, else as objects."""

    tid: h5t.TypeID
    shape: Shape
    values: NDArray[Any]

    def write(self, target: Any, name: bytes) -> None:
        """Be the attribute of an object, in the place of one that it may have."""
        if h5a.exists(target, name):
            h5a.delete(target, name)
        space = h5s.create_simple(self.shape) if self.shape else h5s.create(h5s.SCALAR)
        attribute = h5a.create(target, name, self.tid, space)
        attribute.write(self.values, None if self.values.dtype.hasobject else self.tid)

    def is_in(self, attribute: h5a.AttrID) -> bool:
        """True when an attribute that was read back has this type and value."""
        same_type = bool(attribute.get_type().equal(self.tid))
        return same_type and equal_values(read_attribute(attribute, ""), self.values)


class Differences(msgspec.Struct, frozen=True):
    """Names of links and values of attributes, all by paths in the source."""

    names: Mapping[NodePath, bytes] = {}
    attributes: Mapping[NodePath, Mapping[bytes, NewAttribute]] = {}
    _met: set[NodePath] = set()

    def name(self, path: NodePath) -> bytes:
        """What a link is called in the copy."""
        return self.names.get(path, path[-1])

    def path(self, path: NodePath) -> NodePath:
        """Where it is in the copy."""
        if not self.names:
            return path
        return tuple(self.name(path[:n]) for n in range(1, len(path) + 1))

    def soft(self, path: NodePath, value: bytes) -> bytes:
        """Where a soft link at `path` leads in the copy; where it names nothing anew, as it did."""
        steps = tuple(step for step in value.split(b"/") if step not in (b"", b"."))
        around = () if value.startswith(b"/") else path[:-1]
        new = self.path((*around, *steps))[len(around) :]
        if new == steps:
            return value
        return (b"/" if value.startswith(b"/") else b"") + b"/".join(new)

    def of(self, path: NodePath) -> Mapping[bytes, NewAttribute]:
        """The new attributes of an object."""
        found = self.attributes.get(path)
        if found is None:
            return {}
        self._met.add(path)
        return found

    def missed(self) -> list[NodePath]:
        """Objects with new attributes that were not met by these paths."""
        return [path for path in self.attributes if path not in self._met]


AS_IS = Differences()


def texts_attribute(texts: Iterable[str | bytes], like: h5t.TypeID | None = None) -> NewAttribute:
    """A list of texts, of no fixed length if `like` is so or absent; else as long as it takes."""
    listed = [each.encode("utf-8") if isinstance(each, str) else each for each in texts]
    return _texts(listed, (len(listed),), like)


def text_attribute(text: str, like: h5t.TypeID | None = None) -> NewAttribute:
    """One text, stored as the type `like` stores texts."""
    return _texts([text.encode("utf-8", "surrogatepass")], (), like)


def _texts(listed: list[bytes], shape: Shape, like: h5t.TypeID | None) -> NewAttribute:
    if like is not None and isinstance(like, h5t.TypeStringID) and not like.is_variable_str():
        tid = like.copy()
        is_ended = tid.get_strpad() == h5t.STR_NULLTERM
        longest = max((len(each) for each in listed), default=0) + is_ended
        if longest > tid.get_size():
            tid.set_size(longest)
        size = tid.get_size()
        filler = b" " if tid.get_strpad() == h5t.STR_SPACEPAD else b"\0"
        data = b"".join(each.ljust(size, filler) for each in listed)
        values = np.frombuffer(data, f"V{size}").reshape(shape) if size else np.empty(shape, "V1")
        return NewAttribute(tid, shape, values)
    is_ascii = all(each.isascii() for each in listed)
    stated = like.get_cset() if isinstance(like, h5t.TypeStringID) else h5t.CSET_UTF8
    charset = "ascii" if stated == h5t.CSET_ASCII and is_ascii else "utf-8"
    tid = h5t.py_create(h5t.string_dtype(charset), logical=True)
    objects = np.empty(len(listed), h5t.string_dtype(charset))
    objects[:] = listed
    return NewAttribute(tid, shape, objects.reshape(shape))

"""Variables of a checkpoint as a tree: by the scopes in their names, or by objects.

The name of a variable may begin another's (`conv/kernel`, `conv/kernel/Adam`): both stand in the
same scope, one beside the other. Whatever way a path is cut, its parts joined by slashes say
which node it is, so a variable is found by its plain key as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from h5viewer.formats.natural_order import in_natural_order
from h5viewer.formats.tf_objects import VALUE, Place
from h5viewer.names import NodePath

_ATTRIBUTE = b"/.ATTRIBUTES/"
_SLOT = b"/.OPTIMIZER_SLOT/"
_DEEPEST = 64  # scopes in one another; what is left of a name stays whole


class Scopes:
    """The tree over all keys of a checkpoint."""

    def __init__(self, keys: Iterable[bytes], placed: Mapping[bytes, Place]) -> None:
        """Put every key where it belongs.

        Args:
            keys: in natural order.
            placed: where objects say that a variable is.
        """
        self.groups: dict[bytes, list[bytes]] = {b"": []}  # joined path: names of children
        self.path_of: dict[bytes, NodePath] = {}
        self._key_at: dict[bytes, bytes] = {}
        keys = list(keys)
        self._leaves = {b"/".join(place.path) for place in placed.values()}
        owners = {_owner(key) for key in keys if _is_whole(key)}
        scopes: dict[bytes, tuple[bytes, ...]] = {}
        for key in keys:
            place = placed.get(key)
            self._put(key, _by_scopes(key, owners, scopes) if place is None else place.path)
        for names in self.groups.values():
            names[:] = in_natural_order(names)

    def key_at(self, path: NodePath) -> bytes | None:
        """The key of the variable at a path, however it is cut; None: there is none."""
        return self._key_at.get(b"/".join(path))

    def children(self, path: NodePath) -> list[bytes] | None:
        """Names of what is in a scope; None: there is no such scope."""
        return self.groups.get(b"/".join(path))

    def _put(self, key: bytes, path: NodePath) -> None:
        joined = b"/".join(path)
        scopes = (b"/".join(path[:n]) for n in range(1, len(path)))
        is_taken = joined in self._key_at or joined in self.groups  # ways that look the same
        if is_taken or (self._leaves and any(scope in self._leaves for scope in scopes)):
            path, joined = (key,), key
        self.path_of[key] = path
        self._key_at[joined] = key
        name = path[-1]
        for n in range(len(path) - 1, -1, -1):
            scope = b"/".join(path[:n])
            known = self.groups.get(scope)
            if known is not None:
                known.append(name)
                return
            self.groups[scope] = [name]
            name = path[n - 1]


def _owner(key: bytes) -> bytes:
    """The variable or object that a key belongs to: `dense/kernel`."""
    for mark in (_SLOT, _ATTRIBUTE):
        at = key.find(mark)
        if at >= 0:
            return key[:at]
    return key


def _is_whole(key: bytes) -> bool:
    """True for a variable, False for what an object keeps beside others: its configuration."""
    return key.endswith(VALUE) or _ATTRIBUTE not in key


def _by_scopes(
    key: bytes, owners: Collection[bytes], scopes: dict[bytes, tuple[bytes, ...]]
) -> NodePath:
    """A path of scopes, and what is left of the key. `scopes`: those that are known."""
    owner = _owner(key)
    above = owner if not _is_whole(key) and owner not in owners else owner.rpartition(b"/")[0]
    found = scopes.get(above)
    if found is None:
        names: list[bytes] = []
        for name in above.split(b"/", _DEEPEST)[:_DEEPEST]:
            if not name or b"/".join((*names, name)) in owners:
                break
            names.append(name)
        found = scopes[above] = tuple(names)
    start = sum(map(len, found)) + len(found)
    return (*found, key[start:])

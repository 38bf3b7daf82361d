"""Which picture goes where, by numbers that only the seed and its name decide.

They are the same on every computer and in every version: the first 8 bytes of BLAKE2b over
`seed`, a word and the path inside the folder. Adding pictures moves few others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

from h5viewer.data_sets.split_names import SPLITS
from h5viewer.nodes import Split


def stored_name(name: str) -> bytes:
    """A path as a file stores it: the very bytes the system has for it."""
    try:
        return name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # Windows allows halves of characters
        return name.encode("utf-8", "backslashreplace")


def number(seed: int, word: str) -> Callable[[str], bytes]:
    """What gives a path its number, as bytes that sort."""
    start = blake2b(f"{seed}\n{word}\n".encode(), digest_size=8)

    def of(name: str) -> bytes:
        hashed = start.copy()
        hashed.update(stored_name(name))
        return hashed.digest()

    return of


def shared_out(
    names: Sequence[str],
    classes: Sequence[int],
    shares: tuple[int, int, int],
    seed: int,
    *,
    is_stratified: bool,
) -> list[Split]:
    """The split of each picture.

    The pictures of a class (or all, when it is not stratified) in the order of their numbers: the
    first share of them, rounded to the nearest, is for training, the next for validation.
    """  # fmt: skip
    if sum(map(bool, shares)) == 1:
        return [SPLITS[shares.index(max(shares))]] * len(names)
    of = number(seed, "split")
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at, each in enumerate(classes):
        groups[each if is_stratified else 0].append(at)
    found: list[Split] = ["training"] * len(names)
    for members in groups.values():
        members.sort(key=lambda at: (of(names[at]), names[at]))
        first, second = bounds(len(members), shares)
        for at in members[first:second]:
            found[at] = SPLITS[1]
        for at in members[second:]:
            found[at] = SPLITS[2]
    return found


def bounds(count: int, shares: tuple[int, int, int]) -> tuple[int, int]:
    """Where validation and test begin, among `count` pictures."""
    total = sum(shares)
    first = (2 * count * shares[0] + total) // (2 * total)
    second = (2 * count * (shares[0] + shares[1]) + total) // (2 * total)
    return first, second


def shuffled(names: Iterable[str], seed: int) -> list[str]:
    """In the order of their numbers."""
    of = number(seed, "order")
    return sorted(names, key=lambda name: (of(name), name))

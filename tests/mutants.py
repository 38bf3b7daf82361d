"""Damaged files by the thousand: `python tests/mutants.py --count 10000 --seed 1`.

Every mutant of a small good file (bytes changed, cut out, put in, the end cut off) goes
through a pool as the window would send it. Whatever happens inside, out come answers or
our own errors: nothing else, no dead pool, no process left behind.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from small_files import make_datasets, make_keras_archive, make_keras_h5, make_weights_h5

from h5viewer.errors import CannotOpen, CannotRead, Damaged, H5ViewerError, TooLarge, WorkerLost
from h5viewer.nodes import Dataset, Group, Names, Nodes
from h5viewer.requests import (
    Cut,
    DecodeArchitecture,
    DescribeNodes,
    ListChildren,
    OpenDocument,
    ReadAttributes,
    ReadCells,
    ReadPlane,
    ReadStatistics,
    Request,
    SearchNames,
)
from h5viewer.workers.pool import Limits, Pool, ask

OURS = (CannotOpen, Damaged, CannotRead, TooLarge, WorkerLost)
"""What may be told of a damaged file; a bare H5ViewerError is a bug inside a worker."""

MAKERS: tuple[Callable[[Path], Path], ...] = (
    make_keras_h5,
    make_weights_h5,
    make_keras_archive,
    make_datasets,
)
_MOST_NODES = 60  # of one mutant


def mutate(good: bytes, chance: random.Random) -> bytes:
    """One to eight small damages, most of them where the structure is."""
    data = bytearray(good)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(len(data) if chance.random() < 0.5 else min(len(data), 2048))
        what = chance.random()
        if what < 0.55:
            data[at] = chance.choice((data[at] ^ 1 << chance.randrange(8), 0, 255, 127, 128))
        elif what < 0.7:
            length = chance.choice((2, 4, 8))
            data[at : at + length] = chance.randbytes(length)
        elif what < 0.8:
            data[at:at] = chance.randbytes(chance.randrange(1, 16))
        elif what < 0.9:
            del data[at : at + chance.randrange(1, 16)]
        else:
            other = chance.randrange(len(data))
            data[at : at + 8] = data[other : other + 8]
        if not data:
            return bytes(data)
    if chance.random() < 0.05:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


class Visit:
    """Everything the window asks about one file; counts what comes of it."""

    def __init__(self, pool: Pool, path: Path) -> None:
        self._pool = pool
        self._document = str(path)
        self.outcomes: Counter[str] = Counter()
        self.bugs: list[str] = []

    def run(self) -> None:
        """Open, walk, read, decode."""
        is_open = self._ask(OpenDocument(document=self._document))
        self._pool.warm()  # the next mutant's worker starts while this one is read
        if not is_open:
            return
        self._ask(DecodeArchitecture(document=self._document))
        self._ask(SearchNames(document=self._document, text="e"))
        for node in self._walk():
            self._ask(ReadAttributes(document=self._document, node=node.path))
            if isinstance(node, Dataset):
                self._read(node)

    def _walk(self) -> Iterator[Any]:
        to_do: list[tuple[bytes, ...]] = [()]
        n_nodes = 0
        while to_do and n_nodes < _MOST_NODES:
            path = to_do.pop()
            names: list[bytes] = []
            request = ListChildren(document=self._document, node=path)
            self._ask(request, lambda part, to=names: to.extend(_names(part)))
            paths = tuple((*path, name) for name in names[:_MOST_NODES])
            nodes: list[Any] = []
            self._ask(
                DescribeNodes(document=self._document, nodes=paths),
                lambda part, to=nodes: to.extend(part.nodes if isinstance(part, Nodes) else ()),
            )
            for node in nodes:
                n_nodes += 1
                yield node
                if isinstance(node, Group) and node.same_as is None:
                    to_do.append(node.path)

    def _read(self, node: Dataset) -> None:
        n_axes = len(node.shape or ())
        index = (0,) * n_axes
        if n_axes >= 2:
            cut = Cut(rows=n_axes - 2, columns=n_axes - 1, index=index)
        else:
            cut = Cut(columns=0 if n_axes else None, index=index)
        where = {"document": self._document, "node": node.path}
        if n_axes and node.dtype.is_numeric:
            self._ask(ReadPlane(**where, cut=cut))
            self._ask(ReadStatistics(**where))
        self._ask(ReadCells(**where, cut=cut))

    def _ask(self, request: Request, on_part: Callable[[Any], None] | None = None) -> bool:
        try:
            ask(self._pool, request, on_part)
        except H5ViewerError as error:
            if type(error) not in OURS:
                self.bugs.append(f"{type(request).__name__}: {error.details}")
            self.outcomes[_kind(error)] += 1
            return False
        self.outcomes["answered"] += 1
        return True


def _names(part: object) -> tuple[bytes, ...]:
    return part.names if isinstance(part, Names) else ()


def _kind(error: H5ViewerError) -> str:
    if isinstance(error, WorkerLost):
        return "hung" if "longer" in error.message else "crashed"
    return type(error).__name__


def visit_mutants(
    pool: Pool, folder: Path, count: int, seed: int
) -> Iterator[tuple[int, Visit, bytes]]:
    """Visit mutants number 0 … count - 1 of this seed, one after the other."""
    goods = [make(folder / f"good_{make.__name__}").read_bytes() for make in MAKERS]
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        data = mutate(chance.choice(goods), chance)
        path = folder / f"mutant_{number}"
        path.write_bytes(data)
        visit = Visit(pool, path)
        visit.run()
        pool.forget(str(path))
        path.unlink()
        yield number, visit, data


def main() -> int:
    """Print what became of the mutants; 1 when there was anything but our own errors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--step-seconds", type=float, default=3)
    parser.add_argument("--keep", type=Path, help="folder for mutants that hang, crash or are bugs")
    given = parser.parse_args()
    total: Counter[str] = Counter()
    n_bugs = 0
    started = time.monotonic()
    pool = Pool(Limits(step_seconds=given.step_seconds))
    with tempfile.TemporaryDirectory() as folder:
        for number, visit, data in visit_mutants(pool, Path(folder), given.count, given.seed):
            total += visit.outcomes
            total["mutants"] += 1
            n_bugs += len(visit.bugs)
            for bug in visit.bugs:
                print(f"mutant {number}: {bug}", flush=True)
            kinds = {"hung", "crashed"} & set(visit.outcomes)
            if given.keep and (kinds or visit.bugs):
                given.keep.mkdir(parents=True, exist_ok=True)
                (given.keep / f"{given.seed}_{number}").write_bytes(data)
    pool.close()
    print(f"{total.pop('mutants'):>8} mutants in {time.monotonic() - started:.0f} s, requests:")
    for kind, n_requests in total.most_common():
        print(f"{n_requests:>8} {kind}")
    print(f"{n_bugs:>8} errors that are not ours")
    return 1 if n_bugs else 0


if __name__ == "__main__":
    sys.exit(main())

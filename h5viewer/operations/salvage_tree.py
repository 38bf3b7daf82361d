"""One damaged HDF5 file into a new one, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from h5viewer.formats.damaged import Damaged, DamagedTree
from h5viewer.formats.hdf5_overlay import MOST_LINKS
from h5viewer.formats.hdf5_salvage_lists import shorten_lists, write_report
from h5viewer.formats.hdf5_salvaged import Lost, compare_salvaged
from h5viewer.formats.hdf5_salvaging import Salvaging
from h5viewer.formats.hdf5_scan import ReadAt, Scan, places, scan
from h5viewer.formats.hdf5_writing import created_like, opened_again
from h5viewer.formats.scratch import Scratch
from h5viewer.names import NodePath, visible
from h5viewer.operations import Operation
from h5viewer.requests import Progress
from h5viewer.wording import plural

LOOKING, WRITING, READING = "Looking what is whole…", "Writing…", "Reading back…"
_MOST_TOLD = 20


class Outcome(msgspec.Struct):
    """What came of it, over all parts of the file."""

    lost: list[Lost] = []
    warnings: list[str] = []
    remarks: list[str] = []
    n_saved: int = 0
    n_bytes: int = 0

    @property
    def rows(self) -> list[tuple[str, str]]:
        """What is lost and why, and what is doubtful."""
        return [(each.where, each.reason) for each in self.lost] + [
            ("", warning) for warning in self.warnings
        ]

    def lose(self, lost: list[Lost], prefix: NodePath = ()) -> None:
        """Add what is lost of one part."""
        self.lost += [Lost((*prefix, *each.path), each.reason, each.attribute) for each in lost]

    def notes(self) -> Iterator[str]:
        """Sentences for the user."""
        if not self.lost and not self.warnings:
            yield "Nothing is lost: all of it is whole."
        if self.lost:
            them = "it" if len(self.lost) == 1 else "them"
            items = plural(len(self.lost), "item")
            yield f"{items} could not be saved; the new file lists {them}."
        for each in self.lost[:_MOST_TOLD]:
            yield f"Lost: {visible(each.where)}. {each.reason}"
        yield from self.remarks
        yield from self.warnings


def looked_through(tree: DamagedTree, outcome: Outcome, prefix: NodePath) -> Operation[None]:
    """What is whole of one HDF5 file."""
    salvaging, done = Salvaging(tree, None), 0
    for n_bytes in _salvaged(tree, salvaging):
        done += n_bytes
        yield Progress(done=done, unit="bytes", text=LOOKING)
    _take(outcome, salvaging, prefix, tree)


def salvage_tree(
    tree: DamagedTree,
    damaged: Damaged,
    outcome: Outcome,
    scratch: Scratch,
    name: str,
    prefix: NodePath = (),
) -> Operation[None]:
    """One HDF5 file into `scratch`, from its start on."""
    done, total = 0, 3 * damaged.source.size
    with created_like(tree.root, scratch) as root:
        salvaging = Salvaging(tree, root)
        for n_bytes in _salvaged(tree, salvaging):
            scratch.check(name)
            done += n_bytes
            yield Progress(done=min(done, total), total=total, unit="bytes", text=WRITING)
        _take(outcome, salvaging, prefix, tree)
        if salvaging.found.lost:
            shorten_lists(root)
        write_report(root, damaged.source.name, outcome.rows)
    scratch.check(name)
    with opened_again(scratch) as root:
        for n_bytes in compare_salvaged(salvaging.found, root, name):
            done += n_bytes
            yield Progress(done=min(done, total), total=total, unit="bytes", text=READING)


def _salvaged(tree: DamagedTree, salvaging: Salvaging) -> Iterator[int]:
    """By the lists of names; where one is damaged, by looking through the file, too."""
    yield from salvaging.run()
    if not tree.is_root_lost and not salvaging.found.lost:
        return
    found: Scan | None = None
    for step in scan(_from_base(tree), tree.left - tree.base):
        if isinstance(step, Scan):
            found = step
        else:
            yield step
    placed = [] if found is None else places(found, tree.root_address)[:MOST_LINKS]
    if placed:
        again = tree.found_again([address for _, address in placed])
        try:
            yield from salvaging.run_found(again, placed)
        finally:
            again.close()


def _from_base(tree: DamagedTree) -> ReadAt:
    return lambda start, length: tree.stream.read_at(tree.base + start, length)


def _take(outcome: Outcome, salvaging: Salvaging, prefix: NodePath, tree: DamagedTree) -> None:
    outcome.lose(salvaging.found.lost, prefix)
    outcome.n_saved += salvaging.found.n_datasets
    outcome.n_bytes += salvaging.found.n_bytes
    n_again = salvaging.found.n_found_again
    if n_again:
        outcome.remarks.append(
            f"{plural(n_again, 'dataset was', 'datasets were')} found by looking through the "
            "file, as the lists of names are damaged."
        )
    if not tree.is_known_damaged and salvaging.found.is_doubtful(is_cut=tree.is_cut):
        n_doubtful = salvaging.found.n_unchecked
        outcome.warnings.append(
            f"{plural(n_doubtful, 'dataset that was saved is', 'datasets that were saved are')} "
            "stored without a checksum: whether the damage reaches their values cannot be told."
        )

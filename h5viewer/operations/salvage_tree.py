"""One damaged HDF5 file into a new one, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from h5viewer.formats.damaged import Damaged, DamagedTree
from h5viewer.formats.hdf5_salvage_lists import shorten_lists, write_report
from h5viewer.formats.hdf5_salvaging import Lost, Salvaging, compare_salvaged
from h5viewer.formats.hdf5_writing import created_like, opened_again
from h5viewer.formats.scratch import Scratch
from h5viewer.names import NodePath, visible
from h5viewer.operations import Operation
from h5viewer.requests import Progress
from h5viewer.wording import plural

LOOKING, WRITING, READING = "Looking what is whole…", "Writing…", "Reading back…"
_MOST_TOLD = 20


@dataclass
class Outcome:
    """What came of it, over all parts of the file."""

    lost: list[Lost] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
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
            yield f"{plural(len(self.lost), 'item')} could not be saved; the new file lists them."
        for each in self.lost[:_MOST_TOLD]:
            yield f"Lost: {visible(each.where)}. {each.reason}"
        yield from self.warnings


def looked_through(tree: DamagedTree, outcome: Outcome, prefix: NodePath) -> Operation[None]:
    """What is whole of one HDF5 file."""
    looking = Salvaging(tree.stream, tree.base, tree.root, None)
    for n_bytes in looking.run():
        outcome.n_bytes += n_bytes
        yield Progress(done=outcome.n_bytes, unit="bytes", text=LOOKING)
    outcome.lose(looking.found.lost, prefix)
    outcome.n_saved += looking.found.n_datasets


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
        salvaging = Salvaging(tree.stream, tree.base, tree.root, root)
        for n_bytes in salvaging.run():
            scratch.check(name)
            done += n_bytes
            yield Progress(done=done, total=total, unit="bytes", text=WRITING)
        outcome.lose(salvaging.found.lost, prefix)
        outcome.n_saved += salvaging.found.n_datasets
        if salvaging.found.lost:
            shorten_lists(root)
        write_report(root, damaged.source.name, outcome.rows)
    scratch.check(name)
    with opened_again(scratch) as root:
        for n_bytes in compare_salvaged(salvaging.found, tree.root, root, name):
            done += n_bytes
            yield Progress(done=done, total=total, unit="bytes", text=READING)

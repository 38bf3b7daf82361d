"""Every export onto a disk that is full, and into a folder that is made read-only midway.

Run by hand as root on Linux, it mounts a small tmpfs: `python tests/refusing_disks.py [FOLDER]
[--only NAME]`. FOLDER stands on a disk that knows immutable folders (ext4). Prints what was refused
how.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from export_cases import CASES, Case
from killed_exports import REPAIR, Repair, Wanted, announce_placing

from h5viewer.errors import H5ViewerError
from h5viewer.exporting import export
from h5viewer.scratch_file import remove_abandoned
from h5viewer.terminal.repair import write_repaired
from h5viewer.workers.pool import Pool

OLD = b"what was there before"
WIDTH = 400


@contextmanager
def small_disk(folder: Path, n_bytes: int) -> Iterator[Path]:
    """A folder on a disk of its own."""
    folder.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={n_bytes}", "tmpfs", str(folder)]
    subprocess.run(words, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def set_read_only(folder: Path, *, read_only: bool) -> None:
    """Also for root, who may write where permissions forbid it."""
    subprocess.run(["chattr", "+i" if read_only else "-i", str(folder)], check=read_only)


def write(pool: Pool, request: Wanted, act: Callable[[], None] = lambda: None) -> None:
    """Export or repair, as the terminal does it; `act` is called on the way."""
    if isinstance(request, Repair):
        announce_placing(lambda _: act())
        write_repaired(pool, request.document, request.target, may_replace=True)
    else:
        export(pool, request, may_replace=True, on_progress=lambda _: act())


def refused(
    pool: Pool, request: Wanted, names: Iterable[str], act: Callable[[], None] = lambda: None
) -> str:
    """What is said, and what is wrong afterwards with the folder, where each name was taken."""
    folder = Path(request.target).parent
    before = dict.fromkeys(names, OLD)
    for name, data in before.items():
        (folder / name).write_bytes(data)
    said = "NOT REFUSED"
    try:
        write(pool, request, act)
    except H5ViewerError as error:
        said = error.message
    set_read_only(folder, read_only=False)  # what could not be removed goes with the next start
    remove_abandoned(folder)
    if contents(folder) != before:
        said += f" FOLDER CHANGED: {sorted(contents(folder))}"
    return said


def contents(folder: Path) -> dict[str, bytes]:
    """All files in it."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def main() -> None:
    """A line for each export and each disk."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--only", default="", help="exports whose name holds this")
    chosen = parser.parse_args()
    pool = Pool(keep_spare=False)
    for case in (*CASES, REPAIR):
        if chosen.only in case.name:
            with tempfile.TemporaryDirectory(dir=chosen.folder) as place:
                on_refusing_disks(pool, case, Path(place))
    pool.close()


def on_refusing_disks(pool: Pool, case: Case, place: Path) -> None:
    """Too small ones, and one that is made read-only."""
    sources, whole, folder = (place / name for name in ("sources", "whole", "folder"))
    for made in (sources, whole, folder):
        made.mkdir()
    documents = [str(path) for path in case.make(sources, WIDTH)]
    target = f"new{case.suffix}"
    write(pool, case.request(documents, str(whole / target)))
    names = contents(whole)
    length = sum(map(len, names.values()))
    for share in (0.2, 0.9):
        room = max(8192, int(share * length) // 4096 * 4096)
        if room + 4096 > length:
            continue  # tmpfs counts in pages
        with small_disk(place / "disk", room + 4096 * len(names)) as disk:
            said = refused(pool, case.request(documents, str(disk / target)), names)
        print(f"{case.name:20} {share:4.0%} of the room   {said}", flush=True)
    request = case.request(documents, str(folder / target))
    said = refused(pool, request, names, lambda: set_read_only(folder, read_only=True))
    print(f"{case.name:20} read-only midway   {said}", flush=True)


if __name__ == "__main__":
    main()

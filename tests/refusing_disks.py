"""Every export onto a disk that is full, and into a folder that is made read-only midway.

Run by hand as root on Linux, it mounts a small tmpfs: `python tests/refusing_disks.py [FOLDER]`.
FOLDER stands on a disk that knows immutable folders (ext4). Prints what was refused how.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from export_cases import CASES, Case

from h5viewer.errors import H5ViewerError
from h5viewer.exporting import export
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
    subprocess.run(["chattr", "+i" if read_only else "-i", str(folder)], check=True)


def refused(
    pool: Pool, case: Case, sources: list[str], target: Path, act: Callable[[], None] = lambda: None
) -> str:
    """What is said, and what is wrong with the folder afterwards."""
    target.write_bytes(OLD)
    said = "NOT REFUSED"
    try:
        request = case.request(sources, str(target))
        export(pool, request, may_replace=True, on_progress=lambda _: act())
    except H5ViewerError as error:
        said = error.message
    if [path.name for path in target.parent.iterdir()] != [target.name]:
        said += " LEFT FILES"
    if target.read_bytes() != OLD:
        said += " OLD FILE LOST"
    return said


def main() -> None:
    """A line for each export and each disk."""
    pool = Pool(keep_spare=False)
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as place:
        for case in CASES:
            written = Path(place) / case.name
            written.mkdir()
            sources = [str(path) for path in case.make(written, WIDTH)]
            free = Path(place) / f"{case.name}-whole"
            free.mkdir()
            export(pool, case.request(sources, str(free / f"new{case.suffix}")))
            length = sum(path.stat().st_size for path in free.iterdir())
            for share in (0.2, 0.9):
                room = max(8192, int(share * length) // 4096 * 4096)
                if room + 4096 > length:
                    continue  # tmpfs counts in pages
                with small_disk(Path(place) / "disk", room + 4096) as folder:
                    said = refused(pool, case, sources, folder / f"new{case.suffix}")
                print(f"{case.name:20} {share:4.0%} of the room   {said}", flush=True)
            folder = Path(place) / "folder"
            folder.mkdir(exist_ok=True)
            target = folder / f"new{case.suffix}"

            def lock(folder: Path = folder) -> None:
                set_read_only(folder, read_only=True)

            said = refused(pool, case, sources, target, lock)
            set_read_only(folder, read_only=False)
            target.unlink()
            print(f"{case.name:20} read-only midway   {said}", flush=True)
    pool.close()


if __name__ == "__main__":
    main()

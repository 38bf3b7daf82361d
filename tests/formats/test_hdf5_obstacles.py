"""Values that are not read by themselves, and the sentence that says why."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset, Obstacle

Opener = Callable[[Path], Container]
MIB = 1 << 20


def _chunked(path: Path, chunk: int, filters: tuple[int, ...]) -> Path:
    with h5py.File(path, "w") as file:
        creation = h5p.create(h5p.DATASET_CREATE)
        creation.set_chunk((chunk,))
        for number in filters:
            creation.set_filter(number, h5py.h5z.FLAG_OPTIONAL, (4,))
        h5d.create(file.id, b"d", h5t.STD_U8LE, h5s.create_simple((chunk * 20,)), creation)
    return path


def _obstacle(container: Container) -> Obstacle | None:
    node = container.describe((b"d",))
    assert isinstance(node, Dataset)
    return node.obstacle


@pytest.mark.parametrize(
    ("chunk", "can_insist", "words"),
    [(1024 * MIB, False, "1.07 GB"), (100 * MIB, True, "105 MB")],
)
def test_compressed_chunks_of_absurd_size(
    opened: Opener, tmp_path: Path, chunk: int, can_insist: bool, words: str
) -> None:
    obstacle = _obstacle(opened(_chunked(tmp_path / "a.h5", chunk, (1, 1))))
    assert obstacle is not None
    assert obstacle.reason == f"One chunk holds {words} when decompressed."
    assert obstacle.can_insist == can_insist


def test_chunks_of_usual_size_and_plain_ones_are_no_obstacle(
    opened: Opener, tmp_path: Path
) -> None:
    assert _obstacle(opened(_chunked(tmp_path / "a.h5", 64 * MIB, (1,)))) is None
    assert _obstacle(opened(_chunked(tmp_path / "b.h5", 200 * MIB, ()))) is None


def test_an_address_in_this_file_does_not_hide_that_the_data_is_in_another(
    opened: Opener, tmp_path: Path
) -> None:
    """Forged: HDF5 reads the other file all the same."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("d", (4,), "f4", external=[("secret.bin", 0, 16)])
    forged = path.read_bytes()
    undefined = b"\x03\x01" + b"\xff" * 8  # contiguous, no address
    assert forged.count(undefined) == 1
    path.write_bytes(forged.replace(undefined, b"\x03\x01" + (800).to_bytes(8, "little")))
    obstacle = _obstacle(opened(path))
    assert obstacle is not None
    assert "secret.bin" in obstacle.reason


@pytest.mark.parametrize(
    ("number", "words"),
    [(32004, "LZ4 (filter 32004)"), (307, "bzip2 (filter 307)"), (31999, "filter 31999")],
)
def test_missing_filters_are_named(opened: Opener, tmp_path: Path, number: int, words: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=np.arange(64.0), chunks=(64,), compression="gzip")
    _rename_gzip(tmp_path / "a.h5", number)
    obstacle = _obstacle(opened(tmp_path / "a.h5"))
    assert obstacle is not None
    assert words in obstacle.reason
    assert not obstacle.can_insist


def test_one_enormous_element(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        kind = h5t.create(h5t.OPAQUE, 1024 * MIB)
        h5d.create(file.id, b"d", kind, h5s.create(h5s.SCALAR))
    obstacle = _obstacle(opened(tmp_path / "a.h5"))
    assert obstacle is not None
    assert obstacle.reason == "One element holds 1.07 GB."


def test_hdf5_never_looks_for_plugins(tmp_path: Path) -> None:
    """A file that names an unknown filter must not make HDF5 load shared libraries."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("d", data=np.arange(64.0), chunks=(64,), compression="gzip")
    _rename_gzip(path, 32004)
    script = f"""
import h5viewer.formats.table, h5py
try:
    h5py.File({str(path)!r}, "r")["d"][()]
except OSError as error:
    print(error)
"""
    environment = {key: value for key, value in os.environ.items() if "HDF5" not in key}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment
    )
    assert "plugins disabled" in done.stdout


def _rename_gzip(path: Path, number: int) -> None:
    """Pretend another filter: those h5py lacks cannot be written."""
    data = path.read_bytes()
    old = b"\x01\x00\x08\x00\x01\x00\x01\x00deflate\0"
    assert data.count(old) == 1
    name = b"\0" * 8 if number == 31999 else b"other\0\0\0"
    new = number.to_bytes(2, "little") + b"\x08\x00\x01\x00\x01\x00" + name
    path.write_bytes(data.replace(old, new))

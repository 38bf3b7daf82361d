"""Small files of arrays, and selections of what is in them, for tests of the two array panels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Task
from h5viewer.nodes import Document, Nodes
from h5viewer.requests import DescribeNodes, OpenDocument
from h5viewer.workers.pool import Pool

KERNEL_AXES = ("kernel height", "kernel width", "in", "out")

Select = Callable[..., Selection]


def make_arrays(path: Path) -> Path:
    """One dataset of each kind the panels treat differently."""
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["kernel"] = np.arange(3 * 3 * 4 * 5, dtype=np.float32).reshape(3, 3, 4, 5) - 90
        file["tenths"] = np.array([[0.1, -2.5e-8], [3, 1e30]], np.float32)
        special = np.ones((4, 6), np.float32)
        special[1, 2], special[2, 3], special[3, 4] = np.nan, np.inf, -np.inf
        file["special"] = special
        large = random.standard_normal((3000, 2000)).astype(np.float32)
        large[1234, 777] = 99.5
        file.create_dataset("large", data=large, chunks=(500, 500))
        file["bias"] = np.linspace(-1, 1, 7)
        file["wave"] = np.sin(np.arange(100_000) / 50)
        file["pictures"] = random.integers(0, 256, (6, 16, 16, 3), np.uint8)
        file["counts"] = np.arange(12, dtype=np.uint16).reshape(3, 4)
        file["nothing"] = np.empty((0, 5), np.float32)
        file["null"] = h5py.Empty("f4")
        file["scalar"] = 42
        file["texts"] = np.array([b"<b>bold</b>", b"plain"])
        record = np.dtype([("name", "S5"), ("size", "<i4")])
        file["records"] = np.array([(b"one", 1), (b"two", 2)], record)
        file["many_axes"] = np.arange(2**16, dtype=np.int32).reshape((2,) * 16)
        file["long"] = np.arange(2_000_000, dtype=np.int32)
        # a chunk of 100 MB: on which the user can insist; one of 576 MB: on which not
        file.create_dataset("bulky", (5_000, 5_000), "f4", chunks=(5_000, 5_000), compression=1)
        file.create_dataset(
            "bomb", (20_000, 20_000), "f4", chunks=(12_000, 12_000), compression="gzip"
        )
        damaged = file.create_dataset("damaged", data=large[:50, :50], compression=4)
        chunk = damaged.id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + 100 : chunk.byte_offset + 200] = b"\xff" * 100
    path.write_bytes(data)
    return path


def select(
    qtbot: QtBot, pool: Pool, path: Path, name: str, axes: tuple[str, ...] = ()
) -> Selection:
    """What the window hands to a panel when the user chooses a dataset."""
    document = _answer(qtbot, Task(pool, OpenDocument(document=str(path))))
    assert isinstance(document, Document)
    task = Task(pool, DescribeNodes(document=str(path), nodes=((name.encode(),),)))
    parts: list[Nodes] = []
    task.part_arrived.connect(parts.append)
    _answer(qtbot, task)
    return Selection(document, parts[0].nodes[0], axes=axes)


def _answer(qtbot: QtBot, task: Task) -> object:
    results: list[object] = []
    task.succeeded.connect(results.append)
    with qtbot.waitSignal(task.ended, timeout=20_000):
        pass
    assert results, "the request was not answered"
    return results[0]


class Heard(QObject):
    """What a signal said, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def take(self, text: str) -> None:
        self.texts.append(text)

"""A worker whose operations do odd things on request: `Pool(command=ODD_WORKER)`.

`SearchNames.text` names the thing; everything else is as in a real worker.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path

import numpy as np

from h5viewer.errors import CannotRead
from h5viewer.nodes import Array, Document, Group, Listed, Names, Paths, Plane
from h5viewer.requests import ListChildren, OpenDocument, Progress, ReadPlane, SearchNames
from h5viewer.workers import child, preloading

ODD_WORKER = [sys.executable, "-P", __file__]
N_NAMES = 300


class OddContainer:
    def __init__(self, source):
        self.source = source

    def close(self):
        pass


def open_document(request, container):
    print("a library prints to standard output")
    os.write(1, b"and so does C code\n")
    yield Progress(0)
    assert request.document == container.source.path
    root = Group(path=())
    return Document(
        path=request.document, format="hdf5", identity=container.source.identity, root=root
    )


def list_children(request, container):
    """N_NAMES names, slowly: 1 s in all."""
    for start in range(0, N_NAMES, 3):
        time.sleep(0.01)
        yield Names(names=tuple(b"%d" % n for n in range(start, start + 3)))
    return Listed(count=N_NAMES)


def read_plane(request, container):
    """Some MB."""
    yield Progress(0)
    values = np.arange(request.max_rows * request.max_columns, dtype="f4")
    values = values.reshape(request.max_rows, request.max_columns)
    return Plane(
        values=Array.of(values), row_start=0, column_start=0, row_step=1, column_step=1,
        n_rows=request.max_rows, n_columns=request.max_columns, is_sharp=True,
    )  # fmt: skip


def do_odd_thing(request, container):
    yield Progress(0)
    result = ODD_THINGS[request.text]()
    yield Paths(paths=((repr(result).encode(),),))
    return Listed(count=1)


def die():
    os.kill(os.getpid(), signal.SIGSEGV)


def be_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def hang_with_interpreter_lock():
    ctypes.PyDLL(None).sleep(1000)


def hang_without_interpreter_lock():
    time.sleep(1000)


def take_memory():
    return len(bytearray(3 << 30))


def raise_ours():
    raise CannotRead("This part is damaged.", hint="Look at another.", details="why")


def raise_bug():
    return {}["missing"]


def recurse():
    return recurse()


def say_a_lone_surrogate():
    raise CannotRead("\udcff")


def refused(action):
    """The name of the error that `action` ends in, or None: it worked."""

    def attempt():
        try:
            action()
        except OSError as error:
            return type(error).__name__
        return None

    return attempt


def start_thread():
    thread = threading.Thread(target=time.sleep, args=(0,))
    thread.start()
    thread.join()


ODD_THINGS = {
    "nothing": lambda: None,
    "die": die,
    "be killed": be_killed,
    "hang": hang_with_interpreter_lock,
    "sleep": hang_without_interpreter_lock,
    "slow step": lambda: time.sleep(0.3),
    "take memory": take_memory,
    "raise ours": raise_ours,
    "raise bug": raise_bug,
    "recurse": recurse,
    "say a lone surrogate": say_a_lone_surrogate,
    "open": refused(Path(__file__).read_bytes),
    "write": refused(Path(__file__ + ".written").touch),
    "list": refused(lambda: os.listdir("/")),
    "rename": refused(lambda: os.rename(__file__, __file__ + "x")),
    "socket": refused(socket.socket),
    "execute": refused(lambda: os.execv(sys.executable, [sys.executable, "-c", ""])),
    "pipe": refused(os.pipe),
    "signal": refused(lambda: os.kill(os.getppid(), 0)),
    "thread": start_thread,
    "environment": lambda: sorted(os.environ),
    "path": lambda: sys.path,
    "folder": os.getcwd,
    "pid": os.getpid,
}

OPERATIONS = {
    OpenDocument: open_document,
    ListChildren: list_children,
    SearchNames: do_odd_thing,
    ReadPlane: read_plane,
}

if __name__ == "__main__":
    orders, reports = child.prepare()
    preloading.load()
    child.Server(OPERATIONS, OddContainer, orders, reports).run()

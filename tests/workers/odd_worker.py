"""A worker whose operations do odd things on request: `Pool(command=ODD_WORKER)`.

`SearchNames.text` names the thing; everything else is as in a real worker. With
ODD_NETWORK_WORKER it is confined as one that predicts and answers `LoadNetwork`, where
`consent.pass_through` names the thing; it loads no framework.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import numpy as np

from h5viewer.errors import CannotRead
from h5viewer.nodes import (
    Array,
    Document,
    Evaluation,
    Group,
    Listed,
    LoadedNetwork,
    Names,
    Paths,
    Plane,
)
from h5viewer.requests import (
    EvaluateNetwork,
    ListChildren,
    LoadNetwork,
    OpenDocument,
    Progress,
    ReadPlane,
    SearchNames,
)
from h5viewer.workers import child, messages, preloading
from h5viewer.workers.confinement import confine, confine_network
from h5viewer.workers.lending import Borrower, borrow_nothing

ODD_WORKER = [sys.executable, "-P", __file__]
ODD_NETWORK_WORKER = [*ODD_WORKER, "network"]
SLOW_NETWORK_WORKER = [*ODD_WORKER, "network", "slow"]
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


def load_network(request, container):
    """What the thing came to is a warning."""
    yield Progress(0, text="Loading the network…")
    said = tuple(repr(ODD_THINGS[thing]()) for thing in request.consent.pass_through)
    return LoadedNetwork(inputs=(), outputs=(), recipes=(), evidence=(), warnings=said)


def evaluate(request, container, data):
    """What was lent, how many files are open meanwhile, and where the network is."""
    yield Progress(0)
    ODD_THINGS[(request.x or (b"nothing",))[0].decode()]()
    source = data.source
    notes = (source.read_at(0, 99).decode(), source.name, str(os.getpid()), str(n_open()))
    return Evaluation(samples=1, loss=0, loss_name="none", notes=notes)


def n_open():
    return sum(1 for number in range(200) if refused(partial(os.fstat, number))() is None)


def die():
    signal.raise_signal(signal.SIGSEGV)


def be_killed():
    signal.raise_signal(signal.SIGKILL)


def hang_with_interpreter_lock():
    ctypes.PyDLL(None).sleep(1000)


def hang_without_interpreter_lock():
    time.sleep(1000)


def loop():
    while True:
        pass


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


def open_many():
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(Path(os.__file__).open())


def fork():
    if os.fork() == 0:
        os._exit(0)


def speak_into_sockets():
    """What comes of it, for each socket that is open."""
    said = []
    for number in range(200):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                said.append(refused(partial(os.write, number, b"x"))())
    return said


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
    "loop": loop,
    "slow step": lambda: time.sleep(0.3),
    "take memory": take_memory,
    "raise ours": raise_ours,
    "raise bug": raise_bug,
    "recurse": recurse,
    "say a lone surrogate": say_a_lone_surrogate,
    "open": refused(Path(__file__).read_bytes),
    "read a module": refused(Path(os.__file__).read_bytes),
    "list modules": refused(lambda: os.listdir(Path(os.__file__).parent)),
    "write a module": refused(Path(os.__file__).with_name("written_by_a_test").touch),
    "change a module": refused(lambda: os.truncate(__file__, os.path.getsize(__file__))),
    "change rights": refused(lambda: os.chmod(__file__, os.stat(__file__).st_mode)),
    "change times": refused(lambda: os.utime(__file__)),
    "change attributes": refused(lambda: os.setxattr(__file__, "user.test", b"x")),
    "read a password": refused(Path("/etc/passwd").read_bytes),
    "link": refused(lambda: os.symlink(__file__, __file__ + "x")),
    "connect": refused(lambda: socket.create_connection(("127.0.0.1", 9), 1)),
    "send a packet": refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "speak to the desktop": refused(lambda: socket.socket(socket.AF_UNIX)),
    "run": refused(lambda: subprocess.run([sys.executable, "-c", ""])),
    "fork": refused(fork),
    "many files": refused(open_many),
    "write": refused(Path(__file__ + ".written").touch),
    "list": refused(lambda: os.listdir("/")),
    "rename": refused(lambda: os.rename(__file__, __file__ + "x")),
    "socket": refused(socket.socket),
    "execute": refused(lambda: os.execv(sys.executable, [sys.executable, "-c", ""])),
    "pipe": refused(os.pipe),
    "speak into sockets": speak_into_sockets,
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
    LoadNetwork: load_network,
    EvaluateNetwork: evaluate,
}

if __name__ == "__main__":
    orders, reports = child.prepare()
    preloading.load()
    if "network" in sys.argv:
        messages.write(reports, messages.frame(messages.Starting("Starting something odd…")))
    if "slow" in sys.argv:
        time.sleep(0.5)
    confining, borrow = confine, borrow_nothing
    if "network" in sys.argv:
        number = sys.argv[-1] if sys.argv[-1].isdecimal() else ""
        confining, borrow = confine_network, Borrower(number).take
    child.Server(OPERATIONS, OddContainer, orders, reports, confining, borrow=borrow).run()

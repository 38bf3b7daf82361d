"""One worker process as its owner sees it: started, spoken to, heard, killed.

Two threads an owner never waits for: one starts the process and reads what it says, one
writes. Everything heard, and in the end how the process ended, goes to `hear`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast

import msgspec

import h5viewer
from h5viewer.workers import messages
from h5viewer.workers.lending import Lender, Loan
from h5viewer.workers.messages import FrameTooLong, Reader, Report

STDERR_KEPT = 12_000
"""Characters of a dead worker's last words that become details."""

# The worker runs this very package, whichever is installed; what lies beside it comes last,
# so it shadows no installed module.
_BOOT = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
spec = spec_from_file_location("h5viewer", sys.argv[1])
sys.modules["h5viewer"] = package = module_from_spec(spec)
spec.loader.exec_module(package)
sys.path.append(str(Path(sys.argv[1]).parent.parent))
from h5viewer.workers.serving import serve
serve(*sys.argv[2:])
"""


class Ended(msgspec.Struct, frozen=True):
    """The process is gone."""

    code: int | None  # as subprocess has it: minus the signal; None: never started
    last_words: str  # of stderr
    broken: str = ""  # why it could not be started or understood

    @property
    def signal_name(self) -> str:
        """SIGSEGV and the like; "" when it was no signal."""
        if self.code is None or self.code >= 0:
            return ""
        with contextlib.suppress(ValueError):
            return signal.Signals(-self.code).name
        return f"signal {-self.code}"


def default_command(kind: str = "files") -> list[str]:
    """The command line of a worker; the current folder is never searched for modules.

    Args:
        kind: the value of a `Kind`.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", kind]
    return [sys.executable, "-P", "-c", _BOOT, h5viewer.__file__, kind]


def handed_over(scratch: int | None) -> tuple[list[str], dict[str, Any]]:
    """What the command line and `Popen` need so that a process inherits this descriptor.

    Elsewhere it keeps its number; on Windows a process inherits handles, and makes a
    descriptor of one (`export_child`).
    """
    if scratch is None:
        return [], {}
    if sys.platform != "win32":
        return [str(scratch)], {"pass_fds": (scratch,)}
    import msvcrt

    handle = msvcrt.get_osfhandle(scratch)
    os.set_handle_inheritable(handle, True)
    startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
    return [str(handle)], {"startupinfo": startup, "close_fds": True}


def environment(outside: Mapping[str, str]) -> dict[str, str]:
    """What a worker inherits: enough to start Python, plus settings of the libraries.

    They are set before the libraries are loaded: no filter plugin is ever searched for,
    no lock is taken, no thread pool and few memory arenas are made.
    """
    kept = {name: outside[name] for name in _KEPT_VARIABLES if name in outside}
    folders = [f for f in outside.get("PYTHONPATH", "").split(os.pathsep) if Path(f).is_absolute()]
    if folders:  # some computing centres install everything this way
        kept["PYTHONPATH"] = os.pathsep.join(folders)
    return kept | {
        "HDF5_PLUGIN_PRELOAD": "::",
        "HDF5_USE_FILE_LOCKING": "FALSE",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": outside.get("PYTHONDONTWRITEBYTECODE", ""),
        "PYTHONNOUSERSITE": outside.get("PYTHONNOUSERSITE", ""),
    }


_KEPT_VARIABLES = (
    "PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR",
    "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "APPDATA", "LOCALAPPDATA", "USERPROFILE",
)  # fmt: skip


class Process:
    """One worker process. `hear(process, report)` is called from a thread of its own."""

    def __init__(
        self,
        command: list[str],
        hear: Callable[[Process, Report | Ended], None],
        scratch: int | None = None,
        *,
        can_borrow: bool = False,
    ) -> None:
        """Begin to start it; returns at once.

        Args:
            command: its command line.
            hear: called with what it says and how it ended.
            scratch: descriptor of the one file that it may write; its number becomes the last
                word of the command line.
            can_borrow: files can be lent to it.
        """
        self._command = command
        self._scratch = scratch
        self._hear = hear
        self._lender = Lender() if can_borrow else None
        self._outbox: SimpleQueue[bytearray | Loan | None] = SimpleQueue()
        self._guard = threading.Lock()  # of the two below: killed while it is being started
        self._popen: subprocess.Popen[bytes] | None = None
        self._is_killed = False
        self._thread = threading.Thread(target=self._run, name="worker: hear", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process id; None while it is being started."""
        return None if self._popen is None else self._popen.pid

    def send(self, order: bytearray | Loan) -> None:
        """Queue the frame of an order, or a loan; one to a dead process is dropped."""
        self._outbox.put(order)

    def kill(self, *, with_last_words: bool = False) -> None:
        """End it now; `with_last_words` lets faulthandler say where it was."""
        with self._guard:
            self._is_killed = True
            if self._popen is not None:
                _end(self._popen, with_last_words=with_last_words)

    def join(self, seconds: float | None = None) -> None:
        """Wait until it is gone and everything was heard."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with contextlib.ExitStack() as stack:
            if self._lender is not None:
                stack.callback(self._lender.close)
            try:
                stderr = stack.enter_context(TemporaryFile())
                popen = self._start(stderr)
            except OSError as error:
                self._hear(self, Ended(None, "", str(error)))
                return
            writer = threading.Thread(target=self._write, name="worker: tell", daemon=True)
            writer.start()
            broken = self._listen(popen)
            if broken:
                self.kill()
            code = popen.wait()
            self._outbox.put(None)
            writer.join()
            for pipe in (popen.stdin, popen.stdout):
                cast("BinaryIO", pipe).close()
            self._hear(self, Ended(code, _tail(stderr), broken))

    def _start(self, stderr: IO[bytes]) -> subprocess.Popen[bytes]:
        lender = self._lender
        words, inherited = lender.inherited() if lender else handed_over(self._scratch)
        popen: subprocess.Popen[bytes] = subprocess.Popen(
            self._command + words,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=Path(sys.executable).parent,  # neutral: holds no removable disk, no user's files
            env=environment(os.environ),
            **_APART,
            **inherited,
        )
        if lender is not None:
            lender.started(popen)
        _widen(cast("BinaryIO", popen.stdout))
        with self._guard:
            self._popen = popen
            if self._is_killed:
                popen.kill()
        return popen

    def _listen(self, popen: subprocess.Popen[bytes]) -> str:
        reader: Reader[Report] = Reader(cast("BinaryIO", popen.stdout), Report)  # type: ignore[arg-type]
        try:
            while (report := reader.read()) is not None:
                self._hear(self, report)
        except (msgspec.MsgspecError, FrameTooLong, UnicodeDecodeError, OSError) as error:
            return f"It said what was not understood: {error}"
        return ""

    def _write(self) -> None:
        stdin = cast("BinaryIO", cast("subprocess.Popen[bytes]", self._popen).stdin)
        while (order := self._outbox.get()) is not None:
            # The reading thread tells when it is dead; orders to it go nowhere.
            with contextlib.suppress(OSError):
                if isinstance(order, Loan):
                    order = cast("Lender", self._lender).frame(order)
                messages.write(stdin, order)


def _end(popen: subprocess.Popen[bytes], *, with_last_words: bool) -> None:
    if with_last_words and sys.platform != "win32":
        popen.send_signal(signal.SIGABRT)
    else:
        popen.kill()


def _tail(stderr: IO[bytes]) -> str:
    size = stderr.seek(0, os.SEEK_END)
    stderr.seek(max(0, size - STDERR_KEPT))
    return stderr.read().decode("utf-8", "backslashreplace").strip()


def _widen(pipe: BinaryIO) -> None:
    # 1 MiB instead of 64 KiB: a picture arrives in a few reads, each of which may have to
    # wait for the interpreter lock of a busy window.
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):  # the user's quota of pipe memory is used up
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, 1 << 20)


# Ctrl-C in a terminal reaches the process group of h5v, not the workers.
_APART: dict[str, Any] = (
    {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}  # type: ignore[attr-defined,unused-ignore]
    if sys.platform == "win32"
    else {"process_group": 0}
)

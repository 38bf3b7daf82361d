"""What became garbage in a thread is deleted by Qt's own thread: the window once stood still."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading, time
from PySide6.QtCore import QCoreApplication, QMetaObject, Qt
from h5viewer.__main__ import main

class Garbage:
    deleted_by = set()

    def __init__(self):
        self.circle = self

    def __del__(self):
        self.deleted_by.add(threading.current_thread().name)

def litter():
    while QCoreApplication.instance() is None:
        time.sleep(0.01)
    until = time.monotonic() + 30
    while not Garbage.deleted_by and time.monotonic() < until:
        for _ in range(2000):  # more than Python lets lie about
            Garbage()
        time.sleep(0.01)
    queued = Qt.ConnectionType.QueuedConnection
    QMetaObject.invokeMethod(QCoreApplication.instance(), "quit", queued)

thread = threading.Thread(target=litter, name="thread")
thread.start()
main([])
thread.join()
print(*Garbage.deleted_by)
"""


def test_garbage_of_threads_is_deleted_by_the_thread_of_the_window() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert ended.stdout.split() == ["MainThread"], ended.stderr

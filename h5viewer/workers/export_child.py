"""A worker that writes one file: as `child`, with a descriptor that was handed to it.

It lives for one request. It is confined as the others are, and can open nothing; the file
it writes is the scratch file of an export, which the program puts in place or throws away.
"""

from __future__ import annotations

import os
import sys
from functools import partial

from h5viewer.formats.scratch import Scratch
from h5viewer.workers import child
from h5viewer.workers.confinement import confine_export


def main(number: int) -> None:
    """The worker process: `h5viewer --worker export NUMBER` in a frozen program.

    Args:
        number: the descriptor of the scratch file; on Windows its handle.
    """
    orders, reports = child.prepare()
    child.be_nice()
    from h5viewer.formats.table import open_container
    from h5viewer.operations.export_table import EXPORTS
    from h5viewer.workers import preloading

    preloading.load()
    scratch = Scratch(descriptor(number))
    operations = {request: partial(row.write, scratch=scratch) for request, row in EXPORTS.items()}
    child.Server(operations, open_container, orders, reports, confine_export).run()


def descriptor(number: int) -> int:
    """The descriptor that was inherited; of Windows made of its handle."""
    if sys.platform != "win32":
        return number
    import msvcrt

    return msvcrt.open_osfhandle(number, os.O_RDWR | os.O_BINARY)

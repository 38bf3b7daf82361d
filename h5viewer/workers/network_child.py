"""A worker that predicts: as `child`, with Keras loaded and operations that ask networks."""

from __future__ import annotations

from h5viewer.errors import Failure, H5ViewerError
from h5viewer.workers import child, messages
from h5viewer.workers.confinement import confine_network
from h5viewer.workers.lending import Borrower


def main(number: str) -> None:
    """The worker process: `h5viewer --worker network [NUMBER]` in a frozen program.

    Args:
        number: of the descriptor through which files are lent.
    """
    borrower = Borrower(number)
    orders, reports = child.prepare()
    from h5viewer.network import backend

    try:
        backend.require()
        starting = messages.Starting(f"Starting {backend.TITLE}…")
        messages.write(reports, messages.frame(starting))
        backend.load()
    except H5ViewerError as error:
        messages.write(reports, messages.frame(messages.Refused(Failure.of(error))))
        return
    from h5viewer.formats.table import open_container
    from h5viewer.network.table import OPERATIONS
    from h5viewer.workers import preloading

    preloading.load()
    child.be_nice()  # not earlier: importing keeps one core busy, the window has another
    server = child.Server(
        OPERATIONS, open_container, orders, reports, confine_network, borrow=borrower.take
    )
    server.run()

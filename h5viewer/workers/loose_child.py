"""A worker that decodes the pictures in a file that stand each by itself.

It is `child`, or `export_child`, with decoders of pictures: of its own, so that workers that
read files start without them, and go on when a decoder does not survive a damaged picture.
"""

from __future__ import annotations

import warnings
from functools import partial

from h5viewer.formats.scratch import Scratch
from h5viewer.workers import child
from h5viewer.workers.confinement import confine, confine_export
from h5viewer.workers.export_child import descriptor


def main(number: str) -> None:
    """The worker process: `h5viewer --worker loose`, or `loose-export NUMBER`.

    Args:
        number: of the descriptor (on Windows the handle) of the file it writes; "": none.
    """
    orders, reports = child.prepare()
    child.be_nice()
    from h5viewer.formats.table import open_container
    from h5viewer.loose_pictures.table import EXPORTS, OPERATIONS
    from h5viewer.workers import preloading

    preloading.load()
    warnings.simplefilter("ignore")  # about odd metadata of pictures, of which nothing is used
    operations: child.Operations = OPERATIONS
    if number:
        scratch = Scratch(descriptor(int(number)))
        operations = {
            request: partial(write, scratch=scratch) for request, write in EXPORTS.items()
        }
    give_up = confine_export if number else confine
    child.Server(operations, open_container, orders, reports, give_up).run()

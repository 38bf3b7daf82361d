"""A worker that reads pictures beneath a folder, and perhaps makes a data set of them.

It opens files as it goes, so it is confined otherwise than those that hold their one file:
on Linux it may read beneath the folder it was given and nothing else.
"""

from __future__ import annotations

import warnings
from functools import partial

from h5viewer.formats.folder import Folder
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.workers import child
from h5viewer.workers.confinement import confine_folder
from h5viewer.workers.export_child import descriptor


def main(number: str) -> None:
    """The worker process: `h5viewer --worker pictures`, or `build NUMBER`.

    Args:
        number: of the descriptor (on Windows the handle) of the file it writes; "": none.
    """
    orders, reports = child.prepare()
    child.be_nice()
    from h5viewer.data_sets.decoders import Decoders
    from h5viewer.data_sets.table import EXPORTS, N_THREADS, OPERATIONS, open_folder
    from h5viewer.workers import preloading

    preloading.load()
    warnings.simplefilter("ignore")  # about odd metadata of pictures, of which nothing is used
    operations: child.Operations = OPERATIONS
    decoders = Decoders()
    if number:
        written = {"scratch": Scratch(descriptor(int(number))), "decoders": decoders}
        operations = {request: partial(row.write, **written) for request, row in EXPORTS.items()}
    folders: list[Folder] = []

    def opened(path: str) -> Source | Folder:
        if folders:
            return Source(path, is_member=True)  # the table
        folders.append(Folder(path))
        return folders[0]

    def confine(memory: int) -> None:
        readable = [folder.path for folder in folders]
        if number:
            confine_one = partial(confine_folder, memory, readable, n_readers=1)
            decoders.start(folders[0], N_THREADS, confine_one)
        confine_folder(memory, readable, n_readers=N_THREADS, writes=bool(number))

    child.Server(operations, open_folder, orders, reports, confine, open_source=opened).run()

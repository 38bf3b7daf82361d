"""Weights in several files with Keras' index: `m.weights.json`, `m_00000.weights.h5` and so on.

Source: keras/src/saving/saving_lib.py, ShardedH5IOStore.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from h5viewer.documents.keras_objects import Held, network
from h5viewer.documents.keras_objects.networks import every_object
from h5viewer.documents.new_network import NewNetwork
from h5viewer.errors import CannotWrite
from h5viewer.formats.hdf5_new import NewHdf5
from h5viewer.formats.scratch import Scratch, not_as_written
from h5viewer.names import visible
from h5viewer.operations import Operation
from h5viewer.operations.network_writing import Item, Writing, Written, items_of, write_arrays
from h5viewer.requests import ConvertNetwork, Progress
from h5viewer.requests.export import shard_name
from h5viewer.wording import bytes_text

MOST = 500
"""Files that an index may name: all are held open until the last of them is whole."""


def shards(new: NewNetwork, held: Held, request: ConvertNetwork) -> list[list[Item]]:
    """The arrays of each file, in Keras' order.

    Raises:
        CannotWrite: an array is larger than a file may be, or there would be too many files.
    """
    name, most = request.target, request.shard_size
    found: list[list[Item]] = [[]]
    room = most
    for item in items_of(new, held, "weights.h5", name):
        if item.n_bytes > most:
            raise CannotWrite(
                f"{name} was not saved: {visible(item.path, 100)} takes "
                f"{bytes_text(item.n_bytes)}, more than the {bytes_text(most)} of a file.",
                hint="Allow larger files.",
            )
        if item.n_bytes > room:
            found.append([])
            room = most
        room -= item.n_bytes
        found[-1].append(item)
    if len(found) > MOST:
        raise CannotWrite(
            f"{name} was not saved: it would need {len(found):,} files.", hint="Allow larger files."
        )
    return found


def write_shard(new: NewNetwork, request: ConvertNetwork, scratch: Scratch) -> Operation[Written]:
    """One of the files beside the index.

    Raises:
        CannotRead, CannotWrite: as `network_writing.write_network`.
    """
    held = network(new.config)
    items = shards(new, held, request)[request.part or 0]
    groups = {item.path.rpartition("/")[0] for item in items}

    def outline(file: NewHdf5) -> Iterator[None]:
        for place, each in every_object(held):
            way = f"{place}/vars".lstrip("/")
            if way in groups:
                file.group(way)
                file.text(way, "name", each.name)
            yield

    scratch.truncate(0)
    work = Writing(request.target, sum(item.n_bytes for item in items))
    yield from write_arrays(items, outline, scratch, work)
    return Written(len(items))


def write_index(
    new: NewNetwork, request: ConvertNetwork, scratch: Scratch
) -> Operation[tuple[Written, int]]:
    """Which object's variables are in which file; gives also how many files there are.

    Raises:
        CannotWrite: as `shards`, or the disk refuses.
    """
    yield Progress(done=0, unit="files")
    found = shards(new, network(new.config), request)
    places: dict[str, list[str]] = {}
    for number, items in enumerate(found):
        file = shard_name(request.target, number)
        for item in items:
            files = places.setdefault("/" + item.path.rpartition("/")[0], [])
            if file not in files:
                files.append(file)
    index = {
        "metadata": {"total_size": sum(item.n_bytes for items in found for item in items)},
        "weight_map": {
            place: files[0] if len(files) == 1 else files for place, files in places.items()
        },
    }
    data = json.dumps(index, indent=4).encode()
    scratch.truncate(0)
    scratch.seek(0)
    scratch.write(data)
    scratch.check(request.target)
    scratch.seek(0)
    if scratch.read() != data:
        raise not_as_written(request.target)
    return Written(0), len(found)

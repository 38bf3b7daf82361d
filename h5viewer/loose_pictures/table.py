"""Which operation answers which request about loose pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5viewer import requests
from h5viewer.loose_pictures.one import read_one_loose
from h5viewer.loose_pictures.saving import save_loose
from h5viewer.loose_pictures.thumbnails import read_loose_thumbnails
from h5viewer.operations import Operation

OPERATIONS: dict[type, Callable[..., Operation[Any]]] = {
    requests.ReadThumbnails: read_loose_thumbnails,
    requests.ReadOnePicture: read_one_loose,
}

EXPORTS: dict[type, Callable[..., Operation[Any]]] = {requests.SavePictures: save_loose}

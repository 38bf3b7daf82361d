"""Which operation writes what: each takes its request, the document and the scratch file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5viewer import requests
from h5viewer.operations import Operation
from h5viewer.operations.strip import strip_file

EXPORTS: dict[type, Callable[..., Operation[Any]]] = {
    requests.StripFile: strip_file,
}

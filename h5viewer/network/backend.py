"""Which framework Keras computes with: the one place that says so, and that starts it."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import MutableMapping
from importlib import import_module
from importlib.util import find_spec

from h5viewer.errors import CannotRead, NotInstalled
from h5viewer.wording import how_to_install

NAME = "tensorflow"
"""As Keras calls it; also the module."""

TITLE = "TensorFlow"

_PACKAGE = '"h5viewer[predict]"'


def require() -> None:
    """Look whether it is installed, without loading it.

    Raises:
        NotInstalled: the hint says how to get it.
    """
    for module in (NAME, "keras"):
        if find_spec(module) is None:
            raise NotInstalled(
                f"To run a network h5viewer needs {TITLE}, which is not installed.",
                hint=how_to_install(_PACKAGE),
                details=f"No module named {module}",
            )


_seconds = [0.0]


def import_seconds() -> float:
    """How long `load` took."""
    return _seconds[0]


def load() -> None:
    """Import Keras with it: seconds, and half a gigabyte.

    Raises:
        CannotRead: it is installed, but does not load on this computer.
    """
    _set_environment(os.environ)
    started = time.monotonic()
    gc.disable()  # looking for circles among a million new objects took 0.6 s of 3.5 s
    try:
        import_module("keras")
    except (ImportError, OSError) as error:
        raise CannotRead(
            f"{TITLE} is installed, but cannot be loaded on this computer.",
            hint=f"Install it again with: pip install {_PACKAGE}",
            details=str(error),
        ) from error
    finally:
        gc.enable()
    gc.freeze()  # and they stay
    _seconds[0] = time.monotonic() - started


def _set_environment(environment: MutableMapping[str, str]) -> None:
    environment.update(
        KERAS_BACKEND=NAME,
        # Keras writes its settings where it finds none and obeys those it finds, which were
        # made for other networks: here is no such place.
        KERAS_HOME=os.path.join(os.devnull, "keras"),  # noqa: PTH118 - no path of ours
        TF_CPP_MIN_LOG_LEVEL="3",
        # a worker that holds a file has no right to open a graphics card
        CUDA_VISIBLE_DEVICES="-1",
        # 16 ms instead of 39 ms for a picture through a MobileNet on two cores
        TF_ENABLE_ONEDNN_OPTS="1",
    )

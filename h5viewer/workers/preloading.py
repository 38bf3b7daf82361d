"""What a confined worker may need and could not load any more.

Modules and codecs that Python, numpy and zipfile load when they are first used.
"""

from __future__ import annotations

import codecs
import gc
from importlib import import_module

_MODULES = (
    "numpy.linalg", "numpy.ma", "numpy.random", "numpy.strings", "isal.isal_zlib", "zlib",
    "bz2", "lzma", "_strptime", "concurrent.futures.thread", "json", "marshal", "linecache",
    "unicodedata",
)  # fmt: skip

_CODECS = (
    "ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32",
    "cp437", "raw_unicode_escape", "unicode_escape",
)  # fmt: skip


def load() -> None:
    """Load them all, after every other module: from now on what is new is collected as garbage."""
    for name in _MODULES:
        import_module(name)
    for name in _CODECS:
        codecs.lookup(name)
    gc.freeze()
    gc.enable()

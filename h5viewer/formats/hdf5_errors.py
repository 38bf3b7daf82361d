"""What h5py really raises, in words for the user."""

from __future__ import annotations

from h5viewer.errors import CannotRead, TooLarge

# h5py turns HDF5's error numbers into these (h5py/_errors.pyx); NotImplementedError is a
# RuntimeError, UnicodeDecodeError a ValueError.
HDF5_ERRORS = (OSError, RuntimeError, KeyError, ValueError, TypeError, OverflowError)

_BEYOND = "past end of allocation"  # of an address: nothing was to be allocated


def reason(error: BaseException) -> str:
    """HDF5's own words, without Python's quotes around them."""
    text = str(error.args[0]) if error.args else type(error).__name__
    return text.strip("'\"") or type(error).__name__


def is_out_of_memory(error: BaseException) -> bool:
    """True when HDF5 or Python met the memory limit."""
    words = reason(error).lower().replace(_BEYOND, "")
    return isinstance(error, MemoryError) or "memory allocation" in words or "alloc" in words


def cannot_read(what: str, error: BaseException) -> CannotRead:
    """The error to raise: `what` is the start of a sentence ("The attribute x")."""
    if is_out_of_memory(error):
        return TooLarge(f"{what} needs more memory than reading it is worth.")
    return CannotRead(f"{what} is damaged and cannot be read.", details=reason(error))

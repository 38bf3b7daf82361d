"""HDF5's words, told apart."""

from __future__ import annotations

import pytest

from h5viewer.errors import TooLarge
from h5viewer.formats.hdf5_errors import cannot_read


@pytest.mark.parametrize(
    ("words", "is_too_large"),
    [
        ("Unable to synchronously open object (address of object past end of allocation)", False),
        ("Unable to synchronously open object (memory allocation failed)", True),
        ("Can't synchronously read data (unable to allocate chunk)", True),
    ],
)
def test_an_address_beyond_the_file_is_damage_and_takes_no_memory(
    words: str, *, is_too_large: bool
) -> None:
    error = cannot_read("/dense", OSError(words))
    assert isinstance(error, TooLarge) == is_too_large
    assert ("is damaged" in str(error)) != is_too_large

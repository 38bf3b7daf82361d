"""Configurations are read within limits of memory, and the rest of the file all the same."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from decoding import decoded, layer_entry, sequential, write_legacy

from h5viewer.documents import config_text


@pytest.mark.skipif(sys.platform != "linux", reason="memory is only bounded like this on Linux")
@pytest.mark.parametrize("most_memory", [64, 220])  # HDF5 meets the limit, or Python
@pytest.mark.parametrize("attribute", ["model_config", "training_config"])
def test_a_configuration_that_takes_much_memory_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attribute: str, most_memory: int
) -> None:
    """HDF5 takes five times a long text to read it, and is ready for the next read."""
    path = write_legacy(
        tmp_path / "m.h5",
        sequential(layer_entry("Dense", "d", units=2)),
        {"d": {"d/kernel:0": (3, 2)}},
        more=lambda file: file.attrs.__setitem__(attribute, "x" * (40 << 20)),
    )
    monkeypatch.setattr(config_text, "_MOST_MEMORY", most_memory << 20)
    file = decoded(path)
    (problem,) = file.architecture.problems
    assert (problem.where, "too large to be read: more than" in problem.message) == (
        attribute,
        True,
    )
    assert file.architecture.parameters.total == 6

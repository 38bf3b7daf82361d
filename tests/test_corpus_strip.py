"""Stripping real files: everything but the optimizer's state is as it was.

That they predict alike is shown by `stripped_corpus`, which takes minutes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from stripped_corpus import SUFFIXES, structure_differences

from h5viewer.errors import CannotOpen, CannotRead, H5ViewerError
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.operations.strip import strip_file
from h5viewer.requests import StripFile

_LARGEST = 120_000  # bytes: the suite has to be quick


def strip(path: Path, target: Path) -> bool:
    """False: there is nothing to leave out."""
    fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        with Source(str(path)) as source:
            container = open_container(source)
            try:
                request = StripFile(document=str(path), target=target.name)
                for _ in strip_file(request, container, Scratch(fd)):
                    pass
            finally:
                container.close()
    except CannotOpen:  # a web page, a pointer to a file elsewhere
        return False
    except CannotRead as error:
        if "no optimizer state" not in error.message:
            raise
        return False
    finally:
        os.close(fd)
    return True


def test_real_files_keep_everything_but_the_optimizer(corpus: Path, tmp_path: Path) -> None:
    n_stripped = 0
    for path in sorted(corpus.glob("keras*/*")):
        if path.suffix not in SUFFIXES or path.stat().st_size > _LARGEST:
            continue
        target = tmp_path / f"new {path.name}"
        try:
            is_stripped = strip(path, target)
        except H5ViewerError as error:
            pytest.fail(f"{path.name}: {error}")
        if is_stripped:
            n_stripped += 1
            assert structure_differences(path, target) == [], path.name
            assert target.stat().st_size < path.stat().st_size
    assert n_stripped >= 5

"""What is odd about single nodes is found and said, without touching another file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Listed
from h5viewer.operations.survey import survey_nodes
from h5viewer.requests import SurveyNodes


def survey(path: Path, **options: int) -> Listed:
    with Source(str(path)) as source, closing(open_container(source)) as container:
        steps = survey_nodes(SurveyNodes(document=str(path), **options), container)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value


def _virtual(file: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "there", (4,))
    file.create_virtual_dataset("odd", layout)


def _many_attributes(file: h5py.File) -> None:
    group = file.create_group("odd")
    for number in range(10_000):
        group.attrs.create(f"a{number}", 0, dtype="i1")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda file: file.__setitem__("odd", h5py.ExternalLink("other.h5", "/x")),
         "An external link to /x in other.h5; that file is not opened."),
        (lambda file: file.__setitem__("odd", h5py.SoftLink("/odd")), "A broken link: /odd"),
        (lambda file: file.create_dataset("odd", (4,), "f4", external=[("raw.bin", 0, 16)]),
         "in another file (raw.bin)"),
        (_virtual, "A virtual dataset: it maps data of other files (other.h5 : there)"),
        (lambda file: file.create_dataset("odd", (10**15,), "f4", chunks=(1000,)),
         "It declares 4.00 PB and stores 0 bytes."),
        (lambda file: file.create_dataset("odd", (9, 1 << 30), "u1", chunks=(1, 1 << 30),
                                          compression=1),
         "One chunk holds 1.07 GB when decompressed."),
        (_many_attributes, "It has 10,000 attributes."),
    ],
)  # fmt: skip
def test_odd_nodes_are_named(
    tmp_path: Path, make: Callable[[h5py.File], object], words: str
) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file["group/good"] = np.arange(10)
        file["soft"] = h5py.SoftLink("/group/good")
        make(file)
    (problem,) = survey(path).problems
    assert problem.where == "/odd"
    assert words in problem.message


def test_it_ends_after_the_nodes_asked_for(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(300):
            file[f"l{number}"] = h5py.SoftLink("/nowhere")
    few = survey(tmp_path / "a.h5", most_nodes=10)
    assert (few.count, few.truncated, len(few.problems)) == (10, True, 10)
    many = survey(tmp_path / "a.h5")
    assert (many.truncated, len(many.problems)) == (True, 200)

"""`python -m tests.network.convert_sweep [FILE…]`: convert whole models, compare what they answer.

Without files: those of the corpus beside the repository. Each network is read without Keras and
written as `.h5`, `.keras` and `.weights.h5`. Plain Keras opens the first two, and a network
built of the configuration alone takes the third. The columns say how far their answers to
seeded random numbers are from those of the program's own loader, by the largest answer; what
that one is worth says `tests.network.sweep`. Files whose layers Keras does not know are counted,
not opened.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent))

from asking_networks import answered, whole_model
from sweep import CORPUS, answers_of, models

from h5viewer.documents.new_network import NewNetwork
from h5viewer.errors import H5ViewerError
from h5viewer.formats.scratch import Scratch
from h5viewer.network.loader import load
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.operations.network_reading import read_network
from h5viewer.operations.network_writing import Kind, write_network
from h5viewer.requests import Consent

KINDS: tuple[Kind, ...] = ("h5", "keras", "weights.h5")
CLOSE = 1e-5


@dataclass
class Row:
    """What became of one file."""

    file: str
    outcome: str = ""
    n_weights: int = 0
    differences: dict[str, float | str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Every form answers alike."""
        found = self.differences.values()
        return bool(found) and all(isinstance(each, float) and each <= CLOSE for each in found)

    def __str__(self) -> str:
        shown = [f"{each:9.1e}" if isinstance(each, float) else each[:200]
                 for each in self.differences.values()]  # fmt: skip
        cells = f"{self.file[:58]:58} {self.n_weights:4}"
        return " ".join([cells, *shown, self.outcome, *self.notes])


def converted(path: Path, folder: Path) -> Row | None:
    """Convert and compare; None: no whole model."""
    row = Row(path.name)
    with whole_model(path) as container:
        if container is None:
            return None
        try:
            new, _, _ = answered(read_network(container))
        except H5ViewerError as error:
            row.outcome = f"not read: {error.message}"
            return row
        row.n_weights, row.notes = new.n_weights, new.notes
        targets = {kind: folder / f"converted.{kind}" for kind in KINDS}
        for kind, target in targets.items():
            try:
                written(new, target, kind)
            except H5ViewerError as error:
                row.differences[kind] = error.message
        try:
            network, _, _ = answered(load(container, Consent()))
        except H5ViewerError as error:
            row.outcome = f"not loaded: {error.message}"
            return row
        _compare(row, network.model, targets)
    return row


def written(new: NewNetwork, target: Path, kind: Kind) -> None:
    """Write one form."""
    fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        answered(write_network(new, Scratch(fd), kind, target.name))
    finally:
        os.close(fd)


def _compare(row: Row, model: Any, targets: dict[Kind, Path]) -> None:
    import keras

    samples = random_batches(model)
    expected = answers_of(model, samples)
    again = None
    for kind, target in targets.items():
        if kind in row.differences:
            continue
        try:
            if kind == "weights.h5":
                again = blank(again)
                again.load_weights(target)
            else:
                again = keras.saving.load_model(target, compile=False, safe_mode=True)
            row.differences[kind] = largest_difference(answers_of(again, samples), expected)
        except Exception as error:  # noqa: BLE001 - the table says what it was
            row.differences[kind] = f"[{kind}: {str(error).strip().splitlines()[0]}]"


def blank(model: Any) -> Any:
    """The model with other weights."""
    for variable in model.weights:
        variable.assign(variable * 0)
    return model


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files or list(models(CORPUS))
    rows = []
    for path in files:
        with tempfile.TemporaryDirectory() as folder:
            row = converted(path, Path(folder))
        if row is not None:
            rows.append(row)
            print(row, flush=True)
        gc.collect()
    print(f"{sum(row.holds for row in rows)} of {len(rows)} answer alike in every form")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

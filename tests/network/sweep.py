"""`python -m tests.network.sweep [FILE…]`: load whole models, compare what they answer.

Without files: those of the corpus beside the repository. Each network is loaded as the
program does and asked about seeded random numbers; plain Keras is asked the same where it
opens the file, else tf_keras where that is installed. Files with Python code are not given
to either. The last column is the largest difference by the largest answer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.document import describe, find_places
from h5viewer.errors import H5ViewerError
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.network.loader import Network, load
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.requests import Consent

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


@dataclass
class Row:
    """What became of one file."""

    file: str
    writer: str
    outcome: str = ""
    reference: str = "-"
    difference: float | None = None
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    expected: tuple[tuple[float, ...], ...] = ()  # the first numbers of each output, by reference

    @property
    def agrees(self) -> bool:
        return self.difference is not None and self.difference <= 1e-4

    def __str__(self) -> str:
        shown = "" if self.difference is None else f"{self.difference:.1e}"
        cells = f"{self.file[:58]:58} {self.writer:10} {self.reference:9} {shown:8}"
        return " ".join([cells, f"{self.seconds:5.1f}s", self.outcome, *self.warnings])


def models(folder: Path) -> Iterator[Path]:
    """Files that may hold a whole model, small ones first."""
    found = [*(folder / "keras_h5").iterdir(), *(folder / "keras_v3").iterdir()]
    yield from sorted(found, key=lambda path: path.stat().st_size)


def swept(path: Path, *, with_tf_keras: bool = True) -> Row | None:
    """Load, predict, compare; None: no whole model."""
    with Source(str(path)) as source:
        try:
            container = open_container(source)
        except H5ViewerError:
            return None
        document = describe(container)
        row = Row(path.name, str(document.keras_version or "1"))
        if document.format not in ("keras-h5", "keras-archive"):
            return None
        try:
            network = finished(load(container, Consent()))
        except H5ViewerError as error:
            row.outcome = f"{error.message} {error.details.splitlines()[:1]}"
            return row
        row.seconds, row.warnings = network.seconds, network.warnings
        row.outcome = "loaded"
        samples = random_batches(network.model)
        try:
            answers = answers_of(network.model, samples)
        except Exception as error:  # noqa: BLE001 - the table says what it was
            row.outcome = f"does not predict: {error}"[:300]
            return row
        config = json.dumps(parsed_config(container, find_places(container), []))
    _compare(row, path, config, network, samples, answers, with_tf_keras=with_tf_keras)
    return row


def _compare(
    row: Row,
    path: Path,
    config: str,
    network: Network,
    samples: list[Any],
    answers: list[Any],
    *,
    with_tf_keras: bool,
) -> None:
    has_code = '"Lambda"' in config or "__lambda__" in config
    if has_code or any(finding.needs for finding in network.findings):
        return  # both would run its code
    for name, ask in (("keras", by_keras), ("tf_keras", by_tf_keras)):
        if name == "tf_keras" and not with_tf_keras:
            return
        try:
            expected = ask(path, samples)
        except Exception as error:  # noqa: BLE001
            row.outcome += (
                f" [{name}: {str(error).strip().splitlines()[0][:90]}]" if error.args else ""
            )
            continue
        row.reference = name
        row.expected = tuple(first_numbers(each) for each in expected)
        row.difference = largest_difference(answers, expected)
        return


def first_numbers(answer: Any) -> tuple[float, ...]:
    """Enough of an output to know it again."""
    return tuple(float(f"{value:.7g}") for value in np.asarray(answer).ravel()[:8])


def answers_of(model: Any, samples: list[Any]) -> list[Any]:
    """The outputs in order, as arrays."""
    import keras

    given = samples[0] if len(samples) == 1 else samples
    return [np.asarray(each) for each in keras.tree.flatten(model(given, training=False))]


def by_keras(path: Path, samples: list[Any]) -> list[Any]:
    """What plain Keras answers, in safe mode."""
    import keras

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = keras.saving.load_model(str(path), compile=False, safe_mode=True)
        return answers_of(model, samples)


def by_tf_keras(path: Path, samples: list[Any]) -> list[Any]:
    """What Keras 2 answers, where it is installed."""
    import tensorflow as tf
    import tf_keras

    tf_keras.utils.disable_interactive_logging()
    model = tf_keras.models.load_model(str(path), compile=False)
    given = samples[0] if len(samples) == 1 else samples
    return [np.asarray(each) for each in tf.nest.flatten(model(given, training=False))]


def finished(work: Any) -> Any:
    """The result of a generator."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


def main() -> int:
    """Print the table; 1 when a network does not agree."""
    parser = argparse.ArgumentParser(prog="python -m tests.network.sweep", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument(
        "--answers", type=Path, help="write what the references answered: corpus_answers.json"
    )
    chosen = parser.parse_args()
    paths = chosen.files or list(models(CORPUS))
    n_loaded = n_agreeing = n_all = 0
    known = {}
    for path in paths:
        started = time.monotonic()
        row = swept(path)
        if row is None:
            continue
        print(row, f"({time.monotonic() - started:.1f}s)", flush=True)
        if row.expected:
            known[row.file] = {"by": row.reference, "outputs": row.expected}
        n_all += 1
        n_loaded += row.outcome.startswith("loaded")
        n_agreeing += row.agrees
    print(f"{n_all} models, {n_loaded} loaded, {n_agreeing} agree with a reference")
    if chosen.answers:
        lines = [f"{json.dumps(name)}: {json.dumps(known[name])}" for name in sorted(known)]
        chosen.answers.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    return int(n_agreeing < n_all)


if __name__ == "__main__":
    sys.exit(main())

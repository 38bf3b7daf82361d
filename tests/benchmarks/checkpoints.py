"""Opening checkpoints to their tree, beside TensorFlow's own reader.

1 GB of a trained network, and a hundred thousand variables; both written by TensorFlow. Ours: a
file that is opened in the window, by a worker that waits, until its first names are there; and
all of `h5v tree`. TensorFlow's: `tf.train.load_checkpoint` with the names and shapes of all
variables, without and with its import. They take turns, and the middle of five counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from tests.benchmarks.rows import Row

_TURNS = 5
_SPARE = 4.0  # seconds after which the waiting worker has imported everything
_OPEN = 0.5  # seconds to the tree of 1 GB
_SIDE, _N_LAYERS = 645, 200  # weights of 1.66 MB with two slots each: 1 GB
_MANY = 100_000


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Time to the tree beside TensorFlow's, without its import and with it."""
    if find_spec("tensorflow") is None:
        print("(checkpoints: TensorFlow is not installed)", file=sys.stderr)
        return
    large, many = files(folder, scale)
    for index, title, limit in (
        (large, f"{_size(large) / 1e9:.2g} GB", _OPEN),
        (many, f"{int(_MANY * scale):,} variables", None),
    ):
        read = json.loads(_run("-m", "tests.benchmarks.checkpoints", "read", str(index)))
        waited = list(_waits(index))
        yield Row(f"{title}: opened to the tree", median(waited), limit=limit)
        yield Row(f"{title}: ... / TensorFlow's reader", median(waited), median(read))
        words = ("-m", "h5viewer.cli", "tree", "--depth", "1", str(index))
        ours = median(_timed(lambda words=words: _run(*words)) for _ in range(3))  # type: ignore[misc]
        code = f"import tensorflow as tf; {_READ.format(str(index)[: -len('.index')])}"
        floor = median(_timed(lambda code=code: _run("-c", code)) for _ in range(3))  # type: ignore[misc]
        yield Row(f"{title}: h5v tree / TensorFlow with import", ours, floor)


_READ = "tf.train.load_checkpoint({!r}).get_variable_to_shape_map()"


def files(folder: Path, scale: float) -> tuple[Path, Path]:
    """The indexes of both checkpoints."""
    large, many = (folder / f"{name}-{scale:g}.ckpt.index" for name in ("large", "many"))
    if not (large.exists() and many.exists()):
        print("(writing checkpoints)", file=sys.stderr)
        _run("-m", "tests.benchmarks.checkpoints", "write", str(large), str(many), str(scale))
    return large, many


def _waits(index: Path) -> Iterator[float]:
    """Seconds from opening to the first names, as the window asks for them."""
    from h5viewer.requests import ListChildren, OpenDocument
    from h5viewer.workers.pool import Pool, ask

    for _ in range(_TURNS):
        pool = Pool()
        try:
            pool.warm()
            time.sleep(_SPARE)
            began = time.perf_counter()
            ask(pool, OpenDocument(document=str(index)))
            ask(pool, ListChildren(document=str(index)))
            yield time.perf_counter() - began
        finally:
            pool.close()


def _size(index: Path) -> int:
    prefix = index.name.removesuffix(".index")
    return sum(each.stat().st_size for each in index.parent.glob(f"{prefix}.*"))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _run(*words: str) -> str:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, *words], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout


# ------------------------------------------------------- in a process of its own


def _write(large: str, many: str, scale: float) -> None:
    import tensorflow as tf

    n_layers, n_many = max(2, int(_N_LAYERS * scale)), max(100, int(_MANY * scale))
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        one = tf.random.normal((_SIDE, _SIDE))
        names = [
            f"layer_{at}/kernel{slot}"
            for at in range(n_layers)
            for slot in ("", "/Adam", "/Adam_1")
        ]
        prefix = large.removesuffix(".index")
        session.run(tf.raw_ops.SaveV2(**_asked(prefix, names, [one] * len(names))))
        number = tf.constant(1.0)
        names = [f"block_{at // 100}/weight_{at % 100}" for at in range(n_many)]
        prefix = many.removesuffix(".index")
        session.run(tf.raw_ops.SaveV2(**_asked(prefix, names, [number] * n_many)))


def _asked(prefix: str, names: list[str], tensors: list[object]) -> dict[str, object]:
    no_slices = [""] * len(names)
    return {
        "prefix": prefix, "tensor_names": names, "shape_and_slices": no_slices, "tensors": tensors
    }  # fmt: skip


def _read(index: str) -> None:
    import tensorflow as tf

    def read() -> None:
        tf.train.load_checkpoint(index.removesuffix(".index")).get_variable_to_shape_map()

    print(json.dumps([_timed(read) for _ in range(_TURNS)]))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        _write(sys.argv[2], sys.argv[3], float(sys.argv[4]))
    else:
        _read(sys.argv[2])

"""Checkpoints that TensorFlow writes are read as TensorFlow reads them.

`tensorflow_checkpoints` writes them and says what is in them, once, in a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from h5viewer.documents.checkpoint_network import read_checkpoint
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_graph import read_operations
from h5viewer.formats.tf_table import MAGIC
from h5viewer.names import path_text
from h5viewer.nodes import Dataset, Group

pytestmark = pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")

Opener = Callable[[Path], Container]
SCRIPT = Path(__file__).parents[1] / "tensorflow_checkpoints.py"
CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "tf_ckpt"
WRITTEN = {"objects", "slots", "v1", "v1_sharded", "v2", "v2_sharded", "types", "many"}


class Expected:
    """What TensorFlow says: of each prefix the shape, type and values by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with np.load(folder / "expected.npz") as file:
            self.arrays = {name: file[name] for name in file.files}
        self.stated = json.loads(str(self.arrays.pop("stated")))
        self.graphs = json.loads(str(self.arrays.pop("graphs")))


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Expected:
    folder = tmp_path_factory.mktemp("written")
    given = [
        str(path).removesuffix(".index")
        for path in CORPUS.rglob("*")
        if path.is_file() and path.read_bytes().endswith(MAGIC)
    ]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(folder), *given],
        capture_output=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return Expected(folder)


def _container(opened: Opener, path: str | Path) -> CheckpointContainer:
    container = opened(Path(path))
    assert isinstance(container, CheckpointContainer)
    return container


def test_every_value_is_the_one_that_tensorflow_reads(opened: Opener, expected: Expected) -> None:
    """Names, shapes and types too, of all kinds and of every checkpoint of the corpus."""
    written = [Path(prefix) for prefix in expected.stated]
    written = [path for path in written if path.is_relative_to(expected.folder)]
    kinds = {path.relative_to(expected.folder).parts[0].partition(".")[0] for path in written}
    assert kinds == WRITTEN
    assert len(expected.stated) - len(written) == (11 if CORPUS.is_dir() else 0)
    n_compared = 0
    for prefix, stated in expected.stated.items():
        container = _container(opened, prefix)
        assert container.problems == ()
        assert set(container.keys) == {name.encode() for name in stated}, prefix
        for name, (shape, dtype, values) in stated.items():
            node = container.describe((name.encode(),))
            assert isinstance(node, Dataset)
            text = "string (variable length)" if dtype == "string" else dtype
            assert (list(node.shape or ()), node.dtype.text) == (shape, text), name
            if values is None:  # of a hundred thousand only some are compared
                continue
            found = container.array(node.path).read(whole(node.shape or ()))
            if isinstance(values, list):
                assert [item.hex() for item in found.ravel().tolist()] == values
            else:
                wanted = expected.arrays[values]
                assert found.astype(wanted.dtype).tobytes() == wanted.tobytes(), name
            n_compared += 1
    assert n_compared > 1000


def test_a_hundred_thousand_variables_of_ten_shards_are_a_tree(
    opened: Opener, expected: Expected
) -> None:
    container = _container(opened, expected.folder / "many.ckpt")
    assert len(container.source.companions) == 10
    assert container.describe(()) == Group(path=(), n_children=1000)
    listed = [name for names in container.child_names((b"block_7", b"layer_3")) for name in names]
    assert listed == [b"weight_%d" % number for number in range(730, 740)]
    walked = [path for batch in container.walk_names() for path in batch]
    assert len(walked) == 100_000 + 1000 + 10_000
    last = container.array((b"block_999", b"layer_9", b"weight_99999"))
    assert last.read(()).tolist() == 9.0


def test_the_tree_is_that_of_objects_with_slots_beside_their_variables(
    opened: Opener, expected: Expected
) -> None:
    container = _container(opened, expected.folder / "slots")
    paths = [path_text(path) for path, node in container.walk() if isinstance(node, Dataset)]
    assert paths == [
        "/_CHECKPOINTABLE_OBJECT_GRAPH",
        "/module/again/weight",
        "/module/blocks/0/weight",
        "/module/blocks/0/weight/m",
        "/module/blocks/0/weight/v",
        "/module/kernel",
        "/module/kernel/m",
        "/module/kernel/v",
        "/module/words",
        "/optimizer/beta1_power",
        "/optimizer/beta2_power",
    ]
    told = container.attributes((b"module", b"again", b"weight"), 0, 10).attributes
    assert {each.name: each.text for each in told} == {
        b"full name": "weight1",
        b"key": "module/again/weight/.ATTRIBUTES/VARIABLE_VALUE",
        b"also reached as": "module/blocks/1/weight",
    }
    told = container.attributes((b"module", b"kernel/m"), 0, 10).attributes
    assert {each.name: each.text for each in told}[b"kept for"] == "module/kernel"


def test_weights_of_keras_3_are_not_taken_for_its_optimizers(
    opened: Opener, expected: Expected
) -> None:
    """Their keys begin with "optimizer/_trainable_variables"."""
    container = _container(opened, expected.folder / "objects")
    network = read_checkpoint(container)
    weights = {layer.name: [each.name for each in layer.weights] for layer in network.layers}
    assert weights == {
        "sequential/first": ["kernel", "bias"],
        "sequential/second": ["kernel", "bias"],
    }
    state = network.optimizer
    assert state is not None
    assert state.optimizer == "adam"
    kept = [(slot.kind, path_text(slot.weight or ())) for slot in state.slots]
    kernel = "/model/_functional/_operations/1/_kernel"
    assert kept[:2] == [("momentum", kernel), ("velocity", kernel)]
    assert len(kept) == 8
    own = [slot.kind for slot in state.own]
    assert sorted(own) == ["iterations", "learning_rate", "other", "other"]


def test_graphs_have_the_operations_that_tensorflow_reads(expected: Expected) -> None:
    assert len(expected.graphs) == 4 + (5 if CORPUS.is_dir() else 0)
    for path, stated in expected.graphs.items():
        with Source(path, is_member=True) as source:
            found = read_operations(source)
        assert [(each.name, each.kind) for each in found] == [(name, op) for name, op, _ in stated]
        for each, (_, _, inputs) in zip(found, stated, strict=True):
            taken = [f"{name}:{at}" if at else name for name, at in each.inputs]
            assert taken == [name.removesuffix(":0") for name in inputs if name[0] != "^"]


def test_the_folder_and_the_state_file_open_the_latest(opened: Opener, expected: Expected) -> None:
    for named in ("objects", "objects/checkpoint"):
        source = opened(expected.folder / named).source
        assert Path(source.path).name == "ckpt-3.index"
        assert source.state is not None
        assert source.state.kept == ("ckpt-2", "ckpt-3")

"""Checkpoints of all kinds by TensorFlow itself, with the values that it reads back.

Run as a program, in a process of its own: `python tensorflow_checkpoints.py FOLDER [MORE...]`.
Into FOLDER go the checkpoints, and `expected.npz` with what `tf.train.load_checkpoint` says of
these and of MORE (prefixes).
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
import tensorflow as tf

N_MANY = 100_000
KINDS = ("float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8",
         "uint16", "uint32", "uint64", "bool", "complex64", "complex128")  # fmt: skip


def write_all(folder: Path) -> list[str]:
    """Prefixes of what was written."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    two = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, two)
    tf.keras.utils.set_random_seed(7)
    return [
        *_objects(folder),
        *_slots(folder),
        *_by_names(folder),
        _all_types(folder),
        _many(folder),
    ]


def _objects(folder: Path) -> list[str]:
    """A Keras network with its optimizer, by a manager that keeps two of three."""
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, name="first"), layers.Dense(2, name="second")]
    )
    model.compile(tf.keras.optimizers.Adam(0.01), "mse")
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer, step=tf.Variable(0))
    manager = tf.train.CheckpointManager(checkpoint, str(folder / "objects"), max_to_keep=2)
    for step in (1, 2, 3):
        model.fit(np.ones((2, 4)), np.ones((2, 2)), verbose=0)
        checkpoint.step.assign(step)
        manager.save(step)
    return list(manager.checkpoints)


class _Counts(tf.Module):
    """Objects that hold one another, and lists of objects."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = tf.Variable(tf.random.normal((3, 2)), name="kernel_of_mine")
        self.blocks = [tf.Module(), tf.Module()]
        for i, block in enumerate(self.blocks):
            block.weight = tf.Variable(tf.fill((2,), float(i)), name=f"weight{i}")
        self.again = self.blocks[1]
        self.words = tf.Variable(["one", "", "größe"])


def _slots(folder: Path) -> list[str]:
    module = _Counts()
    optimizer = tf.compat.v1.train.AdamOptimizer(0.1)
    trained = [module.kernel, module.blocks[0].weight]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(module.kernel**2) + tf.reduce_sum(module.blocks[0].weight ** 2)
    optimizer.apply_gradients(zip(tape.gradient(loss, trained), trained, strict=True))
    checkpoint = tf.train.Checkpoint(module=module, optimizer=optimizer)
    return [checkpoint.write(str(folder / "slots" / "ckpt"))]


def _by_names(folder: Path) -> list[str]:
    """As TensorFlow 1 did: a graph, its variables by name, in both formats, also in shards."""
    v1 = tf.compat.v1
    prefixes = []
    with tf.Graph().as_default():
        with v1.variable_scope("conv"):
            kernel = v1.get_variable("kernel", (3, 3, 1, 4), use_resource=False)
        with tf.device("/cpu:1"):
            parted = v1.get_variable(
                "parted", (10, 6), partitioner=v1.fixed_size_partitioner(3), use_resource=False
            )
        step = v1.get_variable("step", (), tf.int64, v1.ones_initializer(), use_resource=False)
        image = v1.placeholder(tf.float32, (None, 8, 8, 1), name="image")
        with v1.name_scope("net"):
            out = tf.nn.relu(tf.nn.conv2d(image, kernel, 1, "SAME"), name="out")
        loss = tf.reduce_sum(out) + tf.reduce_sum(parted)
        train = v1.train.MomentumOptimizer(0.1, 0.9).minimize(loss)
        savers = {
            f"{kind}{shards}": v1.train.Saver(write_version=version, sharded=bool(shards))
            for kind, version in (("v1", v1.train.SaverDef.V1), ("v2", v1.train.SaverDef.V2))
            for shards in ("", "_sharded")
        }
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            session.run(train, {image: np.ones((1, 8, 8, 1))})
            for name, saver in savers.items():
                (folder / name).mkdir(parents=True)
                prefixes.append(saver.save(session, str(folder / name / "model.ckpt"), step))
    return prefixes


def _all_types(folder: Path) -> str:
    rng = np.random.default_rng(3)
    names, tensors = [], []
    for kind in KINDS:
        values = tf.constant(rng.integers(0, 100, (2, 3)).astype("float32"))
        names.append(f"types/{kind}")
        tensors.append(tf.cast(values, kind))
    names += ["types/string", "types/scalar", "types/none"]
    tensors += [tf.constant([["a", "b\0c"], ["", "x" * 300]]), tf.constant(1.5), tf.zeros((0, 3))]
    prefix = str(folder / "types.ckpt")
    tf.raw_ops.SaveV2(
        prefix=prefix, tensor_names=names, shape_and_slices=[""] * len(names), tensors=tensors
    )
    tf.raw_ops.MergeV2Checkpoints(
        checkpoint_prefixes=[prefix], destination_prefix=prefix + ".merged"
    )
    return prefix + ".merged"


def _many(folder: Path) -> str:
    """As many variables as TensorFlow writes at once in a second, ten times, merged."""
    values = [tf.constant(float(at)) for at in range(10)]
    n_each = N_MANY // 10
    parts = [str(folder / f"part{part}.ckpt") for part in range(10)]
    for part, prefix in enumerate(parts):
        numbers = range(part * n_each, (part + 1) * n_each)
        tf.raw_ops.SaveV2(
            prefix=prefix,
            tensor_names=[f"block_{at // 100}/layer_{at // 10 % 10}/weight_{at}" for at in numbers],
            shape_and_slices=[""] * n_each,
            tensors=[values[at % 10] for at in numbers],
        )
    prefix = str(folder / "many.ckpt")
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=prefix)
    return prefix


def read_back(prefixes: list[str], target: Path) -> None:
    """What TensorFlow says of each."""
    stated: dict[str, dict[str, list[object]]] = {}
    arrays: dict[str, np.ndarray] = {}  # type: ignore[type-arg]
    for prefix in prefixes:
        reader = tf.train.load_checkpoint(prefix)
        types = reader.get_variable_to_dtype_map()
        found = stated[prefix] = {}
        for name, shape in reader.get_variable_to_shape_map().items():
            found[name] = [shape, types[name].name, None]
            if len(found) > 1000:  # enough of a hundred thousand
                continue
            values = _values(reader, prefix, name, types[name])
            if types[name] == tf.string:
                texts = values.ravel() if isinstance(values, np.ndarray) else [values]
                found[name][2] = [text.hex() for text in texts]
                continue
            values = np.asarray(values)
            found[name][2] = f"a{len(arrays)}"
            arrays[f"a{len(arrays)}"] = (
                values.astype("float32") if types[name] == tf.bfloat16 else values
            )
    graphs = {
        str(path): _operations(path)
        for folder in {Path(prefix).parent for prefix in prefixes}
        for path in folder.glob("*.meta")
    }
    arrays["graphs"] = np.array(json.dumps(graphs))
    np.savez(target, stated=np.array(json.dumps(stated)), **arrays)


def _operations(meta: Path) -> list[list[object]]:
    graph = tf.compat.v1.MetaGraphDef.FromString(meta.read_bytes()).graph_def
    return [[node.name, node.op, list(node.input)] for node in graph.node]


def _values(reader: tf.train.CheckpointReader, prefix: str, name: str, kind: tf.DType) -> object:
    try:
        return reader.get_tensor(name)
    except tf.errors.UnimplementedError:  # the reader does not put parts together; restoring does
        (whole,) = tf.raw_ops.RestoreV2(
            prefix=prefix, tensor_names=[name], shape_and_slices=[""], dtypes=[kind]
        )
        return whole.numpy()


if __name__ == "__main__":
    where = Path(sys.argv[1])
    read_back([*write_all(where), *sys.argv[2:]], where / "expected.npz")

"""Checkpoints that were stripped or given an architecture, read back by TensorFlow and Keras.

Run as a program, in a process of its own: `python checkpoints_restored.py FOLDER NAMES [PREFIX...]`
makes networks (those of NAMES, with commas between them; "all"), trains a step, saves, has this
program write, and compares what TensorFlow reads and Keras predicts. PREFIX: checkpoints that are
stripped and compared, too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import msgspec
import numpy as np
import tensorflow as tf
from checkpoint_files import write_bundle
from exported import export_here
from merged import merge_here

from h5viewer.errors import CannotRead
from h5viewer.requests import CombineNetwork, StripFile
from h5viewer.requests.export import part_name

GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def networks() -> dict[str, keras.Model]:
    """One of each way in which networks are built."""
    layers = keras.layers
    ends = keras.Input((6, 6, 2))
    flat = layers.Flatten()(layers.BatchNormalization()(layers.Conv2D(3, 3)(ends)))
    inner = keras.Sequential([keras.Input((48,)), layers.Dense(5), layers.Dense(5)], name="inner")
    functional = keras.Model(ends, layers.Dense(2, name="head")(inner(flat)))
    recurrent = keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.Bidirectional(layers.LSTM(2, return_sequences=True)),
            layers.GRU(3),
            layers.Dense(2),
        ]
    )
    many = keras.Sequential([keras.Input((2,)), *(layers.Dense(2) for _ in range(60))])
    return {"functional": functional, "recurrent": recurrent, "many": many}


def strip(index: Path, target: Path, **options: object) -> None:
    """Both files, as `exporting` asks for them."""
    request = StripFile(document=str(index), target=str(target), **options)
    export_here(request)
    name = str(target.with_name(part_name(request, 0)))
    export_here(msgspec.structs.replace(request, target=name, part=0))


def compare_stripped(folder: Path, prefix: str) -> bool:
    """The same variables but an optimizer's; False: it had none."""
    index = Path(f"{prefix}.index")
    target = folder / "stripped.index"
    try:
        strip(index if index.exists() else Path(prefix), target)
    except CannotRead as error:
        if "holds no optimizer state" not in str(error):
            raise
        return False
    old, new = (tf.train.load_checkpoint(str(each)) for each in (prefix, target.with_suffix("")))
    kept = new.get_variable_to_dtype_map()
    assert set(kept) < set(old.get_variable_to_dtype_map())
    assert kept == {name: old.get_variable_to_dtype_map()[name] for name in kept}
    for name in set(kept) - {GRAPH}:
        np.testing.assert_array_equal(new.get_tensor(name), old.get_tensor(name))
    return True


def restore(made: keras.Model, prefix: Path, *, is_whole: bool) -> None:
    """Other weights, then those of the checkpoint."""
    for weight in made.weights:
        weight.assign(tf.ones(weight.shape, weight.dtype))
    checkpoint = tf.train.Checkpoint(model=made) if is_whole else tf.train.Checkpoint(made)
    checkpoint.restore(str(prefix)).expect_partial()


def check(folder: Path, name: str, model: keras.Model) -> None:
    """Both ways of saving, with and without the optimizer's own numbers."""
    model.compile("adam", "mse", run_eagerly=True)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3, *model.input_shape[1:])).astype("f4")
    model.train_on_batch(x, rng.normal(size=(3, *model.output_shape[1:])))
    expected = model(x).numpy()
    architecture = folder / f"{name}.json"
    architecture.write_text(model.to_json())
    ways = {
        "both": tf.train.Checkpoint(model=model, optimizer=model.optimizer),
        "alone": tf.train.Checkpoint(model),
    }
    for word, checkpoint in ways.items():
        prefix = folder / f"{name}-{word}"
        checkpoint.write(str(prefix))
        index = Path(f"{prefix}.index")
        assert compare_stripped(folder, str(prefix))
        for options in ({}, {"training_config": True}):
            strip(index, folder / "small.index", **options)
            fresh = keras.models.model_from_json(model.to_json())
            restore(fresh, folder / "small", is_whole=word == "both")
            np.testing.assert_array_equal(fresh(x).numpy(), expected)
        target = folder / f"{name}-{word}.keras"
        request = CombineNetwork(
            document=str(architecture), others=(str(index),), target=str(target)
        )
        merge_here(request)
        loaded = keras.models.load_model(target)
        np.testing.assert_array_equal(loaded(x).numpy(), expected)


def many_names(folder: Path) -> str:
    """So many variables that TensorFlow has to look for them in the index."""
    names = [f"block/{number:03}/kernel{slot}" for number in range(300) for slot in ("", "/Adam")]
    stored = {name: np.full(3, at, "f4") for at, name in enumerate(names)}
    return str(write_bundle(folder / "names", stored).with_suffix(""))


def main(folder: Path, names: str, prefixes: list[str]) -> None:
    """All of it; prints how many checkpoints held something to leave out."""
    for name, model in networks().items():
        if name in names.split(",") or names == "all":
            check(folder, name, model)
    given = [*prefixes, many_names(folder)]
    n_stripped = sum(compare_stripped(folder, prefix) for prefix in given)
    print(f"{n_stripped} of {len(given)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])

"""Cut, freeze and rename every network of the corpus: what plain Keras 3 answers afterwards.

Run by hand, it takes minutes and needs TensorFlow: `python tests/altered_corpus.py [WHAT [WORD]]`.
WHAT: cut, freeze, rename or graphs (every layer of the networks of test_altered_networks); WORD: a
part of the names of files. Prints a line a file and a table at the end.

Reference is the file as plain Keras 3 loads it; where it does not, the file converted.
"""

from __future__ import annotations

import collections
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from h5viewer.errors import H5ViewerError
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.operations.export_table import EXPORTS
from h5viewer.requests import CutNetwork, ExportRequest, FreezeLayers, RenameLayers

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
SUFFIXES = (".h5", ".hdf5", ".keras")
CLOSE = 1e-5  # relative: other graphs are computed in another order


def load(path: Path) -> Any:
    """The network, or None."""
    import keras

    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception:  # noqa: BLE001  # whatever Keras says of an old file
        return None


def batches(model: Any) -> dict[str, Any]:
    """Random numbers for every input, by its name."""
    rng = np.random.default_rng(1)
    found = {}
    for each in model.inputs:
        shape = [2, *(n or 16 for n in each.shape[1:])]
        whole = "int" in str(each.dtype)
        found[each.name] = (
            rng.integers(0, 2, shape) if whole else rng.uniform(0, 1, shape)
        ).astype(each.dtype)
    return found


def answers(model: Any, fed: dict[str, Any]) -> list[Any]:
    """What it puts out for its part of the batches."""
    import keras

    given = [fed[each.name] for each in model.inputs]
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict):
        found = model({key: fed[each.name] for key, each in structure.items()}, training=False)
    else:
        found = model(given if len(given) > 1 else given[0], training=False)
    return [np.asarray(each) for each in keras.tree.flatten(found)]


def difference(first: list[Any], second: list[Any]) -> float:
    """The largest, relative to the largest number."""
    if len(first) != len(second):
        return float("inf")
    worst = 0.0
    for a, b in zip(first, second, strict=True):
        if a.shape != b.shape:
            return float("inf")
        a, b = a.astype("f8"), b.astype("f8")
        gap = np.abs(np.nan_to_num(a) - np.nan_to_num(b)).max(initial=0.0)
        worst = max(worst, gap / max(1.0, np.abs(np.nan_to_num(a)).max(initial=0.0)))
    return float(worst)


def write(path: Path, request: ExportRequest) -> str:
    """ "" or the sentence it was refused with."""
    fd = os.open(request.target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        with Source(str(path)) as source:
            container = open_container(source)
            told = request.about([str(path)])
            for _ in EXPORTS[type(request)].write(told, container, Scratch(fd)):
                pass
            container.close()
    except H5ViewerError as error:
        return error.message
    finally:
        os.close(fd)
    return ""


# --------------------------------------------------------------------------- cut


def places(model: Any) -> Iterator[tuple[str, ...]]:
    """First, middle and last but one layer, and one in each nested network."""
    import keras

    layers = [each for each in model.layers if not isinstance(each, keras.layers.InputLayer)]
    wanted = {0, len(layers) // 2, len(layers) - 2} - {-1}
    for place in sorted(wanted):
        yield (layers[place].name,)
    for layer in layers:
        if isinstance(layer, keras.Model) and len(layer.layers) > 2:
            yield (layer.name, layer.layers[len(layer.layers) // 2].name)


def expected(model: Any, path: tuple[str, ...], fed: dict[str, Any]) -> list[Any]:
    """What the layer puts out inside the whole network, by Keras alone."""
    import keras

    layer = model.get_layer(path[0])
    if len(path) == 1:
        inner = keras.Model(model.inputs, layer._inbound_nodes[0].output_tensors)
        return answers(inner, fed)
    before = keras.Model(model.inputs, layer._inbound_nodes[0].input_tensors)
    outputs = answers(before, fed)
    at = layer.get_layer(path[1])
    tail = keras.Model(layer.inputs, at._inbound_nodes[0].output_tensors)
    found = tail(outputs if len(outputs) > 1 else outputs[0], training=False)
    return [np.asarray(each) for each in keras.tree.flatten(found)]


def cut_file(source: Path, model: Any, folder: Path, ending: str) -> list[str]:
    """What is wrong with the networks cut from it."""
    fed, wrong = batches(model), []
    for path in places(model):
        target = folder / f"cut{ending}"
        refusal = write(source, CutNetwork(document=str(source), target=str(target), layer=path))
        if refusal:
            wrong.append(f"{'/'.join(path)}: {refusal}")
            continue
        new = load(target)
        if new is None:
            wrong.append(f"{'/'.join(path)}: Keras does not load it")
            continue
        gap = difference(expected(model, path, fed), answers(new, fed))
        if not gap <= CLOSE:
            wrong.append(f"{'/'.join(path)}: differs by {gap:.2g}")
    return wrong


# ---------------------------------------------------------------- freeze, rename


def freeze_file(source: Path, model: Any, folder: Path, ending: str) -> list[str]:
    """Every second layer is frozen; then everything but the last one."""
    fed, wrong = batches(model), []
    names = [each.name for each in model.layers if each.weights]
    asked: list[tuple[list[str], list[str]]] = [(names[::2], [])]
    if len(names) > 1:
        asked.append((["*"], names[-1:]))
    for frozen, trained in asked:
        target = folder / f"frozen{ending}"
        refusal = write(
            source,
            FreezeLayers(
                document=str(source), target=str(target),
                frozen=tuple(frozen), trained=tuple(trained),
            ),
        )  # fmt: skip
        new = None if refusal else load(target)
        if new is None:
            wrong.append(refusal or "Keras does not load it")
            continue
        if difference(answers(model, fed), answers(new, fed)) > 0:
            wrong.append(f"{frozen[:1]}: answers differently")
        for layer in new.layers:
            is_meant = layer.name in frozen or frozen == ["*"]
            is_trained = bool(layer.trainable_weights)
            was = bool(model.get_layer(layer.name).trainable_weights)
            should = layer.name in trained or (was and not is_meant)
            if layer.weights and is_trained != (should and bool(_can_train(model, layer.name))):
                wrong.append(f"{layer.name}: trained {is_trained}, should {should}")
    return wrong


def _can_train(model: Any, name: str) -> list[Any]:
    layer = model.get_layer(name)
    was = layer.trainable
    layer.trainable = True
    found = list(layer.trainable_weights)
    layer.trainable = was
    return found


def rename_file(source: Path, model: Any, folder: Path, ending: str) -> list[str]:
    """First and last layer change their names with each other; one in the middle gets a new one."""
    import keras

    fed, wrong = batches(model), []
    names = [each.name for each in model.layers]
    pairs = [(names[0], names[-1]), (names[-1], names[0]), (names[len(names) // 2], "quite.new-1")]
    pairs = pairs[2:] if len(names) < 3 else pairs
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            pairs.append((f"{layer.name}/{layer.layers[-1].name}", "inner_new"))
    target = folder / f"renamed{ending}"
    refusal = write(
        source, RenameLayers(document=str(source), target=str(target), names=tuple(pairs))
    )
    new = None if refusal else load(target)
    if new is None:
        return [refusal or "Keras does not load it"]
    mapping = {old: new for old, new in pairs if "/" not in old}
    if [each.name for each in new.layers] != [mapping.get(name, name) for name in names]:
        wrong.append("other names than asked for")
    renamed_feed = {mapping.get(name, name): each for name, each in fed.items()}
    if difference(answers(model, fed), answers(new, renamed_feed)) > 0:
        wrong.append("answers differently")
    return wrong


def main() -> None:
    """Go through the corpus."""
    if sys.argv[1:2] == ["graphs"]:
        check_graphs()
        return
    kinds = {"cut": cut_file, "freeze": freeze_file, "rename": rename_file}
    wanted = sys.argv[1:2] or list(kinds)
    word = sys.argv[2] if len(sys.argv) > 2 else ""
    counts: collections.Counter[str] = collections.Counter()
    for source in sorted(CORPUS.rglob("*")):
        if source.suffix not in SUFFIXES or word not in source.name or "hdf5_data" in str(source):
            continue
        with tempfile.TemporaryDirectory() as name:
            _check(source, Path(name), {each: kinds[each] for each in wanted}, counts)
    print(dict(counts))


def check_graphs() -> None:
    """Every layer of networks with branches, shared layers, and networks inside."""
    sys.path.append(str(Path(__file__).parent / "network"))
    import test_altered_networks as altered

    for check in (altered.check_cut, altered.check_frozen, altered.check_renamed):
        for name in altered.GRAPHS:
            for ending in (".keras", ".h5"):
                with tempfile.TemporaryDirectory() as folder:
                    check(name, ending, Path(folder))
                print("ok", check.__name__, name, ending, flush=True)


def _check(
    source: Path, folder: Path, kinds: dict[str, Any], counts: collections.Counter[str]
) -> None:
    from h5viewer.requests import ConvertNetwork

    model, ending = load(source), source.suffix
    how = "as it is"
    if model is None:
        converted = folder / "converted.keras"
        refusal = write(source, ConvertNetwork(document=str(source), target=str(converted)))
        model = None if refusal else load(converted)
        how = "converted"
        if model is None:
            counts[f"not loaded: {refusal[:60]}" if refusal else "not loaded"] += 1
            return
    for kind, check in kinds.items():
        wrong = check(source, model, folder, ending)
        counts[f"{kind} ({how}): {'wrong' if wrong else 'right'}"] += 1
        print("WRONG" if wrong else "ok   ", kind, how, source.name, *wrong, sep="  ", flush=True)


if __name__ == "__main__":
    main()

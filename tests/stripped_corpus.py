"""Strip every Keras file of the corpus: same structure, same predictions in plain Keras.

Run by hand, it takes minutes and needs TensorFlow: `python -m tests.stripped_corpus [FOLDER]`.
Prints a line a file and a table at the end. `structure_differences` serves the suite, too.
"""

from __future__ import annotations

import collections
import io
import sys
import tempfile
import zipfile
from pathlib import Path

import h5py
import numpy as np

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
SUFFIXES = (".h5", ".hdf5", ".keras")


def structure_differences(old: Path, new: Path) -> list[str]:
    """What differs besides the optimizer's state, looked at through h5py's own high level."""
    if not zipfile.is_zipfile(old):
        with h5py.File(old) as first, h5py.File(new) as second:
            return (
                _differences(first, second, "optimizer_weights")
                if ("optimizer_weights" in first)
                else _differences(first, second, "optimizer")
            )
    found = []
    with zipfile.ZipFile(old) as first, zipfile.ZipFile(new) as second:
        if first.namelist() != second.namelist() or second.testzip():
            return ["entries"]
        for name in first.namelist():
            pair = first.read(name), second.read(name)
            if name == "model.weights.h5":
                files = [h5py.File(io.BytesIO(data)) for data in pair]
                found += _differences(*files, "optimizer")
                for file in files:
                    file.close()
            elif pair[0] != pair[1]:
                found.append(name)
    return found


def _facts(file: h5py.File, without: str) -> dict[str, object]:
    found: dict[str, object] = {"/": _attributes(file)}

    def visit(name: str, node: h5py.Group | h5py.Dataset) -> None:
        if name.split("/")[0] == without:
            return
        facts: tuple[object, ...] = (type(node).__name__, _attributes(node))
        if isinstance(node, h5py.Dataset):
            facts += (node.shape, str(node.dtype), node.maxshape, node.chunks, node.compression,
                      node.compression_opts, node.shuffle, node.fletcher32, node.dtype.hasobject
                      or node[()].tobytes())  # fmt: skip
        found[name] = facts

    file.visititems(visit)
    return found


def _attributes(node: h5py.Group | h5py.Dataset) -> dict[str, object]:
    return {
        name: (str(node.attrs.get_id(name).dtype), np.asarray(node.attrs[name]).tolist())
        for name in node.attrs
    }


def _differences(first: h5py.File, second: h5py.File, without: str) -> list[str]:
    here, there = _facts(first, without), _facts(second, "")
    return [str(name) for name in {*here, *there} if here.get(name) != there.get(name)]


def _prediction(path: Path, keras: object) -> list[bytes] | str:
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)  # type: ignore[attr-defined]
        rng = np.random.default_rng(1)
        batch = [
            rng.uniform(0, 1, [2, *(n or 16 for n in each.shape[1:])]).astype(each.dtype)
            for each in model.inputs
        ]
        answers = model(batch if len(batch) > 1 else batch[0], training=False)
        flat = answers if isinstance(answers, list | tuple) else [answers]
        return [np.asarray(each).tobytes() for each in flat]
    except Exception as error:  # noqa: BLE001  # whatever Keras says of an old file
        return f"{type(error).__name__}: {str(error)[:60]!r}"


def main() -> None:
    """Go through the corpus."""
    import keras

    from h5viewer.errors import H5ViewerError
    from h5viewer.exporting import export, result_sentence
    from h5viewer.requests import StripFile
    from h5viewer.workers.pool import Pool

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    tally: collections.Counter[str] = collections.Counter()
    pool = Pool(keep_spare=False)
    with tempfile.TemporaryDirectory() as place:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES):
            target = Path(place) / f"new{path.suffix}"
            try:
                done = export(
                    pool, StripFile(document=str(path), target=str(target)), may_replace=True
                )
            except H5ViewerError as error:
                why = error.message.replace(path.name, "it")
                tally["refused: " + why[:60]] += 1
                continue
            differing = structure_differences(path, target)
            outcome = "structure " + ("differs" if differing else "same")
            before = _prediction(path, keras)
            if isinstance(before, str):
                outcome += ", not loaded by plain Keras"
            else:
                same = before == _prediction(target, keras)
                outcome += ", predictions " + ("identical" if same else "DIFFER")
            tally[outcome] += 1
            print(path.name, result_sentence("new", done), outcome, differing[:3], flush=True)
    pool.close()
    for outcome, count in sorted(tally.items()):
        print(f"{count:4} {outcome}")


if __name__ == "__main__":
    main()

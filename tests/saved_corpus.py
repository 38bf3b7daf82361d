"""Save every file of the corpus in all ways, and what is left of it when it is cut.

Run by hand, it takes a minute and needs TensorFlow for the architectures, which plain Keras has
to load: `python -m tests.saved_corpus [FOLDER]`. Prints what is wrong, and a table at the end.
"""

from __future__ import annotations

import collections
import json
import os
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from exported import export_here

from h5viewer.errors import H5ViewerError
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.requests import SalvageFile, SaveArchitecture, SaveWeights

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
SHARES = (0.999, 0.9, 0.5, 0.2)
LARGEST = 3_000_000  # bytes of a file that is cut: the rest is the same, but slower

Tally = collections.Counter[str]


def said(error: H5ViewerError, path: Path) -> str:
    """What a refusal says, without the file's name."""
    return error.message.replace(path.name, "it")[:70]


def check_weights(path: Path, folder: Path, tally: Tally) -> None:
    """Both formats hold the values that the file's own reader gives."""
    for ending in ("npz", "safetensors"):
        target = folder / f"w.{ending}"
        try:
            done = export_here(SaveWeights(document=str(path), target=str(target)))
        except H5ViewerError as error:
            tally[f"{ending} refused: {said(error, path)}"] += 1
            continue
        found, index = (_npz if ending == "npz" else _safetensors)(target)
        with Source(str(path)) as source:
            container = open_container(source)
            for name, facts in index.items():
                node = tuple(part.encode() for part in facts["path"].split("/")[1:])
                if container.format_hint == "tf-checkpoint":
                    node = (facts["path"][1:].encode(),)
                array = container.array(node)
                whole = tuple(slice(0, n) for n in array.facts.shape or ())
                if array.read(whole).tobytes() != found[name].tobytes():
                    print("WRONG", path.name, name)
            container.close()
        tally[f"{ending} right"] += 1
        tally[f"{ending}: weights"] += done.n_weights


def _npz(path: Path) -> tuple[dict[str, np.ndarray], dict[str, dict[str, str]]]:
    with np.load(path) as found:
        return {name: found[name] for name in found if name != "index.json"}, json.loads(
            found["index.json"]
        )


def _safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, dict[str, str]]]:
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    index = json.loads(header.pop("__metadata__")["names"])
    found = {
        name: np.frombuffer(data[slice(*(8 + length + n for n in each["data_offsets"]))], np.uint8)
        for name, each in header.items()
    }
    return found, index


def check_architecture(path: Path, folder: Path, tally: Tally) -> None:
    """Plain Keras loads the repaired configuration."""
    import keras

    target = folder / "a.json"
    try:
        export_here(SaveArchitecture(document=str(path), target=str(target), is_repaired=True))
    except H5ViewerError as error:
        tally[f"architecture refused: {said(error, path)}"] += 1
        return
    keras.backend.clear_session()
    try:
        keras.models.model_from_json(target.read_text())
    except Exception as error:  # noqa: BLE001  # whatever Keras says
        print("NOT LOADED", path.name, type(error).__name__, str(error)[:150])
        tally["architecture not loaded"] += 1
    else:
        tally["architecture loaded by plain Keras"] += 1


def check_salvage(path: Path, folder: Path, tally: Tally) -> None:
    """What is saved of a cut file is right, and most of what could be saved is."""
    before, ends = _values(path)
    for share in SHARES:
        cut = folder / f"cut{path.suffix}"
        cut.write_bytes(path.read_bytes())
        os.truncate(cut, size := int(path.stat().st_size * share))
        tally[f"cut at {share}: data that is left"] += sum(end <= size for end in ends.values())
        try:
            export_here(SalvageFile(document=str(cut), target=str(folder / "s.h5")))
        except H5ViewerError as error:
            tally[f"cut at {share} refused: {said(error, cut)}"] += 1
            continue
        after, _ = _values(folder / "s.h5")
        after.pop("salvage_report", None)
        stored = set(before.values())
        for name, value in after.items():
            if value not in stored or (name in before and before[name] != value):
                print("WRONG", path.name, share, name)
        tally[f"cut at {share}: saved"] += len(after)


def _values(path: Path) -> tuple[dict[str, bytes], dict[str, int]]:
    """The values of each dataset, and where its last byte is."""
    found: dict[str, bytes] = {}
    ends: dict[str, int] = {}

    def visit(name: str, node: h5py.Group | h5py.Dataset) -> None:
        if isinstance(node, h5py.Dataset):
            value = np.asarray(node[()])
            found[name] = (
                repr(value.tolist()).encode() if value.dtype.hasobject else value.tobytes()
            )
            ends[name] = (node.id.get_offset() or 0) + node.id.get_storage_size()

    with h5py.File(path) as file:
        file.visititems(visit)
    return found, ends


def main() -> None:
    """Go through the corpus."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    tally: Tally = collections.Counter()
    with tempfile.TemporaryDirectory() as place:
        for path in sorted(each for each in root.rglob("*") if each.is_file()):
            if path.parts[len(root.parts)] in ("images", "hdf5_data") or path.suffix == ".md":
                continue
            check_weights(path, Path(place), tally)
            if path.parts[len(root.parts)].startswith("keras"):
                check_architecture(path, Path(place), tally)
                if path.stat().st_size <= LARGEST and h5py.is_hdf5(path):
                    check_salvage(path, Path(place), tally)
    for outcome, count in sorted(tally.items()):
        print(f"{count:6} {outcome}")


if __name__ == "__main__":
    main()

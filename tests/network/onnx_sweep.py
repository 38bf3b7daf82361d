"""`python -m tests.network.onnx_sweep [FILE…]`: whole models as ONNX, and what these answer.

Without files: those of the corpus beside the repository. Wants tf2onnx and onnxruntime beside
Keras. The column says how far onnxruntime's answers to seeded random numbers are from those of the
loaded network, by the largest answer; what that one is worth says `tests.network.sweep`.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
import onnxruntime
from asking_networks import answered, whole_model
from sweep import CORPUS, answers_of, models

from h5viewer.errors import H5ViewerError
from h5viewer.network.loader import load
from h5viewer.network.onnx_writing import export_onnx
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.requests import Consent, ExportOnnx

CLOSE = 1e-4
_TYPES = {
    "tensor(double)": "f8",
    "tensor(float16)": "f2",
    "tensor(int32)": "i4",
    "tensor(int64)": "i8",
}


def converted(path: Path) -> float | str | None:
    """The difference, or why there is none; None: no whole model."""
    with whole_model(path) as container:
        if container is None:
            return None
        try:
            network, _, _ = answered(load(container, Consent()))
            _, parts, _ = answered(export_onnx(ExportOnnx(document=str(path)), container))
        except H5ViewerError as error:
            return error.message
        session = onnxruntime.InferenceSession(b"".join(part.data for part in parts))
        samples = random_batches(network.model)
        given = {
            each.name: sample.astype(_TYPES.get(each.type, sample.dtype))
            for each, sample in zip(session.get_inputs(), samples, strict=True)
        }
        found = [np.asarray(each) for each in session.run(None, given)]
        return largest_difference(found, answers_of(network.model, samples))


def main() -> int:
    """Print a line for each; 1 when one answers otherwise."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files or list(models(CORPUS))
    differences: list[float] = []
    for path in files:
        found = converted(path)
        if found is not None:
            shown = f"{found:9.1e}" if isinstance(found, float) else found
            print(f"{path.name[:58]:58} {shown}", flush=True)
        if isinstance(found, float):
            differences.append(found)
        gc.collect()
    print(f"{sum(each <= CLOSE for each in differences)} of {len(differences)} answer alike")
    return int(any(each > CLOSE for each in differences))


if __name__ == "__main__":
    raise SystemExit(main())

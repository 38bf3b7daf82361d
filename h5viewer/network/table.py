"""Which operation answers which request to a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5viewer import requests
from h5viewer.network.evaluate import evaluate_network
from h5viewer.network.explain import explain_prediction, read_activations
from h5viewer.network.guarded import guarded
from h5viewer.network.loading import load_network
from h5viewer.network.onnx_writing import export_onnx
from h5viewer.network.predict import predict
from h5viewer.network.repairing import repair_network
from h5viewer.operations import Operation

_ANSWERS: dict[type, Callable[..., Operation[Any]]] = {
    requests.LoadNetwork: load_network,
    requests.Predict: predict,
    requests.ReadActivations: read_activations,
    requests.ExplainPrediction: explain_prediction,
    requests.EvaluateNetwork: evaluate_network,
    requests.RepairNetwork: repair_network,
    requests.ExportOnnx: export_onnx,
}

OPERATIONS = {kind: guarded(answer) for kind, answer in _ANSWERS.items()}

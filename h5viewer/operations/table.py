"""Which operation answers which request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5viewer import requests
from h5viewer.operations import Operation
from h5viewer.operations.architecture import decode_architecture, open_document, read_layer
from h5viewer.operations.browse import (
    describe_nodes,
    list_children,
    read_attribute_text,
    read_attributes,
    read_entry_text,
    search_names,
)
from h5viewer.operations.byte_map import measure_bytes
from h5viewer.operations.cells import read_cells
from h5viewer.operations.health import check_health
from h5viewer.operations.planes import read_line, read_plane
from h5viewer.operations.statistics import read_statistics
from h5viewer.operations.survey import survey_nodes
from h5viewer.operations.weight_table import tabulate_weights

OPERATIONS: dict[type, Callable[..., Operation[Any]]] = {
    requests.OpenDocument: open_document,
    requests.ListChildren: list_children,
    requests.DescribeNodes: describe_nodes,
    requests.SearchNames: search_names,
    requests.SurveyNodes: survey_nodes,
    requests.ReadAttributes: read_attributes,
    requests.ReadAttributeText: read_attribute_text,
    requests.ReadEntryText: read_entry_text,
    requests.ReadPlane: read_plane,
    requests.ReadLine: read_line,
    requests.ReadCells: read_cells,
    requests.ReadStatistics: read_statistics,
    requests.DecodeArchitecture: decode_architecture,
    requests.ReadLayer: read_layer,
    requests.TabulateWeights: tabulate_weights,
    requests.MeasureBytes: measure_bytes,
    requests.CheckHealth: check_health,
}

"""Which operation answers which request about a folder of pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5viewer import requests
from h5viewer.data_sets.building import build_data_set, plan_build
from h5viewer.data_sets.reading import N_THREADS as N_THREADS
from h5viewer.data_sets.survey import preview_data_set, survey_folder
from h5viewer.formats.folder import Folder, OpenedFolder
from h5viewer.formats.plain_text import PlainText
from h5viewer.formats.source import Source
from h5viewer.nodes import ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.export_table import Exporting

EXPORTS: dict[type[Any], Exporting] = {
    requests.BuildDataSet: Exporting(plan_build, build_data_set),
}


def plan_export(request: requests.PlanExport, *files: Any) -> Operation[ExportPlan]:
    """What the export would do."""
    return (yield from EXPORTS[type(request.export)].plan(request.export, *files))


OPERATIONS: dict[type, Callable[..., Operation[Any]]] = {
    requests.SurveyFolder: survey_folder,
    requests.PreviewDataSet: preview_data_set,
    requests.PlanExport: plan_export,
}
"""Each takes its request, the folder and, where there is one, the table of labels."""


def open_folder(source: Source | Folder) -> OpenedFolder | PlainText:
    """What an operation takes."""
    return OpenedFolder(source) if isinstance(source, Folder) else PlainText(source)

"""Which operation answers which request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from h5viewer import requests
from h5viewer.operations import Operation
from h5viewer.operations.appearance import read_appearance, read_relations
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
from h5viewer.operations.check_pictures import check_pictures
from h5viewer.operations.class_names import read_labels, read_recipe, read_stored_names
from h5viewer.operations.combine import match_weights
from h5viewer.operations.compare import compare_files
from h5viewer.operations.diagnose import diagnose_network
from h5viewer.operations.difference_plane import read_difference
from h5viewer.operations.export_table import plan_export
from h5viewer.operations.gallery import read_gallery
from h5viewer.operations.given_architecture import fit_architecture, read_architecture
from h5viewer.operations.graph_layout import layout_graph
from h5viewer.operations.health import check_health
from h5viewer.operations.meaning import read_meaning
from h5viewer.operations.neighbours import read_neighbours, read_projection
from h5viewer.operations.norms import read_norms
from h5viewer.operations.one_picture import read_one_picture
from h5viewer.operations.ordered import read_ordered
from h5viewer.operations.other_labels import find_other_labels
from h5viewer.operations.parts import read_parts
from h5viewer.operations.picture_augmentation import preview_augmentation
from h5viewer.operations.picture_labels import read_picture_labels
from h5viewer.operations.picture_means import read_mean_pictures
from h5viewer.operations.picture_sets import find_picture_sets, fit_picture_set
from h5viewer.operations.picture_thumbnails import read_thumbnails
from h5viewer.operations.plan_merge import plan_merge
from h5viewer.operations.planes import read_line, read_plane
from h5viewer.operations.preview_change import preview_change
from h5viewer.operations.resuming import read_training
from h5viewer.operations.row import read_row
from h5viewer.operations.series import survey_series
from h5viewer.operations.series_health import check_series
from h5viewer.operations.series_planes import read_series_plane
from h5viewer.operations.singular_values import read_singular_values
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
    requests.ReadRow: read_row,
    requests.ReadStatistics: read_statistics,
    requests.DecodeArchitecture: decode_architecture,
    requests.ReadLayer: read_layer,
    requests.LayoutGraph: layout_graph,
    requests.CompareFiles: compare_files,
    requests.ReadDifference: read_difference,
    requests.TabulateWeights: tabulate_weights,
    requests.MeasureBytes: measure_bytes,
    requests.CheckHealth: check_health,
    requests.CheckPictures: check_pictures,
    requests.ReadMeaning: read_meaning,
    requests.ReadGallery: read_gallery,
    requests.ReadNorms: read_norms,
    requests.ReadSingularValues: read_singular_values,
    requests.ReadNeighbours: read_neighbours,
    requests.ReadProjection: read_projection,
    requests.ReadOrdered: read_ordered,
    requests.ReadParts: read_parts,
    requests.ReadAppearance: read_appearance,
    requests.ReadRelations: read_relations,
    requests.DiagnoseNetwork: diagnose_network,
    requests.ReadArchitecture: read_architecture,
    requests.FitArchitecture: fit_architecture,
    requests.ReadLabels: read_labels,
    requests.ReadRecipe: read_recipe,
    requests.ReadTraining: read_training,
    requests.ReadStoredNames: read_stored_names,
    requests.PreviewChange: preview_change,
    requests.PlanExport: plan_export,
    requests.MatchWeights: match_weights,
    requests.PlanMerge: plan_merge,
    requests.SurveySeries: survey_series,
    requests.CheckSeries: check_series,
    requests.ReadSeriesPlane: read_series_plane,
    requests.FindPictureSets: find_picture_sets,
    requests.FitPictureSet: fit_picture_set,
    requests.FindOtherLabels: find_other_labels,
    requests.ReadThumbnails: read_thumbnails,
    requests.ReadPictureLabels: read_picture_labels,
    requests.ReadOnePicture: read_one_picture,
    requests.ReadMeanPictures: read_mean_pictures,
    requests.PreviewAugmentation: preview_augmentation,
}

"""Which operations plan and write what.

Both take their request and a container of every file that it names; the one that writes
takes the scratch file, too, and what it refuses the one that plans refuses in the same words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from h5viewer import requests
from h5viewer.formats.container import Container
from h5viewer.nodes import Exported, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.average import average_networks, plan_average
from h5viewer.operations.combine import combine_network, plan_combine
from h5viewer.operations.convert import convert_network, plan_convert
from h5viewer.operations.cut import cut_network, plan_cut
from h5viewer.operations.edit import edit_file, plan_edit
from h5viewer.operations.merge_networks import (
    chain_networks,
    join_networks,
    plan_chain,
    plan_join,
)
from h5viewer.operations.relabelled import freeze, plan_freeze, plan_rename, rename
from h5viewer.operations.salvage import plan_salvage, salvage_file
from h5viewer.operations.save_architecture import plan_save_architecture, save_architecture
from h5viewer.operations.save_dataset import plan_save_dataset, save_dataset
from h5viewer.operations.save_pictures import plan_save_pictures, save_pictures
from h5viewer.operations.save_weights import plan_save_weights, save_weights
from h5viewer.operations.strip import plan_strip, strip_file
from h5viewer.operations.write_augmented import plan_write_augmented, write_augmented


class Exporting(NamedTuple):
    """One row."""

    plan: Callable[..., Operation[ExportPlan]]
    write: Callable[..., Operation[Exported]]


EXPORTS: dict[type[Any], Exporting] = {
    requests.StripFile: Exporting(plan_strip, strip_file),
    requests.ConvertNetwork: Exporting(plan_convert, convert_network),
    requests.AverageNetworks: Exporting(plan_average, average_networks),
    requests.JoinNetworks: Exporting(plan_join, join_networks),
    requests.ChainNetworks: Exporting(plan_chain, chain_networks),
    requests.CombineNetwork: Exporting(plan_combine, combine_network),
    requests.SalvageFile: Exporting(plan_salvage, salvage_file),
    requests.SaveWeights: Exporting(plan_save_weights, save_weights),
    requests.SaveDataset: Exporting(plan_save_dataset, save_dataset),
    requests.SavePictures: Exporting(plan_save_pictures, save_pictures),
    requests.SaveArchitecture: Exporting(plan_save_architecture, save_architecture),
    requests.WriteAugmented: Exporting(plan_write_augmented, write_augmented),
    requests.CutNetwork: Exporting(plan_cut, cut_network),
    requests.EditFile: Exporting(plan_edit, edit_file),
    requests.FreezeLayers: Exporting(plan_freeze, freeze),
    requests.RenameLayers: Exporting(plan_rename, rename),
}


def plan_export(request: requests.PlanExport, *containers: Container) -> Operation[ExportPlan]:
    """What the export would do."""
    return (yield from EXPORTS[type(request.export)].plan(request.export, *containers))

"""The table of panels: what each is called, which selections it fits, where it lives.

The tab bar shows the rows that fit, in this order; the first one opens. Modules are
imported when a panel is first shown (pyqtgraph alone costs 0.25 s).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

import msgspec

from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.nodes import Dataset, Entry
from h5viewer.workers.pool import Pool


class PanelKind(msgspec.Struct, frozen=True):
    """One row of the table. `where` is "module:class"."""

    title: str
    icon: str  # name of an icon in resources/icons
    tooltip: str
    supports: Callable[[Selection], bool]
    where: str
    is_for_files: bool = False
    """What a file shows when it opens: made first."""
    is_rare: bool = False
    """Made when first shown; the others are made before."""
    later: tuple[str, ...] = ()
    """Modules that are needed only when the user asks for more."""

    def load(self) -> None:
        """Import its module; any thread may."""
        import_module(self.where.split(":")[0])

    def load_later(self) -> None:
        """Import what may be needed later; any thread may."""
        for where in self.later:
            import_module(where.split(":")[0])

    def create(self, pool: Pool) -> Panel:
        """A new panel of this kind."""
        return cast("Panel", find(self.where)(pool))


def find(where: str) -> Callable[..., object]:
    """The class that is called "module:class"."""
    module, name = where.split(":")
    return cast("Callable[..., object]", getattr(import_module(module), name))


def _has_architecture(selection: Selection) -> bool:
    return selection.is_document and selection.document.has_architecture


def _has_layers(selection: Selection) -> bool:
    """Also groups of weights, and operations of a graph."""
    is_graph = selection.is_document and selection.document.format == "tf-graph"
    return _has_weights(selection) or is_graph


def _is_document(selection: Selection) -> bool:
    return selection.is_document


def _is_of_network(selection: Selection) -> bool:
    return selection.is_document and selection.document.holds_weights


def _is_other_file(selection: Selection) -> bool:
    return selection.is_document and not selection.document.holds_weights


def _has_weights(selection: Selection) -> bool:
    document = selection.document
    is_listed = document.lists_weights or document.format == "tf-checkpoint"
    return _has_architecture(selection) or (selection.is_document and is_listed)


def _is_picture(selection: Selection) -> bool:
    node = selection.node
    return isinstance(node, Dataset) and node.dtype.is_numeric and bool(node.shape)


def _is_weight(selection: Selection) -> bool:
    document = selection.document
    is_listed = document.lists_weights or document.format == "tf-checkpoint"
    return _is_picture(selection) and (document.has_architecture or is_listed)


def _is_drawn(selection: Selection) -> bool:
    """A picture of one number would be a lone dot: what is no weight is better read."""
    node = selection.node
    is_one = isinstance(node, Dataset) and node.n_elements == 1
    return _is_picture(selection) and (not is_one or _is_weight(selection))


def _has_cells(selection: Selection) -> bool:
    return isinstance(selection.node, Dataset)


def _is_text(selection: Selection) -> bool:
    return isinstance(selection.node, Entry)


def _has_sets(selection: Selection) -> bool:
    """A file that holds data sets of pictures, or one of these datasets."""
    sets = selection.pictures
    return bool(sets) and (
        selection.is_document or any(each.node == selection.path for each in sets)
    )


def _always(_: Selection) -> bool:
    return True


LAYERS = "Architecture"
"""Title of the panel that shows a network's layers."""

PREDICT = "Predict"
"""Title of the panel that takes pictures."""

PICTURES = "Pictures"
"""Title of the panel of data sets of pictures."""

RUN_PAGE = "h5viewer.gui.series.run_page:RunPage"
"""What a run of training is shown on, "module:class"; imported after the start."""

DIALOGS = {
    "cut": "h5viewer.gui.altering.cut_dialog:CutDialog",
    "freeze": "h5viewer.gui.altering.freeze_dialog:FreezeDialog",
    "unfreeze": "h5viewer.gui.altering.freeze_dialog:FreezeDialog",
    "rename": "h5viewer.gui.altering.rename_dialog:RenameDialog",
    "merge": "h5viewer.gui.merge.merge_dialog:MergeDialog",
    "data-set": "h5viewer.gui.data_sets.data_set_dialog:DataSetDialog",
    "save": "h5viewer.gui.editing.save_dialog:SaveDialog",
    "export": "h5viewer.gui.export.export_dialogs:of_document",
    "dataset": "h5viewer.gui.export.export_dialogs:of_dataset",
    "clean-up": "h5viewer.gui.series.clean_up_dialog:CleanUpDialog",
    "damaged": "h5viewer.gui.export.export_dialogs:of_damaged",
}
"""Dialogs about new files, "module:class"; imported after the start, or when first opened."""

PANELS = (
    PanelKind(
        LAYERS,
        "layers",
        "The network this file declares, layer by layer",
        _has_layers,
        "h5viewer.gui.architecture.architecture_panel:ArchitecturePanel",
        is_for_files=True,
        later=("h5viewer.gui.graph.graph_pane", RUN_PAGE, *DIALOGS.values()),
    ),
    PanelKind(
        PREDICT,
        "image",
        "Drop a picture, see what the network answers",
        _has_architecture,
        "h5viewer.gui.predict.predict_panel:PredictPanel",
        is_rare=True,
    ),
    PanelKind(
        PICTURES,
        "image",
        "The pictures of this data set, by class",
        _has_sets,
        "h5viewer.gui.gallery.pictures_panel:PicturesPanel",
        is_for_files=True,
        is_rare=True,
    ),
    PanelKind(
        "Weights",
        "weights",
        "Every weight with its numbers, and where the bytes go",
        _is_of_network,
        "h5viewer.gui.weights.weights_panel:WeightsPanel",
        is_rare=True,
    ),
    PanelKind(
        "Datasets",
        "weights",
        "Every dataset with its numbers, and where the bytes go",
        _is_other_file,
        "h5viewer.gui.weights.weights_panel:WeightsPanel",
        is_rare=True,
    ),
    PanelKind(
        "Health",
        "check",
        "What is wrong with the weights of this network",
        _has_weights,
        "h5viewer.gui.health.health_panel:HealthPanel",
        is_rare=True,
    ),
    PanelKind(
        "Compare",
        "compare",
        "Another file beside this one: which layers and weights differ",
        _is_document,
        "h5viewer.gui.compare.compare_panel:ComparePanel",
        is_rare=True,
    ),
    PanelKind(
        "Array",
        "chart",
        "The values as a picture or a line",
        _is_drawn,
        "h5viewer.gui.array.array_panel:ArrayPanel",
    ),
    PanelKind(
        "Weight",
        "weights",
        "What this dataset is to the network: filters, gates, norms, optimizer",
        _is_weight,
        "h5viewer.gui.meaning.weight_panel:WeightPanel",
        is_rare=True,
    ),
    PanelKind(
        "Values",
        "table",
        "The values as a table",
        _has_cells,
        "h5viewer.gui.values.values_panel:ValuesPanel",
    ),
    PanelKind(
        "Text",
        "text",
        "The text of this file inside the archive",
        _is_text,
        "h5viewer.gui.details.text_panel:TextPanel",
    ),
    PanelKind(
        "Details",
        "info",
        "Facts and attributes",
        _always,
        "h5viewer.gui.details.details_panel:DetailsPanel",
        is_for_files=True,
    ),
)

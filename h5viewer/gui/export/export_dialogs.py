"""The dialog for what is to be written: of a document, a dataset, pictures, a damaged file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from h5viewer.gui.export.export_dialog import ExportDialog
from h5viewer.gui.export.exports import Offer, dataset_offer, offers_for, salvage_offer
from h5viewer.gui.gallery.augment_saving import augmented_offer
from h5viewer.gui.gallery.picture_saving import pictures_offer
from h5viewer.gui.node_text import document_name
from h5viewer.names import visible
from h5viewer.nodes import Document
from h5viewer.requests import ExportRequest, SaveDataset, SavePictures, WriteAugmented
from h5viewer.workers.pool import Pool


def of_document(pool: Pool, document: Document, window: QWidget) -> ExportDialog:
    """All that the table of exports knows."""
    name = document_name(document)
    return ExportDialog(pool, document.path, name, offers_for(document), window)


def of_dataset(pool: Pool, shown: ExportRequest, window: QWidget) -> ExportDialog:
    """A name and a form for a dataset's values, or for what is made of its pictures."""
    if isinstance(shown, WriteAugmented):
        return ExportDialog(
            pool,
            shown.document,
            f"Augmented pictures of {visible(shown.pictures.node[-1], 80)}",
            [augmented_offer(shown)],
            window,
            title="Write augmented pictures",
            begin="Write",
        )
    if isinstance(shown, SavePictures):
        name, offer = (
            f"Save pictures of {visible(shown.pictures.node[-1], 80)}",
            pictures_offer(shown),
        )
        return _saving(pool, shown.document, name, offer, window, "Save pictures")
    assert isinstance(shown, SaveDataset)
    name = f"Save {visible(shown.node[-1], 80)}"
    return _saving(pool, shown.document, name, dataset_offer(shown), window, "Save dataset")


def of_damaged(pool: Pool, path: str, window: QWidget) -> ExportDialog:
    """What is whole of a file, which may not be open."""
    file = Path(path)
    name = f"What is still whole of {visible(file.name, 80)}"
    return _saving(pool, path, name, salvage_offer(file), window, "Save what is whole")


def _saving(
    pool: Pool, source: str, name: str, offer: Offer, window: QWidget, title: str
) -> ExportDialog:
    return ExportDialog(pool, source, name, [offer], window, title=title, begin="Save")

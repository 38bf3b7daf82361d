"""The Export dialog for what is to be exported: a document, a dataset, a damaged file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from h5viewer.gui.export.export_dialog import ExportDialog
from h5viewer.gui.export.exports import dataset_offer, offers_for, salvage_offer
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
        name = f"Augment {visible(shown.pictures.node[-1], 80)}"
        return ExportDialog(pool, shown.document, name, [augmented_offer(shown)], window)
    if isinstance(shown, SavePictures):
        name = f"Save pictures of {visible(shown.pictures.node[-1], 80)}"
        return ExportDialog(pool, shown.document, name, [pictures_offer(shown)], window)
    assert isinstance(shown, SaveDataset)
    name = f"Save {visible(shown.node[-1], 80)}"
    return ExportDialog(pool, shown.document, name, [dataset_offer(shown)], window)


def of_damaged(pool: Pool, path: str, window: QWidget) -> ExportDialog:
    """What is whole of a file, which may not be open."""
    file = Path(path)
    return ExportDialog(pool, path, visible(file.name, 80), [salvage_offer(file)], window)

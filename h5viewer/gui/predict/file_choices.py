"""The dialogs in which the user chooses what the predict panel is given."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from h5viewer.gui.predict.row_dialog import RowDialog
from h5viewer.gui.predict.session import Session
from h5viewer.nodes import Document
from h5viewer.picture_files import picture_filter
from h5viewer.workers.pool import Pool


def choose_pictures(window: QWidget) -> list[str]:
    """One or several; none where the user has thought better of it."""
    return QFileDialog.getOpenFileNames(window, "Choose pictures", "", picture_filter())[0]


def choose_architecture(window: QWidget, weights: str) -> str:
    """The file that states the layers of a file of weights; "": none."""
    kinds = "Architectures (*.json *.h5 *.hdf5 *.keras);;All files (*)"
    folder = str(Path(weights).parent)
    return QFileDialog.getOpenFileName(window, "Choose its architecture", folder, kinds)[0]


def row_dialog(
    pool: Pool, documents: Sequence[Document], session: Session, at: int, window: QWidget
) -> RowDialog | None:
    """To choose a row of a dataset of an open file, for one input; None: there is no network."""
    if session.network is None:
        return None
    others = [each for each in documents if each.path != session.document.path]
    offered = [*others, session.document]  # samples are rarely in the network's own file
    return RowDialog(pool, offered, session.network.inputs[at], window)

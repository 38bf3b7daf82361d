"""Help says what runs here, and how to get what does not."""

from __future__ import annotations

from importlib import metadata

import pytest
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.help_dialogs import AboutDialog
from h5viewer.workers.pool import Pool


def _texts(dialog: AboutDialog) -> list[str]:
    return [label.whole_text for label in dialog.findChildren(PlainLabel)]


def test_about_names_the_versions(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    assert metadata.version("h5py") in _texts(dialog)


def test_about_says_how_to_get_prediction(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = metadata.version

    def version(package: str) -> str:
        if package == "tensorflow":
            raise metadata.PackageNotFoundError(package)
        return installed(package)

    monkeypatch.setattr(metadata, "version", version)
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    assert any("pip install 'h5viewer[predict]'" in text for text in _texts(dialog))


def test_about_tells_the_libraries_that_read_files(qtbot: QtBot, pool: Pool) -> None:
    pool.warm()
    qtbot.waitUntil(lambda: bool(pool.libraries))
    assert [name for name, _ in pool.libraries] == ["h5py", "HDF5"]
    dialog = AboutDialog(pool.libraries)
    qtbot.addWidget(dialog)
    assert dict(pool.libraries)["HDF5"] in _texts(dialog)

"""Forms: titles stand on one line with what their fields say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from h5viewer.gui import theme
from h5viewer.gui.controls.form import Form
from h5viewer.gui.data_sets.fields import in_a_row
from h5viewer.gui.settings import Settings
from h5viewer.gui.settings_dialog import SettingsDialog


def middle(widget: QWidget) -> int:
    """Twice its height above the window's top, to be a whole number."""
    return 2 * widget.mapTo(widget.window(), QPoint()).y() + widget.height()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_titles_stand_in_the_middle_of_fields_of_one_line(qtbot: QtBot, mode: theme.Mode) -> None:
    theme.apply(mode)
    whole = QWidget()
    qtbot.addWidget(whole)
    form = Form(whole)
    box = QLineEdit()
    fields = [QComboBox(), QSpinBox(), QCheckBox("ahead"), QLineEdit(), in_a_row(box)]
    for field in fields:
        form.add("Title", field)
    with qtbot.waitExposed(whole):
        whole.show()
    for row, field in enumerate(fields):
        title = form.itemAt(row, QFormLayout.ItemRole.LabelRole).widget()
        assert abs(middle(title) - middle(field if isinstance(field, QWidget) else box)) <= 2


def test_the_title_of_a_high_field_stays_at_its_top(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    form, field = Form(whole), QPlainTextEdit()
    form.add("Notes", field)
    with qtbot.waitExposed(whole):
        whole.show()
    title = form.labelForField(field)
    assert title.geometry().bottom() < field.geometry().center().y()


def test_titles_of_settings_stand_beside_their_fields(qtbot: QtBot, tmp_path: Path) -> None:
    theme.apply("light")
    store = tmp_path / "settings.json"
    dialog = SettingsDialog(Settings(store))
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    titles = [
        each
        for each in dialog.findChildren(QLabel)
        if each.buddy() and each.text() and each.buddy().isVisible()
    ]
    assert [each.text() for each in titles] == [
        "Theme", "Memory for each file", "Memory for each network", "Predicting", "Recent files",
    ]  # fmt: skip
    assert all(abs(middle(each) - middle(each.buddy())) <= 2 for each in titles)

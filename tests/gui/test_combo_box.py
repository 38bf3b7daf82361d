"""Long names in a list to choose from: nothing of them is lost unseen."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.combo_box import ComboBox

LONG = "encoder_stage_2_depthwise_separable_block_a  ·  62 × 62 × 16  ·  DepthwiseConv2D"


def box_of(qtbot: QtBot, text: str) -> ComboBox:
    box = ComboBox("Layer", "The layer whose output is shown", 8)
    qtbot.addWidget(box)
    box.addItem(text)
    box.resize(300, box.sizeHint().height())
    box.show()
    return box


def test_long_name_shows_that_it_is_cut_and_how_it_ends(qtbot: QtBot) -> None:
    """Of a layer's name, shape and class the last was lost, without a sign."""
    shown = box_of(qtbot, LONG).shown_text
    assert "…" in shown
    assert shown.startswith("encoder")
    assert shown.endswith("Conv2D")


def test_tooltip_of_a_cut_name_says_it_whole(qtbot: QtBot) -> None:
    shown = box_of(qtbot, LONG).shown_tooltip
    assert shown == f"{LONG}\nThe layer whose output is shown"


def test_name_that_fits_is_left_alone(qtbot: QtBot) -> None:
    box = box_of(qtbot, "dense  ·  10  ·  Dense")
    assert box.shown_text == "dense  ·  10  ·  Dense"
    assert box.shown_tooltip == "The layer whose output is shown"

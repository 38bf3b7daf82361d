"""Cut, freeze and rename: from chosen layers to what is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from answering_pool import AnsweringPool, document
from PySide6.QtCore import Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from h5viewer.gui.altering.cut_dialog import CutDialog
from h5viewer.gui.altering.freeze_dialog import TRAINED, FreezeDialog
from h5viewer.gui.altering.layer_listing import flat
from h5viewer.gui.altering.layers_dialog import LayersDialog, as_file_name, suggestion
from h5viewer.gui.altering.listed_item_model import NAME, ListedItemModel
from h5viewer.gui.altering.rename_dialog import NEW, RenameDialog
from h5viewer.gui.altering.wishes import Wish, add_wishes
from h5viewer.gui.export.plan_view import PlanView
from h5viewer.nodes import Architecture, ExportPlan, Layer, Layers, ParameterCount, Weight
from h5viewer.requests import CutNetwork, FreezeLayers, RenameLayer, RenameLayers

PATH = str(Path(__file__).with_name("no digits.h5"))  # in a folder that is there
PLAN = ExportPlan(kept=(), left_out=(), bytes_before=10, bytes_after=5)


def layer(key: tuple[int, ...], name: str, *, inside: tuple[Layer, ...] = (), **more: Any) -> Layer:
    n = 0 if "weights" not in more else 6
    known = {"class_name": "Dense", "n_parameters": n, "layers": inside}
    return Layer(name=name, key=key, **(known | more))


def weight(*path: str, name: str = "kernel") -> tuple[Weight, ...]:
    parts = tuple(part.encode() for part in path)
    return (Weight(name=name, path=parts, shape=(2, 3), dtype="float32"),)


LAYERS = (
    layer((0,), "input", class_name="InputLayer"),
    layer(
        (1,), "base", class_name="Functional", n_parameters=12,
        inside=(
            layer(
                (1, 0), "conv", class_name="Conv2D",
                weights=weight("model_weights", "base", "conv", "kernel"),
            ),
            layer(
                (1, 1), "norm", class_name="LayerNormalization", weights=weight("w", "norm", "g"),
                trainable=False,
            ),
        ),
    ),
    layer((2,), "dense", weights=weight("model_weights", "dense", "kernel"), trainable=True),
)  # fmt: skip


def pool() -> AnsweringPool:
    end = Architecture(
        class_name="Functional", name="net", n_layers=3, parameters=ParameterCount(total=18)
    )
    return AnsweringPool(
        DecodeArchitecture=lambda _: ((Layers(layers=LAYERS),), end), PlanExport=lambda _: PLAN
    )


def shown(qtbot: QtBot, kind: type[Any], wish: Wish) -> Any:
    dialog: LayersDialog = kind(pool(), document(PATH), wish)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.is_read)
    dialog.asked = []
    dialog.wanted.connect(lambda request, _: dialog.asked.append(request))
    return dialog


def run(qtbot: QtBot, dialog: Any) -> Any:
    begin = next(b for b in dialog.findChildren(QPushButton) if b.text() == dialog.windowTitle())
    qtbot.waitUntil(begin.isEnabled)
    begin.click()
    return dialog.asked[-1]


def press(dialog: Any, text: str) -> None:
    next(b for b in dialog.findChildren(QPushButton) if b.text() == text).click()


def test_cut_ends_where_the_user_pointed(qtbot: QtBot) -> None:
    dialog = shown(qtbot, CutDialog, Wish("cut", PATH, ((1, 0),)))
    request = run(qtbot, dialog)
    assert isinstance(request, CutNetwork)
    assert request.layer == ("base", "conv")
    assert Path(request.target).name == "no digits up to conv.h5"


def test_enter_in_the_table_begins(qtbot: QtBot) -> None:
    dialog = shown(qtbot, FreezeDialog, Wish("freeze", PATH, ((2,),)))
    dialog.activateWindow()
    dialog.table.setFocus()
    qtbot.waitUntil(dialog.table.hasFocus)
    begin = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Freeze")
    qtbot.waitUntil(begin.isEnabled)
    qtbot.keyClick(dialog.table, Qt.Key.Key_Return)
    assert len(dialog.asked) == 1
    assert not dialog.isVisible()


def test_a_dialog_grows_where_it_is_shown_and_stays_on_the_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before that X11 does not say where it is, and its title went out of sight."""
    dialog = shown(qtbot, CutDialog, Wish("cut", PATH, ((1, 0),)))
    qtbot.waitExposed(dialog)
    screen = dialog.screen().availableGeometry()
    dialog.resize(dialog.width(), 100)
    low = dialog.height()
    dialog.move(0, screen.bottom() - low)
    monkeypatch.setattr(QWindow, "isExposed", lambda _: False)
    dialog._grow()
    assert dialog.height() == low
    monkeypatch.undo()
    dialog.repaint()
    qtbot.waitUntil(lambda: dialog.height() > low)
    assert dialog.frameGeometry().bottom() <= screen.bottom()


def test_cut_can_be_moved_and_needs_a_layer(qtbot: QtBot) -> None:
    dialog = shown(qtbot, CutDialog, Wish("cut", PATH))
    assert "Choose the layer" in dialog.findChild(PlanView).text
    dialog.search.setText("dense")
    dialog.table.setCurrentIndex(dialog.model.index(0, NAME))
    assert run(qtbot, dialog).layer == ("dense",)


def test_a_group_of_the_tree_is_the_layer_whose_weights_it_holds(qtbot: QtBot) -> None:
    for name, layer in (
        (b"dense", ("dense",)),
        (b"base", ("base", "conv")),
        (b"input", ("input",)),
    ):
        wish = Wish("cut", PATH, group=(b"model_weights", name))
        assert run(qtbot, shown(qtbot, CutDialog, wish)).layer == layer
    nothing = shown(qtbot, CutDialog, Wish("cut", PATH, group=(b"optimizer_weights",)))
    assert nothing._notice.message == "These weights belong to no layer of the network."


def test_freeze_asks_for_what_differs_from_the_file(qtbot: QtBot) -> None:
    dialog = shown(qtbot, FreezeDialog, Wish("freeze", PATH, ((1,), (2,))))
    request = run(qtbot, dialog)
    assert isinstance(request, FreezeLayers)
    assert (request.frozen, request.trained) == (("base/conv", "dense"), ())  # norm is already


def test_a_click_freezes_and_another_takes_it_back(qtbot: QtBot) -> None:
    dialog = shown(qtbot, FreezeDialog, Wish("freeze", PATH))
    model = dialog.model
    assert model.index(1, TRAINED).data() == "partly"
    for place, text in (
        (4, "frozen"),
        (4, "trained"),
        (3, "trained"),
        (1, "frozen"),
        (1, "trained"),
    ):
        dialog._click(model.index_of(place).siblingAtColumn(TRAINED))
        assert model.index_of(place).siblingAtColumn(TRAINED).data() == text
    assert (model.frozen, model.trained) == ((), ("base/norm",))
    assert dialog._count.whole_text == "Training will change 18 parameters."


def test_space_freezes_what_is_chosen_and_trains_it_again(qtbot: QtBot) -> None:
    dialog = shown(qtbot, FreezeDialog, Wish("freeze", PATH))
    dialog.activateWindow()
    dialog.table.setFocus()
    qtbot.waitUntil(dialog.table.hasFocus)
    dialog.table.setCurrentIndex(dialog.model.index_of(1))
    for frozen, trained in ((("base/conv",), ()), ((), ("base/norm",))):
        qtbot.keyClick(dialog.table, Qt.Key.Key_Space)
        assert (dialog.model.frozen, dialog.model.trained) == (frozen, trained)


def test_freezing_up_to_a_layer(qtbot: QtBot) -> None:
    dialog = shown(qtbot, FreezeDialog, Wish("freeze", PATH))
    dialog.table.setCurrentIndex(dialog.model.index_of(2))
    press(dialog, "Freeze up to here")
    assert run(qtbot, dialog).frozen == ("base/conv",)


def test_unfreeze_trains_what_was_frozen(qtbot: QtBot) -> None:
    dialog = shown(qtbot, FreezeDialog, Wish("unfreeze", PATH, ((1,),)))
    assert run(qtbot, dialog).trained == ("base/norm",)


def test_names_are_typed_and_taken_back(qtbot: QtBot) -> None:
    dialog = shown(qtbot, RenameDialog, Wish("rename", PATH))
    model = dialog.model
    assert "Give at least one" in dialog.findChild(PlanView).text
    index = model.index_of(2).siblingAtColumn(NEW)
    assert index.data(Qt.ItemDataRole.EditRole) == "conv"
    for name, names in (("first", (("base/conv", "first"),)), ("conv", ())):
        model.setData(index, name)
        assert model.names == names
    model.setData(index, " first ")
    request = run(qtbot, dialog)
    assert isinstance(request, RenameLayers)
    assert request.names == (("base/conv", "first"),)


def test_a_text_is_replaced_in_the_names_that_are_listed(qtbot: QtBot) -> None:
    dialog = shown(qtbot, RenameDialog, Wish("rename", PATH))
    dialog._old.setText("n")
    dialog._new.setText("N")
    dialog.search.setText("o")
    qtbot.keyClick(dialog._new, Qt.Key.Key_Return)
    assert not dialog.asked  # Enter in the field is not the dialog's
    assert dict(dialog.model.names) == {"base/conv": "coNv", "base/norm": "Norm"}


def test_names_can_wait_with_other_changes(qtbot: QtBot) -> None:
    dialog = shown(qtbot, RenameDialog, Wish("rename", PATH))
    dialog.model.rename(3, "second")
    with qtbot.waitSignal(dialog.changes_made) as made:
        press(dialog, "Add to the changes")
    assert made.args == [PATH, [RenameLayer(old="base/norm", new="second")]]
    assert not dialog.asked


def test_menus_offer_what_can_be_done(qtbot: QtBot) -> None:
    def offered(*layers: Layer) -> list[str]:
        menu = QMenu()
        qtbot.addWidget(menu)
        add_wishes(menu, layers, lambda _: None)
        return [each.text() for each in menu.actions() if each.text() and each.isEnabled()]

    assert offered(LAYERS[0]) == ["Cut here…", "Rename…"]  # it has no weights
    assert offered(LAYERS[2]) == ["Cut here…", "Freeze…", "Unfreeze…", "Rename…"]
    assert offered(LAYERS[0], LAYERS[2]) == ["Freeze…", "Unfreeze…", "Rename…"]
    assert offered(layer((0,), "w", class_name=None, weights=weight("w"))) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/m/a.h5", "a cut.h5"),
        ("/m/a.hdf5", "a cut.h5"),
        ("/m/a.keras", "a cut.keras"),
        ("/m/a.weights.h5", "a cut.h5"),
        ("/m/noending", "noending cut.h5"),
    ],
)
def test_the_suggested_name_is_never_the_files_own(path: str, name: str) -> None:
    assert suggestion(path, "cut").name == name


def test_layer_names_become_file_names() -> None:
    assert as_file_name("block/conv:0\u202e") == "block-conv-0"
    assert as_file_name("../..") == "layer"


def test_nested_layers_come_below_what_holds_them(qtbot: QtBot) -> None:
    model = ListedItemModel()
    QAbstractItemModelTester(model)
    listed = list(flat(LAYERS))
    assert [each.path for each in listed][1:4] == [("base",), ("base", "conv"), ("base", "norm")]
    model.show_layers(listed)
    model.set_filter("norm")
    assert [model.index(row, NAME).data() for row in range(model.rowCount())] == ["    norm"]

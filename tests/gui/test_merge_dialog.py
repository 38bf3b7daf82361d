"""The Merge dialog: what the files allow, how they are put together, what is asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from answering_pool import WAIT, AnsweringPool
from dropping import drop
from msgspec import structs
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.export.plan_view import PlanView
from h5viewer.gui.merge.combine_options import CombineOptions
from h5viewer.gui.merge.kind_choice import KINDS
from h5viewer.gui.merge.match_files import MatchFiles
from h5viewer.gui.merge.match_item_model import BASIS, SOURCE, MatchItemModel
from h5viewer.gui.merge.member_item_model import FILE, FLOW, SHARE, MemberItemModel
from h5viewer.gui.merge.member_table import MemberTable
from h5viewer.gui.merge.merge_dialog import MergeDialog, in_series_order
from h5viewer.nodes import (
    ExportPlan,
    LayerMatch,
    MergeChoice,
    MergeChoices,
    MergeKind,
    MergeMember,
    WeightMatches,
    WeightSource,
)
from h5viewer.requests import (
    AverageNetworks,
    ChainNetworks,
    CombineNetwork,
    JoinNetworks,
    MatchWeights,
    PlanExport,
    PlanMerge,
)

TIP = Qt.ItemDataRole.ToolTipRole
PLAN = ExportPlan(kept=(), left_out=(), bytes_before=10, bytes_after=5)
ALL: tuple[MergeKind, ...] = ("average", "ensemble", "chain", "combine")


def choices(request: PlanMerge, *allowed: MergeKind, whole: bool = True) -> MergeChoices:
    return MergeChoices(
        members=tuple(
            MergeMember(
                name=Path(path).name, title="Keras 2 model", has_architecture=whole, n_weights=2,
                n_parameters=7, inputs=((None, 28, 28, 1),), outputs=((None, 10),),
            )
            for path in request.documents
        ),
        choices=tuple(
            MergeChoice(kind=kind, why_not="" if kind in allowed else f"No {kind} of these.")
            for kind in ALL
        ),
    )  # fmt: skip


def matches(request: MatchWeights) -> WeightMatches:
    by_hand = dict(request.pairs)
    taken = {"conv": "conv_1", "dense": ""} | by_hand
    return WeightMatches(
        matches=tuple(
            LayerMatch(
                layer=layer, class_name="Dense", shapes=((3, 2),), source=source,
                basis="hand" if layer in by_hand else "name" if source else "",
            )
            for layer, source in taken.items()
        ),
        sources=(
            WeightSource(name="conv_1", shapes=((3, 2),)),
            WeightSource(name="odd", shapes=((9,),)),
            WeightSource(name="fits", shapes=((3, 2),)),
        ),
        keeps_values=True,
    )  # fmt: skip


class Merging:
    """A dialog and what it asks."""

    def __init__(self, qtbot: QtBot, folder: Path, n_files: int, **answers: Any) -> None:
        self.files = [str(folder / f"{number}.h5") for number in range(n_files)]
        known = {
            "PlanMerge": lambda request: choices(request, *ALL),
            "PlanExport": lambda _: PLAN,
            "MatchWeights": matches,
        }
        self.pool = AnsweringPool(**(known | answers))
        self.dialog = MergeDialog(self.pool, self.files, str(folder))  # type: ignore[arg-type]
        self.wanted: list[Any] = []
        self.dialog.wanted.connect(lambda request, _: self.wanted.append(request))
        qtbot.addWidget(self.dialog)
        self.dialog.show()
        self._qtbot = qtbot

    @property
    def begin(self) -> QPushButton:
        return next(b for b in self.dialog.findChildren(QPushButton) if b.text() == "Merge")

    @property
    def text(self) -> str:
        return self.dialog.findChild(PlanView).text

    def choose(self, kind: MergeKind) -> None:
        self.dialog._kinds.setCurrentRow([name for name, *_ in KINDS].index(kind))

    def run(self) -> Any:
        self._qtbot.waitUntil(self.begin.isEnabled)
        self.begin.click()
        return self.wanted[-1]

    def radio(self, text: str) -> QRadioButton:
        return next(b for b in self.dialog.findChildren(QRadioButton) if text in b.text())


@pytest.fixture
def three(qtbot: QtBot, tmp_path: Path) -> Merging:
    merging = Merging(qtbot, tmp_path, 3)
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind is not None)
    return merging


def model_of(dialog: QWidget) -> MemberItemModel:
    return dialog.findChild(MemberItemModel)


def test_the_dialog_is_no_higher_than_a_small_laptop_shows(three: Merging) -> None:
    three._qtbot.waitUntil(three.begin.isEnabled)
    assert three.dialog.height() <= 660  # of 720, beside a panel and its own title


def test_the_dialog_fits_on_a_small_screen(three: Merging) -> None:
    three._qtbot.waitUntil(three.begin.isEnabled)
    three.dialog.hide()
    three.dialog.resize(940, 2000)
    three.dialog.show()
    assert three.dialog.height() < three.dialog.screen().availableGeometry().height()
    assert three.dialog.minimumSizeHint().height() <= 580  # 1024 x 600


def test_an_average_is_asked_for_with_the_files_in_their_order(three: Merging) -> None:
    request = three.run()
    assert isinstance(request, AverageNetworks)
    assert list(request.documents) == three.files
    assert (request.shares, request.decay) == ((), None)
    assert Path(request.target).name == "average.h5"  # stored as the first file is


def test_each_file_counts_as_the_user_says(three: Merging) -> None:
    three.radio("Each counts").click()
    model = model_of(three.dialog)
    assert model.setData(model.index(1, SHARE), "2,5")
    for nonsense in ("-1", "nan", "much"):
        assert not model.setData(model.index(1, SHARE), nonsense)
    assert three.run().shares == (1.0, 2.5, 1.0)


def test_a_share_is_typed_where_it_is_clicked_or_after_a_key(qtbot: QtBot, three: Merging) -> None:
    three.radio("Each counts").click()
    table = three.dialog.findChild(MemberTable)._table
    model = model_of(three.dialog)
    assert "click" in str(model.headerData(SHARE, Qt.Orientation.Horizontal, TIP))

    def type_it(text: str) -> None:
        editor = table.viewport().findChild(QLineEdit)
        assert editor is not None
        assert table.visualRect(table.currentIndex().siblingAtColumn(SHARE)).contains(
            editor.geometry()
        )
        qtbot.keyClicks(editor, text)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: table.viewport().findChild(QLineEdit) is None)

    place = table.visualRect(model.index(1, SHARE)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    type_it("3")
    table.setCurrentIndex(model.index(2, FILE))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    type_it("0.5")
    assert three.run().shares == (1.0, 3.0, 0.5)


def test_shares_are_sent_only_where_they_count(three: Merging) -> None:
    model = model_of(three.dialog)
    model.setData(model.index(1, SHARE), "2.5")
    assert three.run().shares == ()


def test_a_series_has_a_decay(three: Merging) -> None:
    decay = three.dialog.findChild(QDoubleSpinBox)
    assert not decay.isEnabled()
    three.radio("A series").click()
    decay.setValue(0.75)
    assert three.run().decay == 0.75


def test_an_ensemble_may_put_out_all_answers(three: Merging) -> None:
    three.choose("ensemble")
    three.radio("All answers").click()
    request = three.run()
    assert isinstance(request, JoinNetworks)
    assert request.how == "concatenate"
    assert Path(request.target).name == "ensemble.h5"


def test_a_chain_follows_the_order_that_the_user_gives(qtbot: QtBot, three: Merging) -> None:
    three.choose("chain")
    assert model_of(three.dialog).move(2, -1)
    assert not model_of(three.dialog).move(0, -1)
    request = three.run()
    assert isinstance(request, ChainNetworks)
    assert list(request.documents) == [three.files[0], three.files[2], three.files[1]]


def test_what_the_files_do_not_allow_says_why(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 2, PlanMerge=lambda request: choices(request, "chain"))
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind == "chain")
    kinds = merging.dialog._kinds
    assert kinds.enabled_rows == [2]
    assert kinds.item(0).text() == "Average the weights. No average of these."
    assert isinstance(merging.run(), ChainNetworks)


def test_nothing_is_begun_with_one_file_and_more_can_be_dropped(
    qtbot: QtBot, tmp_path: Path
) -> None:
    merging = Merging(qtbot, tmp_path, 1)
    qtbot.waitUntil(lambda: bool(merging.pool.of(PlanMerge)))
    assert merging.dialog._kinds.kind is None
    assert "at least two files" in merging.text
    assert not merging.begin.isEnabled()
    drop(merging.dialog, Path(merging.files[0]), tmp_path / "new.keras")
    assert model_of(merging.dialog).paths == (merging.files[0], str(tmp_path / "new.keras"))
    assert merging.run().others == (str(tmp_path / "new.keras"),)


def test_a_file_taken_out_is_asked_about_no_more(qtbot: QtBot, three: Merging) -> None:
    model_of(three.dialog).remove([1])
    assert three.run().documents == (three.files[0], three.files[2])


def test_a_file_that_cannot_be_read_is_told(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 2, PlanMerge=lambda _: CannotRead("1.h5 is a picture."))
    qtbot.waitUntil(lambda: merging.dialog._notice.message == "1.h5 is a picture.")
    assert merging.dialog._kinds.kind is None
    assert not merging.begin.isEnabled()


def test_a_refused_plan_cannot_be_begun(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 2, PlanExport=lambda _: CannotRead("conv differs."))
    qtbot.waitUntil(lambda: merging.text == "conv differs.")
    assert not merging.begin.isEnabled()


def test_an_answer_about_older_files_is_forgotten(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 2, PlanMerge=lambda _: WAIT)
    merging.dialog._add([str(tmp_path / "more.h5")])
    older, newer = merging.pool.of(PlanMerge)
    merging.pool.release(choices(older, *ALL))
    qtbot.wait(20)
    assert merging.dialog._kinds.kind is None
    merging.pool.release(choices(newer, "ensemble"))
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind == "ensemble")


def test_nothing_is_begun_until_all_files_have_been_looked_into(
    qtbot: QtBot, three: Merging, tmp_path: Path
) -> None:
    qtbot.waitUntil(three.begin.isEnabled)
    three.pool.answers["PlanMerge"] = lambda _: WAIT
    three.dialog._add([str(tmp_path / "more.h5")])
    qtbot.wait(300)  # longer than a plan waits for the next choice
    assert not three.begin.isEnabled()
    assert "Looking into the files" in three.text
    three.dialog._stop()
    assert "not looked into to the end" in three.text
    three.pool.answers["PlanMerge"] = lambda request: choices(request, *ALL)
    three.dialog._notice.action_requested.emit()
    assert len(three.run().documents) == 4


def test_layers_are_matched_and_paired_by_hand(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 2)
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind is not None)
    merging.choose("combine")
    options = merging.dialog.findChild(CombineOptions)
    model = merging.dialog.findChild(MatchItemModel)
    qtbot.waitUntil(lambda: model.rowCount() == 2)
    assert options._summary.whole_text == "1 of 2 layers take weights; 1 keep their own."
    assert options._left_over.whole_text == "Not used: odd, fits"
    assert model.index(1, SOURCE).data() == "keeps its own"
    offered = [name for name, _ in model.sources_for(model.match_at(model.index(1, 0)))]
    assert offered == ["", "conv_1", "fits", "odd"]  # what fits comes first
    model.setData(model.index(1, SOURCE), "fits")
    qtbot.waitUntil(lambda: model.index(1, BASIS).data() == "you")
    request = merging.run()
    assert isinstance(request, CombineNetwork)
    assert request.pairs == (("conv", "conv_1"), ("dense", "fits"))


def test_what_an_optimizer_keeps_is_kept_where_it_can_be(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(
        qtbot, tmp_path, 2,
        MatchWeights=lambda r: structs.replace(matches(r), state="Adam, for 2 weights"),
    )  # fmt: skip
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind is not None)
    merging.choose("combine")
    options = merging.dialog.findChild(CombineOptions)
    qtbot.waitUntil(options._state.isVisible)
    assert options._state_words.whole_text == "Adam, for 2 weights"
    assert not merging.run().with_state
    options._state.click()
    assert merging.run().with_state
    merging.pool.answers["MatchWeights"] = lambda r: structs.replace(
        matches(r), state_problem="It is Lion."
    )
    options._forget_pairs()
    qtbot.waitUntil(lambda: not options._state.isEnabled())
    assert options._state_words.whole_text == "It is Lion."
    assert not merging.run().with_state


def test_a_match_is_saved_and_loaded(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merging = Merging(qtbot, tmp_path, 2)
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind is not None)
    merging.choose("combine")
    model = merging.dialog.findChild(MatchItemModel)
    buttons = merging.dialog.findChild(MatchFiles)
    qtbot.waitUntil(buttons.save.isEnabled)
    path = tmp_path / "match.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    buttons.save.click()
    qtbot.waitUntil(path.exists)
    assert json.loads(path.read_text())["pairs"] == {"conv": "conv_1", "dense": None}
    path.write_text('{"pairs": {"dense": "fits"}}')
    buttons.load.click()
    qtbot.waitUntil(lambda: model.index(1, BASIS).data() == "you")
    assert ("dense", "fits") in merging.run().pairs
    path.write_text("nonsense")
    buttons.load.click()
    notice = merging.dialog.findChild(CombineOptions)._notice
    qtbot.waitUntil(lambda: notice.message == "match.json is no readable JSON.")


def test_a_match_never_replaces_the_architecture(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merging = Merging(qtbot, tmp_path, 2)
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind is not None)
    merging.choose("combine")
    buttons = merging.dialog.findChild(MatchFiles)
    qtbot.waitUntil(buttons.save.isEnabled)
    Path(merging.files[0]).write_text("{}")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (merging.files[0], ""))
    with qtbot.waitSignal(buttons.failed):
        buttons.save.click()
    assert Path(merging.files[0]).read_text() == "{}"


def test_what_was_found_is_left_to_the_export(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 2)
    qtbot.waitUntil(lambda: merging.dialog._kinds.kind is not None)
    merging.choose("combine")
    assert merging.run().pairs is None


def test_the_format_follows_the_user(qtbot: QtBot, three: Merging) -> None:
    field = three.dialog.target.findChild(QLineEdit)
    formats = three.dialog.target._formats
    formats.setCurrentIndex(formats.findData(".keras"))
    formats.activated.emit(formats.currentIndex())
    assert Path(field.text()).name == "average.keras"
    three.choose("ensemble")
    assert Path(three.run().target).name == "ensemble.keras"


def test_the_mean_of_weights_alone_is_stored_as_they_are(qtbot: QtBot, tmp_path: Path) -> None:
    merging = Merging(qtbot, tmp_path, 0)
    answer = lambda request: choices(request, "average", whole=False)  # noqa: E731
    merging.pool.answers["PlanMerge"] = answer
    merging.dialog._add([str(tmp_path / "a.weights.h5"), str(tmp_path / "b.weights.h5")])
    assert Path(merging.run().target).name == "average.weights.h5"


def test_a_suggested_name_gives_way_to_a_file_that_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("average.h5", "average 2.h5"):
        (tmp_path / name).write_bytes(b"")
    merging = Merging(qtbot, tmp_path, 2)
    assert Path(merging.run().target).name == "average 3.h5"


def test_another_format_whose_name_is_free_takes_the_name_without_a_number(
    qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "average.h5").write_bytes(b"")
    merging = Merging(qtbot, tmp_path, 2)
    qtbot.waitUntil(lambda: Path(merging.dialog.target.path).name == "average 2.h5")
    formats = merging.dialog.target.findChild(QComboBox)
    formats.setCurrentIndex(formats.findData(".keras"))
    formats.activated.emit(formats.currentIndex())
    assert Path(merging.run().target).name == "average.keras"


def test_checkpoints_of_a_series_come_in_its_order() -> None:
    series = ["/m/net.02-0.52.h5", "/m/net.102-0.66.h5", "/m/net.10-0.58.h5"]
    assert in_series_order(series) == [series[0], series[2], series[1]]
    others = ["/m/encoder.h5", "/m/decoder.h5"]
    assert in_series_order(others) == others
    assert in_series_order([]) == []


def test_a_plan_is_asked_for_what_is_begun(qtbot: QtBot, three: Merging) -> None:
    request = three.run()
    planned = three.pool.of(PlanExport)[-1].export
    assert planned == request


def test_hostile_names_stay_letters(qtbot: QtBot, tmp_path: Path) -> None:
    model = MemberItemModel()
    QAbstractItemModelTester(model)
    model.add([str(tmp_path / "<b>a\u202e.h5"), str(tmp_path / "b.h5")])
    assert "\u202e" not in model.index(0, FILE).data()
    assert "<b>" not in model.index(0, FILE).data(Qt.ItemDataRole.ToolTipRole)
    assert model.index(0, FLOW).data() == "…"
    answer = choices(PlanMerge(document=model.paths[0], others=model.paths[1:]), *ALL)
    model.describe(model.paths, answer.members)
    assert model.index(0, FLOW).data() == "28 × 28 × 1 → 10"

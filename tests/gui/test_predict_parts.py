"""Parts of the predict panel by themselves: words, memory, item models, errands."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from answering_pool import RAW, UNIT, network, prediction, softmax
from PySide6.QtCore import QAbstractItemModel, QObject
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict.answer_words import (
    best_of,
    fitting_words,
    headline,
    percent_text,
    score_rows,
)
from h5viewer.gui.predict.class_names_dialog import ClassNamesItemModel
from h5viewer.gui.predict.consent_dialog import ConsentDialog
from h5viewer.gui.predict.numbers_item_model import NumbersItemModel
from h5viewer.gui.predict.output_block import PictureBlock
from h5viewer.gui.predict.own_recipe_dialog import OwnRecipeDialog
from h5viewer.gui.predict.pictures import CLASS_COLOURS, picture, thumbnail
from h5viewer.gui.predict.probe_table import ProbeItemModel
from h5viewer.gui.predict.recipe_bar import Choice, RecipeBar, rule_words
from h5viewer.gui.predict.remembered import KeptRecipe, Remembered
from h5viewer.gui.predict.repairs_dialog import RepairItemModel, RepairsDialog
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.sample_item_model import Outcome, SampleItemModel
from h5viewer.gui.predict.score_item_model import ScoreItemModel
from h5viewer.gui.settings import Settings
from h5viewer.nodes import (
    Answer,
    Array,
    Code,
    Diagnosis,
    Finding,
    Fitting,
    ProbedAnswer,
    Recipe,
    Score,
)
from h5viewer.nodes.prediction import Filter
from h5viewer.requests import CodeFile, Consent

NAMES = ClassNames({2: ("cat", "dog"), 3: ("a", "", "c")})

# ------------------------------------------------------------------------ words


@pytest.mark.parametrize(
    ("share", "text"),
    [(1.0, "100.0 %"), (0.99999, "> 99.99 %"), (0.5, "50.0 %"), (0.0123, "1.23 %"),
     (0.00001, "< 0.01 %"), (0.0, "0.00 %"), (float("nan"), "nan")],
)  # fmt: skip
def test_shares_are_never_rounded_to_certainty(share: float, text: str) -> None:
    assert percent_text(share) == text


def test_one_unit_that_says_yes_or_no_tells_of_both_classes() -> None:
    answer = Answer(name="y", kind="sigmoid", shape=(1,), top=(Score(index=0, score=0.2),))
    rows = [(row.name, row.text, row.is_best) for row in score_rows(answer, NAMES)]
    assert rows == [("cat", "80.0 %", True), ("dog", "20.0 %", False)]


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((0.34, 0.33, 0.33), "No class stands out: a · 34.0 %"),
        ((0.5, 0.3, 0.2), "a · 50.0 %"),
        ((0.52, 0.48), "cat · 52.0 %"),  # of two classes one is always above a half
    ],
)
def test_it_is_said_when_no_class_stands_out(scores: tuple[float, ...], words: str) -> None:
    top = tuple(Score(index=at, score=score) for at, score in enumerate(scores))
    answer = Answer(name="y", kind="softmax", shape=(len(scores),), top=top)
    assert headline(answer, NAMES) == words


def test_labels_above_a_half_are_all_said() -> None:
    top = (Score(index=2, score=0.9), Score(index=0, score=0.6), Score(index=1, score=0.1))
    answer = Answer(name="y", kind="sigmoid", shape=(3,), top=top)
    assert headline(answer, NAMES) == "c, a"


def test_labels_that_no_row_tells_of_are_counted() -> None:
    """Ten rows come with an answer, five names fit into the headline."""
    scores = np.linspace(0.99, 0.4, 30, dtype=np.float32)
    top = tuple(Score(index=at, score=float(scores[at])) for at in range(10))
    answer = Answer(name="y", kind="sigmoid", shape=(30,), top=top, values=Array.of(scores))
    assert headline(answer, NAMES) == "Classes 0, 1, 2, 3, 4 and 20 more"


def test_how_much_of_a_mask_says_yes_is_told() -> None:
    mask = np.zeros((4, 5, 1), np.float32)
    mask[0] = 0.9
    answer = Answer(name="y", kind="mask", shape=(4, 5, 1), values=Array.of(mask))
    assert headline(answer, NAMES) == "Mask of 4 × 5, 25.0 % of it above 0.5"
    volume = np.stack([mask, mask])
    answer = Answer(name="y", kind="mask", shape=(2, 4, 5, 1), values=Array.of(volume))
    assert headline(answer, NAMES) == "Mask of a volume of 2 × 4 × 5, 25.0 % of it above 0.5"
    answer = Answer(name="y", kind="mask", shape=(4, 5, 1), values=Array.of(mask * 9))
    assert headline(answer, NAMES) == "Mask of 4 × 5, numbers from 0 to 8.1"


def test_mask_of_classes_and_few_numbers_are_told_plainly() -> None:
    mask = np.zeros((4, 5, 3), np.float32)
    mask[..., 0], mask[1, :, 2] = 0.5, 0.9
    answer = Answer(name="y", kind="mask", shape=(4, 5, 3), values=Array.of(mask))
    assert headline(answer, NAMES) == "Mask of 4 × 5, 2 of 3 classes in it"
    place = np.array([0.75, -0.5], np.float32)
    answer = Answer(name="y", kind="regression", shape=(2,), values=Array.of(place))
    assert headline(answer, NAMES) == "0.75, −0.5"


def test_volume_is_looked_through_slice_by_slice(qtbot: QtBot) -> None:
    block = PictureBlock()
    qtbot.addWidget(block)
    volume = np.zeros((5, 8, 8, 1), np.float32)
    volume[2], volume[4] = 10, 40
    answer = Answer(name="y", kind="picture", shape=volume.shape, values=Array.of(volume))
    block.show_answer(answer, NAMES, None, is_named=False)

    def shade() -> int:
        image = block._view.image
        return -1 if image is None else image.pixelColor(3, 3).red()

    assert block._slice_words.whole_text == "Slice 3 of 5"
    assert shade() == 64  # one scale for all slices
    block._slices.setValue(4)
    assert (block._slice_words.whole_text, shade()) == ("Slice 5 of 5", 255)
    block.show_answer(answer, NAMES, None, is_named=False)
    assert shade() == 255  # the same slice of the next answer
    flat = Answer(name="y", kind="picture", shape=(8, 8), values=Array.of(volume[2, ..., 0]))
    block.show_answer(flat, NAMES, None, is_named=False)
    assert block._slice_bar.isHidden()


def test_classes_of_a_mask_have_their_colours_without_a_picture_below(qtbot: QtBot) -> None:
    block = PictureBlock()
    qtbot.addWidget(block)
    scores = np.zeros((8, 8, 4), np.float32)
    scores[:4, :, 1], scores[4:, :, 3] = 1, 1
    answer = Answer(name="y", kind="mask", shape=(8, 8, 4), values=Array.of(scores))
    block.show_answer(answer, NAMES, None, is_named=False)
    image = block._view.image
    assert image is not None
    assert image.pixelColor(0, 0).getRgb()[:3] == tuple(CLASS_COLOURS[1])
    assert image.pixelColor(0, 7).getRgb()[:3] == tuple(CLASS_COLOURS[3])


def test_signal_is_drawn_as_a_line(qtbot: QtBot) -> None:
    image = picture(Array.of(np.array([0.0, np.nan, 1.0], np.float32)))
    drawn = [
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert min(drawn)[1] > image.height() * 0.8  # from the left below
    assert max(drawn)[1] < image.height() * 0.2  # to the right above
    small = thumbnail(Array.of(np.arange(100, dtype=np.float32)))
    assert max(small.width(), small.height()) == 48


def test_bare_scores_of_logits_have_bars_to_both_sides_of_zero() -> None:
    values = Array.of(np.array([3.0, -1.0], np.float32))
    answer = Answer(
        name="y", kind="logits", shape=(2,), values=values,
        top=(Score(index=0, score=0.98), Score(index=1, score=0.02)),
    )  # fmt: skip
    shares = [row.text for row in score_rows(answer, NAMES)]
    bare = [(row.text, row.start, row.end) for row in score_rows(answer, NAMES, is_bare=True)]
    assert shares == ["98.0 %", "2.00 %"]
    assert bare == [("3", 0.25, 1.0), ("−1", 0.0, 0.25)]


def test_class_without_a_name_is_called_by_its_number() -> None:
    assert best_of((softmax(0.1, 0.8, 0.1),), NAMES) == ("1", 0.8)


def test_rule_of_a_recipe_is_written_out() -> None:
    own = Recipe(factor=0.5, mean=(1.0, 2.0), std=(3.0,), inverted=True, is_bgr=True)
    assert rule_words(own) == "255 − number × 0.5 − (1, 2) / 3; blue first"


def test_every_way_to_fit_and_to_scale_can_be_chosen(qtbot: QtBot) -> None:
    bar = RecipeBar()
    qtbot.addWidget(bar)
    for fitting in get_args(Fitting):
        for scaling in get_args(Filter):
            recipe = Recipe(name="unit", fitting=fitting, filter=scaling)
            bar.show_network(network(), Choice(recipe))
            assert (bar._fittings.currentData(), bar._filters.currentData()) == (fitting, scaling)
            assert fitting_words(recipe)


# ----------------------------------------------------------------------- memory


def remembered(tmp_path: Path) -> tuple[Remembered, Settings]:
    store = tmp_path / "s.json"
    settings = Settings(store)
    return Remembered(settings), settings


def test_damaged_settings_are_as_good_as_none(tmp_path: Path) -> None:
    memory, settings = remembered(tmp_path)
    for text in ("{", '{"a": 1}', '{"a": {"path": 1}}', "\ud800"):
        settings.keep_text("recipes", text)
        assert memory.recipe("a") is None
    memory.keep_recipe("a", KeptRecipe("/m.h5", UNIT))
    assert memory.recipe("a") == KeptRecipe("/m.h5", UNIT)


def test_oldest_networks_are_forgotten_first(tmp_path: Path) -> None:
    memory, _ = remembered(tmp_path)
    for number in range(303):
        memory.keep_recipe(str(number), KeptRecipe("/m.h5", RAW))
    assert memory.recipe("2") is None
    assert memory.recipe("3") is not None


def test_consent_without_bytes_is_not_kept(tmp_path: Path) -> None:
    memory, _ = remembered(tmp_path)
    memory.keep_consent(Consent(run_code=True))
    assert memory.consent("") is None


def test_consent_that_was_moved_to_other_bytes_counts_for_none(tmp_path: Path) -> None:
    memory, settings = remembered(tmp_path)
    memory.keep_consent(Consent(content_hash="b" * 64, run_code=True))
    settings.keep_text("consents", settings.text_of("consents").replace("b" * 64, "c" * 64, 1))
    assert memory.consent("c" * 64) is None


def test_consent_with_long_files_is_asked_for_again(tmp_path: Path) -> None:
    memory, _ = remembered(tmp_path)
    long = Consent(content_hash="a", code_files=(CodeFile(name="x.py", text="#" * 200_000),))
    memory.keep_consent(long)
    assert memory.consent("a") is None


# ---------------------------------------------------------------------- dialogs


def diagnosis(*needs: tuple[str, str]) -> Diagnosis:
    findings = [
        Finding(layer=subject, message="It.", repair="Do.", needs=kind, subject=subject)  # type: ignore[arg-type]
        for kind, subject in needs
    ]
    return Diagnosis(findings=tuple(findings), loads=False, content_hash="h")


def test_consent_to_code_shows_what_it_names(qtbot: QtBot) -> None:
    code = Code(layer="lambda", kind="lambda", problem="It is cut short.")
    dialog = ConsentDialog("m.h5", diagnosis(("code", "lambda")), [code])
    qtbot.addWidget(dialog)
    texts = [label.text() for label in dialog.findChildren(QObject) if hasattr(label, "text")]
    assert any("It cannot be read. It is cut short." in str(text) for text in texts)
    assert dialog.consent() == Consent(content_hash="h", run_code=True)


def test_code_left_out_is_not_run(qtbot: QtBot) -> None:
    dialog = ConsentDialog("m.h5", diagnosis(("code", "lambda")), [])
    qtbot.addWidget(dialog)
    dialog._code_choice.setCurrentIndex(2)
    assert dialog.consent() == Consent(content_hash="h", pass_through=("lambda",))
    assert dialog._accept.isEnabled()


def test_unknown_classes_need_a_file_or_a_stand_in(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ConsentDialog("m.h5", diagnosis(("class", "Own"), ("class", "Mine")), [])
    qtbot.addWidget(dialog)
    assert not dialog._accept.isEnabled()
    dialog._choices["Own"].setCurrentIndex(1)
    assert not dialog._accept.isEnabled()
    (tmp_path / "mine.py").write_text("class Mine: pass")
    dialog.take_file(str(tmp_path / "mine.py"))
    qtbot.waitUntil(dialog._accept.isEnabled)
    consent = dialog.consent()
    assert consent.pass_through == ("Own",)
    assert consent.code_files == (CodeFile(name="mine.py", text="class Mine: pass"),)
    assert not consent.run_code


def test_file_that_is_no_text_is_refused_in_the_dialog(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ConsentDialog("m.h5", diagnosis(("class", "Own")), [])
    qtbot.addWidget(dialog)
    (tmp_path / "own.py").write_bytes(b"\xff\xfe\x00")
    dialog.take_file(str(tmp_path / "own.py"))
    qtbot.waitUntil(lambda: dialog._failure.message == "own.py is no text in UTF-8.")
    assert not dialog._accept.isEnabled()


def test_own_recipe_takes_fractions_and_refuses_a_std_of_zero(qtbot: QtBot) -> None:
    dialog = OwnRecipeDialog(UNIT)
    qtbot.addWidget(dialog)
    assert dialog._factor.text() == "1/255"
    dialog._mean.setText("0.485, 0.456, 0.406")
    dialog._std.setText("0.229 0.224 0.225")
    recipe = dialog.recipe()
    assert recipe is not None
    assert (recipe.name, recipe.factor) == ("own", 1 / 255)
    assert recipe.mean == (0.485, 0.456, 0.406)
    dialog._std.setText("0")
    dialog._check()
    assert dialog.recipe() is None
    assert not dialog._use.isEnabled()


# ------------------------------------------------------------------ item models


def sample_model(parent: QObject) -> SampleItemModel:
    model = SampleItemModel(parent)
    outcomes = [Outcome.of(prediction()), None, Outcome(error=CannotRead("No."))]
    model.show_samples(["a", "b", "c"], outcomes, ClassNames())
    return model


def models(parent: QObject) -> list[QAbstractItemModel]:
    scores = ScoreItemModel(parent)
    scores.show_rows(score_rows(softmax(0.5, 0.5), NAMES), 0.5, has_names=True)
    numbers = NumbersItemModel(parent)
    numbers.show_values(np.zeros((3, 4)))
    probe = ProbeItemModel(parent)
    probe.show_probed([ProbedAnswer(recipe=UNIT, answers=(softmax(1.0),))], NAMES, UNIT)
    findings = [Finding(layer="l", message="M.", repair="R.")]
    return [
        scores, numbers, probe, sample_model(parent),
        ClassNamesItemModel(["a"], 3, parent), RepairItemModel(findings, parent),
    ]  # fmt: skip


def test_item_models_keep_the_rules_of_qt(qtbot: QtBot) -> None:
    parent = QObject()
    for model in models(parent):
        assert model.rowCount()
        mode = QAbstractItemModelTester.FailureReportingMode.Fatal
        QAbstractItemModelTester(model, mode, parent)
        model.sort(0)


def test_thumbnails_are_small_whatever_the_picture(qtbot: QtBot) -> None:
    large = Array.of(np.zeros((1000, 400, 3), np.uint8))
    small = Outcome.of(prediction(pictures=(large,))).thumbnail
    assert small is not None
    assert (small.width(), small.height()) == (19, 48)


def test_repairs_are_copied_whole(qtbot: QtBot) -> None:
    from PySide6.QtGui import QGuiApplication

    dialog = RepairsDialog([Finding(layer="l", message="M.", repair="R.")])
    qtbot.addWidget(dialog)
    dialog._copy()
    assert QGuiApplication.clipboard().text() == "l\tM.\tR."


# ---------------------------------------------------------------------- errands


def test_errand_tells_on_the_gui_thread(qtbot: QtBot) -> None:
    here = threading.get_ident()
    heard: list[tuple[object, bool]] = []
    errand = Errand(lambda: threading.get_ident())
    errand.done.connect(lambda there: heard.append((there, threading.get_ident() == here)))
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0][0] != here
    assert heard[0][1]


def test_forgotten_and_deleted_errands_say_nothing(qtbot: QtBot) -> None:
    go = threading.Event()
    heard: list[object] = []
    parent = QObject()
    for errand in (Errand(go.wait), Errand(go.wait, parent)):
        errand.done.connect(heard.append)
        if errand.parent() is None:
            errand.forget()
    parent.deleteLater()
    qtbot.wait(1)
    go.set()
    last = Errand(lambda: "last")
    with qtbot.waitSignal(last.done):
        pass
    assert heard == []


def test_errand_tells_what_went_wrong(qtbot: QtBot) -> None:
    def fail() -> None:
        raise CannotRead("Gone.")

    errand = Errand(fail)
    with qtbot.waitSignal(errand.failed) as failure:
        pass
    assert str(failure.args[0]) == "Gone."

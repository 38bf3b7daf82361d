"""The predict panel: pictures in, answers out, whatever comes between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from answering_pool import (
    PIXELS,
    RAW,
    UNIT,
    WAIT,
    AnsweringPool,
    document,
    network,
    numbers_input,
    picture_input,
    prediction,
    softmax,
)
from msgspec.structs import replace
from on_screen import on_screen
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from h5viewer.errors import CannotRead, NotInstalled, WorkerLost
from h5viewer.gui.predict.given import Given
from h5viewer.gui.predict.predict_panel import PredictPanel
from h5viewer.gui.predict.sample_item_model import ANSWER, PICTURE, SCORE
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings
from h5viewer.gui.task import running_tasks
from h5viewer.nodes import (
    Array,
    Diagnosis,
    Finding,
    Labels,
    Listed,
    NetworkOutput,
    Prediction,
    ProbedAnswer,
    SavedRecipe,
)
from h5viewer.requests import Consent, Predict, ReadLabels, ReadRecipe

Make = Callable[[AnsweringPool], PredictPanel]

CODE = Finding(layer="lambda", message="It holds code.", repair="Allow it.", needs="code",
               subject="lambda")  # fmt: skip
NEEDS_CODE = Diagnosis(findings=(CODE,), loads=False, content_hash="b" * 64)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.json")


@pytest.fixture
def make(qtbot: QtBot, settings: Settings) -> Iterator[Make]:
    """Panels with a pool of the test's own."""
    shown: list[Any] = []

    def make(pool: AnsweringPool) -> PredictPanel:
        panel = PredictPanel(pool, settings=settings)  # type: ignore[arg-type]
        for _ in panel.prepare():
            pass
        context = on_screen(qtbot, panel)
        context.__enter__()
        shown.append(context)
        return panel

    yield make
    for context in shown:
        context.__exit__(None, None, None)


@pytest.fixture
def pictures(tmp_path: Path) -> list[str]:
    """Three files whose bytes nobody here reads as pictures."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in (1, 2, 3):
        (folder / f"{number}.png").write_bytes(b"picture %d" % number)
    return [str(path) for path in sorted(folder.iterdir())]


def show(qtbot: QtBot, panel: PredictPanel, path: str = "/models/digits.h5") -> None:
    shown = document(path)
    panel.show_selection(Selection(shown, shown.root))
    settle(qtbot)


def settle(qtbot: QtBot) -> None:
    """Until nothing is under way but what waits on purpose."""
    qtbot.wait(1)
    qtbot.waitUntil(lambda: not running_tasks(), timeout=3000)


def answered(qtbot: QtBot, panel: PredictPanel) -> None:
    qtbot.waitUntil(lambda: panel._session is not None and panel._session.prediction is not None)


def bars(panel: PredictPanel) -> list[tuple[str, str]]:
    block = panel._page.tabs.answer.blocks[0]
    return [(row.name, row.text) for row in block._model.rows]  # type: ignore[attr-defined]


# ------------------------------------------------------------------ one picture


def test_picture_is_answered_with_bars_and_what_the_network_sees(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    assert panel._page.header.sentence == "Takes pictures of 4 × 4, colour."
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    assert bars(panel) == [("1", "70.0 %"), ("2", "20.0 %"), ("0", "10.0 %")]
    slot = panel._page.inputs.slots[0]
    assert slot.words == "4 × 4, colour, numbers from 0 to 1"
    assert slot.picture.image is not None
    assert pool.predictions[0].feeds[0].picture == b"picture 1"
    assert pool.predictions[0].recipe == UNIT
    assert panel._page.inputs.recipe_bar.reasons == "A layer says 0 to 1."


@pytest.mark.parametrize("seconds", [0.02, 2.0])
def test_picture_above_the_window_is_asked_before_its_drop_if_the_network_is_quick(
    qtbot: QtBot, make: Make, pictures: list[str], seconds: float
) -> None:
    pool = AnsweringPool(Predict=lambda _: prediction(seconds=seconds))
    panel = make(pool)
    show(qtbot, panel)
    panel.expect_picture(pictures[0])  # how quick it is is not known yet
    settle(qtbot)
    assert pool.predictions == []
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    shown = panel.grab().toImage()
    panel.expect_picture(pictures[1])
    qtbot.wait(50)
    settle(qtbot)
    is_quick = seconds < 1
    assert len(pool.predictions) == 1 + is_quick
    assert panel._session is not None
    assert panel._session.titles == ["1.png"]
    assert panel.grab().toImage() == shown
    panel.take_pictures(pictures[1:2])
    answered(qtbot, panel)
    assert [each.feeds[0].name for each in pool.predictions] == ["1.png", "2.png"]
    assert panel._session.titles == ["2.png"]


def test_picture_above_the_window_is_asked_anew_of_a_network_that_was_saved_meanwhile(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    panel.expect_picture(pictures[1])
    qtbot.waitUntil(lambda: len(pool.predictions) == 2)
    settle(qtbot)
    pool.answers["Predict"] = lambda _: prediction(softmax(0.1, 0.2, 0.7))
    saved_again = document(inode=2)
    panel.show_selection(Selection(saved_again, saved_again.root))
    settle(qtbot)
    panel.take_pictures(pictures[1:2])
    answered(qtbot, panel)
    assert bars(panel)[0] == ("2", "70.0 %")


def test_picture_above_the_window_waits_while_several_are_answered(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool(Predict=lambda _: prediction())
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    pool.answers["Predict"] = lambda _: WAIT
    panel.take_pictures(pictures)
    qtbot.waitUntil(lambda: len(pool.predictions) > 1)
    n_before = len(pool.predictions)
    panel.expect_picture(pictures[0])
    qtbot.wait(50)
    assert len(pool.predictions) == n_before


def test_slow_network_shows_the_picture_and_says_that_it_is_at_work(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    seen = msgspec.structs.replace(prediction(), answers=())
    pool = AnsweringPool(Predict=lambda _: ([seen], WAIT))
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    slot, answer = panel._page.inputs.slots[0], panel._page.tabs.answer
    qtbot.waitUntil(lambda: slot.picture.image is not None)
    assert answer._empty._title.whole_text == "Answering…"
    panel._page.cancelled.emit()
    assert answer._empty._title.whole_text == "No answer"


def test_what_another_network_or_recipe_saw_of_a_picture_is_not_shown(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    seen = msgspec.structs.replace(prediction(), answers=())
    outcomes: list[object] = [([seen], WAIT), WAIT, ([seen], WAIT), WAIT]
    pool = AnsweringPool(Predict=lambda _: outcomes.pop(0))
    panel = make(pool)

    def waits_unseen(n_asked: int) -> bool:
        return (
            len(pool.predictions) == n_asked and panel._page.inputs.slots[0].picture.image is None
        )

    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    qtbot.waitUntil(lambda: panel._page.inputs.slots[0].picture.image is not None)
    show(qtbot, panel, "/models/letters.h5")
    panel.take_pictures(pictures[:1])
    qtbot.waitUntil(lambda: waits_unseen(2))
    panel.take_pictures(pictures[1:2])
    qtbot.waitUntil(lambda: panel._page.inputs.slots[0].picture.image is not None)
    panel._choose_recipe(RAW)
    panel._page.show_one(panel._session)
    assert panel._page._seen is None
    panel._page.cancelled.emit()


def test_picture_that_comes_while_the_network_loads_is_answered_afterwards(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool(LoadNetwork=lambda _: WAIT)
    panel = make(pool)
    shown = document()
    panel.show_selection(Selection(shown, shown.root))
    qtbot.waitUntil(lambda: bool(pool.loadings))
    panel.take_pictures(pictures[:1])
    assert not pool.predictions
    pool.release(network())
    answered(qtbot, panel)
    assert len(pool.predictions) == 1


def test_coming_back_shows_the_answer_without_asking_again(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    panel.clear()
    show(qtbot, panel)
    assert bars(panel)[0] == ("1", "70.0 %")
    assert (len(pool.loadings), len(pool.predictions)) == (1, 1)


def test_another_file_of_the_same_name_is_loaded_anew(qtbot: QtBot, make: Make) -> None:
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.clear()
    replaced = document(inode=2)
    panel.show_selection(Selection(replaced, replaced.root))
    settle(qtbot)
    assert len(pool.loadings) == 2


def test_picture_that_is_gone_is_told_and_the_next_one_answered(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures([pictures[0] + ".gone.png"])
    qtbot.waitUntil(lambda: panel._page.failure.message == "1.png.gone.png does not exist.")
    assert not pool.predictions
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    assert panel._page.failure.isHidden()


def test_lost_worker_is_one_sentence_and_the_next_picture_is_answered(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    outcomes = [WorkerLost("What runs the network crashed.", details="stderr"), prediction()]
    pool = AnsweringPool(Predict=lambda _: outcomes.pop(0))
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    qtbot.waitUntil(lambda: panel._page.failure.message == "What runs the network crashed.")
    panel.take_pictures(pictures[1:2])
    answered(qtbot, panel)
    assert panel._page.failure.isHidden()


def test_cancel_while_answering_says_so_and_offers_to_answer_again(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool(Predict=lambda _: WAIT)
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    qtbot.waitUntil(lambda: bool(pool.predictions))
    panel._page.cancelled.emit()
    assert panel._page.failure.message == "Answering was stopped."
    pool.answers["Predict"] = lambda _: prediction()
    panel._page.failure.action_requested.emit()
    answered(qtbot, panel)


def test_several_outputs_stand_below_each_other_with_their_names(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    both = prediction(softmax(0.6, 0.4, name="kind"), softmax(0.2, 0.3, 0.5, name="place"))
    panel = make(AnsweringPool(Predict=lambda _: both))
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    blocks = panel._page.tabs.answer.blocks
    assert [block._title.whole_text for block in blocks] == ["Output kind", "Output place"]
    assert [block.headline for block in blocks] == ["Class 0 · 60.0 %", "Class 2 · 50.0 %"]


def test_closed_file_leaves_nothing_behind(qtbot: QtBot, make: Make, pictures: list[str]) -> None:
    panel = make(AnsweringPool())
    panel.show_documents([document()], {})
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    panel.clear()
    panel.show_documents([], {})
    assert not panel._kept._kept


# ---------------------------------------------------------------------- loading


def test_missing_tensorflow_is_said_with_the_command_that_gets_it(qtbot: QtBot, make: Make) -> None:
    error = NotInstalled("TensorFlow is not installed.", hint='pip install "h5viewer[predict]"')
    panel = make(AnsweringPool(LoadNetwork=lambda _: error))
    show(qtbot, panel)
    words = panel._page._empty.accessibleName()
    assert 'pip install "h5viewer[predict]"' in words
    assert panel._page.failure.isHidden()


def test_network_that_cannot_be_built_is_told_with_every_reason(qtbot: QtBot, make: Make) -> None:
    hopeless = (
        Finding(layer="a", message="Layer a is damaged.", repair=""),
        Finding(layer="b", message="Layer b is damaged.", repair=""),
    )
    panel = make(AnsweringPool(DiagnoseNetwork=lambda _: Diagnosis(findings=hopeless, loads=False)))
    show(qtbot, panel)
    assert panel._page.failure.message == (
        "The network of digits.h5 cannot be built. Layer a is damaged."
    )
    assert "Layer b is damaged." in panel._page.failure._details.toPlainText()


def test_repairs_are_counted_and_listed(qtbot: QtBot, make: Make) -> None:
    findings = tuple(Finding(layer=f"l{n}", message="Old.", repair="Renamed.") for n in range(12))
    panel = make(AnsweringPool(LoadNetwork=lambda _: network(findings=findings)))
    show(qtbot, panel)
    assert panel._page.header.repairs == "12 repairs"


def test_cancelled_loading_can_be_begun_again(qtbot: QtBot, make: Make) -> None:
    pool = AnsweringPool(LoadNetwork=lambda _: WAIT)
    panel = make(pool)
    shown = document()
    panel.show_selection(Selection(shown, shown.root))
    qtbot.waitUntil(lambda: bool(pool.loadings))
    panel._page.cancelled.emit()
    settle(qtbot)
    pool.answers["LoadNetwork"] = lambda _: network()
    panel._page._empty.activated.emit()
    settle(qtbot)
    assert panel._session is not None
    assert panel._session.network is not None


# ---------------------------------------------------------------------- consent


def test_code_does_not_run_before_the_user_has_decided(qtbot: QtBot, make: Make) -> None:
    pool = AnsweringPool(DiagnoseNetwork=lambda _: NEEDS_CODE)
    panel = make(pool)
    show(qtbot, panel)
    assert not pool.loadings
    assert "Nothing of it runs until you have decided" in panel._page._empty.accessibleName()


def test_consent_is_remembered_for_these_bytes_and_asked_again_for_others(
    qtbot: QtBot, make: Make
) -> None:
    pool = AnsweringPool(DiagnoseNetwork=lambda _: NEEDS_CODE)
    panel = make(pool)
    show(qtbot, panel)
    panel._take_consent(Consent(content_hash="b" * 64, run_code=True))
    settle(qtbot)
    assert [loading.consent.run_code for loading in pool.loadings] == [True]

    again = make(AnsweringPool(DiagnoseNetwork=lambda _: NEEDS_CODE))
    show(qtbot, again, "/elsewhere/copy.h5")
    assert again.pool.loadings[0].consent.run_code  # type: ignore[attr-defined]

    other = Diagnosis(findings=(CODE,), loads=False, content_hash="c" * 64)
    stranger = make(AnsweringPool(DiagnoseNetwork=lambda _: other))
    show(qtbot, stranger)
    assert not stranger.pool.loadings  # type: ignore[attr-defined]


def test_consent_that_led_to_nothing_is_not_remembered(qtbot: QtBot, make: Make) -> None:
    error = CannotRead("The code cannot run in this Python.")
    pool = AnsweringPool(DiagnoseNetwork=lambda _: NEEDS_CODE, LoadNetwork=lambda _: error)
    panel = make(pool)
    show(qtbot, panel)
    panel._take_consent(Consent(content_hash="b" * 64, run_code=True))
    settle(qtbot)
    assert panel._page._empty._button.text() == "Decide anew…"
    again = make(AnsweringPool(DiagnoseNetwork=lambda _: NEEDS_CODE))
    show(qtbot, again)
    assert not again.pool.loadings  # type: ignore[attr-defined]


# ---------------------------------------------------------------------- recipes


def test_chosen_recipe_answers_anew_and_is_remembered_for_the_architecture(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    panel._page.inputs.recipe_bar.recipe_chosen.emit(RAW)
    qtbot.waitUntil(lambda: len(pool.predictions) == 2)
    answered(qtbot, panel)
    assert pool.predictions[1].recipe == RAW
    assert pool.predictions[1].feeds == pool.predictions[0].feeds  # not read again

    again = make(AnsweringPool())
    show(qtbot, again, "/other/name.h5")
    assert again._session is not None
    assert again._session.choice.recipe == RAW
    assert "for another file of this architecture" in again._page.inputs.recipe_bar.reasons

    others = make(AnsweringPool(LoadNetwork=lambda _: network(architecture_hash="b2")))
    show(qtbot, others)
    assert others._session is not None
    assert others._session.choice.recipe == UNIT


def test_inverting_by_habit_is_taken_back_by_one_click(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    """Black digits on white are inverted for a network of the kind of MNIST, with a note."""
    dark = replace(UNIT, name="unit-on-dark", background="dark", fitting="pad", filter="smooth")

    def answer(request: Predict) -> Prediction:
        recipe = request.recipe or dark
        return replace(prediction(), recipe=recipe, is_inverted=recipe.background == "dark")

    recipes = (dark, RAW, UNIT)
    pool = AnsweringPool(LoadNetwork=lambda _: network(recipes=recipes), Predict=answer)
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    link = panel._page.tabs.answer._as_it_is
    assert link.isVisible()
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(pool.predictions) == 2)
    answered(qtbot, panel)
    assert pool.predictions[1].recipe == replace(UNIT, fitting="pad", filter="smooth")
    assert not link.isVisible()


def test_probe_shows_all_recipes_and_uses_the_one_that_is_chosen(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    probed = (
        ProbedAnswer(recipe=UNIT, answers=(softmax(0.1, 0.7, 0.2),)),
        ProbedAnswer(recipe=RAW, answers=(softmax(0.9, 0.1, 0.0),)),
    )
    pool = AnsweringPool(Predict=lambda asked: prediction(probed=probed if asked.probe else ()))
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    panel._page.inputs.recipe_bar.probe_wanted.emit()
    table = panel._page.tabs.answer._probe
    qtbot.waitUntil(lambda: table.isVisible())
    model = table.model()
    rows = [[model.index(row, column).data() for column in range(3)] for row in range(2)]
    assert rows == [["0 to 1", "1", "70.0 %"], ["0 to 255", "0", "90.0 %"]]
    table.activated.emit(model.index(1, 0))
    qtbot.waitUntil(lambda: pool.predictions[-1].recipe == RAW)
    settle(qtbot)


def test_recipe_and_names_are_saved_beside_the_model_and_found_again(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    model = tmp_path / "digits.h5"
    model.write_bytes(b"model")
    panel = make(AnsweringPool())
    show(qtbot, panel, str(model))
    panel._choices.name_class(panel._session, 3, 1, "one")  # type: ignore[arg-type]
    with qtbot.waitSignal(panel.status_changed):
        panel._page.header.save_wanted.emit()
    saved = tmp_path / "digits.h5.recipe.json"
    assert '"one"' in saved.read_text()

    found = SavedRecipe(recipe=RAW, labels=("zero", "one", "two"))
    pool = AnsweringPool(
        ReadRecipe=lambda _: found, LoadNetwork=lambda _: network(architecture_hash="new")
    )
    panel = make(pool)
    show(qtbot, panel, str(model))
    session = panel._session
    qtbot.waitUntil(lambda: session is not None and session.choice.recipe == RAW)
    assert session is not None
    assert session.names.name(2, 3) == "two"
    assert pool.forgotten == [str(saved)]


# ------------------------------------------------------------------------ names


def test_names_beside_the_model_are_used_when_they_are_as_many_as_classes(
    qtbot: QtBot, make: Make, tmp_path: Path, pictures: list[str]
) -> None:
    model = tmp_path / "digits.h5"
    model.write_bytes(b"model")
    for name in ("labels.txt", "class_names.txt"):
        (tmp_path / name).write_text("read by workers")
    read: dict[str, tuple[str, ...]] = {
        "labels.txt": ("too", "few"), "class_names.txt": ("zero", "one", "two"),
    }  # fmt: skip

    def labels(asked: ReadLabels) -> Labels:
        name = Path(asked.document).name
        return Labels(names=read[name], source=name)

    panel = make(AnsweringPool(ReadLabels=labels))
    show(qtbot, panel, str(model))
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    qtbot.waitUntil(lambda: bars(panel)[0] == ("one", "70.0 %"))


def test_names_that_two_outputs_could_have_are_taken_for_neither(
    qtbot: QtBot, make: Make, tmp_path: Path, pictures: list[str]
) -> None:
    """A colour was called “triangle”: there are as many colours as shapes. What is saved counts."""
    model = tmp_path / "shapes.h5"
    model.write_bytes(b"model")
    (tmp_path / "labels.txt").write_text("read by workers")
    names = ("disc", "square", "triangle")
    outputs = tuple(
        NetworkOutput(name=name, shape=(None, 3), kind="softmax", n_classes=3)
        for name in ("colour", "shape")
    )
    both = prediction(softmax(0.1, 0.7, 0.2, name="colour"), softmax(0.1, 0.7, 0.2, name="shape"))
    answers = {
        "LoadNetwork": lambda _: network(outputs=outputs),
        "Predict": lambda _: both,
        "ReadLabels": lambda _: Labels(names=names),
        "ReadRecipe": lambda _: SavedRecipe(recipe=RAW, labels=names),
    }
    panel = make(AnsweringPool(**answers))
    show(qtbot, panel, str(model))
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    assert panel._session is not None
    assert not panel._session.names.by_count

    (tmp_path / "shapes.h5.recipe.json").write_text("read by workers")
    panel = make(AnsweringPool(**answers))
    show(qtbot, panel, str(model))
    session = panel._session
    qtbot.waitUntil(lambda: session is not None and session.names.of(3) == names)


def test_class_folders_beside_the_model_or_chosen_are_names(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    model = tmp_path / "digits.h5"
    model.write_bytes(b"model")
    for folder in ("train/0/one", "train/1", "train/2", "mine/a", "mine/b", "mine/c", "few/a"):
        (tmp_path / folder).mkdir(parents=True)
    panel = make(AnsweringPool())
    show(qtbot, panel, str(model))
    session = panel._session
    assert session is not None
    qtbot.waitUntil(lambda: session.names.of(3) == ("0", "1", "2"))
    assert session.names.source == "From the folders in train, beside the model."
    panel._choices.read_folder(session, str(tmp_path / "mine"))
    qtbot.waitUntil(lambda: session.names.of(3) == ("a", "b", "c"))
    panel._choices.read_folder(session, str(tmp_path / "few"))
    qtbot.waitUntil(
        lambda: panel._page.warning.message == "few holds 1 name; the network has 3 classes."
    )


def test_what_the_user_chose_for_a_file_counts_more_than_what_lies_beside_it(
    qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    model = tmp_path / "digits.h5"
    model.write_bytes(b"model")
    (tmp_path / "digits.h5.recipe.json").write_text("read by workers")
    found = SavedRecipe(recipe=RAW, labels=("beside", "the", "model"))
    read = make(AnsweringPool(ReadRecipe=lambda _: found))
    show(qtbot, read, str(model))
    session = read._session
    assert session is not None
    qtbot.waitUntil(lambda: session.choice.recipe == RAW)
    assert session.names.of(3) == ("beside", "the", "model")
    read._choose_recipe(UNIT)
    read._name_class(3, 0, "mine")
    settle(qtbot)
    pool = AnsweringPool(ReadRecipe=lambda _: found)
    again = make(pool)
    show(qtbot, again, str(model))
    qtbot.waitUntil(lambda: len(pool.of(ReadRecipe)) == 1)
    settle(qtbot)
    assert again._session is not None
    assert again._session.choice.recipe == UNIT
    assert again._session.names.of(3) == ("mine", "the", "model")


def test_name_given_by_a_double_click_stays_for_this_file(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    panel = make(AnsweringPool())
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    answered(qtbot, panel)
    model = panel._page.tabs.answer.blocks[0]._model  # type: ignore[attr-defined]
    assert model.setData(model.index(0, 0), "seven")
    assert bars(panel)[0] == ("seven", "70.0 %")
    again = make(AnsweringPool())
    show(qtbot, again)
    assert again._session is not None
    assert again._session.names.name(1, 3) == "seven"


def test_names_of_another_count_are_refused_in_a_sentence(qtbot: QtBot, make: Make) -> None:
    panel = make(AnsweringPool(ReadLabels=lambda _: Labels(names=("a", "b"))))
    show(qtbot, panel)
    panel._choices.read_names(panel._session, "/models/labels.txt")  # type: ignore[arg-type]
    qtbot.waitUntil(
        lambda: (
            panel._page.warning.message == "labels.txt holds 2 names; the network has 3 classes."
        )
    )


# --------------------------------------------------------------- several pictures


def test_several_pictures_are_listed_with_answers_and_errors(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    shares = {b"picture 1": (0.8, 0.1, 0.1), b"picture 3": (0.1, 0.2, 0.7)}

    def predict(asked: Any) -> object:
        found = shares.get(asked.feeds[0].picture)
        return prediction(softmax(*found)) if found else CannotRead("2.png is damaged.")

    panel = make(AnsweringPool(Predict=predict))
    show(qtbot, panel)
    panel.take_pictures(pictures)
    table = panel._page.table
    qtbot.waitUntil(lambda: table.words == "3 pictures, 1 without an answer")
    model = panel._page.samples
    rows = [[model.index(row, c).data() for c in (PICTURE, ANSWER, SCORE)] for row in range(3)]
    assert rows == [
        ["1.png", "0", "80.0 %"],
        ["2.png", "", "2.png is damaged."],
        ["3.png", "2", "70.0 %"],
    ]
    assert bars(panel)[0] == ("0", "80.0 %")
    table.choose(2)
    qtbot.waitUntil(lambda: bars(panel)[0] == ("2", "70.0 %"))
    table.choose(1)
    qtbot.waitUntil(lambda: panel._page.failure.message == "2.png is damaged.")


def test_sorting_by_score_keeps_the_chosen_picture_and_puts_errors_last(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    shares = {b"picture 1": (0.6, 0.4), b"picture 2": None, b"picture 3": (0.1, 0.9)}

    def predict(asked: Any) -> object:
        found = shares[asked.feeds[0].picture]
        return prediction(softmax(*found)) if found else CannotRead("Damaged.")

    panel = make(AnsweringPool(Predict=predict))
    show(qtbot, panel)
    panel.take_pictures(pictures)
    table = panel._page.table
    qtbot.waitUntil(lambda: table.words == "3 pictures, 1 without an answer")
    table.table.horizontalHeader().setSortIndicator(SCORE, Qt.SortOrder.DescendingOrder)
    model = panel._page.samples
    names = [model.index(row, PICTURE).data() for row in range(3)]
    assert names == ["3.png", "1.png", "2.png"]
    assert table.table.currentIndex().row() == 1
    settle(qtbot)


def test_stopped_list_keeps_what_was_answered(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    answers: list[object] = [prediction(), WAIT]
    panel = make(AnsweringPool(Predict=lambda _: answers.pop(0)))
    show(qtbot, panel)
    panel.take_pictures(pictures)
    qtbot.waitUntil(lambda: not answers)
    panel._page.table.stop_wanted.emit()
    qtbot.waitUntil(lambda: panel._page.table.words == "1 of 3 pictures answered")


def test_list_is_saved_as_csv_in_the_order_it_is_shown(
    qtbot: QtBot, make: Make, pictures: list[str], tmp_path: Path
) -> None:
    panel = make(AnsweringPool())
    show(qtbot, panel)
    panel.give([Given(name="=cmd.png", path=pictures[0]), Given(name="b.png", path=pictures[1])])
    qtbot.waitUntil(lambda: panel._page.table.words == "2 pictures")
    with qtbot.waitSignal(panel._page.table.saved):
        panel._page.table.export(tmp_path / "answers.csv")
    lines = (tmp_path / "answers.csv").read_text().splitlines()
    assert lines == [
        "picture,class,index,score,seconds,error",
        "'=cmd.png,1,1,0.7,0.012,",
        "b.png,1,1,0.7,0.012,",
    ]


# --------------------------------------------------------------- several inputs


def test_several_inputs_wait_until_each_has_something(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    loaded = network(inputs=(picture_input(), numbers_input()))
    pool = AnsweringPool(LoadNetwork=lambda _: loaded)
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:1])
    settle(qtbot)
    assert not pool.predictions
    row = Array.of(np.arange(4, dtype=np.float32))
    panel.give([Given(name="row 0", values=row)], 1)
    answered(qtbot, panel)
    assert [bool(feed.picture) for feed in pool.predictions[0].feeds] == [True, False]
    assert pool.predictions[0].feeds[1].values == row


def test_more_files_than_inputs_are_told(qtbot: QtBot, make: Make, pictures: list[str]) -> None:
    loaded = network(inputs=(picture_input("left"), picture_input("right")))
    panel = make(AnsweringPool(LoadNetwork=lambda _: loaded))
    show(qtbot, panel)
    panel.take_pictures(pictures)
    answered(qtbot, panel)
    assert "1 file found no place" in panel._page.warning.message


def test_very_many_layers_are_loaded_only_when_the_user_insists(qtbot: QtBot, make: Make) -> None:
    many = Diagnosis(findings=(), loads=True, n_layers=100_000)
    pool = AnsweringPool(DiagnoseNetwork=lambda _: many)
    panel = make(pool)
    show(qtbot, panel)
    assert not pool.loadings
    assert panel._page._empty._button.text() == "Load it anyway"
    panel._page._empty.activated.emit()
    settle(qtbot)
    assert len(pool.loadings) == 1
    show(qtbot, panel, "/models/other.h5")  # another file is asked about anew
    assert len(pool.loadings) == 1


@pytest.mark.parametrize(("title", "seen"), [("Evaluate", "Answer"), ("Why", "Why")])
def test_what_is_given_is_seen_in_the_view_that_shows_samples(
    qtbot: QtBot, make: Make, pictures: list[str], title: str, seen: str
) -> None:
    listed = Listed(count=0)
    pool = AnsweringPool(
        SearchNames=lambda _: listed,
        DescribeNodes=lambda _: listed,
        DecodeArchitecture=lambda _: CannotRead("Not here."),
        ExplainPrediction=lambda _: CannotRead("Not here."),
    )
    panel = make(pool)
    show(qtbot, panel)
    tabs = panel._page.tabs
    tabs._tabs.setCurrentIndex([kind.title for kind in tabs._kinds].index(title))
    panel.give([])
    assert tabs.current is tabs._views[title]
    panel.take_pictures(pictures)
    assert tabs.current is tabs._views[seen]
    panel.clear()


def test_keyboard_stays_in_the_panel_when_a_button_goes(qtbot: QtBot, make: Make) -> None:
    pool = AnsweringPool(LoadNetwork=lambda _: WAIT)
    panel = make(pool)
    shown = document()
    panel.show_selection(Selection(shown, shown.root))
    page = panel._page
    qtbot.waitUntil(lambda: page._busy._cancel.isVisible())
    page._busy._cancel.setFocus()
    page._busy._cancel.click()
    assert page.window().focusWidget() is page
    page._empty._button.setFocus()
    page._empty._button.click()
    assert page.window().focusWidget() is page


def left_and_right(pool: AnsweringPool) -> list[tuple[str, ...]]:
    return [tuple(feed.name for feed in asked.feeds) for asked in pool.predictions]


def two_inputs() -> AnsweringPool:
    loaded = network(inputs=(picture_input("left"), picture_input("right")))
    return AnsweringPool(LoadNetwork=lambda _: loaded)


def test_files_for_several_inputs_are_samples_in_their_order(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = two_inputs()
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures([*pictures, pictures[0]])
    qtbot.waitUntil(lambda: len(pool.predictions) == 2)
    settle(qtbot)
    assert left_and_right(pool) == [("1.png", "2.png"), ("3.png", "1.png")]
    assert panel._page.samples.titles == ["1.png + 2.png", "3.png + 1.png"]
    qtbot.waitUntil(lambda: panel._page.table.words == "2 pictures")


def test_one_file_goes_with_all_of_another_input(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = two_inputs()
    panel = make(pool)
    show(qtbot, panel)
    panel._page.inputs.files_dropped.emit(0, pictures[:1])
    settle(qtbot)
    assert not pool.predictions
    panel._page.inputs.files_dropped.emit(1, pictures)
    qtbot.waitUntil(lambda: len(pool.predictions) == 3)
    settle(qtbot)
    assert left_and_right(pool) == [("1.png", each) for each in ("1.png", "2.png", "3.png")]


def test_pictures_vary_while_the_other_input_holds_its_row(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    """... wherever they are dropped, as the other input takes no pictures."""
    loaded = network(inputs=(numbers_input(), picture_input()))
    pool = AnsweringPool(LoadNetwork=lambda _: loaded)
    panel = make(pool)
    show(qtbot, panel)
    row = Array.of(np.arange(4, dtype=np.float32))
    panel.give([Given(name="row 0", values=row)])
    panel.take_pictures(pictures[:2])
    qtbot.waitUntil(lambda: len(pool.predictions) == 2)
    settle(qtbot)
    assert left_and_right(pool) == [("row 0", "1.png"), ("row 0", "2.png")]
    panel.take_pictures(pictures[2:])
    qtbot.waitUntil(lambda: len(pool.predictions) == 3)
    assert left_and_right(pool)[2] == ("row 0", "3.png")


def test_inputs_with_different_numbers_of_files_are_told(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    pool = two_inputs()
    panel = make(pool)
    show(qtbot, panel)
    panel._page.inputs.files_dropped.emit(0, pictures)
    panel._page.inputs.files_dropped.emit(1, pictures[:2])
    settle(qtbot)
    assert not pool.predictions
    assert "given 3 and 2 files" in panel._page.warning.message
    assert [slot._name.whole_text for slot in panel._page.inputs.slots] == ["3 files", "2 files"]
    panel._page.inputs.files_dropped.emit(1, pictures)
    qtbot.waitUntil(lambda: len(pool.predictions) == 3)
    settle(qtbot)


# -------------------------------------------------------------------- clipboard


def test_pasted_picture_is_sent_as_the_bytes_of_a_png(qtbot: QtBot, make: Make) -> None:
    image = QImage(5, 4, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    QGuiApplication.clipboard().setImage(image)
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.paste()
    answered(qtbot, panel)
    sent = QImage.fromData(pool.predictions[0].feeds[0].picture)
    assert (sent.width(), sent.height(), sent.pixelColor(0, 0).name()) == (5, 4, "#ff0000")


def test_copied_files_are_pasted_as_files(qtbot: QtBot, make: Make, pictures: list[str]) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(pictures[1])])
    QGuiApplication.clipboard().setMimeData(mime)
    pool = AnsweringPool()
    panel = make(pool)
    show(qtbot, panel)
    panel.paste()
    answered(qtbot, panel)
    assert pool.predictions[0].feeds[0].picture == b"picture 2"


def test_clipboard_without_a_picture_is_told(qtbot: QtBot, make: Make) -> None:
    QGuiApplication.clipboard().setText("words")
    panel = make(AnsweringPool())
    show(qtbot, panel)
    panel.paste()
    assert panel._page.warning.message == "The clipboard holds no picture."


# ------------------------------------------------------------------ odd networks


def test_network_without_pictures_offers_no_recipe(qtbot: QtBot, make: Make) -> None:
    output = NetworkOutput(name="y", shape=(None, 1), kind="regression")
    loaded = network(inputs=(numbers_input(),), outputs=(output,), recipes=(), evidence=())
    panel = make(AnsweringPool(LoadNetwork=lambda _: loaded))
    show(qtbot, panel)
    assert panel._page.header.sentence == "Takes 4 numbers."
    assert panel._page.inputs.recipe_bar.isHidden()
    panel._page.header.names_wanted.emit()
    assert "no classes" in panel._page.warning.message


def test_names_of_inputs_and_outputs_are_shown_letter_by_letter(
    qtbot: QtBot, make: Make, pictures: list[str]
) -> None:
    evil = "<b>x</b>\u202e"
    loaded = network(inputs=(picture_input(evil), picture_input("b")))
    answers = prediction(softmax(0.6, 0.4, name=evil), softmax(0.5, 0.5, name="b"),
                         pictures=(PIXELS, None), seen=(PIXELS, None))  # fmt: skip
    pool = AnsweringPool(LoadNetwork=lambda _: loaded, Predict=lambda _: answers)
    panel = make(pool)
    show(qtbot, panel)
    panel.take_pictures(pictures[:2])
    answered(qtbot, panel)
    assert panel._page.inputs.slots[0]._title.text().startswith("<b>x</b>\\u202e")
    assert panel._page.tabs.answer.blocks[0]._title.text() == "Output <b>x</b>\\u202e"

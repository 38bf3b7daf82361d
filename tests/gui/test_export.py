"""Exports in the window: said before, watched meanwhile, opened afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from h5viewer.gui.controls.choice_list import ChoiceList
from h5viewer.gui.export.abandoned import Abandoned
from h5viewer.gui.export.export_dialog import ExportDialog
from h5viewer.gui.export.exporter import Exporter
from h5viewer.gui.export.exports import beside, dataset_offer, offers_for
from h5viewer.gui.export.job_rows import numbers_text
from h5viewer.gui.export.jobs import ExportJob, Jobs
from h5viewer.gui.export.jobs_strip import JobsStrip
from h5viewer.gui.export.plan_view import PlanView
from h5viewer.gui.settings import Settings
from h5viewer.nodes import Document, ExportPart, ExportPlan, Group, Identity
from h5viewer.requests import OpenDocument, Progress, SaveDataset, StripFile
from h5viewer.scratch_file import SUFFIX
from h5viewer.workers.pool import Pool, ask


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file["model_weights/dense/kernel:0"] = np.ones((300, 300), "f4")
        file["optimizer_weights/m"] = np.zeros((300, 600), "f4")
    return path


@pytest.fixture
def document(model: Path, pool: Pool) -> Document:
    found = ask(pool, OpenDocument(document=str(model)))
    assert isinstance(found, Document)
    return found


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = tmp_path_factory.mktemp("settings") / "settings.ini"
    return Settings(path)


@pytest.fixture
def jobs(pool: Pool, qapp: QApplication) -> Iterator[Jobs]:
    jobs = Jobs(pool)
    yield jobs
    jobs.shut_down()


@pytest.fixture
def dialog(qtbot: QtBot, pool: Pool, document: Document) -> ExportDialog:
    dialog = ExportDialog(pool, document.path, "model.h5", offers_for(document))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def begin_button(dialog: ExportDialog) -> QPushButton:
    return next(b for b in dialog.findChildren(QPushButton) if b.text() in ("Export", "Replace"))


def button(strip: JobsStrip, text: str) -> QPushButton:
    """The last one that is seen: the newest export's."""
    return buttons(strip, text)[-1]


def buttons(strip: JobsStrip, text: str) -> list[QPushButton]:
    found = strip.findChildren(QPushButton)
    return [button for button in found if button.text() == text and button.isVisible()]


def request_of(model: Path, name: str = "new.h5") -> StripFile:
    return StripFile(document=str(model), target=str(model.with_name(name)))


def test_the_dialog_says_what_will_be_before_it_is(qtbot: QtBot, dialog: ExportDialog) -> None:
    view = dialog.findChild(PlanView)
    qtbot.waitUntil(lambda: begin_button(dialog).isEnabled())
    assert "Weights (1 array, 360 kB)" in view.text
    assert "Optimizer state (1 array, 720 kB)" in view.text
    assert "About 36" in view.text
    assert "instead of 1.08 MB" in view.text
    assert not view.text.endswith("…")
    assert Path(dialog.target.path).name == "model stripped.h5"


def test_what_goes_in_is_listed_as_one_sentence(qtbot: QtBot) -> None:
    view = PlanView()
    qtbot.addWidget(view)
    parts = (
        ExportPart(name="optimizer state", n_bytes=8, n_items=2),
        ExportPart(name="training configuration", n_bytes=0),
    )
    view.show_plan(ExportPlan(kept=(), left_out=parts, bytes_before=9, bytes_after=1))
    assert "Optimizer state (2 arrays, 8 bytes), training configuration" in view.text


def test_the_source_and_no_name_are_refused_in_the_dialog(
    qtbot: QtBot, dialog: ExportDialog, model: Path
) -> None:
    field = dialog.findChild(QLineEdit)
    qtbot.waitUntil(lambda: begin_button(dialog).isEnabled())
    for text in (str(model), model.name, "", "/"):
        field.setText(text)
        qtbot.wait(300)
        assert not begin_button(dialog).isEnabled(), text


def test_a_place_where_nothing_can_be_written_is_told_before(
    qtbot: QtBot, dialog: ExportDialog, model: Path
) -> None:
    """A link to the source, a folder that is not there, a folder as the name."""
    link = model.with_name("link.h5")
    link.hardlink_to(model)
    model.with_name("folder.h5").mkdir()
    field = dialog.findChild(QLineEdit)
    qtbot.waitUntil(lambda: begin_button(dialog).isEnabled())
    for path, words in (
        (link, "the opened files itself"),
        (model.with_name("gone") / "new.h5", "There is no folder gone"),
        (model.with_name("folder.h5"), "folder.h5 is a folder"),
    ):
        field.setText(str(path))
        qtbot.waitUntil(lambda words=words: words in dialog.target._warning.whole_text)
        assert not begin_button(dialog).isEnabled()


def test_a_file_that_exists_is_said_to_be_replaced(
    qtbot: QtBot, dialog: ExportDialog, model: Path
) -> None:
    model.with_name("old.h5").write_bytes(b"old")
    qtbot.waitUntil(lambda: begin_button(dialog).isEnabled())
    dialog.findChild(QLineEdit).setText(str(model.with_name("old.h5")))
    assert not begin_button(dialog).isEnabled(), "not looked at yet"
    qtbot.waitUntil(lambda: begin_button(dialog).isEnabled())
    assert begin_button(dialog).text() == "Replace"
    with qtbot.waitSignal(dialog.wanted) as wanted:
        begin_button(dialog).click()
    request, may_replace = wanted.args
    assert (Path(request.target).name, may_replace) == ("old.h5", True)


def test_jobs_run_one_after_the_other_and_can_be_opened(
    qtbot: QtBot, jobs: Jobs, model: Path
) -> None:
    strip = JobsStrip(jobs)
    qtbot.addWidget(strip)
    strip.show()
    done: list[str] = []
    jobs.succeeded.connect(lambda job, _: done.append(job.name))
    jobs.add(request_of(model, "a.h5"), False)
    jobs.add(request_of(model, "b.h5"), False)
    assert len(jobs.waiting) == 1
    qtbot.waitUntil(lambda: len(buttons(strip, "Cancel")) == 2)
    qtbot.waitUntil(lambda: done == ["a.h5", "b.h5"], timeout=10_000)
    assert not buttons(strip, "Cancel")
    assert [message.split(":")[0] for message in strip.messages] == done
    with qtbot.waitSignal(strip.open_wanted) as opened:
        button(strip, "Open").click()
    assert opened.args == [str(model.with_name("b.h5"))]


def test_cancel_leaves_nothing_and_the_next_has_its_turn(
    qtbot: QtBot, jobs: Jobs, model: Path
) -> None:
    jobs.add(request_of(model, "a.h5"), False)
    jobs.add(request_of(model, "b.h5"), False)
    with qtbot.waitSignal(jobs.succeeded, timeout=10_000) as ended:
        jobs.cancel()
    assert ended.args[0].name == "b.h5"
    assert sorted(path.name for path in model.parent.iterdir()) == ["b.h5", "model.h5"]


def test_a_refusal_is_told_in_the_strip(qtbot: QtBot, jobs: Jobs, model: Path) -> None:
    strip = JobsStrip(jobs)
    qtbot.addWidget(strip)
    strip.show()
    model.with_name("old.h5").write_bytes(b"old")
    with qtbot.waitSignal(jobs.failed, timeout=10_000) as failed:
        jobs.add(request_of(model, "old.h5"), False)
    assert "exists already" in str(failed.args[1])
    assert model.with_name("old.h5").read_bytes() == b"old"


def test_what_became_of_one_export_stays_when_the_next_succeeds(
    qtbot: QtBot, jobs: Jobs, model: Path
) -> None:
    strip = JobsStrip(jobs)
    qtbot.addWidget(strip)
    model.with_name("old.h5").write_bytes(b"old")
    jobs.add(request_of(model, "old.h5"), False)
    jobs.add(request_of(model, "b.h5"), False)
    qtbot.waitUntil(lambda: len(strip.messages) == 2, timeout=10_000)
    assert "old.h5 exists already" in strip.messages[0]
    assert strip.messages[1].startswith("b.h5: ")


def test_no_name_is_offered_that_another_export_is_going_to_write(
    qtbot: QtBot, pool: Pool, dialog: ExportDialog, model: Path, settings: Settings
) -> None:
    offered = Path(dialog.target.path)
    window = QWidget()
    qtbot.addWidget(window)
    exporter = Exporter(pool, window, settings)
    qtbot.addWidget(exporter.strip)
    jobs = exporter.jobs
    for name in ("first.h5", offered.name):
        jobs.add(request_of(model, name), False)
    assert jobs.targets == {str(model.with_name("first.h5")), str(offered)}
    exporter.take_from(dialog)
    second = offered.with_stem(f"{offered.stem} 2")
    qtbot.waitUntil(lambda: dialog.target.path == str(second))
    dialog.findChild(QLineEdit).setText(str(offered))
    assert (
        dialog.target._warning.whole_text == f"{offered.name} is being written by another export."
    )
    assert not begin_button(dialog).isEnabled()
    exporter.jobs.shut_down()


def test_a_job_that_waits_can_be_cancelled_alone(qtbot: QtBot, jobs: Jobs, model: Path) -> None:
    strip = JobsStrip(jobs)
    qtbot.addWidget(strip)
    strip.show()
    for name in ("a.h5", "b.h5"):
        jobs.add(request_of(model, name), False)
    qtbot.waitUntil(lambda: len(buttons(strip, "Cancel")) == 2)
    buttons(strip, "Cancel")[1].click()
    assert not jobs.waiting
    qtbot.waitUntil(lambda: jobs.running is None, timeout=10_000)
    assert sorted(path.name for path in model.parent.iterdir()) == ["a.h5", "model.h5"]


def test_only_what_the_window_or_the_desktop_opens_has_open(
    qtbot: QtBot, jobs: Jobs, model: Path
) -> None:
    strip = JobsStrip(jobs)
    qtbot.addWidget(strip)
    strip.show()
    save = SaveDataset(
        document=str(model), target=str(model.with_name("a.npy")), node=(b"optimizer_weights", b"m")
    )
    with qtbot.waitSignal(jobs.succeeded, timeout=10_000):
        jobs.add(save, False)
    qtbot.waitUntil(lambda: len(buttons(strip, "Show in folder")) == 1)
    assert not buttons(strip, "Open")


def test_no_other_button_gets_the_focus_of_one_that_is_gone(
    qtbot: QtBot, jobs: Jobs, model: Path
) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    other, strip = QPushButton("Show the run"), JobsStrip(jobs)
    column.addWidget(other)
    column.addWidget(strip)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    with qtbot.waitSignal(jobs.succeeded, timeout=10_000):
        jobs.add(request_of(model, "a.h5"), False)
    qtbot.waitUntil(lambda: len(buttons(strip, "Show in folder")) == 1)
    (row,) = strip._outcomes
    button(strip, "Show in folder").setFocus()
    strip._forget(row)
    assert window.focusWidget() is None


def test_weights_in_several_files_are_opened_here_and_other_json_by_the_desktop(
    qtbot: QtBot, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = JobsStrip(jobs)
    qtbot.addWidget(strip)
    opened: list[str] = []
    strip.open_wanted.connect(opened.append)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.fileName()))
    for target in ("/new/m.weights.json", "/new/m.json"):
        strip._open(target)
    assert opened == ["/new/m.weights.json", "m.json"]


def test_what_a_killed_window_left_is_removed_at_the_next_start(
    qtbot: QtBot, pool: Pool, jobs: Jobs, model: Path, settings: Settings
) -> None:
    killed, owner = Jobs(pool), QObject()
    Abandoned(killed, settings, owner)
    killed.running = ExportJob(request_of(model), may_replace=False)
    killed.changed.emit()
    (model.parent / f".new.h5-abc{SUFFIX}").write_bytes(b"half")
    Abandoned(jobs, settings, jobs)
    qtbot.waitUntil(lambda: [path.name for path in model.parent.iterdir()] == ["model.h5"])
    qtbot.waitUntil(lambda: settings.text_of("folders_of_exports") == "[]")


def test_what_a_file_does_not_allow_is_listed_with_the_reason(
    qtbot: QtBot, pool: Pool, tmp_path: Path
) -> None:
    path = tmp_path / "plain.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
    document = ask(pool, OpenDocument(document=str(path)))
    assert isinstance(document, Document)
    dialog = ExportDialog(pool, document.path, "plain.h5", offers_for(document))
    qtbot.addWidget(dialog)
    kinds = dialog.findChild(ChoiceList)
    enabled = kinds.enabled_rows
    assert 0 < len(enabled) < kinds.count()
    for row in range(kinds.count()):
        if row not in enabled:
            reasons = ("no Keras network", "in the tree")
            assert any(reason in kinds.item(row).text() for reason in reasons)
    assert kinds.currentRow() == enabled[0]


def test_weights_of_pytorch_are_offered_to_other_programs(tmp_path: Path, pool: Pool) -> None:
    with h5py.File(tmp_path / "state.h5", "w") as file:
        file["fc.weight"], file["fc.bias"] = np.ones((3, 4)), np.ones(3)
    document = ask(pool, OpenDocument(document=str(tmp_path / "state.h5")))
    assert isinstance(document, Document)
    open_to = [offer.title for offer in offers_for(document) if not offer.refusal]
    assert open_to == ["Weights for other programs", "What is still whole"]


def test_a_refusal_is_one_sentence_in_the_place_of_the_plan(
    qtbot: QtBot, pool: Pool, tmp_path: Path
) -> None:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file["model_weights/dense/kernel:0"] = np.ones((3, 3), "f4")
    document = ask(pool, OpenDocument(document=str(path)))
    assert isinstance(document, Document)
    dialog = ExportDialog(pool, document.path, "model.h5", offers_for(document))
    qtbot.addWidget(dialog)
    view = dialog.findChild(PlanView)
    qtbot.waitUntil(lambda: "holds no optimizer state" in view.text)
    assert "\n" not in view.text
    assert not begin_button(dialog).isEnabled()


def test_a_kind_is_chosen_by_key_and_its_name_is_suggested(
    qtbot: QtBot, dialog: ExportDialog
) -> None:
    kinds = dialog.findChild(ChoiceList)
    qtbot.keyClick(kinds, Qt.Key.Key_Down)
    assert Path(dialog.target.path).name == "model.keras"


def test_a_dataset_is_offered_whole_or_as_it_is_drawn() -> None:
    shown = SaveDataset(
        document="/x/model.h5", target="", node=(b"dense", b"kernel:0"),
        selection=((0, 3), 5), low=-1.0, high=1.0, colours=b"abc",
    )  # fmt: skip
    offer = dataset_offer(shown)
    assert offer.suggestion == Path("/x/model dense kernel.npy")
    assert [ending for ending, _ in offer.endings] == [".npy", ".csv", ".png"]


def test_shutting_down_stops_all_and_leaves_nothing(jobs: Jobs, model: Path) -> None:
    jobs.add(request_of(model, "a.h5"), False)
    jobs.add(request_of(model, "b.h5"), False)
    jobs.shut_down()
    assert [path.name for path in model.parent.iterdir()] == ["model.h5"]


@pytest.mark.parametrize("answer", ["Stop and close", "Keep open"])
def test_closing_asks_while_something_is_written(
    answer: str,
    qtbot: QtBot,
    pool: Pool,
    model: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    exporter = Exporter(pool, window, settings)
    qtbot.addWidget(exporter.strip)
    assert exporter.may_close()
    exporter.jobs.add(request_of(model), False)

    def press(box: QMessageBox) -> None:
        next(b for b in box.buttons() if b.text() == answer).click()

    monkeypatch.setattr(QMessageBox, "exec", press)
    assert exporter.may_close() == (answer == "Stop and close")
    exporter.jobs.shut_down()


def test_the_question_goes_when_the_export_is_done_meanwhile(
    qtbot: QtBot, pool: Pool, model: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    exporter = Exporter(pool, window, settings)
    qtbot.addWidget(exporter.strip)
    exporter.jobs.add(request_of(model), False)

    def wait(box: QMessageBox) -> None:
        qtbot.waitUntil(lambda: box.clickedButton() is not None, timeout=10_000)

    monkeypatch.setattr(QMessageBox, "exec", wait)
    assert exporter.may_close()
    assert model.with_name("new.h5").exists()


def test_the_window_stays_open_to_tell_that_the_export_failed_meanwhile(
    qtbot: QtBot, pool: Pool, model: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    exporter = Exporter(pool, window, settings)
    qtbot.addWidget(exporter.strip)
    model.with_name("new.h5").write_bytes(b"came there meanwhile")
    exporter.jobs.add(request_of(model), False)

    def wait(box: QMessageBox) -> None:
        qtbot.waitUntil(lambda: box.clickedButton() is not None, timeout=10_000)

    monkeypatch.setattr(QMessageBox, "exec", wait)
    assert not exporter.may_close()
    assert exporter.may_close()


def test_numbers_are_told_as_people_read_them(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ExportJob(StripFile(document="/a.h5", target="/b.h5"), may_replace=False)
    now = [100.0]
    monkeypatch.setattr("h5viewer.gui.export.jobs.time.monotonic", lambda: now[0])
    job.note(Progress(done=0, total=100_000_000, text="Writing…"))
    now[0] = 102
    job.note(Progress(done=40_000_000, total=100_000_000, text="Writing…"))
    assert numbers_text(job, 2) == (
        "Writing · 40.0 MB of 100 MB · 20.0 MB a second · 3 seconds left · 2 more waiting"
    )


def test_pictures_are_counted_with_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    job = ExportJob(StripFile(document="/a", target="/b.h5"), may_replace=False)
    now = [100.0]
    monkeypatch.setattr("h5viewer.gui.export.jobs.time.monotonic", lambda: now[0])
    job.note(Progress(done=0, total=5000, unit="pictures", text="Writing…"))
    now[0] = 102
    job.note(Progress(done=3000, total=5000, unit="pictures", text="Writing…"))
    told = "Writing · 3,000 of 5,000 pictures · 1,500 a second · 1 second left"
    assert numbers_text(job, 0) == told


@pytest.mark.parametrize("name", ["m-70.index", "m.ckpt-7", "m.ckpt"])
def test_a_checkpoint_without_optimizer_state_is_an_index(name: str) -> None:
    made = Document(
        path=f"/x/{name}",
        format="tf-checkpoint",
        identity=Identity(device=1, inode=1, size=1, mtime_ns=1),
        root=Group(path=()),
    )
    offer = offers_for(made)[0]
    assert offer.suggestion == Path(f"/x/{name.removesuffix('.index')} stripped.index")
    assert [ending for ending, _ in offer.endings] == [".index"]
    assert not offer.refusal


@pytest.mark.parametrize(
    ("name", "suggested"),
    [
        ("a.h5", "a stripped.h5"),
        ("a.b.weights.h5", "a.b stripped.weights.h5"),
        ("v1.2.keras", "v1.2 stripped.keras"),
        ("bare", "bare stripped"),
    ],
)
def test_suggested_names_keep_their_suffix(name: str, suggested: str) -> None:
    assert beside(Path("/x", name), "stripped").name == suggested

"""What is said about files stays until it is closed, however many there are."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot
from test_notices import button

from h5viewer.errors import (
    CannotOpen,
    CannotRead,
    Damaged,
    H5ViewerError,
    TooLarge,
    WorkerLost,
)
from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.file_notices import FileNotices


@pytest.fixture
def notices(qtbot: QtBot) -> FileNotices:
    notices = FileNotices()
    qtbot.addWidget(notices)
    return notices


def refuse(notices: FileNotices, *numbers: int) -> None:
    for number in numbers:
        error = CannotOpen(f"{number}.h5 is a web page (HTML).", hint="Download it.", details="<")
        notices.show_refused(f"/f/{number}.h5", error)


def details(notices: FileNotices) -> str:
    (notice,) = [each for each in notices._notices.values() if "files" in each.message]
    text = notice.findChild(QPlainTextEdit)
    assert isinstance(text, QPlainTextEdit)
    return text.toPlainText()


def test_few_files_have_a_notice_each(notices: FileNotices) -> None:
    refuse(notices, 1, 2, 3, 4)
    assert notices.messages == [f"{number}.h5 is a web page (HTML)." for number in (1, 2, 3, 4)]


def test_many_refused_files_are_told_in_one_notice_with_a_list(notices: FileNotices) -> None:
    """None is dropped: each sentence with its hint stands under Details."""
    refuse(notices, *range(1, 8))
    assert notices.messages == ["7 files cannot be opened."]
    assert details(notices).count("is a web page (HTML).\n    Download it.\n    <") == 7


def test_other_notices_stay_beside_the_list(notices: FileNotices) -> None:
    notices.show_changed("/f/a.h5")
    refuse(notices, *range(1, 6))
    assert notices.messages == ["a.h5 changed on disk.", "5 files cannot be opened."]
    notices.show_vanished("/f/a.h5")  # of one file only the newest is said
    assert set(notices.messages) == {"a.h5 was moved or deleted.", "5 files cannot be opened."}


def test_a_file_that_opens_after_all_leaves_the_list(notices: FileNotices) -> None:
    refuse(notices, *range(1, 8))
    notices.clear("/f/3.h5")
    assert notices.messages == ["6 files cannot be opened."]
    assert "3.h5" not in details(notices)
    for number in (1, 2):
        notices.clear(f"/f/{number}.h5")
    assert len(notices.messages) == 4  # few again


def test_closing_the_list_closes_all_of_it(qtbot: QtBot, notices: FileNotices) -> None:
    refuse(notices, *range(1, 8))
    (notice,) = notices.findChildren(Notice, options=Qt.FindChildOption.FindDirectChildrenOnly)[-1:]
    qtbot.mouseClick(button(notice, "Hide this message"), Qt.MouseButton.LeftButton)
    assert notices.messages == []
    assert notices.isHidden()


def test_trying_again_is_for_those_that_may_open(qtbot: QtBot, notices: FileNotices) -> None:
    refuse(notices, *range(1, 5))
    for name in ("/f/lost.h5", "/f/gone.h5"):
        notices.show_refused(name, WorkerLost("The process that read it ended."))
    tried: list[str] = []
    notices.retry_wanted.connect(tried.append)
    (notice,) = notices._notices.values()
    qtbot.mouseClick(button(notice, "Try again"), Qt.MouseButton.LeftButton)
    assert tried == ["/f/lost.h5", "/f/gone.h5"]


def test_what_is_whole_of_a_damaged_file_is_offered(qtbot: QtBot, notices: FileNotices) -> None:
    notices.show_refused("/f/short.h5", Damaged("short.h5 is cut short."))
    notices.show_failed("/f/open.h5", CannotRead("/x in open.h5 is damaged."))
    wanted: list[str] = []
    notices.salvage_wanted.connect(wanted.append)
    for notice in notices._notices.values():
        qtbot.mouseClick(button(notice, "Save what is whole…"), Qt.MouseButton.LeftButton)
    assert wanted == ["/f/short.h5", "/f/open.h5"]


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (CannotRead("a.h5 changed on disk."), "Reload"),
        (TooLarge("/x in a.h5 is too large."), "Reload"),
        (WorkerLost("Reading a.h5 ended."), "Reload"),
    ],
)
def test_what_is_no_damage_is_not_salvaged(
    error: H5ViewerError, action: str, notices: FileNotices
) -> None:
    notices.show_failed("/f/a.h5", error)
    (notice,) = notices._notices.values()
    assert button(notice, action)

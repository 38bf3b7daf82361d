"""`h5v series` and `h5v watch` as a user runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from threading import Timer

import msgspec
import pytest
from h5v_process import command_line, h5v
from json_shape import checked_refusal

from h5viewer.series.sheet import Told
from h5viewer.terminal.series import watch


class Step(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """No key may be missing: none has a default."""

    files: list[str]
    number: int
    metrics: dict[str, float | None]
    bytes: int
    modified: float


class Run(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    name: str
    unit: str
    steps: list[Step]
    best: dict[str, int]
    latest: int
    notes: list[str]


class Answer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    runs: list[Run]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("w-01-acc0.5.h5", "w-02-acc0.8.h5", "w-10-acc0.7.h5", "w-11-accnan.h5"):
        (folder / name).write_bytes(b"x")
    (folder / "history.csv").write_text("epoch,loss\n0,3\n1,2\n9,1\n")
    return folder


def test_json_has_the_shape_it_promises(folder: Path) -> None:
    done = h5v("series", folder, "--json")
    assert done.returncode == 0, done.stderr
    (run,) = msgspec.json.decode(done.stdout, type=Answer).runs
    assert (run.name, run.unit, run.latest) == ("w", "epoch", 11)
    assert [step.number for step in run.steps] == [1, 2, 10, 11]
    assert run.steps[1].files == ["w-02-acc0.8.h5"]
    assert run.steps[1].metrics == {"acc": 0.8, "loss": 2.0}
    assert run.steps[3].metrics == {"acc": None}
    assert run.best == {"acc": 2, "loss": 10}


def test_table_says_what_is_best(folder: Path) -> None:
    for argument in (folder, folder / "w-10-acc0.7.h5"):
        done = h5v("series", argument)
        assert done.returncode == 0, done.stderr
        assert "Latest: epoch 11, w-11-accnan.h5" in done.stdout
        assert "Best by acc (highest): epoch 2, 0.8, w-02-acc0.8.h5" in done.stdout
        assert "Best by loss (lowest): epoch 10, 1, w-10-acc0.7.h5" in done.stdout


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("alone.h5", "alone.h5 is no part of a training run."),
        ("nowhere", "nowhere does not exist."),
        ("empty", "empty holds no files of a training run."),
    ],
)
def test_what_is_no_run_gets_its_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "alone.h5").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    done = h5v("series", tmp_path / name, "--json")
    assert done.returncode == 1
    assert sentence in checked_refusal(done.stdout).error.message


def test_name_that_would_draw_on_the_terminal_is_spelled_out(folder: Path) -> None:
    for number in (1, 2):
        (folder / f"\x1b[31m[bold]x-{number}.h5").write_bytes(b"x")
    done = h5v("series", folder)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert r"\x1b[31m[bold]x-1.h5" in done.stdout


def test_watching_tells_each_file_once_when_it_is_whole(folder: Path) -> None:
    numbers: list[int | None] = []
    looks = iter(range(4))

    def say(told: Told) -> None:
        numbers.append(told.step.number)

    def wait() -> bool:
        look = next(looks)
        if look == 0:
            (folder / "w-12-acc0.9.h5").write_bytes(b"x")
        elif look == 1:
            assert numbers == []  # it is seen for the first time
        return look < 3

    watch(str(folder), say, wait, only_new=True)
    assert numbers == [12]


def test_watching_tells_the_first_file_of_a_run_and_one_in_none(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    names: list[tuple[str | None, str]] = []
    looks = iter(range(7))

    def say(told: Told) -> None:
        names.append((told.run and told.run.name, Path(told.step.document).name))

    def wait() -> bool:
        look = next(looks)
        if look in (0, 2, 4):
            (folder / ("w-01.h5", "best.h5", "w-02.h5")[look // 2]).write_bytes(b"x")
        return look < 6

    watch(str(folder), say, wait)
    assert names == [(None, "w-01.h5"), (None, "best.h5"), ("w", "w-02.h5")]


def test_watching_from_the_terminal_begins_with_what_is_there(folder: Path) -> None:
    watching = command_line("watch", folder, "--json")
    with subprocess.Popen(watching, stdout=subprocess.PIPE, encoding="utf-8") as process:
        deadline = Timer(30, process.kill)  # then lines are empty
        deadline.start()
        assert process.stdout is not None
        lines = [json.loads(process.stdout.readline()) for _ in range(4)]
        process.kill()
        deadline.cancel()
    assert {line["run"] for line in lines} == {"w"}
    assert sorted(line["number"] for line in lines) == [1, 2, 10, 11]


def test_watching_what_is_no_folder_is_refused(folder: Path) -> None:
    done = h5v("watch", folder / "w-01-acc0.5.h5")
    assert done.returncode == 1
    assert "w-01-acc0.5.h5 is no folder." in done.stderr

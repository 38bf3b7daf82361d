"""Metrics from what a training script wrote beside its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from h5viewer.nodes import MetricCurve, Series
from h5viewer.series import best_step, runs_in, training_logs


def run_of(folder: Path, *names: str) -> Series:
    for name in names:
        (folder / name).write_bytes(b"x")
    (run,) = runs_in(str(folder))
    return run


def beside(run: Series) -> dict[str, MetricCurve]:
    return {curve.name: curve for curve in run.curves if curve.source}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_sheet_of_csvlogger_counts_epochs_from_zero_and_files_from_one(
    tmp_path: Path, separator: str
) -> None:
    rows = [["epoch", "accuracy", "val_loss"], ["0", "0.5", "0.9"], ["1", "0.7", "0.4"],
            ["2", "0.8", "NA"]]  # fmt: skip
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    (tmp_path / "training.log").write_text(text, newline="")
    curves = beside(run := run_of(tmp_path, "w-01.h5", "w-02.h5"))
    assert curves["accuracy"].points == ((1, 0.5), (2, 0.7), (3, 0.8))
    assert curves["val_loss"].points == ((1, 0.9), (2, 0.4))
    assert curves["val_loss"].source == "training.log"
    assert best_step(run, "val_loss") == 1
    assert best_step(run, "accuracy") == 1  # of epoch 3 there is no file


def test_epochs_are_moved_to_where_the_names_agree(tmp_path: Path) -> None:
    (tmp_path / "history.csv").write_text("epoch,val_acc\n0,0.51\n1,0.72\n2,0.83\n")
    run = run_of(tmp_path, "w-01-val_acc0.72.h5", "w-02-val_acc0.83.h5")  # of an old Keras
    assert beside(run)["val_acc"].points == ((0, 0.51), (1, 0.72), (2, 0.83))


@pytest.mark.parametrize(
    "value",
    [
        {"loss": [3.0, 2.0], "lr": [0.1, 0.1]},
        {"history": {"loss": [3.0, 2.0]}, "epoch": [0, 1], "params": {"steps": 5}},
        [{"epoch": 0, "loss": 3.0}, {"epoch": 1, "loss": 2.0}],
        {"loss": {"0": 3.0, "1": 2.0}, "lr": {"0": 0.1, "1": 0.1}},  # as pandas writes a table
    ],
)
def test_history_as_json_in_every_usual_form(tmp_path: Path, value: object) -> None:
    (tmp_path / "history.json").write_text(json.dumps(value))
    assert beside(run_of(tmp_path, "w-1.h5", "w-2.h5"))["loss"].points == ((1, 3.0), (2, 2.0))


def test_row_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,loss\n0,3.5\n1,2")  # of 2.25
    assert beside(run_of(tmp_path, "w-1.h5", "w-2.h5"))["loss"].points == ((1, 3.5),)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 100_000, '{"loss": 3}', '{"loss": [[1], {}, null, true]}', "\x00\xff,\n,,\n",
     "a,b\n1,2\n", '"' * 1000],
)  # fmt: skip
def test_file_that_holds_no_metrics_tells_none(tmp_path: Path, text: str) -> None:
    for name in ("history.json", "metrics.csv", "log.jsonl"):
        (tmp_path / name).write_text(text)
    assert beside(run_of(tmp_path, "w-1.h5", "w-2.h5")) == {}


def test_log_tells_what_a_number_without_a_name_is(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "epoch,val_acc,val_loss,acc\n0,0.4149,0.9,0.41\n1,0.5251,0.7,0.53\n2,0.6349,0.8,0.7\n"
    )
    run = run_of(tmp_path, "w-1-0.415.h5", "w-2-0.525.h5", "w-3-0.635.h5")
    assert [each.name for step in run.steps for each in step.metrics] == ["val_acc"] * 3
    assert [curve.name for curve in run.curves] == ["val_acc", "val_acc", "val_loss", "acc"]
    assert best_step(run, "val_acc") == 2


def test_log_that_does_not_agree_names_nothing(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,loss\n0,0.415\n1,0.525\n2,0.7\n")
    run = run_of(tmp_path, "w-1-0.415.h5", "w-2-0.525.h5", "w-3-0.635.h5")
    assert run.curves[0].name == "metric"


def test_log_that_grows_is_read_again(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("epoch,loss\n0,3\n")
    assert beside(run_of(tmp_path, "w-1.h5", "w-2.h5"))["loss"].points == ((1, 3.0),)
    log.write_text("epoch,loss\n0,3\n1,2\n")
    assert beside(run_of(tmp_path, "w-1.h5", "w-2.h5"))["loss"].points == ((1, 3.0), (2, 2.0))


def test_log_that_could_not_be_opened_once_is_read_at_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network drive may be away for a moment."""
    (tmp_path / "log.csv").write_text("epoch,loss\n0,3\n1,2\n2,1\n")
    for number in (1, 2, 3):
        (tmp_path / f"w-0{number}.h5").write_bytes(b"x")

    open_it = Path.open

    def refuse(path: Path, *arguments: Any, **others: Any) -> Any:
        if path.name == "log.csv":
            raise OSError(5, "Input/output error")
        return open_it(path, *arguments, **others)

    with monkeypatch.context() as away:
        away.setattr(Path, "open", refuse)
        (run,) = runs_in(str(tmp_path))
        assert beside(run) == {}
    (run,) = runs_in(str(tmp_path))
    assert set(beside(run)) == {"loss"}


def test_log_that_is_named_after_another_run_of_the_folder_is_not_asked(tmp_path: Path) -> None:
    for fold, losses in enumerate(([0.9, 0.4, 0.5], [0.9, 0.8, 0.3])):
        for epoch in (1, 2, 3):
            (tmp_path / f"model-fold-{fold}-{epoch:02}.h5").write_bytes(b"x")
        (tmp_path / f"history_fold_{fold}.json").write_text(json.dumps({"val_loss": losses}))
    (tmp_path / "training_log.csv").write_text("epoch,acc\n0,0.1\n1,0.5\n2,0.4\n")
    runs = {run.name: run for run in runs_in(str(tmp_path))}
    found = {name: best_step(run, "val_loss") for name, run in runs.items()}
    assert found == {"model-fold-0": 1, "model-fold-1": 2}
    assert all("acc" in beside(run) for run in runs.values())  # named after none of them


def test_a_hundred_runs_are_followed_without_reading_their_logs_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second: the folder is listed once, and each name taken apart once."""
    names = [f"net{first}{second}" for first in "abcdfghijl" for second in "klmnopqrst"]
    for number, name in enumerate(names):
        for epoch in (1, 2):
            (tmp_path / f"{name}-0{epoch}.h5").write_bytes(b"x")
        (tmp_path / f"{name}_log.csv").write_text(f"epoch,loss\n0,{number}\n1,1\n")
    runs = runs_in(str(tmp_path))
    n_read = training_logs._read.cache_info().misses
    told: list[str] = []
    take_apart = training_logs._words
    monkeypatch.setattr(training_logs, "_words", lambda text: told.append(text) or take_apart(text))
    assert runs_in(str(tmp_path)) == runs
    assert training_logs._read.cache_info().misses == n_read
    assert len(told) == 200  # 100 runs, 100 logs
    first = {run.name: beside(run)["loss"].points[0] for run in runs}
    assert first == {name: (1, float(number)) for number, name in enumerate(names)}


def test_epochs_of_a_log_are_not_taken_for_versions(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,loss\n0,3\n1,1\n2,2\n")
    assert beside(run_of(tmp_path, "net_v1.h5", "net_v2.h5")) == {}

"""Which files are one run, in which order, and what their names say."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest

from h5viewer.nodes import Series
from h5viewer.series import best_step, epochs_done, run_around, runs_below, runs_in, runs_of

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def made(folder: Path, *names: str) -> list[str]:
    """Files that look like none that is being written: their bytes do not say."""
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return [str(folder / name) for name in names]


def told(run: Series) -> list[tuple[int | None, dict[str, float]]]:
    return [(step.number, {each.name: each.value for each in step.metrics}) for step in run.steps]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["weights-07-0.812.hdf5", "weights-10-0.9.hdf5", "weights-8-0.82.hdf5"],
            [(7, {"metric": 0.812}), (8, {"metric": 0.82}), (10, {"metric": 0.9})],
        ),
        (
            ["m.100-0.66.h5", "m.00-0.47.h5", "m.99-0.61.h5"],  # two digits and three
            [(0, {"metric": 0.47}), (99, {"metric": 0.61}), (100, {"metric": 0.66})],
        ),
        (
            ["ep012-loss19.1-val_loss19.4.h5", "ep003-loss29.1-val_loss29.4.h5"],
            [(3, {"loss": 29.1, "val_loss": 29.4}), (12, {"loss": 19.1, "val_loss": 19.4})],
        ),
        (
            ["best_val_acc_0.93_ep12.keras", "best_val_acc_0.95_ep13.keras"],
            [(12, {"val_acc": 0.93}), (13, {"val_acc": 0.95})],
        ),
        (
            ["v2_epoch_1_top5_acc_0.5.weights.h5", "v2_epoch_12_top5_acc_0.5.weights.h5"],
            [(1, {"top5_acc": 0.5}), (12, {"top5_acc": 0.5})],
        ),
        (
            ["a_07epoch_0.5acc_0.4loss.h5", "a_08epoch_0.6acc_0.3loss.h5"],
            [(7, {"acc": 0.5, "loss": 0.4}), (8, {"acc": 0.6, "loss": 0.3})],
        ),
        (["w.07.0.812.h5", "w.08.0.7.h5"], [(7, {"metric": 0.812}), (8, {"metric": 0.7})]),
        (
            ["w-01--0.5.h5", "w-02--0.7.h5", "w-03-1e-05.h5"],
            [(1, {"metric": -0.5}), (2, {"metric": -0.7}), (3, {"metric": 1e-05})],
        ),
        (
            ["epoch=1-val_loss=0.5.h5", "epoch=2-val_loss=0.3.h5"],
            [(1, {"val_loss": 0.5}), (2, {"val_loss": 0.3})],
        ),
        (["net_28x28_e05.h5", "net_28x28_e10.h5"], [(5, {}), (10, {})]),
        (["epoch=05-step=100.weights.h5", "epoch=10-step=200.weights.h5"], [(5, {}), (10, {})]),
        (["m_1_epoch_0.5.h5", "m_2_epoch_0.4.h5"], [(1, {"metric": 0.5}), (2, {"metric": 0.4})]),
        (
            ["e01_batch900.h5", "e01_batch1000.h5", "e02_batch100.h5"],  # by batches in an epoch
            [(1, {}), (1, {}), (2, {})],
        ),
        (["epoch=0-step=90.h5", "epoch=0-step=180.h5"], [(90, {}), (180, {})]),
        (
            ["2020-01-01_10-10_e01_0.5.h5", "2020-01-02_09-12_e02_0.6.h5"],
            [(1, {"metric": 0.5}), (2, {"metric": 0.6})],
        ),
        (
            ["m-1_0.5_1589012345.h5", "m-2_0.6_1589012399.h5"],  # seconds since 1970
            [(1, {"metric": 0.5}), (2, {"metric": 0.6})],
        ),
        (
            ["0.693-01.h5", "0.512-02.h5"],
            [(1, {"metric": 0.693}), (2, {"metric": 0.512})],
        ),
        (
            ["模型_第1轮_准确率0.81.h5", "模型_第10轮_准确率0.83.h5"],
            [(1, {"准确率": 0.81}), (10, {"准确率": 0.83})],
        ),
    ],
)
def test_names_say_epoch_and_metrics(
    folder: Path, names: list[str], expected: list[tuple[int, dict[str, float]]]
) -> None:
    made(folder, *names)
    (run,) = runs_in(str(folder))
    assert told(run) == expected
    assert run.latest == len(names) - 1


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["ckpt_10k.h5", "ckpt_1.5M.h5", "ckpt_500.h5", "ckpt_1M.h5"],
         [500, 10_000, 1_000_000, 1_500_000]),
        (["model_5k.keras", "model_2K.keras"], [2000, 5000]),
        (["a-1m-steps.h5", "a-2m-steps.h5"], [1_000_000, 2_000_000]),
        (["net_4k_01.h5", "net_4k_02.h5"], [1, 2]),  # the same in all names
        (["a_2m.h5", "a_10m.h5"], [2, 10]),  # minutes, metres, parameters
        (["e01_512m.h5", "e02_1k.h5"], [1, 2]),  # one more epoch
    ],
)  # fmt: skip
def test_letters_multiply_where_other_names_agree(
    folder: Path, names: list[str], numbers: list[int]
) -> None:
    made(folder, *names)
    (run,) = runs_in(str(folder))
    assert [step.number for step in run.steps] == numbers
    assert run.unit == ("step" if max(numbers) >= 1000 else "epoch")


@pytest.mark.parametrize(
    "names",
    [
        ["w.01-b100.h5", "w.01-b200.h5", "w.02-b100.h5", "w.02-b200.h5"],
        ["w.e01.b0100.h5", "w.e01.b0200.h5", "w.e02.b0100.h5", "w.e02.b0200.h5"],
        ["w-01-batch9-0.5.h5", "w-01-batch10-0.4.h5", "w-02-batch9-0.3.h5", "w-02-batch10-0.2.h5"],
    ],
)
def test_batches_of_epochs_are_one_run(folder: Path, names: list[str]) -> None:
    paths = made(folder, *names)
    (run,) = runs_in(str(folder))
    assert (run.name, run.unit) == ("w", "epoch")
    assert [(step.number, step.document) for step in run.steps] == list(
        zip([1, 1, 2, 2], paths, strict=True)
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["stage1_ep3.h5", "stage1_ep4.h5", "stage2_ep1.h5", "stage2_ep2.h5"],
         {"stage1": [3, 4], "stage2": [1, 2]}),
        (["v1.2-ep3.h5", "v1.2-ep4.h5", "v1.3-ep1.h5", "v1.3-ep2.h5"],
         {"v1.2": [3, 4], "v1.3": [1, 2]}),
        (["lr0.01_e1.h5", "lr0.01_e2.h5", "lr0.001_e1.h5", "lr0.001_e2.h5"],
         {"lr0.001": [1, 2], "lr0.01": [1, 2]}),
        (["20230501-1230_e1.h5", "20230501-1230_e2.h5", "20230502-0900_e1.h5",
          "20230502-0900_e2.h5"],
         {"20230501-1230": [1, 2], "20230502-0900": [1, 2]}),
        (["part1_e1.h5", "part1_e2.h5", "part2_e3.h5", "part2_e4.h5"],
         {"part": [1, 2, 3, 4]}),  # trained on
        (["e1_lr0.1.h5", "e2_lr0.1.h5", "e3_lr0.01.h5", "e4_lr0.01.h5"], {"{}": [1, 2, 3, 4]}),
    ],
)  # fmt: skip
def test_runs_are_told_apart_by_what_stands_before_the_epoch(
    folder: Path, names: list[str], expected: dict[str, list[int]]
) -> None:
    made(folder, *names)
    found = {run.name: [step.number for step in run.steps] for run in runs_in(str(folder))}
    assert found == {name.format(folder.name): numbers for name, numbers in expected.items()}


def test_reward_that_rises_above_zero_is_one_run(folder: Path) -> None:
    made(folder, "ep1_reward-21.0.h5", "ep2_reward-3.5.h5", "ep3_reward4.0.h5")
    made(folder, "x-1_score-5.h5", "x-2_score7.h5", "w-1-loss-0.5.h5", "w-2-loss-0.4.h5")
    runs = {run.name: [values for _, values in told(run)] for run in runs_in(str(folder))}
    assert runs == {
        folder.name: [{"reward": -21.0}, {"reward": -3.5}, {"reward": 4.0}],
        "x": [{"score": -5.0}, {"score": 7.0}],
        "w": [{"loss": 0.5}, {"loss": 0.4}],  # a hyphen in all of them
    }


def test_time_of_day_is_no_metric(folder: Path) -> None:
    made(folder, "w_ep01_9h05m.h5", "w_ep02_14h32m.h5", "a 1, loss 0.5.h5", "a 2, loss 0.4.h5")
    assert {run.name: told(run) for run in runs_in(str(folder))} == {
        "w": [(1, {}), (2, {})],
        "a": [(1, {"loss": 0.5}), (2, {"loss": 0.4})],
    }


def test_run_that_diverged_keeps_the_step_that_is_no_number(folder: Path) -> None:
    made(folder, "w-01-0.5.h5", "w-02-nan.h5", "w-03-0.4.h5")
    (run,) = runs_in(str(folder))
    assert math.isnan(run.steps[1].metrics[0].value)
    assert best_step(run, "metric", "min") == 2


def test_runs_in_one_folder_are_told_apart(folder: Path) -> None:
    names = [f"fold{fold}-{epoch:02}-0.{epoch}.h5" for fold in (1, 2) for epoch in (5, 6, 7)]
    made(folder, *names, "other-01.keras", "other-02.keras", "best_model.h5", "notes-1.txt")
    made(folder, *(f"vgg{kind}_epoch{epoch}.h5" for kind in (16, 19) for epoch in (1, 2)))
    made(folder, "other-01.h5", "other-02.h5")
    runs = runs_in(str(folder))
    assert [(run.name, len(run.steps)) for run in runs] == [
        ("fold1", 3),
        ("fold2", 3),
        ("other", 2),
        ("other 2", 2),
        ("vgg16", 2),
        ("vgg19", 2),
    ]


def test_training_that_began_again_in_its_folder_is_another_run(folder: Path) -> None:
    names = ["w-01-0.9.h5", "w-02-0.8.h5", "w-03-0.7.h5", "w-01-0.65.h5", "w-02-0.55.h5"]
    for second, path in enumerate(made(folder, *names)):
        os.utime(path, (1e9 + second, 1e9 + second))
    runs = runs_in(str(folder))
    assert [(run.name, len(run.steps)) for run in runs] == [("w", 3), ("w 2", 2)]


def test_epoch_that_was_saved_twice_has_the_metric_of_each_file(folder: Path) -> None:
    for second, path in enumerate(made(folder, "w-1-0.9.h5", "w-2-0.3.h5", "w-2-0.5.h5")):
        os.utime(path, (1e9 + second, 1e9 + second))  # it went on from epoch 1
    (run,) = runs_in(str(folder))
    assert best_step(run, "metric") == 1


def test_learning_rate_has_no_best(folder: Path) -> None:
    made(folder, "w-1-lr0.01-loss0.9.h5", "w-2-lr0.001-loss0.5.h5")
    (run,) = runs_in(str(folder))
    assert [curve.direction for curve in run.curves] == [None, "min"]


def test_numbers_that_count_nothing_make_no_run(folder: Path) -> None:
    made(folder, "conv_012.h5", "conv_0256.h5", "model_v1.h5", "loss-0.5.h5", "loss-0.4.h5")
    made(folder, "lr0.1_bs32.h5", "lr0.01_bs32.h5", "lr0.1_bs64.h5", "fold1.keras", "fold2.keras")
    made(folder, "latent16.h5", "latent32.h5")
    made(folder, "tf_model-00001-of-00002.h5", "tf_model-00002-of-00002.h5")
    made(folder, "copy (1).h5", "copy (2).h5", "day_20200101.h5", "day_20200102.h5")
    assert runs_in(str(folder)) == ()


@pytest.mark.parametrize("word", ["model_v", "v", "net-ver", "version_"])
def test_versions_of_a_network_are_called_so(folder: Path, word: str) -> None:
    made(folder, *(f"{word}{number}.h5" for number in (1, 2, 3)))
    (run,) = runs_in(str(folder))
    assert (run.unit, [step.number for step in run.steps]) == ("version", [1, 2, 3])
    assert epochs_done(run, 3) is None


@pytest.mark.parametrize("word", ["model_v", "v", "net-ver", "version_"])
def test_epochs_of_versions_are_runs_of_their_own(folder: Path, word: str) -> None:
    made(folder, *(f"{word}{number}_epoch_{epoch}.h5" for number in (1, 2) for epoch in (4, 5)))
    assert [[step.number for step in run.steps] for run in runs_in(str(folder))] == [[4, 5]] * 2


def test_a_suffix_within_a_name_counts_no_hours(folder: Path) -> None:
    made(folder, "net_01_h5.h5", "net_02_h5.h5", "other01h5.h5", "other02h5.h5")
    assert [run.unit for run in runs_in(str(folder))] == ["epoch", "epoch"]


@pytest.mark.parametrize("word", ["h", "hrs", "_hours"])
def test_hours_are_called_so(folder: Path, word: str) -> None:
    made(folder, *(f"ckpt_{number}{word}.h5" for number in (1, 13)))
    (run,) = runs_in(str(folder))
    assert (run.name, run.unit) == ("ckpt", "hour")
    assert [step.number for step in run.steps] == [1, 13]


def test_best_is_by_the_direction_of_its_metric(folder: Path) -> None:
    made(folder, "w-1-acc0.5-loss0.9.h5", "w-2-acc0.8-loss0.4.h5", "w-3-acc0.7-loss0.6.h5")
    (run,) = runs_in(str(folder))
    assert [curve.direction for curve in run.curves] == ["max", "min"]
    assert best_step(run, "acc") == 1
    assert best_step(run, "loss") == 1
    assert best_step(run, "acc", "min") == 0  # as the user says


def test_direction_of_a_metric_without_a_name_is_where_training_took_it(folder: Path) -> None:
    made(folder, "up-1-0.4.h5", "up-2-0.6.h5", "up-3-0.5.h5")
    made(folder, "down-1-0.9.h5", "down-2-0.3.h5", "down-3-0.5.h5")
    found = {run.name: best_step(run, "metric") for run in runs_in(str(folder))}
    assert found == {"up": 1, "down": 1}


def test_checkpoints_are_whole_sets_and_the_state_file_names_the_latest(folder: Path) -> None:
    for number in (10, 2000, 30):
        prefix = f"model.ckpt-{number}"
        made(folder, f"{prefix}.index", f"{prefix}.data-00000-of-00001", f"{prefix}.meta")
    made(folder, "model.ckpt-9.index", "model.ckpt-9.data-00000-of-00002")  # one shard is missing
    made(folder, "model.ckpt-8.data-00000-of-00001")  # its index is written last
    (folder / "checkpoint").write_text('model_checkpoint_path: "/elsewhere/model.ckpt-30"\n')
    (run,) = runs_in(str(folder))
    assert [step.number for step in run.steps] == [10, 30, 2000]
    assert (run.unit, run.latest, run.name) == ("step", 1, "model")
    assert [len(step.files) for step in run.steps] == [3, 3, 3]
    assert run.steps[0].document.endswith("model.ckpt-10.index")
    assert run.notes == ("2 files are left alone until they are whole.",)


def test_shards_of_old_checkpoints_are_a_run(folder: Path) -> None:
    """Before 2017 there was no index; one that lacks a shard is no step."""
    paths = [f"m.ckpt-{step}-{n:05}-of-00002" for step in (200, 30) for n in (0, 1)]
    made(folder, *paths, "m.ckpt-30.meta", "m.ckpt-9-00001-of-00002")
    (run,) = runs_in(str(folder))
    assert [step.number for step in run.steps] == [30, 200]
    assert [len(step.files) for step in run.steps] == [3, 2]
    assert run.steps[1].document == str(folder / paths[0])


def test_large_numbers_without_a_word_are_steps(folder: Path) -> None:
    made(folder, "snapshot_500000_0.91.h5", "snapshot_1000000_0.93.h5")
    made(folder, "dqn_episode_100_reward_-21.0.h5", "dqn_episode_200_reward_3.25.h5")
    assert [(run.name, run.unit) for run in runs_in(str(folder))] == [
        ("dqn", "step"),
        ("snapshot", "step"),
    ]


def test_any_part_of_a_checkpoint_finds_its_run(folder: Path) -> None:
    paths = made(
        folder, "cp-1.ckpt.index", "cp-1.ckpt.data-00000-of-00001",
        "cp-2.ckpt.index", "cp-2.ckpt.data-00000-of-00001", "alone.h5",
    )  # fmt: skip
    for path in paths[:4]:
        run = run_around(path)
        assert run is not None
        assert len(run.steps) == 2
    assert run_around(paths[4]) is None


def test_files_that_are_dropped_together_are_a_run_without_their_siblings(folder: Path) -> None:
    paths = made(folder, "w-1.h5", "w-2.h5", "w-3.h5")
    (run,) = runs_of(paths[:2])
    assert [step.number for step in run.steps] == [1, 2]


def test_files_in_folders_of_their_own_are_a_run(folder: Path) -> None:
    paths = made(folder, "trial_0005/model.h5", "trial_0002/model.h5")
    (run,) = runs_of(paths)
    assert [step.document for step in run.steps] == sorted(paths)
    assert run.folder == str(folder)


def test_folder_holds_a_folder_for_each_step(folder: Path) -> None:
    names = [f"checkpoint-{step}/tf_model.h5" for step in (1000, 500, 1500)]
    paths = made(folder, *names, "trial_1/model.h5", "trial_2/model.h5")
    (run,) = runs_in(str(folder))
    assert [step.number for step in run.steps] == [500, 1000, 1500]
    assert (run.unit, run.folder) == ("step", str(folder))
    assert run_around(paths[0]) == run


def test_runs_are_found_in_the_folders_of_a_folder(folder: Path) -> None:
    made(folder, *(f"training_{run}/cp-{step}.h5" for run in (2, 10) for step in (5, 6)))
    assert runs_in(str(folder)) == ()
    assert [Path(run.folder).name for run in runs_below(str(folder))] == [
        "training_2",
        "training_10",
    ]


def test_a_link_that_leads_in_a_circle_hides_no_run(folder: Path) -> None:
    made(folder, "m-1.h5", "m-2.h5", "inner/a-1.h5", "inner/a-2.h5")
    (folder / "step-5").symlink_to("step-5")  # called as a folder of one step is
    assert [len(run.steps) for run in runs_in(str(folder))] == [2]
    assert [len(run.steps) for run in runs_below(str(folder))] == [2]


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus beside the repository")
def test_series_of_the_corpus_are_in_order() -> None:
    faces = next(run for run in runs_in(str(CORPUS / "keras_h5")) if "XCEPTION" in run.name)
    assert [step.number for step in faces.steps] == [0, 2, 10, 102, 110]
    assert best_step(faces, "metric") == 3  # 0.66, which is not the last
    (checkpoints,) = runs_in(
        os.fspath(CORPUS / "tf_ckpt" / "atharvasaraf__learning_tensorFlow__training_2")
    )
    assert [step.number for step in checkpoints.steps] == [0, 50]
    assert checkpoints.latest == 1

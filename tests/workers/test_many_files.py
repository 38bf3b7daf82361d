"""Requests about many files at once, answered by the real worker."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from small_files import make_keras_h5, make_weights_h5

from h5viewer.errors import CannotOpen, CannotRead, CannotWrite
from h5viewer.exporting import export
from h5viewer.nodes import MergeChoices, WeightMatches
from h5viewer.requests import AverageNetworks, CombineNetwork, MatchWeights, PlanMerge
from h5viewer.wording import any_of
from h5viewer.workers.pool import Pool, ask

MANY = 110
posix = pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")


def write_many(folder: Path, n: int) -> list[str]:
    paths = [make_keras_h5(folder / f"{number}.h5") for number in range(n)]
    for number, path in enumerate(paths):
        with h5py.File(path, "r+") as file:
            file["model_weights/dense/dense/bias:0"][...] = number
    return [str(path) for path in paths]


def average(paths: list[str], target: Path) -> AverageNetworks:
    return AverageNetworks(document=paths[0], others=tuple(paths[1:]), target=str(target))


@posix
def test_a_worker_holds_more_files_than_the_soft_limit(tmp_path: Path) -> None:
    import resource

    paths = [str(tmp_path / f"{number}.weights.h5") for number in range(MANY)]
    for number, path in enumerate(paths):
        with h5py.File(path, "w") as file:
            file["layers/dense/vars/0"] = np.full(2, number, "f4")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))  # inherited by what is started now
    own = Pool(keep_spare=False)
    try:
        done = export(own, average(paths, tmp_path / "mean.weights.h5"))
    finally:
        own.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert done.n_weights == 1
    with h5py.File(tmp_path / "mean.weights.h5") as file:
        assert (file["layers/dense/vars/0"][...] == (MANY - 1) / 2).all()


def test_no_document_is_the_target(pool: Pool, tmp_path: Path) -> None:
    paths = write_many(tmp_path, 3)
    before = Path(paths[2]).read_bytes()
    with pytest.raises(CannotWrite, match="opened file"):
        export(pool, average(paths, Path(paths[2])), may_replace=True)
    assert Path(paths[2]).read_bytes() == before


def test_a_refused_file_among_many_is_named(pool: Pool, tmp_path: Path) -> None:
    paths = write_many(tmp_path, 3)
    with pytest.raises(CannotOpen, match=r"absent\.h5 does not exist"):
        export(pool, average([*paths, str(tmp_path / "absent.h5")], tmp_path / "mean.h5"))
    Path(paths[1]).write_bytes(Path(paths[1]).read_bytes()[:3000])
    with pytest.raises((CannotOpen, CannotRead), match=r"1\.h5"):
        export(pool, average(paths, tmp_path / "mean.weights.h5"))
    assert not (tmp_path / "mean.h5").exists()


def test_what_files_can_be_made_into(pool: Pool, tmp_path: Path) -> None:
    a, b, _ = write_many(tmp_path, 3)
    found = ask(pool, PlanMerge(document=a, others=(b,)))
    assert isinstance(found, MergeChoices)
    assert [member.name for member in found.members] == ["0.h5", "1.h5"]
    assert [member.inputs for member in found.members] == [((None, 8, 8, 3),)] * 2
    assert [member.outputs for member in found.members] == [((None, 2),)] * 2
    why_not = {choice.kind: choice.why_not for choice in found.choices}
    assert why_not == {
        "average": "",
        "ensemble": "",
        "chain": "0.h5 puts out (None, 2), 1.h5 takes (None, 8, 8, 3).",
        "combine": "",
    }


def test_weights_alone_can_be_averaged_only(pool: Pool, tmp_path: Path) -> None:
    a, b = (str(make_weights_h5(tmp_path / f"{name}.h5")) for name in "ab")
    found = ask(pool, PlanMerge(document=a, others=(b,)))
    assert isinstance(found, MergeChoices)
    why_not = {choice.kind: choice.why_not for choice in found.choices}
    assert why_not.pop("average") == ""
    assert set(why_not.values()) == {"a.h5 holds weights and no architecture."}


def test_one_file_can_be_made_into_nothing(pool: Pool, tmp_path: Path) -> None:
    found = ask(pool, PlanMerge(document=write_many(tmp_path, 1)[0]))
    assert isinstance(found, MergeChoices)
    assert all(choice.why_not.endswith(".") for choice in found.choices)


def test_an_architecture_as_json_is_one_of_the_files(pool: Pool, tmp_path: Path) -> None:
    model = make_keras_h5(tmp_path / "model.h5")
    architecture = tmp_path / "net.json"
    with h5py.File(model) as file:
        architecture.write_text(file.attrs["model_config"])
    weights = make_weights_h5(tmp_path / "w.h5")
    both = {"document": str(architecture), "others": (str(weights),)}
    found = ask(pool, PlanMerge(**both))
    assert isinstance(found, MergeChoices)
    why_not = {choice.kind: choice.why_not for choice in found.choices}
    assert why_not["combine"] == ""
    assert why_not["average"] == "net.json holds an architecture without weights."
    matches = ask(pool, MatchWeights(document=str(architecture), other=str(weights)))
    assert isinstance(matches, WeightMatches)
    export(pool, CombineNetwork(target=str(tmp_path / "new.h5"), **both))
    with h5py.File(tmp_path / "new.h5") as new, h5py.File(model) as old:
        assert np.array_equal(
            new["model_weights/conv/conv/kernel"][...],
            old["model_weights/conv/conv/kernel:0"][...],
        )


def test_a_json_file_is_no_model_elsewhere(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text("{}")
    model = make_keras_h5(tmp_path / "model.h5")
    with pytest.raises(CannotOpen, match=r"net\.json"):
        export(pool, average([str(model), str(tmp_path / "net.json")], tmp_path / "mean.h5"))


def test_many_names_are_told_by_the_first_ones() -> None:
    assert any_of(["a"]) == "a"
    assert any_of(["a", "b"]) == "a or b"
    assert any_of(["a", "b", "c"]) == "a, b or c"
    assert any_of(list("abcdefg")) == "a, b or 5 others"

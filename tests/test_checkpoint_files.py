"""Whichever file of a TensorFlow checkpoint is named, the same one is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from h5viewer.checkpoint_files import (
    corrected_text,
    document_path,
    located,
    parse_state,
    prefix_of,
    read_state,
)


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def _state(folder: Path, latest: str, *kept: str) -> Path:
    lines = [f'model_checkpoint_path: "{latest}"']
    lines += [f'all_model_checkpoint_paths: "{path}"' for path in kept or (latest,)]
    path = folder / "checkpoint"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _opened(path: Path) -> str:
    return Path(document_path(str(path))).name


@pytest.mark.parametrize(
    "named", ["m-7.index", "m-7.data-00000-of-00002", "m-7.data-00001-of-00002", "m-7.meta", "m-7"]
)
def test_every_file_of_a_checkpoint_opens_its_index(tmp_path: Path, named: str) -> None:
    _touch(tmp_path, "m-7.index", "m-7.data-00000-of-00002", "m-7.data-00001-of-00002", "m-7.meta")
    assert _opened(tmp_path / named) == "m-7.index"


@pytest.mark.parametrize(
    "named", ["old-9", "old-9.meta", "old-9-00001-of-00002", "old-9-?????-of-00002", "checkpoint"]
)
def test_shards_of_the_old_kind_open_the_first(tmp_path: Path, named: str) -> None:
    _touch(tmp_path, "old-9-00000-of-00002", "old-9-00001-of-00002", "old-9.meta")
    _state(tmp_path, "old-9-?????-of-00002")
    assert _opened(tmp_path / named) == "old-9-00000-of-00002"
    assert prefix_of(document_path(str(tmp_path / named))) == str(tmp_path / "old-9")


def test_a_table_of_the_old_kind_is_opened_by_its_graph(tmp_path: Path) -> None:
    _touch(tmp_path, "m.ckpt", "m.ckpt.meta")
    assert _opened(tmp_path / "m.ckpt.meta") == "m.ckpt"
    assert _opened(tmp_path / "m.ckpt") == "m.ckpt"


def test_what_belongs_to_nothing_stays_as_it_is(tmp_path: Path) -> None:
    _touch(tmp_path, "export.meta", "a.data-00000-of-00001", "weights.h5", "empty/x.txt")
    for name in ("export.meta", "a.data-00000-of-00001", "weights.h5", "empty", "missing"):
        assert _opened(tmp_path / name) == name
    assert document_path("/") == "/"


def test_the_state_file_and_the_folder_open_the_latest(tmp_path: Path) -> None:
    _touch(tmp_path, "m-9.index", "m-10.index", "m-8.index")
    assert _opened(tmp_path) == "m-10.index"  # by number: nothing says which is the latest
    state = _state(tmp_path, "m-9", "m-8", "m-9")
    assert _opened(tmp_path) == _opened(state) == "m-9.index"
    (tmp_path / "m-9.index").unlink()
    assert _opened(state) == "m-8.index"  # the newest that is there
    (tmp_path / "m-8.index").unlink()
    assert _opened(state) == "checkpoint"


def test_the_folder_of_a_saved_model_opens_its_variables(tmp_path: Path) -> None:
    _touch(tmp_path, "saved_model.pb", "variables/variables.index")
    assert _opened(tmp_path) == "variables.index"


def test_paths_of_another_machine_are_found_by_their_names(tmp_path: Path) -> None:
    _touch(tmp_path, "m-1.index", "m-2.index", "sub/m-3.index")
    for written in ("/home/she/run/m-1", r"C:\\runs\\new\\m-2", "../m-1", "./m-2", "sub/m-3"):
        state = read_state(str(_state(tmp_path, written)))
        assert state is not None
        (found,) = located(state, str(tmp_path))
        assert found.document is not None
        assert found.was_moved == (written not in ("./m-2", "sub/m-3"))
        assert Path(found.document).stem == written.replace("\\", "/").rpartition("/")[2]


def test_nothing_outside_the_folder_is_followed(tmp_path: Path) -> None:
    """A state file comes with a download; it decides nothing about other folders."""
    _touch(tmp_path, "secret.index", "run/x.txt", "run2/m.index")
    for written in ("../secret", str(tmp_path / "secret"), "../run2/m", "", "..", "a\\0b"):
        path = _state(tmp_path / "run", written)
        assert document_path(str(path)) == str(path)


def test_a_corrected_state_file_names_what_is_beside_it(tmp_path: Path) -> None:
    _touch(tmp_path, "m-1.index", "größe-2.index", "sub/m-4.index")
    text = (
        'model_checkpoint_path: "/old/gr\\303\\266\\303\\237e-2"\n'
        "all_model_checkpoint_paths: '/old/m-1'\n"
        'all_model_checkpoint_paths: "/old/lost-3"\n'
        'all_model_checkpoint_paths: "sub/m-4"\n'
        "all_model_checkpoint_timestamps: 1.5\n"
    )
    corrected = corrected_text(text, str(tmp_path))
    assert corrected == (
        'model_checkpoint_path: "gr\\303\\266\\303\\237e-2"\n'
        'all_model_checkpoint_paths: "m-1"\n'
        'all_model_checkpoint_paths: "/old/lost-3"\n'
        'all_model_checkpoint_paths: "sub/m-4"\n'
        "all_model_checkpoint_timestamps: 1.5\n"
    )
    state = parse_state(corrected)
    assert state is not None
    assert (state.latest, state.kept[0]) == ("größe-2", "m-1")


def test_other_texts_are_no_state_files(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").write_bytes(b"\xff\x00\x80" * 99)
    assert read_state(str(tmp_path / "checkpoint")) is None
    assert read_state(str(tmp_path / "none")) is None
    assert parse_state("model_checkpoint_path: unquoted") is None
    assert _opened(tmp_path / "checkpoint") == "checkpoint"

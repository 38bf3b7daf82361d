"""What is dropped is sorted by names, then by first bytes; nothing is parsed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from h5viewer import picture_files
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.picture_files import read_bytes, read_picture, sort_out


def names(paths: tuple[str, ...]) -> list[str]:
    return [Path(path).name for path in paths]


def test_pictures_and_models_are_told_apart(tmp_path: Path) -> None:
    for name in ("a.PNG", "b.jpeg", "c.npy", "model.h5", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    dropped = sort_out(str(path) for path in sorted(tmp_path.iterdir()))
    assert names(dropped.pictures) == ["a.PNG", "b.jpeg", "c.npy"]
    assert names(dropped.others) == ["model.h5", "notes.txt"]


@pytest.mark.parametrize(
    "start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\0\0\0WEBP", b"\x93NUMPY\1"]
)
def test_picture_without_a_suffix_is_known_by_its_first_bytes(start: bytes, tmp_path: Path) -> None:
    (tmp_path / "download").write_bytes(start + b"rest")
    assert names(sort_out([str(tmp_path / "download")]).pictures) == ["download"]


def test_folder_gives_its_pictures_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    for name in ("10.png", "9.png", "cats/2.png", "cats/1.png", ".hidden.png", "readme.md"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    dropped = sort_out([str(tmp_path)])
    assert names(dropped.pictures) == ["9.png", "10.png", "1.png", "2.png"]


def test_folder_without_pictures_is_opened_as_before(tmp_path: Path) -> None:
    (tmp_path / "model.ckpt.index").write_bytes(b"x")
    assert sort_out([str(tmp_path)]).others == (str(tmp_path),)


def test_more_pictures_than_one_drop_takes_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "MOST_PICTURES", 3)
    dropped = sort_out(f"{number}.png" for number in range(5))
    assert names(dropped.pictures) == ["0.png", "1.png", "2.png"]
    assert dropped.is_cut


def test_file_beyond_the_limit_is_refused_without_reading_all_of_it(tmp_path: Path) -> None:
    with open(tmp_path / "huge.png", "wb") as file:
        file.truncate(1 << 40)  # a hole: no disk would hold it, and no memory
    with pytest.raises(TooLarge, match=r"huge\.png has more than 1.00 kB"):
        read_bytes(str(tmp_path / "huge.png"), 1000)


def test_empty_and_missing_files_are_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    with pytest.raises(CannotRead, match=r"empty\.png is empty"):
        read_picture(str(tmp_path / "empty.png"))
    with pytest.raises(CannotRead, match=r"gone\.png does not exist"):
        read_picture(str(tmp_path / "gone.png"))


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes in folders")
def test_named_pipe_does_not_hold_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(CannotRead, match="empty"):
        read_picture(str(tmp_path / "pipe.png"))

"""Chosen pictures as .png and .zip: Pillow reads the stored pixels."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from exported import export_here, plan_here
from PIL import Image
from test_save_dataset import read_png

from h5viewer.errors import CannotRead, CannotWrite, TooLarge
from h5viewer.nodes import PictureLayout, PictureSet
from h5viewer.operations import save_pictures
from h5viewer.requests import FindPictureSets, SavePictures


@pytest.fixture
def document(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "set.h5", "w") as file:
        pictures = rng.integers(0, 256, (40, 12, 10, 3), "u1")
        file.create_dataset("images", data=pictures, chunks=(7, 12, 10, 3), compression="gzip")
        file["labels"] = np.arange(40) % 3
        file.attrs["class_names"] = ["a/../b", "a_.._b", "CON"]
        file["deep"] = rng.integers(0, 65_536, (9, 12, 10), "u2")
        file["alpha"] = rng.integers(0, 256, (9, 12, 10, 4), "u1")
        file["fractions"] = rng.random((9, 12, 10), "f4")
    return tmp_path / "set.h5"


def found(document: Path) -> PictureSet:
    """The set with labels."""
    sets = everything(document, FindPictureSets(document=str(document)))[1].sets
    return next(each for each in sets if each.node == (b"images",))


def made(node: str, shape: tuple[int, ...], dtype: str, high: float, **more: int) -> PictureSet:
    """A set without labels."""
    layout = PictureLayout(
        axes="nhwc" if len(shape) == 4 else "nhw", height=12, width=10, high=high,
        channels=shape[3] if len(shape) == 4 else 1, **more,
    )  # fmt: skip
    return PictureSet(
        node=(node.encode(),), shape=shape, dtype=dtype, layout=layout, n_pictures=shape[0]
    )


def stored(document: Path, node: str) -> np.ndarray:
    with h5py.File(document) as file:
        return file[node][()]


def saved(document: Path, pictures: PictureSet, indices: tuple[int, ...], name: str) -> Path:
    target = document.parent / name
    request = SavePictures(
        document=str(document), target=str(target), pictures=pictures, indices=indices
    )
    plan_here(request)
    export_here(request)
    return target


def test_an_archive_holds_each_picture_in_a_folder_of_its_class(document: Path) -> None:
    target = saved(document, found(document), (39, 3, 0, 20, 3), "some.zip")
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        pixels = {
            name: np.asarray(Image.open(io.BytesIO(archive.read(name))))
            for name in archive.namelist()
        }
    images = stored(document, "images")
    # safe on any system, and no two classes in one folder
    assert sorted(pixels) == ["_CON/20.png", "a_.._b/00.png", "a_.._b/03.png", "a_.._b/39.png"]
    for name, picture in pixels.items():
        assert np.array_equal(picture, images[int(name[-6:-4])])


def test_classes_with_like_names_have_folders_of_their_own(document: Path) -> None:
    target = saved(document, found(document), (0, 1), "two.zip")
    assert zipfile.ZipFile(target).namelist() == ["a_.._b/00.png", "a_.._b_2/01.png"]


def test_classes_of_another_file_are_taken_though_the_own_labels_are_damaged(
    document: Path,
) -> None:
    target = document.parent / "given.zip"
    pictures = msgspec.structs.replace(found(document), labels=(b"deep",))
    export_here(
        SavePictures(
            document=str(document), target=str(target), pictures=pictures, indices=(0, 1),
            classes=(1, 0), class_names=("low", "high"),
        )
    )  # fmt: skip
    assert zipfile.ZipFile(target).namelist() == ["high/00.png", "low/01.png"]


def test_one_picture_is_a_file_by_itself(document: Path) -> None:
    target = saved(document, found(document), (38,), "one.PNG")
    assert np.array_equal(np.asarray(Image.open(target)), stored(document, "images")[38])


def test_sixteen_bits_and_alpha_are_kept(document: Path) -> None:
    deep = made("deep", (9, 12, 10), "uint16", 65_535)
    picture = Image.open(saved(document, deep, (4,), "deep.png"))
    assert np.array_equal(np.asarray(picture), stored(document, "deep")[4])
    alpha = made("alpha", (9, 12, 10, 4), "uint8", 255)
    picture = Image.open(saved(document, alpha, (4,), "alpha.png"))
    assert picture.mode == "RGBA"
    assert np.array_equal(np.asarray(picture), stored(document, "alpha")[4])


def test_other_numbers_are_drawn_and_told(document: Path) -> None:
    fractions = made("fractions", (9, 12, 10), "float32", 1)
    target = document.parent / "fractions.png"
    request = SavePictures(
        document=str(document), target=str(target), pictures=fractions, indices=(2,)
    )
    assert export_here(request).notes == ("Drawn from 0 (black) to 1 (white).",)
    expected = np.rint(stored(document, "fractions")[2] * np.float32(255))
    assert np.array_equal(np.asarray(Image.open(target)), expected)


def test_blue_green_red_is_turned_round(document: Path) -> None:
    with h5py.File(document, "r+") as file:
        file["bgr"] = file["images"][:9]
    bgr = made("bgr", (9, 12, 10, 3), "uint8", 255, is_bgr=True)
    picture = np.asarray(Image.open(saved(document, bgr, (4,), "bgr.png")))
    assert np.array_equal(picture, stored(document, "bgr")[4][..., ::-1])
    with h5py.File(document, "r+") as file:
        file["wide"] = file["images"][:9].astype("u2") * 257
    wide = made("wide", (9, 12, 10, 3), "uint16", 65_535, is_bgr=True)
    data = read_png(saved(document, wide, (4,), "wide.png"))
    assert np.array_equal(data, stored(document, "wide")[4][..., ::-1])


def test_damaged_pictures_are_left_out_and_told(document: Path) -> None:
    with h5py.File(document, "r+") as file:
        dataset = file["images"]
        dataset.id.write_direct_chunk((7, 0, 0, 0), b"no deflated bytes")
    target = document.parent / "rest.zip"
    pictures = found(document)
    request = SavePictures(
        document=str(document), target=str(target), pictures=pictures, indices=tuple(range(40))
    )
    notes = export_here(request).notes
    assert notes == ("7 pictures are damaged and not in the archive.",)
    assert len(zipfile.ZipFile(target).namelist()) == 33


@pytest.mark.parametrize(
    ("indices", "name", "error"),
    [
        ((40,), "a.zip", CannotRead),
        ((-1,), "a.zip", CannotRead),
        ((), "a.zip", CannotRead),
        ((1, 2), "a.png", CannotWrite),
        ((1,), "a.jpg", CannotWrite),
    ],
)
def test_refusals_leave_no_file(
    document: Path, indices: tuple[int, ...], name: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        saved(document, found(document), indices, name)
    assert [path.name for path in document.parent.iterdir()] == ["set.h5"]


def test_a_picture_too_large_to_be_held_is_refused(
    document: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(save_pictures, "_LARGEST", 100)
    with pytest.raises(TooLarge):
        saved(document, found(document), (1,), "a.png")

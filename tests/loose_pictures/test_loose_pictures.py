"""Pictures that stand each by itself are drawn by one rule, whatever is wrong with some."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil
import pytest
from loose_files import (
    claim,
    encoded,
    picture_file,
    pixels_of,
    png_bomb,
    scan_bomb,
    write_lists,
    write_opaque,
    write_rows,
    write_texts,
)
from PIL import Image

from h5viewer.errors import CannotRead, H5ViewerError, TooLarge
from h5viewer.exporting import export
from h5viewer.nodes import ExportPlan, OnePicture, PictureSet, PictureSets, Thumbnails
from h5viewer.requests import (
    FindPictureSets,
    PlanExport,
    ReadOnePicture,
    ReadThumbnails,
    SavePictures,
)
from h5viewer.workers.pool import Kind, Pool, ask

N = 20
PNGS = [picture_file(n) for n in range(N)]


@pytest.fixture
def own_pool() -> Iterator[Pool]:
    made = Pool(keep_spare=False)
    yield made
    made.close()


def found(pool: Pool, path: Path) -> PictureSet:
    sets = ask(pool, FindPictureSets(document=str(path)))
    assert isinstance(sets, PictureSets)
    (only,) = sets.sets
    return only


def small(
    pool: Pool, path: Path, indices: tuple[int, ...], side: int = 96
) -> tuple[dict[int, np.ndarray], set[int]]:
    """What came of each, and which cannot be read."""
    parts: list[Any] = []
    request = ReadThumbnails(
        document=str(path), pictures=found(pool, path), indices=indices, side=side
    )
    parts.append(ask(pool, request, parts.append))
    pixels: dict[int, np.ndarray] = {}
    lost: set[int] = set()
    for part in parts:
        assert isinstance(part, Thumbnails)
        for index, each in zip(part.indices, part.pixels.values, strict=True):
            assert index not in pixels
            pixels[index] = each
        lost.update(part.unreadable)
    assert not lost & set(pixels)
    return pixels, lost


def one(pool: Pool, path: Path, index: int) -> OnePicture:
    request = ReadOnePicture(document=str(path), pictures=found(pool, path), index=index)
    answer = ask(pool, request)
    assert isinstance(answer, OnePicture)
    return answer


@pytest.mark.parametrize("write", [write_lists, write_opaque, write_texts, write_rows])
@pytest.mark.parametrize("kind", ["PNG", "BMP"])
def test_every_picture_comes_as_it_was_made(
    pool: Pool, tmp_path: Path, write: Any, kind: str
) -> None:
    path = write(tmp_path / "a.h5", [picture_file(n, kind, 40 + n % 3) for n in range(N)])
    pixels, lost = small(pool, path, tuple(range(N)))
    assert not lost
    for n in range(N):
        assert (pixels[n] == pixels_of(n, 40 + n % 3)).all()


def test_only_what_is_asked_for_comes_each_once(pool: Pool, tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS)
    pixels, _ = small(pool, path, (7, 3, 7, 19))
    assert sorted(pixels) == [3, 7, 19]
    with pytest.raises(CannotRead, match="no picture 20 in /images, which has 20 pictures"):
        small(pool, path, (20,))


def test_large_ones_come_as_means(pool: Pool, tmp_path: Path) -> None:
    for kind in ("PNG", "JPEG"):
        files = [picture_file(n, kind, 400, 300) for n in range(N)]
        pixels, _ = small(pool, write_lists(tmp_path / f"{kind}.h5", files), (3,), 40)
        assert pixels[3].shape == (30, 40, 3)
        means = pixels_of(3, 400, 300).reshape(30, 10, 40, 10, 3).mean(axis=(1, 3))
        assert np.abs(pixels[3][1:24, 1:-1] - means[1:24, 1:-1]).max() < 6, kind


def test_the_stated_rule_holds(pool: Pool, tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[0x112] = 6
    clear = np.zeros((20, 20, 4), np.uint8)
    clear[5:10, 5:10] = (200, 0, 0, 255)
    wide = (np.arange(400, dtype=np.uint16) * 160).reshape(20, 20)
    frames = [Image.fromarray(pixels_of(n)) for n in (1, 2)]
    files = [
        encoded(Image.fromarray(pixels_of(0)), "PNG", exif=turned),
        encoded(Image.fromarray(clear)),
        encoded(Image.fromarray(wide)),
        encoded(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        picture_file(4, mode="L"),
        picture_file(5, "JPEG", mode="CMYK"),
    ]
    path = write_lists(tmp_path / "a.h5", [*files, *PNGS])
    pixels, lost = small(pool, path, tuple(range(6)))
    assert not lost
    assert (pixels[0] == np.rot90(pixels_of(0), -1)).all()
    assert pixels[1][0, 0].tolist() == [255, 255, 255]
    assert pixels[1][7, 7].tolist() == [200, 0, 0]
    assert np.abs(pixels[2].astype(int) - wide // 257).max() <= 1
    assert (pixels[3] == pixels_of(1)).all()
    assert (pixels[4].shape, pixels[5].shape) == ((30, 40), (30, 40, 3))
    upright, grey = one(pool, path, 0), one(pool, path, 2)
    assert upright.own is not None
    assert grey.own is not None
    assert (upright.own.height, upright.own.width, upright.own.form) == (40, 30, "PNG, RGB")
    assert (grey.minimum, grey.maximum) == (0, 399 * 160), "of what the file holds"
    assert "scaled" in grey.own.note
    assert one(pool, path, 4).pixels.shape == (30, 40)


def test_one_picture_comes_with_its_label_its_source_and_its_numbers(
    pool: Pool, tmp_path: Path
) -> None:
    names = [f"{n}.png" for n in range(N)]
    path = write_lists(tmp_path / "a.h5", PNGS, labels=np.arange(N) % 3, filenames=names)
    answer = one(pool, path, 7)
    assert (answer.label, answer.label_text, answer.source) == (1, "1", "7.png")
    pixels = pixels_of(7)
    assert (answer.minimum, answer.maximum) == (pixels.min(), pixels.max())
    assert answer.mean == pytest.approx(pixels.mean())
    assert (answer.pixels.values == pixels).all()


# ------------------------------------------------------------------ hostile


BAD = {
    0: b"",
    1: b"no picture at all",
    2: PNGS[2][: len(PNGS[2]) // 2],
    3: png_bomb(),
    4: scan_bomb(),
    5: PNGS[5],
    6: PNGS[6],
    7: b"\x93NUMPY\x01\x00v\x00",
}
CLAIMS = {5: 0xFFFFFFFF, 6: 200 << 20}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    files = [BAD.get(n, each) for n, each in enumerate(PNGS)]
    return claim(write_lists(tmp_path / "a.h5", files), CLAIMS)


def test_what_is_broken_costs_itself_alone(own_pool: Pool, hostile: Path) -> None:
    pixels, lost = small(own_pool, hostile, tuple(range(N)))
    assert lost == set(BAD)
    assert sorted(pixels) == [n for n in range(N) if n not in BAD]
    workers = [each for each in own_pool.workers if each.kind is Kind.LOOSE]
    assert len(workers) == 1
    peak = psutil.Process(workers[0].pid).memory_info().rss
    assert peak < 400 << 20, "nothing that a bomb promises is ever there"
    # what is broken is said in a sentence, and the worker is still the same one
    for index, error in ((0, CannotRead), (1, CannotRead), (3, TooLarge), (4, TooLarge)):
        with pytest.raises(H5ViewerError) as refusal:
            one(own_pool, hostile, index)
        assert isinstance(refusal.value, error)
        assert refusal.value.message.startswith(f"Picture {index} of /images ")
    again = [each.pid for each in own_pool.workers if each.kind is Kind.LOOSE]
    assert again == [workers[0].pid]


def test_the_worker_that_reads_the_file_decodes_nothing(own_pool: Pool, hostile: Path) -> None:
    small(own_pool, hostile, (10,))
    kinds = sorted(each.kind.value for each in own_pool.workers if each.documents)
    assert kinds == ["files", "loose"]


# ------------------------------------------------------------------ a dataset a picture


@pytest.mark.parametrize("name", ["images/{}.jpg", "{}/image", "class_{class_}/{}"])
def test_datasets_are_drawn_by_their_own_shape(pool: Pool, tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(N):
            values = pixels_of(n, 40 + n)
            file[name.format(n, class_=n // 10)] = values if n % 2 else values.transpose(2, 0, 1)
        file.create_dataset("notes", data=[1, 2])
    pixels, lost = small(pool, path, tuple(range(N)))
    assert not lost
    for n in range(N):
        assert (pixels[n] == pixels_of(n, 40 + n)).all()
    answer = one(pool, path, 12)
    assert answer.own is not None
    assert (answer.own.height, answer.own.width, answer.own.form) == (30, 52, "RGB")
    assert answer.source == name.format(12, class_=1).removeprefix("images/")


def test_a_dataset_that_is_no_picture_costs_itself_alone(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(N):
            file[f"images/{n}.jpg"] = pixels_of(n)
    pictures = found(pool, path)
    with h5py.File(path, "r+") as file:
        del file["images/3.jpg"], file["images/4.jpg"]
        file["images/3.jpg"] = "words"
        file.create_group("images/4.jpg")
    pool.forget(str(path))
    parts: list[Any] = []
    request = ReadThumbnails(document=str(path), pictures=pictures, indices=tuple(range(N)))
    parts.append(ask(pool, request, parts.append))
    assert {index for part in parts for index in part.unreadable} == {3, 4}
    assert len({index for part in parts for index in part.indices}) == N - 2


def test_a_file_with_other_pictures_by_now_says_so(pool: Pool, tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS)
    pictures = found(pool, path)
    pool.forget(str(path))
    path.unlink()
    write_lists(path, PNGS[:10])
    with pytest.raises(CannotRead, match="holds 10 pictures, not 20 as before"):
        ask(pool, ReadThumbnails(document=str(path), pictures=pictures, indices=(1,)))


# ------------------------------------------------------------------ saving


def test_chosen_ones_are_saved_as_they_are_drawn(own_pool: Pool, tmp_path: Path) -> None:
    files = [b"broken" if n == 4 else each for n, each in enumerate(PNGS)]
    path = write_lists(tmp_path / "a.h5", files, labels=np.arange(N) % 2, class_names=["a", "b"])
    pictures = found(own_pool, path)
    target = tmp_path / "some.zip"
    request = SavePictures(
        document=str(path), target=str(target), pictures=pictures, indices=(1, 4, 6)
    )
    plan = ask(own_pool, PlanExport(document=str(path), export=request))
    assert isinstance(plan, ExportPlan)
    assert [(each.name, each.n_items) for each in plan.kept] == [("/images", 3)]
    done = export(own_pool, request)
    assert done.notes == ("1 picture is damaged and not in the archive.",)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["b/01.png", "a/06.png"]
        with archive.open("a/06.png") as file:
            assert (np.asarray(Image.open(file)) == pixels_of(6)).all()


def test_one_that_is_broken_leaves_no_file(own_pool: Pool, tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", [b"broken", *PNGS])
    target = tmp_path / "one.png"
    request = SavePictures(
        document=str(path), target=str(target), pictures=found(own_pool, path), indices=(0,)
    )
    with pytest.raises(CannotRead, match="Picture 0 of /images is no picture"):
        export(own_pool, request)
    assert not target.exists()

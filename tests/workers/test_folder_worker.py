"""What a worker that reads a folder can still do, and what not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from h5viewer.errors import CannotOpen, CannotRead, WorkerLost
from h5viewer.exporting import export
from h5viewer.nodes import DataSetPreview, DataSetRecipe, FolderSurvey
from h5viewer.requests import BuildDataSet, PlanExport, PreviewDataSet, Progress, SurveyFolder
from h5viewer.workers import landlock
from h5viewer.workers.kinds import Kind, kind_of
from h5viewer.workers.pool import Pool, ask

_CONFINED = """
import json, os, socket, subprocess, sys
from h5viewer.workers.confinement import confine_folder
folder, outside = sys.argv[1:]

def several():
    return [open(os.path.join(folder, "in.txt")) for _ in range(20)]

attempts = {
    "read": lambda: open(os.path.join(folder, "below", "in.txt")).read(),
    "list": lambda: os.listdir(os.path.join(folder, "below")),
    "read outside": lambda: open(outside).read(),
    "read a link": lambda: open(os.path.join(folder, "link.txt")).read(),
    "list outside": lambda: os.listdir("/"),
    "write": lambda: open(os.path.join(folder, "new.txt"), "w"),
    "write over": lambda: open(os.path.join(folder, "in.txt"), "r+"),
    "remove": lambda: os.unlink(os.path.join(folder, "in.txt")),
    "rename": lambda: os.rename(os.path.join(folder, "in.txt"), os.path.join(folder, "b")),
    "execute": lambda: subprocess.run(["/bin/true"]),
    "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "many": several,
}
confine_folder(1 << 30, [folder], n_readers=2)
done = []
for name, attempt in attempts.items():
    try:
        attempt()
        done.append(name)
    except OSError:
        pass
print(json.dumps(done))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="about Landlock and seccomp")
def test_it_reads_beneath_its_folder_and_does_nothing_else(tmp_path: Path) -> None:
    if landlock.version() == 0:
        pytest.skip("this kernel has no Landlock")
    folder = tmp_path / "folder"
    (folder / "below").mkdir(parents=True)
    (folder / "in.txt").write_text("1")
    (folder / "below" / "in.txt").write_text("1")
    (tmp_path / "outside.txt").write_text("1")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    run = subprocess.run(
        [sys.executable, "-c", _CONFINED, str(folder), str(tmp_path / "outside.txt")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(run.stdout) == ["read", "list"]
    assert sorted(path.name for path in folder.iterdir()) == ["below", "in.txt", "link.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors of POSIX")
def test_all_its_threads_can_read_at_once_beside_pipes_of_other_processes(tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("1")
    script = """
import os, sys
from h5viewer.workers.confinement import confine_folder
taken = [os.dup(0) for _ in range(12)]
for each in taken[::3]:
    os.close(each)  # as the ends of pipes that a forked process has
confine_folder(1 << 30, [sys.argv[1]], n_readers=8)
files = [open(os.path.join(sys.argv[1], "in.txt")) for _ in range(8)]
print(len(files))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout == "8\n"


def test_requests_about_folders_have_workers_of_their_own() -> None:
    recipe = DataSetRecipe()
    build = BuildDataSet(document="/a", target="/b.h5", recipe=recipe)
    assert kind_of(build) is Kind.BUILD
    assert kind_of(PlanExport(document="/a", export=build)) is Kind.PICTURES
    assert kind_of(SurveyFolder(document="/a", recipe=recipe)) is Kind.PICTURES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for at in range(12):
        path = tmp_path / "pets" / ("cat", "dog")[at % 2] / f"{at}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (10, 14, 3), dtype=np.uint8)).save(path)
    return tmp_path / "pets"


def test_folder_whose_pictures_are_all_broken_is_refused(tmp_path: Path, pool: Pool) -> None:
    for name in ("a", "b"):
        (tmp_path / "lost" / name).mkdir(parents=True)
        (tmp_path / "lost" / name / "1.png").write_bytes(b"")
    request = SurveyFolder(document=str(tmp_path / "lost"), recipe=DataSetRecipe())
    with pytest.raises(CannotRead, match="No picture in lost can be read") as refusal:
        ask(pool, request)
    assert refusal.value.hint == "a/1.png is empty."


def test_it_surveys_and_previews(folder: Path, pool: Pool) -> None:
    (folder / "cat" / "broken.png").write_bytes(b"no")
    survey = ask(pool, SurveyFolder(document=str(folder), recipe=DataSetRecipe(shares=(4, 1, 1))))
    assert isinstance(survey, FolderSurvey)
    assert [(each.name, each.n_pictures) for each in survey.classes] == [("cat", 6), ("dog", 6)]
    assert survey.n_pictures == 12  # without the broken one
    assert survey.n_unreadable == 1
    assert min(survey.n_training, survey.n_validation, survey.n_test) >= 1
    assert (survey.recipe.width, survey.recipe.height) == (14, 10)
    assert survey.sizes == ((14, 10, 12),)
    assert survey.notes == ()
    assert [each.name for each in survey.skipped] == ["cat/broken.png"]
    wanted = PreviewDataSet(
        document=str(folder), recipe=DataSetRecipe(width=6, height=6, colour="grey"), count=20
    )
    preview = ask(pool, wanted)
    assert isinstance(preview, DataSetPreview)
    assert len(preview.pictures) == 12
    assert {each.label for each in preview.pictures} == {"cat", "dog"}
    assert all(each.pixels.shape == (6, 6) for each in preview.pictures)
    assert [each.name for each in preview.skipped] == ["cat/broken.png"]


def test_a_size_that_is_chosen_for_the_user_is_said(folder: Path, pool: Pool) -> None:
    Image.new("RGB", (9, 9)).save(folder / "cat" / "other.png")
    survey = ask(pool, SurveyFolder(document=str(folder), recipe=DataSetRecipe()))
    assert isinstance(survey, FolderSurvey)
    assert (survey.recipe.width, survey.recipe.height) == (224, 224)
    assert survey.notes == ("The pictures have several sizes; 224 x 224 pixels are stored.",)


def test_what_is_no_folder_is_refused(folder: Path, pool: Pool) -> None:
    for document, words in (("gone", "does not exist"), ("pets/cat/0.png", "not a folder")):
        request = SurveyFolder(document=str(folder.parent / document), recipe=DataSetRecipe())
        with pytest.raises(CannotOpen, match=words):
            ask(pool, request)


def test_confined_it_decodes_every_kind(tmp_path: Path) -> None:
    """Nothing has to be loaded for it any more, of Pillow nor of Python."""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8))
    kinds: list[tuple[str, str, dict[str, Any]]] = [
        ("JPEG", "jpg", {"exif": Image.Exif()}), ("PNG", "png", {}), ("GIF", "gif", {}),
        ("BMP", "bmp", {}), ("WEBP", "webp", {}), ("PPM", "ppm", {}), ("TGA", "tga", {}),
        ("ICO", "ico", {}), ("TIFF", "tif", {}), ("TIFF", "tiff", {"compression": "tiff_lzw"}),
        ("TIFF", "jpeg.tiff", {"compression": "jpeg"}), ("JPEG2000", "jp2", {}),
        ("AVIF", "avif", {}), ("PNG", "animated.png", {"save_all": True, "append_images": [image]}),
    ]  # fmt: skip
    (tmp_path / "f").mkdir()
    Image.init()
    count = 0
    for kind, ending, options in kinds:
        if kind in Image.SAVE:  # some builds of Pillow lack a library
            image.save(tmp_path / "f" / f"a.{ending}", kind, **options)
            count += 1
    np.save(tmp_path / "f" / "a.npy", np.asarray(image) / 255)
    image.convert("CMYK").save(tmp_path / "f" / "cmyk.jpg")
    image.convert("P").save(tmp_path / "f" / "p.png", transparency=1)
    recipe = DataSetRecipe(width=8, height=8, labels="none", on_unreadable="stop")
    pool = Pool(keep_spare=False)
    try:
        target = str(tmp_path / "new.h5")
        request = BuildDataSet(document=str(tmp_path / "f"), target=target, recipe=recipe)
        built = export(pool, request).data_set
    finally:
        pool.close()
    assert built is not None
    assert built.n_training == count + 3 >= 13


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_build_that_crashes_leaves_nothing_and_says_why(folder: Path, tmp_path: Path) -> None:
    pool = Pool(keep_spare=False)

    def crash(progress: Progress) -> None:
        for info in pool.workers:
            if info.pid is not None and progress.text == "Writing…":
                with suppress(ProcessLookupError):
                    os.kill(info.pid, signal.SIGSEGV)

    recipe = DataSetRecipe(width=2000, height=2000)
    request = BuildDataSet(document=str(folder), target=str(tmp_path / "new.h5"), recipe=recipe)
    try:
        with pytest.raises(WorkerLost) as caught:
            export(pool, request, on_progress=crash)
    finally:
        pool.close()
    assert caught.value.message == (
        "new.h5 was not saved: the process that wrote it ended in the middle."
    )
    assert "A picture in pets may be damaged" in caught.value.hint
    assert "SIGSEGV" in caught.value.details
    assert [path.name for path in tmp_path.iterdir()] == ["pets"]


def test_a_folder_may_get_files_meanwhile(folder: Path, tmp_path: Path) -> None:
    """Which pictures are in it is said when it is looked through."""
    pool = Pool(keep_spare=False)
    recipe = DataSetRecipe(width=2000, height=2000)  # for a while
    request = BuildDataSet(document=str(folder), target=str(folder / "new.h5"), recipe=recipe)

    def add(progress: Progress) -> None:
        if progress.text == "Writing…":
            (folder / "late.png").touch()

    try:
        built = export(pool, request, on_progress=add).data_set
    finally:
        pool.close()
    assert (folder / "late.png").exists()
    assert built is not None
    assert (built.n_training, built.n_skipped) == (12, 0)
    assert (folder / "new.h5").exists()

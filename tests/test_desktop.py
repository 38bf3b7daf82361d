"""A double-click on a model file opens h5viewer, checked with the desktop's own tools."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from install_desktop import entry_for, with_default, without_default

ROOT = Path(__file__).parents[1]
LINUX = ROOT / "packaging" / "linux"
SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about Linux desktops")


def run(*command: str | Path, **options: object) -> str:
    """Output of a tool that must succeed; the test is skipped where there is none."""
    if not shutil.which(str(command[0])):
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


class Desktop:
    """A throw-away home in which a stand-in for h5viewer is registered."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data, self.config = home / "share", home / "config"
        self.opened = home / "opened"
        self.program = home / "h5viewer"
        self.program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {self.opened}.part\n'
                                f"mv {self.opened}.part {self.opened}\n")  # fmt: skip
        self.program.chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")}
        self.environment = kept | {
            "HOME": str(home),
            "XDG_DATA_HOME": str(self.data),
            "XDG_CONFIG_HOME": str(self.config),
        }

    def register(self, *arguments: str | Path) -> None:
        """Run what `make install-desktop` runs."""
        run(sys.executable, LINUX / "install_desktop.py", *arguments, env=self.environment)

    def ask(self, *command: str | Path) -> str:
        """Output of one of the desktop's tools."""
        return run(*command, env=self.environment)


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    """A home in which h5viewer is registered."""
    desktop = Desktop(tmp_path)
    desktop.register("--program", desktop.program)
    return desktop


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A model file of the user's."""
    return Path(shutil.copy(ROOT / "resources" / "example" / "shapes.h5", tmp_path / "my model.h5"))


def test_menu_entry_is_valid(desktop: Desktop) -> None:
    """As shipped, and with the path of the program in it."""
    assert run("desktop-file-validate", LINUX / "h5viewer.desktop") == ""
    assert run("desktop-file-validate", desktop.data / "applications" / "h5viewer.desktop") == ""


def test_software_centres_accept_the_metadata() -> None:
    """Without a warning."""
    run("appstreamcli", "validate", "--no-net", LINUX / "h5viewer.metainfo.xml")


@pytest.mark.parametrize("size", SIZES)
def test_icon_is_there_in_every_size(desktop: Desktop, size: int) -> None:
    """Where the icon theme looks for it, and really of that size."""
    name = f"{size}x{size}"
    png = (desktop.data / "icons" / "hicolor" / name / "apps" / "h5viewer.png").read_bytes()
    assert struct.unpack(">II", png[16:24]) == (size, size)


def test_icons_are_those_of_the_drawing(qapp: object) -> None:
    """`make icons` was run after the drawing changed."""
    from PySide6.QtGui import QImage
    from render_icons import render

    for size in SIZES:
        drawn = render(size).convertToFormat(QImage.Format.Format_RGBA8888)
        kept = QImage(str(LINUX / "icons" / f"{size}x{size}.png"))
        kept = kept.convertToFormat(QImage.Format.Format_RGBA8888)
        different = [
            at for at in range(0, size * size, 7)
            if abs(drawn.pixelColor(at % size, at // size).red()
                   - kept.pixelColor(at % size, at // size).red()) > 8
        ]  # fmt: skip
        assert different == [], size


@pytest.mark.parametrize(
    "name", ["model.h5", "model.weights.h5", "MODEL.H5", "model.hdf5", "model"]
)
def test_hdf5_file_has_its_type(desktop: Desktop, example: Path, name: str) -> None:
    """By name, and by content where the name says nothing."""
    file = example.rename(example.with_name(name))
    assert desktop.ask("gio", "info", "-a", "standard::content-type", file).endswith(
        "application/x-hdf"
    )
    kind = desktop.ask("xdg-mime", "query", "filetype", file)
    assert desktop.ask("xdg-mime", "query", "default", kind) == "h5viewer.desktop"


def test_user_block_does_not_hide_the_type(desktop: Desktop, example: Path, tmp_path: Path) -> None:
    """The signature may stand at 512."""
    file = tmp_path / "with user block"
    file.write_bytes(bytes(512) + example.read_bytes())
    assert desktop.ask("gio", "info", "-a", "standard::content-type", file).endswith("/x-hdf")


@pytest.mark.parametrize("name", ["model.keras", "model"])
def test_keras_archive_has_its_type(desktop: Desktop, tmp_path: Path, name: str) -> None:
    """By name, and by its first member."""
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("metadata.json", "{}")
    answer = desktop.ask("gio", "info", "-a", "standard::content-type", tmp_path / name)
    assert answer.endswith("application/x-keras")
    answer = desktop.ask("xdg-mime", "query", "default", "application/x-keras")
    assert answer == "h5viewer.desktop"


def test_other_zip_stays_a_zip(desktop: Desktop, tmp_path: Path) -> None:
    """Archives that are no model are left to their own programs."""
    with zipfile.ZipFile(tmp_path / "photos", "w") as archive:
        archive.writestr("first.txt", "metadata.json")
    answer = desktop.ask("gio", "info", "-a", "standard::content-type", tmp_path / "photos")
    assert answer.endswith("application/zip")


def test_double_click_starts_the_program_with_the_file(desktop: Desktop, example: Path) -> None:
    """`gio open` does what a file manager does."""
    desktop.ask("gio", "open", example)
    deadline = time.monotonic() + 30
    while not desktop.opened.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert desktop.opened.read_text() == f"{example}\n"


def test_uninstalling_leaves_nothing_of_ours(tmp_path: Path) -> None:
    """And brings back the program that opened these files before."""
    desktop = Desktop(tmp_path)
    desktop.config.mkdir()
    before = "[Default Applications]\ntext/plain=vi.desktop;\napplication/x-hdf=other.desktop;\n"
    defaults = desktop.config / "mimeapps.list"
    defaults.write_text(before)
    desktop.register("--program", desktop.program)
    assert "application/x-hdf=h5viewer.desktop;other.desktop;" in defaults.read_text()
    desktop.register("--uninstall")
    assert sorted(defaults.read_text().splitlines()) == sorted(before.splitlines())
    assert [file for file in desktop.data.rglob("*h5viewer*") if file.is_file()] == []


def test_installing_twice_is_installing_once() -> None:
    """The list of defaults does not grow."""
    once = with_default("[Added Associations]\nimage/png=a.desktop;\n")
    assert with_default(once) == once
    assert once.count("h5viewer.desktop") == 3
    assert (
        without_default(once)
        == "[Added Associations]\nimage/png=a.desktop;\n[Default Applications]\n"
    )


def test_program_path_is_quoted_only_where_needed() -> None:
    """xdg-open outside a desktop does not understand quotes."""
    entry = "\nExec=h5viewer %F\nTryExec=h5viewer\n"
    assert entry_for(Path("/home/a/h5viewer"), entry).startswith("\nExec=/home/a/h5viewer %F\n")
    assert entry_for(Path("/home/a b/h5viewer"), entry) == (
        '\nExec="/home/a b/h5viewer" %F\nTryExec=/home/a b/h5viewer\n'
    )


def test_missing_program_is_said(tmp_path: Path) -> None:
    """Nothing is registered that could not start."""
    command = [sys.executable, LINUX / "install_desktop.py", "--program", tmp_path / "absent"]
    environment = Desktop(tmp_path).environment
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 1
    assert "does not exist" in done.stderr
    assert not (tmp_path / "share").exists()

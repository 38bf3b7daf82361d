"""Two commands are enough on a fresh machine, and the wheel carries everything."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pin
import pytest
import qt_libraries
import start

ROOT = Path(__file__).parents[1]
PINNED = (ROOT / "packaging" / "pinned.txt").read_text("utf-8")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="about make on Linux")


# ------------------------------------------------------------ choosing Python


@on_linux
class TestChoosingPython:
    """`packaging/choose_python.sh`, on machines that have this or that."""

    def choose(self, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it where `folder` is all there is."""
        script = ROOT / "packaging" / "choose_python.sh"
        environment = {"PATH": str(folder)} | environment
        return subprocess.run(
            ["/bin/sh", script], capture_output=True, text=True, env=environment, timeout=60
        )

    def put(self, folder: Path, name: str, body: str) -> Path:
        """A stand-in for an interpreter."""
        program = folder / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return program

    def test_newest_supported_one_is_taken(self, tmp_path: Path) -> None:
        """Older ones come after it; one that is too old does not count."""
        self.put(tmp_path, "python3", "exit 1")
        self.put(tmp_path, "python3.11", f'exec {sys.executable} "$@"')
        newest = self.put(tmp_path, "python3.13", f'exec {sys.executable} "$@"')
        done = self.choose(tmp_path)
        assert (done.stdout.strip(), done.returncode) == (str(newest), 0)

    def test_broken_shim_is_passed_over(self, tmp_path: Path) -> None:
        """A version manager puts commands on the path that only complain."""
        self.put(tmp_path, "python3.13", "echo no such version >&2; exit 127")
        works = self.put(tmp_path, "python3", f'exec {sys.executable} "$@"')
        done = self.choose(tmp_path)
        assert (done.stdout.strip(), done.stderr) == (str(works), "")

    def test_none_is_said(self, tmp_path: Path) -> None:
        """With what to do about it."""
        done = self.choose(tmp_path)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "needs Python 3.11, 3.12 or 3.13, and none was found" in done.stderr
        assert "make run PYTHON=" in done.stderr

    def test_unsupported_choice_is_said(self, tmp_path: Path) -> None:
        """The one that was named, by its name."""
        old = self.put(tmp_path, "old", "exit 1")
        done = self.choose(tmp_path, PYTHON=str(old))
        assert done.returncode == 1
        assert f"{old} is not Python 3.11, 3.12 or 3.13" in done.stderr

    def test_missing_venv_is_said(self, tmp_path: Path) -> None:
        """Debian keeps it in a package of its own; the sentence names it."""
        body = f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
        self.put(tmp_path, "python3", body)
        self.put(tmp_path, "id", "echo 1000")
        done = self.choose(tmp_path)
        version = ".".join(map(str, sys.version_info[:2]))
        assert done.returncode == 1
        assert f"sudo apt-get install python{version}-venv" in done.stderr


# ---------------------------------------------------------------- libraries


def lacking(*absent: str) -> object:
    """A dynamic linker that finds all but these."""

    def load(library: str) -> None:
        if library in absent:
            raise OSError(f"{library}: cannot open shared object file")

    return load


def test_missing_libraries_are_found() -> None:
    """Those that the linker does not load, in the order of the table."""
    load = lacking("libxcb-icccm.so.4", "libEGL.so.1")
    libraries = qt_libraries.DRAWING | qt_libraries.X11
    assert qt_libraries.missing(libraries, load) == ("libEGL.so.1", "libxcb-icccm.so.4")
    assert qt_libraries.missing(libraries, lacking()) == ()


def test_the_real_linker_is_asked() -> None:
    """A library that no machine has is missing on this one."""
    assert qt_libraries.missing(["libh5viewer-is-no-library.so.1"]) == (
        "libh5viewer-is-no-library.so.1",
    )


def test_display_decides_what_is_needed() -> None:
    """Nothing of X11 where a picture is drawn or Wayland runs."""
    assert qt_libraries.needed({}) == qt_libraries.DRAWING
    assert "libxcb-cursor.so.0" in qt_libraries.needed({"DISPLAY": ":0"})
    both = qt_libraries.needed({"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"})
    assert "libwayland-cursor.so.0" in both


@on_linux
def test_user_is_told_which_packages_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without being root nothing is installed."""
    libraries = {"libh5viewer-a.so.1": "liba1", "libh5viewer-b.so.1": "libb1", "libc.so.6": "libc6"}
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert qt_libraries.ensure(libraries) == 1
    said = capsys.readouterr().err
    assert "sudo apt-get install liba1 libb1\n" in said
    assert "libh5viewer-a.so.1, libh5viewer-b.so.1" in said


@on_linux
def test_root_on_debian_gets_them_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By apt-get, with the lists brought up to date first."""
    log = tmp_path / "log"
    apt = tmp_path / "apt-get"
    apt.write_text(f'#!/bin/sh\necho "$@" >> {log}\n')
    apt.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert qt_libraries.ensure({"libh5viewer-a.so.1": "liba1"}) == 1, "it is still missing"
    update, install = log.read_text().splitlines()
    assert update.startswith("update")
    assert install.startswith("install")
    assert install.endswith("--no-install-recommends liba1")
    assert "Installing system libraries for Qt: liba1" in capsys.readouterr().out


# Part of every system, or brought along by a package of the table.
BASE = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2",
        "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"}  # fmt: skip
COME_ALONG = {"libgthread-2.0.so.0", "libbrotlicommon.so.1", "libxcb.so.1", "libxcb-shm.so.0",
              "libxcb-render.so.0", "libxcb-util.so.1", "libxcb-glx.so.0"}  # fmt: skip


@on_linux
@pytest.mark.parametrize(
    ("files", "table"),
    [
        (("lib/libQt6Core.so.6", "lib/libQt6DBus.so.6", "lib/libQt6Gui.so.6",
          "lib/libQt6Network.so.6", "lib/libQt6Svg.so.6", "lib/libQt6Widgets.so.6",
          "plugins/platforms/libqoffscreen.so"), qt_libraries.DRAWING),
        (("lib/libQt6XcbQpa.so.6", "plugins/platforms/libqxcb.so",
          "plugins/xcbglintegrations/libqxcb-glx-integration.so"),
         qt_libraries.DRAWING | qt_libraries.X11),
        (("lib/libQt6WaylandClient.so.6", "plugins/platforms/libqwayland.so",
          "plugins/wayland-graphics-integration-client/libqt-plugin-wayland-egl.so"),
         qt_libraries.DRAWING | qt_libraries.WAYLAND),
    ],
    ids=["drawing", "X11", "Wayland"],
)  # fmt: skip
def test_table_of_libraries_is_complete(files: tuple[str, ...], table: dict[str, str]) -> None:
    """Whatever Qt's own libraries and plugins link to from outside stands in it."""
    if not shutil.which("readelf"):
        pytest.skip("readelf is not installed")
    import PySide6

    qt = Path(PySide6.__file__).parent / "Qt"
    linked = set().union(*(_linked_by(qt / file) for file in files))
    outside = {name for name in linked if not re.match(r"lib(Qt6|icu)|ld-linux", name)}
    assert outside
    assert outside <= set(table) | BASE | COME_ALONG


def _linked_by(library: Path) -> set[str]:
    done = subprocess.run(["readelf", "-d", library], capture_output=True, text=True, check=True)
    return set(re.findall(r"NEEDED.*\[(.+)\]", done.stdout))


# ------------------------------------------------------------------ starting


@on_linux
def test_no_display_is_said() -> None:
    """Qt would abort; the sentence comes instead."""
    assert start.why_no_window({}) == "There is no display here."
    assert start.why_no_window({"DISPLAY": ":987"}) == "The display :987 does not answer."


@on_linux
def test_chosen_platform_is_respected() -> None:
    """Who names a Qt platform knows what it does."""
    assert start.why_no_window({"QT_QPA_PLATFORM": "vnc"}) == ""
    assert start.why_no_window({"WAYLAND_DISPLAY": "wayland-0"}) == ""


# ------------------------------------------------------------------ versions


def test_every_dependency_is_pinned() -> None:
    """Also those of tests, of development and of building."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = list(project["project"]["dependencies"])
    asked += [
        line for extra in project["project"]["optional-dependencies"].values() for line in extra
    ]
    asked += project["build-system"]["requires"]
    pinned = {_name(line) for line in PINNED.splitlines() if "==" in line}
    assert {_name(line) for line in asked} <= pinned


def test_pins_are_versions_and_nothing_else() -> None:
    """No address, no path, no option."""
    for line in PINNED.splitlines():
        assert re.fullmatch(r"#.*|[A-Za-z0-9_.-]+==[0-9][A-Za-z0-9.]*( ; python_version.*)?", line)


def test_broken_qt_is_kept_from_python_311() -> None:
    """PySide6 6.12.0 on Python 3.11 loses references to None until the interpreter aborts."""
    (line,) = re.findall(r"pyside6_essentials==(.+) ; python_version == '3.11'", PINNED)
    assert tuple(map(int, line.split("."))) < (6, 12)


def test_versions_that_differ_get_markers() -> None:
    """And those that agree get none."""
    lines = pin.merge({
        "3.11": {"numpy": "2.4", "click": "8.1", "old": "1"},
        "3.12": {"numpy": "2.5", "click": "8.1"},
        "3.13": {"numpy": "2.5", "click": "8.1"},
    })  # fmt: skip
    assert lines == [
        "click==8.1",
        "numpy==2.4 ; python_version == '3.11'",
        "numpy==2.5 ; python_version == '3.12' or python_version == '3.13'",
        "old==1",
    ]


def _name(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


# --------------------------------------------------------------------- wheel


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", folder]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT, timeout=110)
    return folder


def test_wheel_carries_every_resource(built: Path) -> None:
    """All of `resources/`, except the README's pictures."""
    (wheel,) = built.glob("*.whl")
    carried = set(zipfile.ZipFile(wheel).namelist())
    for file in _resources():
        assert f"h5viewer/resources/{file}" in carried
    assert not any(name.startswith("h5viewer/resources/screenshots") for name in carried)
    assert not any(name.startswith(("tests/", "packaging/")) for name in carried)


def test_source_archive_builds_and_tests_itself(built: Path) -> None:
    """It has what `make run` and `make test` need."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}
    assert names >= {"Makefile", "pyproject.toml", "README.md", "packaging/pinned.txt"}
    assert names >= {f"resources/{file}" for file in _resources()}
    assert "tests/test_packaging.py" in names
    assert not any(name.startswith((".venv", ".git/", "build", "dist")) for name in names)


def _resources() -> list[str]:
    folder = ROOT / "resources"
    files = (file for file in folder.rglob("*") if file.is_file())
    names = [file.relative_to(folder).as_posix() for file in files]
    return [name for name in names if not name.startswith("screenshots/")]


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an empty environment with the wheel in it."""
    folder = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=110)
    commands = folder / Path(sysconfig.get_path("scripts")).name
    (wheel,) = built.glob("*.whl")
    pip = [commands / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--constraint", ROOT / "packaging" / "pinned.txt", wheel]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=1200)
    if done.returncode != 0 and not os.environ.get("CI"):
        pytest.skip(f"packages cannot be had here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return commands


@pytest.mark.packaging
@pytest.mark.timeout(1500)
class TestInstalledWheel:
    """The wheel alone, in an empty environment, called from another folder."""

    def run(self, *command: str | Path, cwd: Path) -> str:
        """Output of a command that knows nothing of this checkout."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        environment["QT_QPA_PLATFORM"] = "offscreen"
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def test_resources_are_found(self, installed: Path, tmp_path: Path) -> None:
        """Those of the wheel, not of a checkout."""
        code = "from h5viewer.shipped import resource; print(resource('example/shapes.h5'))"
        found = Path(self.run(installed / "python", "-c", code, cwd=tmp_path).strip())
        assert installed.parent in found.parents

    def test_terminal_command_says_its_version(self, installed: Path, tmp_path: Path) -> None:
        """The one of the package."""
        from h5viewer import __version__

        assert __version__ in self.run(installed / "h5v", "--version", cwd=tmp_path)

    def test_terminal_command_opens_the_example(self, installed: Path, tmp_path: Path) -> None:
        """With everything the wheel brought."""
        example = ROOT / "resources" / "example" / "shapes.h5"
        answer = self.run(installed / "h5v", "info", example, cwd=tmp_path)
        assert "figures" in answer

    def test_window_is_drawn(self, installed: Path, tmp_path: Path) -> None:
        """Without a display, and without tensorflow, which the wheel does not ask for."""
        example = ROOT / "resources" / "example" / "shapes.h5"
        self.run(installed / "h5viewer", "--screenshot", "window.png", example, cwd=tmp_path)
        assert (tmp_path / "window.png").stat().st_size > 20_000

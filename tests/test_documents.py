"""What the documents say is so, and no file gives away the machine it was written on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from h5viewer import __version__

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "packaging").rglob("*.md")]


def committed_files() -> list[Path]:
    """What the repository holds; the test is skipped in an unpacked source archive."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in done.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]  # one may just be on its way out


def test_commands_of_the_documents_exist() -> None:
    """Each `make something` is a target."""
    for document in DOCUMENTS:
        named = set(re.findall(r"\bmake ([a-z-]+)", document.read_text("utf-8")))
        said = {word for word in named if f"make {word}" in _code(document)}
        assert said <= TARGETS, document.name


def test_every_target_says_what_it_does() -> None:
    """In the list that `make` alone prints."""
    explained = set(re.findall(r"^([a-z-]+):.*## \S", MAKEFILE, re.MULTILINE))
    assert explained == TARGETS


def test_the_two_commands_stand_in_the_readme() -> None:
    """They are the first thing a stranger needs."""
    assert README.index("make run") < README.index("make test") < README.index("pip install .")


def test_every_terminal_command_is_documented() -> None:
    """With its name, as `h5v --help` lists it, and its options."""
    listed = re.findall(r"^  ([a-z]+)  ", _help().partition("Commands:")[2], re.MULTILINE)
    assert {"info", "tree"} <= set(listed)
    for name in listed:
        assert f"h5v {name}" in README
        for option in re.findall(r"^  (?:-., )?(--[a-z]+)", _help(name), re.MULTILINE):
            assert option in README or option == "--help", f"h5v {name} {option}"


def test_every_option_of_the_window_is_documented() -> None:
    """`--screenshot` and what goes with it."""
    for option in ("--screenshot", "--theme", "--size"):
        assert option in README


def test_links_lead_somewhere() -> None:
    """Files and pictures that the documents name are there."""
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8")):
            if not target.startswith("https://"):
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_pictures_are_small() -> None:
    """A clone stays quick."""
    pictures = sorted((ROOT / "resources" / "screenshots").glob("*.png"))
    assert pictures
    assert sum(picture.stat().st_size for picture in pictures) <= 2_700_000


def test_version_is_the_same_everywhere() -> None:
    """In the package, the changelog and the desktop's metadata."""
    newest = re.search(r"^## \[(.+?)\]", CHANGELOG, re.MULTILINE)
    assert newest
    assert newest[1] in ("Unreleased", __version__)
    metadata = ElementTree.parse(ROOT / "packaging" / "linux" / "h5viewer.metainfo.xml")
    release = metadata.find(".//release")
    assert release is not None
    assert release.get("version") == __version__


def test_supported_pythons_are_said_alike() -> None:
    """By the package, the README and the script that chooses one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "Python 3.11, 3.12 or 3.13" in README
    script = (ROOT / "packaging" / "choose_python.sh").read_text("utf-8")
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in script


# Spelt in pieces, so that this file does not name them itself.
_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "deb." + "debian",
    "index" + "-url",
)
_PLACES = (
    "/wo" + "rk/",
    "/op" + "t/venv",
    "/op" + "t/pypi",
    "/ro" + "ot/",
    ".py" + "env/",
    "/tmp" + "/",
)


@pytest.mark.parametrize("words", [_HOSTS, _PLACES], ids=["registry host", "machine path"])
def test_no_file_names_a_machine(words: tuple[str, ...]) -> None:
    """Neither where packages come from nor where someone keeps the checkout."""
    found = []
    for file in committed_files():
        data = file.read_bytes()
        found += [(file.name, word) for word in words if word.encode() in data]
    assert found == []


def _help(*command: str) -> str:
    code = "from h5viewer.cli import main; main()"
    arguments = [sys.executable, "-c", code, *command, "--help"]
    environment = os.environ | {"COLUMNS": "100"}
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


def _code(document: Path) -> str:
    """Everything that is set as code, inline, indented or fenced."""
    text = document.read_text("utf-8")
    inline = re.findall(r"`([^`]+)`", text)
    blocks = re.findall(r"^    .*$", text, re.MULTILINE)
    return "\n".join([*inline, *blocks])

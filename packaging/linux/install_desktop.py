"""Register h5viewer with the desktop, for this user alone: `make install-desktop`.

Writes the menu entry, the icons, the file types and the AppStream data below
XDG_DATA_HOME and makes h5viewer the program that a double-click on a model file starts.
`--uninstall` takes all of it back. Needs no right beyond the user's own, and the standard
library alone.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

HERE = Path(__file__).parent
DRAWING = HERE.parents[1] / "resources" / "icons" / "h5viewer.svg"
ENTRY = "h5viewer.desktop"
# `file`, which xdg-open asks where no desktop runs, says x-hdf5.
TYPES = ("application/x-hdf", "application/x-hdf5", "application/x-keras")
DEFAULTS = "[Default Applications]"


def main() -> int:
    """Install, or uninstall; returns an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=True)
    parser.add_argument("--uninstall", action="store_true", help="take everything back")
    program = Path(sys.executable).parent / "h5viewer"
    parser.add_argument("--program", type=Path, default=program, help="what a click starts")
    arguments = parser.parse_args()
    if arguments.uninstall:
        uninstall()
        print("h5viewer is no longer registered with the desktop.")
        return 0
    if not arguments.program.exists():
        print(f"{arguments.program} does not exist; run `make run` first.", file=sys.stderr)
        return 1
    install(arguments.program.absolute())
    print("A double-click on a .h5, .hdf5 or .keras file now opens it in h5viewer.")
    return 0


def install(program: Path) -> None:
    """Write all files, tell the desktop's databases, become the default."""
    for source, target in _files():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    entry = _data() / "applications" / ENTRY
    entry.write_text(entry_for(program, entry.read_text("utf-8")), "utf-8")
    _edit_defaults(with_default)
    _update_databases()


def uninstall() -> None:
    """Remove what `install` wrote; another default comes back by itself."""
    for _source, target in _files():
        target.unlink(missing_ok=True)
    _edit_defaults(without_default)
    _update_databases()


def entry_for(program: Path, entry: str) -> str:
    """The menu entry with the full path of the program, quoted as the specification says."""
    quoted = str(program)
    if not re.fullmatch(r"[\w./+-]*", quoted):  # xdg-open does not undo quotes: only where needed
        quoted = '"' + re.sub(r'(["`$\\])', r"\\\1", quoted) + '"'
    # A backslash is read twice: by the file's own rules, then by those of Exec.
    quoted = quoted.replace("\\", "\\\\").replace("%", "%%")
    plain = str(program).replace("\\", "\\\\")
    entry = entry.replace("\nExec=h5viewer ", f"\nExec={quoted} ")
    return entry.replace("\nTryExec=h5viewer\n", f"\nTryExec={plain}\n")


def with_default(text: str) -> str:
    """`mimeapps.list` with h5viewer first for its types; what was there comes after it."""
    lines = without_default(text).splitlines()
    if DEFAULTS not in lines:
        lines += [DEFAULTS]
    at = lines.index(DEFAULTS) + 1
    end = next((i for i in range(at, len(lines)) if lines[i].startswith("[")), len(lines))
    section = lines[at:end]
    for type_ in TYPES:
        others = [line.partition("=")[2] for line in section if line.startswith(f"{type_}=")]
        section = [line for line in section if not line.startswith(f"{type_}=")]
        section.insert(0, f"{type_}={ENTRY};{''.join(others)}")
    return "\n".join([*lines[:at], *section, *lines[end:]]) + "\n"


def without_default(text: str) -> str:
    """`mimeapps.list` without h5viewer."""
    lines = []
    for line in text.splitlines():
        key, equals, programs = line.partition("=")
        if equals and ENTRY in (listed := programs.split(";")):
            kept = [program for program in listed if program and program != ENTRY]
            if kept:
                lines.append(f"{key}={';'.join(kept)};")
        else:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)


def _files() -> Iterator[tuple[Path, Path]]:
    """Each shipped file and where it goes."""
    data = _data()
    yield HERE / ENTRY, data / "applications" / ENTRY
    yield HERE / "h5viewer.xml", data / "mime" / "packages" / "h5viewer.xml"
    yield HERE / "h5viewer.metainfo.xml", data / "metainfo" / "org.h5viewer.h5viewer.metainfo.xml"
    icons = data / "icons" / "hicolor"
    yield DRAWING, icons / "scalable" / "apps" / "h5viewer.svg"
    for picture in sorted((HERE / "icons").glob("*.png")):
        yield picture, icons / picture.stem / "apps" / "h5viewer.png"


def _edit_defaults(edit: Callable[[str], str]) -> None:
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    file = (config / "mimeapps.list").resolve()  # may be a link into a folder of settings
    old = file.read_text("utf-8") if file.exists() else ""
    if (new := edit(old)) != old:
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(".h5viewer")
        scratch.write_text(new, "utf-8")
        scratch.replace(file)


def _update_databases() -> None:
    """Tell the desktop at once, as far as its tools are here; else it finds out later."""
    data = _data()
    for command in (
        ["update-mime-database", str(data / "mime")],
        ["update-desktop-database", "--quiet", str(data / "applications")],
        [
            "gtk-update-icon-cache",
            "--quiet",
            "--ignore-theme-index",
            str(data / "icons" / "hicolor"),
        ],
    ):
        if shutil.which(command[0]):
            subprocess.run(command, check=False)
        elif command[0] == "update-mime-database":
            print("Install shared-mime-info, so that the desktop knows these files.")


def _data() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


if __name__ == "__main__":
    sys.exit(main())

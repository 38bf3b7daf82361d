"""The arrows of ARCHITECTURE.md as a dictionary, and the syntax trees that must obey it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import h5viewer

PACKAGE = Path(h5viewer.__file__).parent

VALUES = {"names", "nodes", "requests", "errors"}
# "": h5viewer itself, which holds the version
FLOOR = VALUES | {"shipped", "wording", "checkpoint_files", ""}

ARROWS: dict[str, set[str]] = {
    "names": set(),
    "errors": set(),
    "nodes": {"names"},
    "requests": {"names", "nodes"},
    "shipped": set(),
    "checkpoint_files": set(),
    "wording": {"names", "nodes"},
    "": set(),
    "formats": FLOOR | {"formats"},
    "documents": FLOOR | {"formats", "documents"},
    "operations": FLOOR | {"formats", "documents", "operations"},
    "pictures": FLOOR | {"pictures"},
    "data_sets": FLOOR
    | {"formats", "documents", "operations", "pictures", "picture_files", "data_sets"},
    "loose_pictures": FLOOR | {"formats", "documents", "operations", "pictures", "loose_pictures"},
    "network": FLOOR | {"formats", "documents", "operations", "pictures", "network"},
    "workers": FLOOR | {"workers"},
    "workers.child": FLOOR | {"workers", "operations", "formats"},
    "workers.serving": {
        "workers",
        "workers.child",
        "workers.network_child",
        "workers.export_child",
        "workers.pictures_child",
        "workers.loose_child",
    },
    "workers.export_child": FLOOR | {"workers", "workers.child", "operations", "formats"},
    "workers.pictures_child": FLOOR
    | {"workers", "workers.child", "workers.export_child", "data_sets", "formats"},
    "workers.loose_child": FLOOR
    | {"workers", "workers.child", "workers.export_child", "loose_pictures", "formats"},
    "workers.network_child": FLOOR | {"workers", "workers.child", "network", "formats"},
    "gui": FLOOR
    | {
        "workers",
        "comparison",
        "health_report",
        "picture_report",
        "resuming",
        "match_file",
        "weight_sheet",
        "state_file",
        "file_writing",
        "targets",
        "exporting",
        "onnx_exporting",
        "scratch_file",
        "picture_files",
        "beside",
        "series",
        "python_texts",
        "labelled_pictures",
        "sample_files",
        "evaluation",
        "gui",
    },
    "summary": VALUES | {"wording"},
    "weight_sheet": VALUES | {"wording"},
    "health_report": VALUES | {"wording"},
    "picture_report": VALUES | {"wording"},
    "resuming": VALUES | {"wording"},
    "match_file": VALUES,
    "comparison": VALUES | {"", "summary"},
    "targets": {"errors", "checkpoint_files"},
    "file_writing": {"names", "targets", "scratch_file"},
    "state_file": {"names", "errors", "checkpoint_files", "file_writing"},
    "held_files": set(),
    "exchange_journal": {"held_files"},
    "scratch_file": {"names", "targets", "held_files", "exchange_journal"},
    "onnx_exporting": VALUES | {"wording", "workers", "scratch_file", "targets", "exporting"},
    "exporting": VALUES | {"wording", "workers", "scratch_file", "targets"},
    "picture_files": {"names", "errors", "wording"},
    "beside": VALUES | {"picture_files"},
    "sample_files": VALUES | {"wording"},
    "series": VALUES | {"wording", "checkpoint_files", "picture_files", "series"},
    "python_texts": VALUES | {"python_texts"},
    "series_commands": FLOOR | {"workers", "series", "state_file", "terminal", "export_commands"},
    "data_set_commands": FLOOR
    | {
        "workers",
        "summary",
        "picture_report",
        "terminal",
        "export_commands",
        "picture_commands",
    },
    "picture_commands": FLOOR | {"terminal", "export_commands", "python_texts"},
    "labelled_pictures": VALUES | {"wording", "picture_files", "beside", "sample_files"},
    "evaluation": VALUES | {"wording", "weight_sheet"},
    "terminal": FLOOR
    | {
        "workers",
        "summary",
        "comparison",
        "health_report",
        "picture_report",
        "resuming",
        "weight_sheet",
        "state_file",
        "file_writing",
        "exporting",
        "targets",
        "onnx_exporting",
        "picture_files",
        "beside",
        "series",
        "labelled_pictures",
        "sample_files",
        "evaluation",
    },
    "network_commands": FLOOR | {"workers", "summary", "evaluation", "file_writing", "terminal"},
    "export_commands": FLOOR
    | {"workers", "summary", "exporting", "match_file", "terminal", "export_commands"},
    "cli": FLOOR
    | {
        "workers",
        "workers.serving",
        "network_commands",
        "export_commands",
        "series_commands",
        "data_set_commands",
        "summary",
        "comparison",
        "health_report",
        "weight_sheet",
        "file_writing",
        "exporting",
        "picture_files",
        "beside",
        "terminal",
    },
    "__main__": FLOOR | {"workers", "workers.serving", "gui"},
}
"""Which room may import which; a module named here obeys its own row, not its room's."""

ONLY_HERE: dict[str, set[str]] = {
    "h5py": {"formats"},
    "zipfile": {"formats"},
    "isal": {"formats"},
    "graphlay": {"operations"},
    "google_crc32c": {"formats"},
    "PySide6": {"gui", "__main__"},
    "shiboken6": {"gui"},
    "pyqtgraph": {"gui"},
    "click": {
        "cli",
        "network_commands",
        "export_commands",
        "series_commands",
        "data_set_commands",
        "picture_commands",
        "terminal",
    },
    "rich": {"cli", "terminal"},
    "pickle": set(),
    "multiprocessing": set(),
    "marshal": {"network"},
    "keras": {"network"},
    "tensorflow": {"network"},
    "PIL": {"pictures", "network"},
}
"""Libraries that only these rooms import."""


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
        yield ".".join(part for part in parts if part != "__init__"), path


def room(module: str) -> str:
    """The row of ARROWS a module stands under."""
    return module if module in ARROWS else module.split(".")[0]


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            assert node.module is not None
            yield node.module
            for alias in node.names:  # `from h5viewer import names` imports a module
                if (PACKAGE.parent / node.module.replace(".", "/") / f"{alias.name}.py").exists():
                    yield f"{node.module}.{alias.name}"


MODULES = list(modules())


@pytest.mark.parametrize(
    ("module", "path"), MODULES, ids=[name or "h5viewer" for name, _ in MODULES]
)
def test_module_imports_its_own_room_and_rooms_below(module: str, path: Path) -> None:
    assert room(module) in ARROWS, f"{module} is in no room of ARCHITECTURE.md"
    for name in imports(path):
        top, _, inside = name.partition(".")
        if top == "h5viewer":
            allowed = ARROWS[room(module)] | {room(module)}
            assert room(inside) in allowed, f"{module} may not import {name}"
        elif top in ONLY_HERE:
            assert module.split(".")[0] in ONLY_HERE[top], f"{module} may not import {name}"


def test_every_row_names_a_room_that_exists() -> None:
    rooms = {room(module) for module, _ in MODULES}
    assert rooms <= set(ARROWS)
    assert {name for row in ARROWS.values() for name in row} <= set(ARROWS)


_IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(" ".join(sorted({name.split(".")[0] for name in sys.modules})))
"""


def loaded(modules: list[str]) -> set[str]:
    """Top-level modules in a fresh interpreter after importing these."""
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL, *modules], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


PARSERS = {"h5py", "zipfile", "isal", "keras", "tensorflow", "pickle", "multiprocessing"}


def test_window_loads_no_parser() -> None:
    """Every module of the window, in a fresh interpreter: no h5py, no keras.

    NumPy and pyqtgraph load pickle and, through importlib, zipfile by themselves; that our
    own modules do not is what the syntax trees show.
    """
    names = [f"h5viewer.{module}" for module, _ in MODULES if module.split(".")[0] == "gui"]
    assert not loaded(names) & (PARSERS - {"pickle", "zipfile", "multiprocessing"})


def test_parents_end_of_the_workers_loads_no_parser_and_no_qt() -> None:
    found = loaded(["h5viewer.workers.pool", "h5viewer.cli"])
    assert not found & {"h5py", "isal", "keras", "tensorflow", "PySide6", "pyqtgraph"}

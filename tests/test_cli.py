"""`h5v` as a user runs it: output, exit codes, interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil
import pytest
from h5v_process import command_line, h5v
from json_shape import checked_answer, checked_refusal
from small_files import (
    N_PARAMETERS,
    make_datasets,
    make_keras_archive,
    make_keras_h5,
    make_weights_h5,
)

from h5viewer import __version__

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals and terminals of POSIX")


def info(path: Path) -> dict[str, Any]:
    done = h5v("info", "--json", path)
    assert (done.returncode, done.stderr) == (0, "")
    checked_answer(done.stdout)
    return json.loads(done.stdout)


# -------------------------------------------------------------------------- info


def test_json_of_a_whole_model_has_exactly_the_documented_shape(tmp_path: Path) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    got = info(path)
    assert got["file"] == {
        "path": str(path),
        "bytes": path.stat().st_size,
        "format": "keras-h5",
        "keras_version": "2.9.0",
        "backend": "tensorflow",
    }
    architecture = got["architecture"]
    assert set(architecture) == {"class_name", "name", "layers", "parameters", "flops"}
    assert (architecture["class_name"], architecture["name"]) == ("Sequential", "small")
    assert architecture["parameters"] == {
        "total": N_PARAMETERS,
        "trainable": N_PARAMETERS,
        "non_trainable": 0,
    }
    assert architecture["flops"] == sum(layer["flops"] for layer in architecture["layers"])
    assert architecture["layers"][2] == {
        "name": "dense",
        "class_name": "Dense",
        "parameters": 10,
        "trainable": True,
        "inputs": ["pool"],
        "output_shape": [None, 2],
        "flops": 16,
        "weights": [
            {
                "name": "kernel",
                "path": "/model_weights/dense/dense/kernel:0",
                "shape": [4, 2],
                "dtype": "float32",
            },
            {
                "name": "bias",
                "path": "/model_weights/dense/dense/bias:0",
                "shape": [2],
                "dtype": "float32",
            },
        ],
        "layers": [],
    }
    assert got["training"] == {
        "loss": "categorical_crossentropy",
        "metrics": [["accuracy"]],
        "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.001}},
        "optimizer_state": {"variables": 2, "bytes": 16},
    }
    assert (got["code"], got["problems"]) == ([], [])
    assert list(got) == ["file", "architecture", "training", "code", "data_sets", "problems"]


def test_json_of_other_files(tmp_path: Path) -> None:
    archive = info(make_keras_archive(tmp_path / "model.keras"))
    assert archive["file"]["format"] == "keras-archive"
    assert archive["architecture"]["parameters"]["total"] == 10
    weights = info(make_weights_h5(tmp_path / "weights.h5"))
    assert weights["file"]["format"] == "keras-h5-weights"
    assert {layer["class_name"] for layer in weights["architecture"]["layers"]} == {None}
    assert weights["architecture"]["parameters"]["total"] == N_PARAMETERS
    data = info(make_datasets(tmp_path / "data.h5"))
    assert data["file"]["format"] == "hdf5"
    assert (data["architecture"], data["training"]) == (None, None)


def test_weights_of_other_programs_are_listed_by_layer(tmp_path: Path) -> None:
    path = tmp_path / "state_dict.h5"
    with h5py.File(path, "w") as file:
        file["fc.weight"], file["fc.bias"] = np.ones((3, 4)), np.ones(3)
    architecture = info(path)["architecture"]
    assert [layer["name"] for layer in architecture["layers"]] == ["fc"]
    assert architecture["parameters"]["total"] == 15


def test_problems_name_what_is_odd_inside(tmp_path: Path) -> None:
    """Links and data of other files, wherever they are in the tree; the table says it too."""
    path = make_keras_h5(tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        file["a/far"] = h5py.ExternalLink("other.h5", "/x")
    (problem,) = info(path)["problems"]
    assert problem == {
        "where": "/a/far",
        "message": "An external link to /x in other.h5; that file is not opened.",
    }
    assert problem["message"] in h5v("info", path).stdout


def test_one_problem_of_many_places_is_one_line(tmp_path: Path) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        for number in range(9):
            file[f"a/{number}"] = h5py.ExternalLink("other.h5", "/x")
    text = " ".join(h5v("info", path).stdout.split())
    assert text.count("An external link to /x in other.h5") == 1
    assert "/a/0, /a/1, /a/2 and 6 more: An external link" in text


def test_relative_path_is_reported_as_absolute(tmp_path: Path) -> None:
    make_datasets(tmp_path / "data.h5")
    done = h5v("info", "--json", "data.h5", cwd=tmp_path)
    assert json.loads(done.stdout)["file"]["path"] == str(tmp_path / "data.h5")


def test_table_shows_layers_and_totals(tmp_path: Path) -> None:
    done = h5v("info", make_keras_h5(tmp_path / "model.h5"))
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["dense", "Dense", "(None,", "2)", "10", "8", "pool"] in rows
    assert "Total parameters: 122" in done.stdout
    assert "Adam" in done.stdout
    assert "\x1b" not in done.stdout


def test_names_from_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil.h5"
    evil = "a\x1b[31mb\x07\u202e\r\n[bold]c\x9b"
    with h5py.File(path, "w") as file:
        file.create_group(evil).attrs[evil] = evil
        file["link" + evil] = h5py.SoftLink(evil)
        layer = {"class_name": evil, "config": {"name": evil}}
        config = {"class_name": "Sequential", "config": {"name": evil, "layers": [layer]}}
        file.attrs["model_config"] = json.dumps(config)
        file.create_group("model_weights").attrs["layer_names"] = np.array([b"x"])
    for arguments in (("tree", "-a", path), ("info", path)):
        done = h5v(*arguments)
        assert done.returncode == 0
        assert "[bold]c" in done.stdout
        hidden = {letter for letter in done.stdout + done.stderr if not letter.isprintable()}
        assert hidden <= {"\n"}


def test_json_is_utf8_and_standard_whatever_the_file_says(tmp_path: Path) -> None:
    """NaN, 1e999, lone surrogates, a terminal that knows no UTF-8."""
    path = make_keras_h5(tmp_path / "model.h5")
    with h5py.File(path, "r+") as file:
        optimizer = '{"class_name": "A", "config": {"x": NaN}}'
        metrics = "[NaN, 1e999, -Infinity]"
        file.attrs["training_config"] = (
            f'{{"loss": "\\udcff é 名", "metrics": {metrics}, "optimizer_config": {optimizer}}}'
        )
    done = h5v("info", "--json", path, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    got = json.loads(done.stdout, parse_constant=refuse)
    json.dumps(got, ensure_ascii=False).encode("utf-8")
    assert "é 名" in got["training"]["loss"]
    assert got["training"]["metrics"] == ["NaN", "Infinity", "-Infinity"]


# ------------------------------------------------------------------------- tree


def test_tree_shows_every_kind_of_node(tmp_path: Path) -> None:
    done = h5v("tree", make_datasets(tmp_path / "data.h5"))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("/  7 items")
    assert lines[1].startswith("├── names  (2,) ")
    assert any(line.startswith("├── soft  → /run 2/deep") for line in lines)
    outside = next(line for line in lines if "outside" in line)
    assert "other.h5" in outside
    assert "not followed" in outside
    matrix = next(line for line in lines if "matrix" in line)
    assert "(20, 30) float32  2.40 kB, " in matrix
    assert "gzip" in matrix
    groups = [line.split("run ")[1] for line in lines if " run " in line and "→" not in line]
    assert groups == ["2/  1 item", "10/  0 items"]


def test_tree_starts_and_ends_where_asked(tmp_path: Path) -> None:
    path = make_datasets(tmp_path / "data.h5")
    part = h5v("tree", path, "run 2")
    assert part.stdout.splitlines()[0] == "run 2/  1 item"
    flat = h5v("tree", path, "--depth", "1")
    assert "matrix" not in flat.stdout
    assert "…" in flat.stdout
    missing = h5v("tree", path, "/run 3/x")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.startswith("/run 3/x cannot be read.")


def test_tree_prints_as_many_items_of_a_group_as_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "wide.h5"
    with h5py.File(path, "w") as file:
        for number in range(1005):
            file[f"group/item_{number}"] = number
    assert len(h5v("tree", path).stdout.splitlines()) == 1007
    assert h5v("tree", path, "--items", "2").stdout.splitlines()[2:] == [
        "    ├── item_0  scalar int64  8 bytes",
        "    ├── item_1  scalar int64  8 bytes",
        "    └── … 1,003 more items; --items 0 prints all",
    ]


@on_posix
def test_tree_prints_a_thousand_items_of_a_group_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "wide.h5"
    with h5py.File(path, "w") as file:
        for number in range(1005):
            file.create_group(f"item_{number}")

    def items(*options: str) -> list[str]:
        """Without what a progress bar leaves where the machine is slow."""
        return [line for line in on_terminal("tree", path, *options).splitlines() if "──" in line]

    some = items()
    assert len(some) == 1001
    assert "… 5 more items" in some[-1]
    assert len(items("--items", "0")) == 1005


def test_tree_prints_attributes_on_request(tmp_path: Path) -> None:
    path = make_datasets(tmp_path / "data.h5")
    with h5py.File(path, "r+") as file:
        for number in range(30):
            file["run 10"].attrs[f"a{number}"] = number
    assert "@title" not in h5v("tree", path).stdout
    lines = h5v("tree", path, "-a").stdout.splitlines()
    assert lines[1] == "@title = measured"
    assert any("10 more attributes" in line for line in lines)


def test_tree_says_what_is_empty_and_how_many_attributes_there_are(tmp_path: Path) -> None:
    path = tmp_path / "odd.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("none", (5, 0, 3), "f4")
        file["null"] = h5py.Empty("f4")
        many = file.create_group("many")
        for number in range(30):
            many.attrs[f"a{number}"] = number
    assert h5v("tree", path).stdout.splitlines() == [
        "/  3 items",
        "├── many/  0 items, 30 attributes",
        "├── none  (5, 0, 3) float32  0 bytes  no elements",
        "└── null  no data float32  0 bytes  no elements",
    ]


def test_tree_of_a_cycle_ends(tmp_path: Path) -> None:
    path = tmp_path / "cycle.h5"
    with h5py.File(path, "w") as file:
        inner = file.create_group("a/b")
        inner["back"] = file["a"]
        file["a/root"] = file["/"]
    done = h5v("tree", path)
    assert done.returncode == 0
    assert done.stdout.count("same object as") == 2


def test_deep_tree_ends_at_the_depth_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "deep.h5"
    with h5py.File(path, "w") as file:
        group = file
        for _ in range(200):
            group = group.create_group("g")
    lines = h5v("tree", path).stdout.splitlines()
    assert len(lines) == 66
    assert lines[-1].strip() == "…"


def test_terminal_without_unicode_gets_plain_strokes(tmp_path: Path) -> None:
    path = make_datasets(tmp_path / "data.h5")
    done = h5v("tree", path, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert "|-- names" in done.stdout
    assert done.stdout.isascii()


# -------------------------------------------------------- refusals and wrong usage


def test_refusal_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "page.h5").write_text("<!DOCTYPE html><html>not found</html>")
    (tmp_path / "empty.h5").touch()
    for name, commands in (
        ("page.h5", [("tree",), ("info",), ("info", "--json")]),
        ("empty.h5", [("info", "--json")]),
        ("gone.h5", [("info", "--json")]),
        (".", [("tree",)]),
    ):
        path = tmp_path / name
        for command in commands:
            done = h5v(*command, path)
            assert done.returncode == 1
            assert len(done.stderr.splitlines()) == 1
            assert "Traceback" not in done.stderr
            if "--json" in command:
                assert done.stderr.startswith(checked_refusal(done.stdout).error.message)
            else:
                assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments", [("nope",), ("info",), ("info", "a", "b"), ("tree", "a", "--depth", "x"), ()]
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    done = h5v(*arguments)
    assert done.returncode == 2
    assert "Usage" in done.stderr + done.stdout


def test_version_and_help() -> None:
    assert h5v("--version").stdout.strip() == f"h5v, version {__version__}"
    for arguments in (("--help",), ("tree", "-h"), ("info", "-h")):
        done = h5v(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Usage: h5v")


@pytest.mark.parametrize("group", [(), ("dataset",)])
def test_the_list_of_commands_is_whole(group: tuple[str, ...]) -> None:
    listed = h5v(*group, "--help").stdout.split("Commands:")[1]
    assert "..." not in listed
    assert "what is wrong with" in listed


def test_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no FIFOs here")
    os.mkfifo(tmp_path / "pipe.h5")
    assert h5v("info", tmp_path / "pipe.h5").returncode == 1


# ---------------------------------------------------------------- pipes and Ctrl-C


def make_wide(path: Path) -> Path:
    with h5py.File(path, "w", libver="latest") as file:
        for number in range(20_000):
            file.create_group(f"group_{number}")
    return path


@on_posix
def test_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    tree = command_line("tree", make_wide(tmp_path / "wide.h5"))
    with subprocess.Popen(tree, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.readline() == b"/  20,000 items\n"
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(30) == 0


# A shell's background jobs ignore interruptions, and so would what they start.
_HEEDING_INTERRUPTS = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from h5viewer.cli import main
main()
"""


@on_posix
def test_interruption_is_quiet_and_leaves_no_worker(tmp_path: Path) -> None:
    """Ctrl-C goes to the whole process group of the terminal."""
    command = [sys.executable, "-c", _HEEDING_INTERRUPTS, "tree", make_wide(tmp_path / "wide.h5")]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        workers = psutil.Process(program.pid).children()
        os.killpg(program.pid, signal.SIGINT)
        program.stdout.read()
        assert program.stderr.read().strip() == b""
        assert program.wait(30) == 130
    assert len(workers) == 1
    psutil.wait_procs(workers, timeout=10)
    assert not workers[0].is_running()


def on_terminal(*arguments: object, **variables: str) -> str:
    """What a terminal gets to show."""
    import pty

    master, slave = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color"} | variables
    with subprocess.Popen(
        command_line(*arguments), stdout=slave, stderr=slave, env=environment
    ) as program:
        os.close(slave)
        shown = b""
        try:
            while block := os.read(master, 65536):
                shown += block
        except OSError:
            pass  # how Linux says that the other end is closed
        assert program.wait(30) == 0
    os.close(master)
    return shown.decode()


@on_posix
def test_terminal_gets_colours(tmp_path: Path) -> None:
    path = make_datasets(tmp_path / "data.h5")
    shown = on_terminal("tree", path)
    assert "\x1b[1;34mrun 10/\x1b[0m  0 items" in shown
    assert "matrix" in shown
    assert "\x1b[1;34m" not in on_terminal("tree", path, NO_COLOR="1")
    assert "\x1b" not in on_terminal("tree", path, TERM="dumb")

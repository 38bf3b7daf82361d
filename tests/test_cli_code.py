"""`h5v info` tells what Python code in a file uses."""

from __future__ import annotations

import base64
import json
import marshal
from pathlib import Path

from click.testing import CliRunner
from decoding import layer_entry, sequential, write_legacy

from h5viewer.cli import commands

FUNCTION = compile("f = lambda x: system(x)", "[red]nb[/red].py", "exec").co_consts[0]
CODE = base64.encodebytes(marshal.dumps(FUNCTION)).decode()


def model(tmp_path: Path, code: str) -> Path:
    lam = layer_entry("Lambda", "lam", function=[code, None, None], function_type="lambda")
    return write_legacy(tmp_path / "m.h5", sequential(lam), {"lam": {}})


def h5v(*arguments: str) -> str:
    done = CliRunner().invoke(commands, list(arguments))
    assert done.exit_code == 0, done.output
    return done.output


def test_code_is_told_line_by_line(tmp_path: Path) -> None:
    text = h5v("info", str(model(tmp_path, CODE)))
    assert "lam: contains Python code, not executed, as Python 3.11 or later writes it" in text
    assert "function <lambda>(x), line 1 of [red]nb[/red].py" in text
    assert "uses system" in text
    assert "worth a look system: can run other programs" in text


def test_json_names_what_the_code_uses(tmp_path: Path) -> None:
    found = json.loads(h5v("info", "--json", str(model(tmp_path, CODE))))["code"]
    assert found == [{"layer": "lam", "kind": "lambda", "computes": None, "names": ["system"]}]


def test_what_code_computes_is_told_where_it_can_be_read(tmp_path: Path) -> None:
    function = compile("f = lambda x: K.sqrt(x) + 1", "notebook.py", "exec").co_consts[0]
    code = base64.encodebytes(marshal.dumps(function)).decode()
    lam = layer_entry("Lambda", "lam", function=[code, None, None], batch_input_shape=[None, 3])
    path = write_legacy(tmp_path / "m.h5", sequential(lam), {"lam": {}})
    assert "computes K.sqrt(x) + 1" in h5v("info", str(path))
    (found,) = json.loads(h5v("info", "--json", str(path)))["code"]
    assert found["computes"] == "K.sqrt(x) + 1"


def test_damaged_code_says_where(tmp_path: Path) -> None:
    text = h5v("info", str(model(tmp_path, CODE[:40])))
    assert "not executed, which cannot be read: At byte" in text

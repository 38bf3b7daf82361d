"""Beside a layer with Python code stands what the code uses, as text."""

from __future__ import annotations

import base64
import marshal
from collections.abc import Iterator
from pathlib import Path

import pytest
from decoding import decoded, layer_entry, sequential, write_legacy
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from h5viewer.gui.architecture.code_view import code_facts
from h5viewer.gui.architecture.layer_view import LayerView
from h5viewer.nodes import Code, CodeFunction
from h5viewer.workers.pool import Pool

FUNCTION = eval(  # a test may: the viewer never does
    compile("lambda x, n=2: open(x).read() * n + 7", "notebook.py", "eval")
).__code__


@pytest.fixture
def model(tmp_path: Path) -> Path:
    code = base64.encodebytes(marshal.dumps(FUNCTION)).decode()
    lam = layer_entry("Lambda", "lam", function=[code, [2], None], function_type="lambda")
    return write_legacy(
        tmp_path / "m.h5", sequential(lam, layer_entry("ReLU", "relu")), {"lam": {}}
    )


@pytest.fixture
def view(qtbot: QtBot, pool: Pool) -> Iterator[LayerView]:
    view = LayerView(pool)
    view.resize(420, 700)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    view.clear()


def test_code_of_a_layer_is_told_beside_it(qtbot: QtBot, view: LayerView, model: Path) -> None:
    layers = decoded(model).layers
    view.show_layer(str(model), layers[0])
    qtbot.waitUntil(lambda: view.code_view.isVisible(), timeout=20_000)
    told = {fact.label: fact.text for fact in view.code_view.facts}
    assert told["Function"] == "<lambda>(x, n)"
    assert told["Source"] == "notebook.py, line 1"
    assert told["Default values"] == "[2]"
    assert told["Uses"] == "open, read"
    assert told["Constants"] == "7"
    assert told["Worth a look"] == "open: can read, write or delete files"
    assert "Computes" not in told
    assert [fact.label for fact in view.code_view.facts if fact.severity] == ["Worth a look"]
    view.show_layer(str(model), layers[1])
    assert view.code_view.isHidden()


@pytest.mark.parametrize("code", ["lambda x: x / 127.5 - 1.0", "lambda x: K.mean(x, axis=-1)"])
def test_what_code_computes_stands_first(
    qtbot: QtBot, view: LayerView, tmp_path: Path, code: str
) -> None:
    function = marshal.dumps(eval(compile(code, "notebook.py", "eval")).__code__)
    stored = [base64.encodebytes(function).decode(), None, None]
    lam = layer_entry("Lambda", "lam", function=stored, batch_input_shape=[None, 8])
    path = write_legacy(tmp_path / "m.h5", sequential(lam), {"lam": {}})
    view.show_layer(str(path), decoded(path).layers[0])
    qtbot.waitUntil(lambda: view.code_view.isVisible(), timeout=20_000)
    first = view.code_view.facts[0]
    assert (first.label, first.text) == ("Computes", code.removeprefix("lambda x: "))


def test_all_of_it_can_be_copied(qtbot: QtBot, view: LayerView, model: Path) -> None:
    view.show_layer(str(model), decoded(model).layers[0])
    qtbot.waitUntil(lambda: view.code_view.isVisible(), timeout=20_000)
    view.code_view._facts.copy_all()
    assert "Uses: open, read" in QGuiApplication.clipboard().text()


def test_code_that_cannot_be_read_says_where() -> None:
    code = Code(layer="l", kind="lambda", place="mask", problem="At byte 7: it ends.")
    assert [(fact.label, fact.text) for fact in code_facts([code])] == [
        ("Setting", "mask"),
        ("Code", "It cannot be read. At byte 7: it ends."),
    ]


def test_functions_inside_are_told_apart() -> None:
    outer = CodeFunction(name="f", depth=0, file="", line=1)
    inner = CodeFunction(name="g", depth=1, file="", line=2, enclosed=("<b>x</b>",))
    found = code_facts([Code(layer="l", kind="lambda", functions=(outer, inner))])
    labels = [fact.label for fact in found]
    assert labels == ["Function", "Source", "Function inside", "Source", "From around it"]
    assert found[-1].text == "<b>x</b>"

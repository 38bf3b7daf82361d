"""The graph in a `.meta` file: listed and drawn, alone and beside its checkpoint."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from checkpoint_files import field, shape_message, varint, write_bundle
from decoding import decoded, opened, run

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import Entry, Layers
from h5viewer.operations.architecture import decode_architecture, read_layer
from h5viewer.operations.graph_layout import layout_graph
from h5viewer.requests import DecodeArchitecture, LayoutGraph, ReadLayer

Opener = Callable[[Path], Container]
FLOAT = field(6, 1)


def _operation(name: str, kind: str, *inputs: str, **settings: bytes) -> bytes:
    message = field(1, name.encode()) + field(2, kind.encode())
    message += b"".join(field(3, each.encode()) for each in inputs)
    for key, value in settings.items():
        message += field(5, field(1, key.encode()) + field(2, value))
    return field(1, message)


def _write(path: Path, *operations: bytes) -> Path:
    facts = field(1, field(4, b"serve"))
    path.write_bytes(facts + field(2, b"".join(operations)))
    return path


SMALL = (
    _operation("x", "Placeholder", dtype=FLOAT, shape=field(7, shape_message((2, 3)))),
    _operation("w", "VariableV2", dtype=FLOAT),
    _operation(
        "net/y", "MatMul", "x", "w:1", "^init", transpose=field(5, 1), n=field(3, 7),
        rate=b"\x25" + struct.pack("<f", 0.5), how=field(2, b"SAME"),
        list=field(1, field(3, varint(2) + varint(300))),
        value=field(8, field(1, 1) + field(2, shape_message((4,)))), _hidden=field(3, 1),
    ),
    _operation("init", "NoOp", "^w"),
)  # fmt: skip


def test_a_graph_alone_is_a_list_of_operations(tmp_path: Path) -> None:
    path = _write(tmp_path / "export.meta", *SMALL)
    file = decoded(path)
    assert (file.document.format, file.document.title) == ("tf-graph", "TensorFlow graph")
    assert "checkpoint it belongs to is not beside" in file.document.problems[0].message
    assert [(each.name, each.class_name, each.inputs) for each in file.layers] == [
        ("x", "Placeholder", ()),
        ("w", "VariableV2", ()),
        ("net/y", "MatMul", ("x", "w")),
        ("init", "NoOp", ()),
    ]
    asked = ReadLayer(document=str(path), key=(2,))
    details = opened(path, lambda container: run(read_layer(asked, container))[0])
    assert json.loads(details.config.text) == {
        "transpose": True, "n": 7, "rate": 0.5, "how": "SAME", "list": [2, 300],
        "value": "float32 [4]",
    }  # fmt: skip


def test_a_graph_beside_its_checkpoint_is_drawn_and_read_as_text(tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "m", {"w": np.zeros((3, 4), "<f4")})
    meta = _write(tmp_path / "m.meta", *SMALL)
    asked = LayoutGraph(document=str(index))
    drawn = opened(meta, lambda container: run(layout_graph(asked, container))[0])
    assert len(drawn.boxes) == 4
    assert len(drawn.edges) == 2

    def text_in(container: Container) -> str:
        assert container.source.path == str(index)
        assert next(container.child_names(())) == [b"w", b"m.meta"]
        assert isinstance(container.describe((b"m.meta",)), Entry)
        return container.entry_text((b"m.meta",), 1000).text

    assert opened(meta, text_in).splitlines() == [
        "x  Placeholder",
        "w  VariableV2",
        "net/y  MatMul  (x, w:1)",
        "init  NoOp",
    ]


def test_large_graphs_are_listed_and_not_drawn(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.meta", *(_operation(f"n{at}", "NoOp") for at in range(4001)))
    assert len(decoded(path).layers) == 4001
    asked = LayoutGraph(document=str(path))
    drawn = opened(path, lambda container: run(layout_graph(asked, container))[0])
    assert drawn.reason == "This network has 4,001 operations; up to 4,000 are drawn."


def test_damaged_graphs_are_refused_or_leave_their_checkpoint(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.meta", *SMALL)
    data = path.read_bytes()
    path.write_bytes(data[:-3])
    with pytest.raises(CannotOpen, match=r"graph in m\.meta is damaged"):
        decoded(path)
    index = write_bundle(tmp_path / "m", {"w": np.zeros(3, "<f4")})
    assert [each.name for each in decoded(index).layers] == ["w"]
    asked = LayoutGraph(document=str(index))
    with pytest.raises(CannotRead, match="damaged"):
        opened(index, lambda container: run(layout_graph(asked, container)))
    path.write_bytes(b"\x0a\x00")
    index.unlink()
    with pytest.raises(CannotOpen, match="no TensorFlow graph"):
        decoded(path)


def test_every_change_of_a_byte_is_survived(tmp_path: Path) -> None:
    path = _write(tmp_path / "m.meta", *SMALL)
    data = path.read_bytes()
    n_read = 0
    for at in range(len(data)):
        for value in (0, 255, data[at] ^ 1):
            path.write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
            try:
                decoded(path)
            except CannotOpen:
                continue
            n_read += 1
    assert n_read > len(data)


def test_what_the_optimizer_keeps_is_no_parameter_of_a_graph(tmp_path: Path) -> None:
    values = {"w": np.zeros((3, 4), "<f4"), "w/Adam": np.zeros((3, 4), "<f4")}
    index = write_bundle(tmp_path / "m", values | {"beta1_power": np.float32(0.9)})
    slot = _operation("w/Adam", "VariableV2"), _operation("beta1_power", "VariableV2")
    _write(tmp_path / "m.meta", *SMALL, *slot)
    asked = DecodeArchitecture(document=str(index), of_graph=True)
    architecture, parts = opened(
        index, lambda container: run(decode_architecture(asked, container))
    )
    layers = {each.name: each for part in parts for each in getattr(part, "layers", ())}
    assert architecture.parameters.total == architecture.parameters.trainable == 12
    assert [layers[name].n_parameters for name in ("w", "w/Adam", "beta1_power")] == [12, 0, 0]
    assert layers["w/Adam"].weights[0].path == (b"w/Adam",)


def test_operations_have_the_variables_of_their_checkpoint(tmp_path: Path) -> None:
    """Where that is asked for, as the window does; else groups of weights are listed."""
    index = write_bundle(tmp_path / "m", {"w": np.zeros((3, 4), "<f4")})
    _write(tmp_path / "m.meta", *SMALL)
    asked = DecodeArchitecture(document=str(index), of_graph=True)
    architecture, parts = opened(
        index, lambda container: run(decode_architecture(asked, container))
    )
    layers = [layer for part in parts if isinstance(part, Layers) for layer in part.layers]
    assert [(layer.name, layer.class_name, layer.n_parameters) for layer in layers] == [
        ("x", "Placeholder", 0),
        ("w", "VariableV2", 12),
        ("net/y", "MatMul", 0),
        ("init", "NoOp", 0),
    ]
    assert layers[1].weights[0].path == (b"w",)
    assert (architecture.n_layers, architecture.parameters.total) == (4, 12)
    assert architecture.item == "operation"
    (tmp_path / "m.meta").write_bytes(b"\x12\x7f")  # cut short
    _, parts = opened(index, lambda container: run(decode_architecture(asked, container)))
    layers = [layer for part in parts if isinstance(part, Layers) for layer in part.layers]
    assert [layer.class_name for layer in layers] == [None]


def test_a_checkpoint_tells_that_the_graph_beside_it_is_cut_short(tmp_path: Path) -> None:
    write_bundle(tmp_path / "m", {"w": np.ones(3, "f4")})
    meta = _write(tmp_path / "m.meta", *SMALL)

    def told() -> list[str]:
        return opened(meta, lambda made: [each.message for each in made.problems])

    assert told() == []
    whole = meta.read_bytes()
    for size in (len(whole) - 1, len(field(1, field(4, b"serve"))) + 1):
        meta.write_bytes(whole[:size])
        sentence = "m.meta is cut short: the operations of the graph cannot be read."
        assert told() == [sentence]

"""Where boxes and edges lie; and what is said where there is no drawing."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import h5py
import pytest
from decoding import functional, layer_entry
from small_files import make_weights_h5

from h5viewer.nodes import GraphBox, GraphLayout
from h5viewer.operations.graph_layout import MOST_LAYERS
from h5viewer.requests import LayoutGraph


def laid_out(path: Path, **wishes: Any) -> GraphLayout:
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.graph_layout import layout_graph

    with Source(str(path)) as source:
        container = open_container(source)
        steps = layout_graph(LayoutGraph(document=str(path), **wishes), container)
        try:
            while True:
                next(steps)
        except StopIteration as end:
            return end.value
        finally:
            container.close()


def network(tmp_path: Path, *layers: dict[str, Any]) -> Path:
    path = tmp_path / "network.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(functional(*layers))
        file.create_group("model_weights").attrs["layer_names"] = []
    return path


def chain(length: int) -> list[dict[str, Any]]:
    first = [layer_entry("InputLayer", "l0")]
    return first + [layer_entry("Dense", f"l{n}", f"l{n - 1}") for n in range(1, length)]


def overlap(a: GraphBox, b: GraphBox) -> bool:
    return (
        a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    )


def test_boxes_stand_apart_and_edges_run_from_border_to_border(tmp_path: Path) -> None:
    branches = [layer_entry("Dense", f"b{n}", "l2") for n in range(4)]
    joined = layer_entry("Concatenate", "join", *[f"b{n}" for n in range(4)], "l0")
    drawn = laid_out(network(tmp_path, *chain(3), *branches, joined))
    assert [box.key for box in drawn.boxes] == [(n,) for n in range(8)]
    assert not any(overlap(a, b) for a, b in itertools.combinations(drawn.boxes, 2))
    for edge in drawn.edges:
        source, target = drawn.boxes[edge.source], drawn.boxes[edge.target]
        assert edge.points[1] == pytest.approx(source.y + source.height)
        assert source.x <= edge.points[0] <= source.x + source.width
        assert edge.points[-1] == pytest.approx(target.y)
        assert target.x <= edge.points[-2] <= target.x + target.width
    assert all(0 <= box.x <= drawn.width - box.width for box in drawn.boxes)


def test_unfolded_boxes_stand_in_their_frame_below_its_header(tmp_path: Path) -> None:
    path = network(tmp_path, *chain(50))
    opened = laid_out(path, opened=((1,),), header=30.0)
    frame = opened.boxes[1]
    assert frame.kind == "unfolded repeats"
    inside = opened.boxes[2:]
    assert len(inside) == 49
    for box in inside:
        assert frame.x <= box.x
        assert box.x + box.width <= frame.x + frame.width
        assert frame.y + 30 <= box.y
        assert box.y + box.height <= frame.y + frame.height


@pytest.mark.parametrize("repeats", [True, False])
def test_too_many_layers_are_said_with_their_number(tmp_path: Path, repeats: bool) -> None:
    drawn = laid_out(network(tmp_path, *chain(MOST_LAYERS + 1)), folds_repeats=repeats)
    assert not drawn.boxes
    assert drawn.reason == "This network has 4,001 layers; up to 4,000 are drawn."


def test_a_file_of_weights_says_that_connections_are_not_in_it(tmp_path: Path) -> None:
    drawn = laid_out(make_weights_h5(tmp_path / "weights.h5"))
    assert drawn.reason == "This file does not say how its layers are connected."


def test_what_would_take_the_library_long_is_refused_at_once(tmp_path: Path) -> None:
    stars = [layer_entry("Dense", f"s{n}", *(f"l{n}" for n in range(60))) for n in range(150)]
    assert (
        "too many ways"
        in laid_out(network(tmp_path, *chain(60), *stars), folds_repeats=False).reason
    )
    everything = [
        layer_entry("Add", f"e{n}", *[f"e{m}" for m in range(n)] or ["l0"]) for n in range(120)
    ]
    assert "too many ways" in laid_out(network(tmp_path, *chain(1), *everything)).reason


def test_circles_and_loops_are_drawn(tmp_path: Path) -> None:
    layers = [layer_entry("Add", "a", "b", "a"), layer_entry("Add", "b", "a")]
    drawn = laid_out(network(tmp_path, *layers))
    assert len(drawn.boxes) == 2
    assert len(drawn.edges) == 3


def test_a_layer_that_feeds_hundreds_is_drawn_with_some_of_its_connections(tmp_path: Path) -> None:
    """All layers are there; what is not drawn is said with its numbers."""
    branches = [layer_entry("Dense", f"b{n}", "l1") for n in range(400)]
    layout = laid_out(network(tmp_path, *chain(2), *branches), folds_repeats=False)
    assert layout.reason == ""
    assert len(layout.boxes) == 402
    assert len(layout.edges) == 101
    assert layout.note == (
        "One layer is connected with more than 100 others: 101 of 401 connections are drawn."
    )


def test_a_layer_that_feeds_a_hundred_is_drawn_whole(tmp_path: Path) -> None:
    branches = [layer_entry("Dense", f"b{n}", "l1") for n in range(120)]
    layout = laid_out(network(tmp_path, *chain(2), *branches), folds_repeats=False)
    assert len(layout.edges) == 121
    assert layout.note == ""

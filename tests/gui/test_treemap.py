"""Treemaps: areas in proportion, nothing overlaps, keyboard and mouse choose."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt

from h5viewer.gui.weights.treemap_layout import Area, squarified
from h5viewer.gui.weights.treemap_view import TreemapView
from h5viewer.nodes import ByteMap, BytePart

SIZES = st.lists(st.floats(1, 1e6), min_size=1, max_size=40).map(
    lambda sizes: sorted(sizes, reverse=True)
)


@settings(deadline=None)
@given(SIZES, st.floats(50, 2000), st.floats(50, 2000))
def test_areas_are_in_proportion_and_fill_the_room(
    sizes: list[float], width: float, height: float
) -> None:
    areas = squarified(sizes, Area(10, 20, width, height))
    for size, area in zip(sizes, areas, strict=True):
        share = size / sum(sizes)
        assert area.width * area.height == pytest.approx(share * width * height, rel=1e-6)
        assert area.left >= 10 - 1e-6
        assert area.top >= 20 - 1e-6
        assert area.left + area.width <= 10 + width + 1e-6
        assert area.top + area.height <= 20 + height + 1e-6


@settings(deadline=None)
@given(SIZES)
def test_no_two_areas_overlap(sizes: list[float]) -> None:
    areas = squarified(sizes, Area(0, 0, 640, 400))
    for n, one in enumerate(areas):
        for other in areas[:n]:
            across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
            down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
            assert min(across, down) < 1e-6


def test_equal_sizes_become_squares() -> None:
    areas = squarified([1.0] * 16, Area(0, 0, 400, 400))
    assert {(round(area.width), round(area.height)) for area in areas} == {(100, 100)}


def test_nothing_fits_into_no_room() -> None:
    assert len(squarified([3.0, 2.0, 1.0], Area(0, 0, 0, 0))) == 3


MAP = ByteMap(
    n_bytes=1000,
    parts=(
        BytePart(kind="layer", name="dense", n_bytes=300, n_items=2, path=(b"dense",)),
        BytePart(kind="layer", name="<b>", n_bytes=100, n_items=1, path=(b"<b>",)),
        BytePart(kind="optimizer", name="m", n_bytes=500, n_items=1, path=(b"m",)),
        BytePart(kind="rest", name="", n_bytes=100),
    ),
)


@pytest.fixture
def view(qtbot) -> TreemapView:
    view = TreemapView()
    qtbot.addWidget(view)
    view.resize(500, 400)
    view.show()
    view.show_map(MAP)
    return view


def test_the_largest_kind_comes_first_and_a_click_chooses(qtbot, view) -> None:
    assert [part.name for part in view._parts] == ["m", "dense", "<b>", ""]
    with qtbot.waitSignal(view.part_chosen) as chosen:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert chosen.args[0].kind == "optimizer"


def test_arrows_reach_every_block_and_enter_opens(qtbot, view) -> None:
    seen = []
    view.part_chosen.connect(lambda part: seen.append(part.n_bytes))
    for _ in range(6):
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert seen == [500, 300, 100, 100]
    qtbot.keyClick(view, Qt.Key.Key_Home)
    with qtbot.waitSignal(view.part_opened) as opened:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened.args[0].name == "m"
    assert "50.0 % of the file" in view.accessibleDescription()


def test_it_draws_in_any_size(qtbot, view) -> None:
    for size in ((500, 400), (3, 3), (1, 200)):
        view.resize(*size)
        assert not view.grab().isNull()

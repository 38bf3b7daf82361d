"""From box to box with the arrow keys: down and up along edges, left and right beside."""

from __future__ import annotations

from PySide6.QtCore import Qt

from h5viewer.gui.graph.graph_scene import GraphScene, is_frame

ARROWS = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_Right)


def neighbour(scene: GraphScene, number: int | None, key: int) -> int | None:
    """The box an arrow key leads to; None: there is none on that side."""
    if number is None:
        return 0
    if key == Qt.Key.Key_Down:
        return _nearest(scene, number, [scene.edges[edge].target for edge in scene.leaving[number]])
    if key == Qt.Key.Key_Up:
        return _nearest(
            scene, number, [scene.edges[edge].source for edge in scene.entering[number]]
        )
    here = scene.rects[number]
    beside = [
        other
        for other, rect in enumerate(scene.rects)
        if other != number
        and not is_frame(scene.boxes[other])
        and rect.top() < here.bottom()
        and rect.bottom() > here.top()
        and (rect.left() > here.right() if key == Qt.Key.Key_Right else rect.right() < here.left())
    ]
    return _nearest(scene, number, beside)


def _nearest(scene: GraphScene, number: int, others: list[int]) -> int | None:
    """The one whose middle is nearest; the box itself never."""
    middle = scene.rects[number].center()
    return min(
        (other for other in others if other != number),
        key=lambda other: (scene.rects[other].center() - middle).manhattanLength(),
        default=None,
    )

"""Refusing what a dataset's facts already forbid, in the words of its obstacle."""

from __future__ import annotations

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.names import path_text, visible
from h5viewer.nodes import Dataset


def refuse_obstacle(facts: Dataset, *, insist: bool) -> None:
    """Return if the values may be read.

    Raises:
        TooLarge: reading costs much; possible when the user insists.
        CannotRead: there are no values here, or none that can be read.
    """
    name = visible(path_text(facts.path))
    if facts.shape is None:
        raise CannotRead(f"{name} has no values.")
    obstacle = facts.obstacle
    if obstacle is None or (insist and obstacle.can_insist):
        return
    kind = TooLarge if obstacle.can_insist else CannotRead
    raise kind(f"The values of {name} are not read. {obstacle.reason}")

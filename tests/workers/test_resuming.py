"""A request that goes on in another worker delivers nothing twice and loses nothing."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from h5viewer.nodes import Array, Line, Names
from h5viewer.workers.resuming import Delivery

ITEMS = tuple(b"%d" % n for n in range(20))


def cut(places: list[int]) -> list[Names]:
    """ITEMS in parts that end at these places."""
    ends = [0, *sorted(places), len(ITEMS)]
    return [Names(names=ITEMS[a:b]) for a, b in pairwise(ends)]


places = st.lists(st.integers(0, len(ITEMS)), max_size=6)


@given(runs=st.lists(st.tuples(places, st.integers(0, 6)), max_size=4), last=places)
def test_interrupted_listing_delivers_every_name_once(
    runs: list[tuple[list[int], int]], last: list[int]
) -> None:
    """However each run cuts its parts and wherever it ends."""
    delivery = Delivery()
    delivered: list[bytes] = []
    for ends, n_parts in runs:
        for part in cut(ends)[:n_parts]:
            delivered += getattr(delivery.fresh(part), "names", ())
        delivery.start_again()
    for part in cut(last):
        delivered += getattr(delivery.fresh(part), "names", ())
    assert tuple(delivered) == ITEMS


def test_picture_is_delivered_again() -> None:
    """The newest replaces the one before."""
    delivery = Delivery()
    low = Array.of(np.zeros(1))
    line = Line(low=low, high=low, start=0, step=1, n_elements=1, is_sharp=False)
    assert delivery.fresh(line) is line
    delivery.start_again()
    assert delivery.fresh(line) is line

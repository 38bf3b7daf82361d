"""What an input was given, drawn anew in other colours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from h5viewer.gui import theme
from h5viewer.gui.predict.input_side import InputSide
from h5viewer.nodes import Array, NetworkInput


@pytest.fixture
def light() -> Iterator[None]:
    theme.apply("light")
    yield
    theme.apply("light")


@pytest.mark.usefixtures("light")
def test_line_of_a_signal_takes_the_colours_of_the_theme(qtbot: QtBot) -> None:
    wanted = NetworkInput(name="in", shape=(None, 50), dtype="float32", kind="values")
    side = InputSide()
    qtbot.addWidget(side)
    side._make_slots((wanted,))
    (slot,) = side.slots
    numbers = np.sin(np.arange(50, dtype="<f4"))
    signal = Array(dtype="float32", shape=(50,), data=numbers.tobytes())
    slot.show_sample(signal, None, None)
    before = slot.picture.image
    theme.apply("dark")
    assert slot.picture.image is not None
    assert slot.picture.image != before
    assert slot.seen.image is None

"""What every view of the predict panel is, and the table of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from h5viewer.evaluation import Samples
from h5viewer.gui.panels import find
from h5viewer.gui.predict.sample import Sample
from h5viewer.nodes import Document
from h5viewer.workers.pool import Pool


class PredictView(QWidget):
    """One tab beside the picture: shows one sample at a time.

    Signals:
        status_changed(str): a short, quiet text for the status line.
        given(Given): the user wants to see what the network answers to this.
        pictures_requested(document path: str, NodePath, indices: tuple[int, ...], words: str): the
            user wants to see these pictures of a data set in the gallery.
    """

    status_changed = Signal(str)
    given = Signal(object)
    pictures_requested = Signal(str, object, object, str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pool = pool

    def prepare(self) -> Iterator[None]:
        """Make what the constructor left for later, before anything is shown; a step a turn."""
        yield from ()

    def show_sample(self, sample: Sample) -> None:
        """Show this one. Called while visible, whenever anything of the sample has changed."""
        raise NotImplementedError

    def show_layer(self, key: tuple[int, ...]) -> None:
        """The user wants to see this layer, in this view or the next time it is shown."""

    def evaluate_on(self, samples: Samples) -> None:
        """The user wants to know how good a network is on these, as soon as it is shown."""

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open now."""

    def clear(self) -> None:
        """Stop asking, free the data: there is no network any more, or the view is hidden."""
        raise NotImplementedError


class ViewKind(msgspec.Struct, frozen=True):
    """One row of the table. `where` is "module:class"; it is made when first shown."""

    title: str
    tooltip: str
    where: str
    shows_sample: bool = True  # False: another picture changes nothing in it
    evaluates: bool = False  # where the user goes to see how good it is
    shows_layers: bool = False  # where the user goes to see what a layer makes of the picture

    def create(self, pool: Pool) -> PredictView:
        """A new view of this kind."""
        return cast("PredictView", find(self.where)(pool))


VIEWS: tuple[ViewKind, ...] = (
    ViewKind(
        "Answer",
        "What the network answers to this picture",
        "h5viewer.gui.predict.answer_view:AnswerView",
    ),
    ViewKind(
        "Why",
        "Where in the picture the answer comes from",
        "h5viewer.gui.predict.why_view:WhyView",
    ),
    ViewKind(
        "Layers",
        "What each layer makes of the picture",
        "h5viewer.gui.predict.layers_view:LayersView",
        shows_layers=True,
    ),
    ViewKind(
        "Evaluate",
        "How good the network is on samples of known class",
        "h5viewer.gui.predict.evaluate_view:EvaluateView",
        shows_sample=False,
        evaluates=True,
    ),
)
"""The tabs beside the picture, in their order: Answer, Why, Layers, Evaluate."""

"""Why: where in the picture the answer comes from."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice, PlainLabel
from h5viewer.gui.predict.answer_words import CLASSES, number_text, percent_text
from h5viewer.gui.predict.class_choice import ClassChoice
from h5viewer.gui.predict.heat import heat_layer, is_signed
from h5viewer.gui.predict.layer_choice import LayerChoice, has_places
from h5viewer.gui.predict.picture_view import PictureView
from h5viewer.gui.predict.pictures import NO_IMAGE, picture
from h5viewer.gui.predict.predict_view import PredictView
from h5viewer.gui.predict.sample import Sample
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Array, Explanation
from h5viewer.requests import ExplainPrediction
from h5viewer.workers.pool import Pool

_SIDE = 360  # pixels of the picture, to begin with
_OPACITY = 70  # of 100

_METHODS = (
    (
        "grad-cam",
        "Class activation",
        "From the maps of one layer and how the class grows with them",
    ),
    ("occlusion", "Occlusion", "Cover one place after the other and see how far the answer drops"),
)


class WhyView(PredictView):
    """A map of what speaks for a class, laid over the picture as the network sees it."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._sample: Sample | None = None
        self._answer = Latest(pool, self)
        self._map = NO_IMAGE
        self._found: Explanation | None = None

    def prepare(self) -> Iterator[None]:
        """Choices, then the rest."""
        self._classes = ClassChoice()
        yield
        self._method = _method_box()
        self._layers = LayerChoice(
            self.pool,
            "The layer whose maps are used",
            automatic="Last layer with rows and columns",
            fits=has_places,
        )
        self._layer_label = PlainLabel("Layer", role="muted")
        yield
        self._view = PictureView("The picture and what in it speaks for the class", side=_SIDE)
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(0, 100)
        self._opacity.setValue(_OPACITY)
        self._opacity.setMinimumWidth(60)
        self._opacity.setMaximumWidth(200)
        self._opacity.setAccessibleName("How much of the map is laid over the picture")
        self._opacity.setToolTip("Left: the picture alone. Right: the map at its strongest.")
        self._words = PlainLabel(wrap=True)
        self._legend = PlainLabel(wrap=True, role="muted")
        yield
        self._busy = Busy("Finding out…")
        self._notice = Notice()
        yield
        self._empty = EmptyState("eye")
        self._pages = QStackedWidget()
        yield
        self._arrange()
        self._connect()
        self.clear()
        yield

    # PredictView

    def show_sample(self, sample: Sample) -> None:
        """Explain its answer."""
        can_explain = _seen(sample) is not None or _has_places(sample)
        is_known = sample.asks_the_same(self._sample)
        self._layers.show_document(sample.document)
        self._sample = sample
        if not can_explain:
            self._say_why_not(sample)
            return
        self._pages.setCurrentIndex(0)
        self._classes.show_sample(sample)
        if is_known:  # names of classes may be others
            if self._found is not None:
                self._words.set_text(self._sentence(self._found))
            return
        seen = _seen(sample)
        self._view.show_image(None if seen is None else picture(seen))
        self._map = NO_IMAGE
        self._found = None
        self._ask()

    def clear(self) -> None:
        """Stop asking, show nothing."""
        self._answer.cancel()
        self._sample = self._found = None
        self._notice.clear()
        self._view.show_image(None)
        self._empty.show_text(
            "eye", "No answer to explain yet", "Give the network a picture first."
        )
        self._pages.setCurrentWidget(self._empty)

    def _say_why_not(self, sample: Sample) -> None:
        self._answer.cancel()
        if sample.prediction is None:
            self.clear()
            self._sample = sample
            return
        text = "Only answers to pictures, signals and volumes can be laid over what was given."
        self._empty.show_text("eye", "There is no picture", text)
        self._pages.setCurrentWidget(self._empty)

    # Asking

    def _ask(self) -> None:
        sample = self._sample
        if sample is None or not sample.feeds:
            return
        self._notice.clear()
        is_cam = self._method.currentData() == "grad-cam"
        for part in (self._layers, self._layer_label):
            part.setVisible(is_cam)
        self._words.set_text("")
        self._legend.set_text("")
        self._view.show_layer(None, 0)
        request = ExplainPrediction(
            document=sample.document.path,
            consent=sample.consent,
            feeds=sample.feeds,
            recipe=sample.recipe,
            method="grad-cam" if is_cam else "occlusion",
            output=self._classes.output,
            index=self._classes.index,
            layer=self._layers.key if is_cam else None,
        )
        self._answer.ask(
            request, self._take, on_failure=self._fail, on_progress=self._busy.show_progress
        )

    def _take(self, found: Explanation) -> None:
        self._found = found
        self._map = heat_layer(found.heat)
        if found.picture is not None:
            self._view.show_image(picture(found.picture))
        self._words.set_text(self._sentence(found))
        self._legend.set_text(_legend(found))
        self._lay_over()

    def _lay_over(self) -> None:
        if not self._map.isNull():
            self._view.show_layer(self._map, self._opacity.value() / 100)

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error)

    def _stop(self) -> None:
        self._answer.cancel()
        self._notice.show_text("Finding out was stopped.", action="Go on")

    def _sentence(self, found: Explanation) -> str:
        name = self._classes.name(found.index)
        sample = self._sample
        answers = sample.prediction.answers if sample and sample.prediction else ()
        is_share = self._classes.output < len(answers) and (
            answers[self._classes.output].kind in CLASSES[:2]
        )
        score = percent_text(found.score) if is_share else number_text(found.score)
        if found.lowest is not None:
            lowest = percent_text(found.lowest) if is_share else number_text(found.lowest)
            return (
                f"How far the answer for {name} drops when a place is covered: from {score} "
                f"to {lowest} where it matters most."
            )
        return f"What speaks for {name} ({score}), by the maps of {visible(found.layer, 80)}."

    # Building

    def _connect(self) -> None:
        self._classes.changed.connect(self._ask)
        self._method.activated.connect(lambda _at: self._ask())
        self._layers.activated.connect(lambda _at: self._ask())
        self._opacity.valueChanged.connect(self._lay_over)
        self._answer.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._notice.action_requested.connect(self._ask)

    def _arrange(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE_S)
        first.addWidget(self._classes, 2)
        first.addWidget(PlainLabel("Method", role="muted"))
        first.addWidget(self._method, 1)
        second = QHBoxLayout()
        second.setSpacing(theme.SPACE_S)
        second.addWidget(self._layer_label)
        second.addWidget(self._layers, 1)
        mixing = QHBoxLayout()
        mixing.setSpacing(theme.SPACE_S)
        mixing.addWidget(PlainLabel("Picture", role="muted"))
        mixing.addWidget(self._opacity, 3)
        mixing.addWidget(PlainLabel("Map", role="muted"))
        mixing.addStretch(2)
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self._notice)
        column.addWidget(self._busy)
        column.addWidget(self._view, 1)
        column.addLayout(mixing)
        column.addWidget(self._words)
        column.addWidget(self._legend)
        self._pages.addWidget(page)
        self._pages.addWidget(self._empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)


def _method_box() -> ComboBox:
    box = ComboBox("Method", "How it is found out", 6)
    for at, (key, title, tooltip) in enumerate(_METHODS):
        box.addItem(title, key)
        box.setItemData(at, tooltip, Qt.ItemDataRole.ToolTipRole)
    return box


def _seen(sample: Sample) -> Array | None:
    """The first picture as the network sees it."""
    if sample.prediction is None:
        return None
    return next((each for each in sample.prediction.seen if each is not None), None)


def _has_places(sample: Sample) -> bool:
    """Whether an input is a signal or a volume, which is drawn by who explains it."""
    inputs = sample.network.inputs if sample.prediction is not None else ()
    return any(each.kind == "values" and len(each.shape) in (3, 5) for each in inputs)


def _legend(found: Explanation) -> str:
    if not found.heat.values.any():
        return "No place speaks for this class."
    if is_signed(found.heat):
        return "Red speaks for the class, blue against it; clear places do not matter."
    return "Red speaks for the class most, blue a little; clear places do not matter."

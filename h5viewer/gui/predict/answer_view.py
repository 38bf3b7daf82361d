"""The answer: every output below the other, then what other recipes would give."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import EmptyState, PlainLabel
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.predict.answer_words import fitting_words, seconds_text
from h5viewer.gui.predict.output_block import OutputBlock, block_class
from h5viewer.gui.predict.predict_view import PredictView
from h5viewer.gui.predict.probe_table import ProbeTable
from h5viewer.gui.predict.sample import Sample
from h5viewer.names import visible
from h5viewer.nodes import Prediction, Recipe
from h5viewer.workers.pool import Pool


class AnswerView(PredictView):
    """The first view.

    Signals:
        named(n_classes: int, index: int, name: str): the user calls a class so.
        recipe_chosen(Recipe): the user wants this one.
    """

    named = Signal(int, int, str)
    recipe_chosen = Signal(object)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self.blocks: list[OutputBlock] = []
        self._how = PlainLabel(role="muted", wrap=True)
        self._plain: Recipe | None = None  # the one in force, without inverting anything
        self._as_it_is = push_button(
            "Do not invert", "Give this model its pictures as they are", role="link"
        )
        self._as_it_is.clicked.connect(lambda: self.recipe_chosen.emit(self._plain))
        self._outputs = QVBoxLayout()
        self._outputs.setSpacing(theme.SPACE_XL)
        self._probe_title = PlainLabel("By each recipe")
        self._probe_title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._probe = ProbeTable()
        self._probe.recipe_chosen.connect(self.recipe_chosen)
        self._empty = EmptyState("image")
        self._arrange()
        self.clear()

    def show_sample(self, sample: Sample) -> None:
        """Show what the network answered, if it has."""
        if sample.prediction is None:
            self._wait(is_given=bool(sample.given) and None not in sample.given)
            return
        self._show_answers(sample, sample.prediction)
        self._pages.setCurrentWidget(self._scroll)

    def clear(self) -> None:
        """No answer."""
        self._wait(is_given=False)

    def show_none(self) -> None:
        """There will be no answer, and a notice says why."""
        self._empty.show_text("image", "No answer", "What stands above says why.")
        self._pages.setCurrentWidget(self._empty)

    def _wait(self, *, is_given: bool) -> None:
        if is_given:
            self._empty.show_text("network", "Answering…", "The network is at work.")
        else:
            self._empty.show_text("image", "No answer yet", "It comes when a picture is there.")
        self._pages.setCurrentWidget(self._empty)

    def _show_answers(self, sample: Sample, prediction: Prediction) -> None:
        answers = prediction.answers
        self._fit_blocks([block_class(answer.kind) for answer in answers])
        seen = prediction.seen[0] if prediction.seen else None
        for block, answer in zip(self.blocks, answers, strict=True):
            block.show_answer(answer, sample.names, seen, is_named=len(answers) > 1)
        has_picture = any(each is not None for each in prediction.seen)
        recipe = prediction.recipe
        how = f", recipe “{recipe.title or recipe.name}”, {fitting_words(recipe)}"
        time = seconds_text(prediction.seconds)
        notes = "".join(f" {visible(note, 300)}" for note in prediction.notes)
        self._how.set_text(f"Answered in {time}{how if has_picture else ''}.{notes}")
        self._plain = uninverted(recipe, sample.network.recipes) if prediction.is_inverted else None
        self._as_it_is.setVisible(self._plain is not None)
        for part in (self._probe, self._probe_title):
            part.setVisible(bool(prediction.probed))
        self._probe.show_probed(prediction.probed, sample.names, recipe)

    def _fit_blocks(self, wanted: list[type[OutputBlock]]) -> None:
        """Keep those that are of the kind that is needed."""
        if [type(block) for block in self.blocks] == wanted:
            return
        for block in self.blocks:
            self._outputs.removeWidget(block)
            block.hide()
            block.deleteLater()
        self.blocks = [kind() for kind in wanted]
        for block in self.blocks:
            block.named.connect(self.named)
            self._outputs.addWidget(block)

    def _arrange(self) -> None:
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addLayout(self._outputs)
        column.addWidget(self._how)
        column.addWidget(self._as_it_is, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(theme.SPACE_M)
        column.addWidget(self._probe_title)
        column.addWidget(self._probe)
        column.addStretch(1)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setAccessibleName("The answer")
        self._scroll.setWidget(page)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self._empty)


def uninverted(recipe: Recipe, offered: Sequence[Recipe]) -> Recipe | None:
    """The same scale and fitting for pictures of any background; None: the network has none."""
    for each in offered:
        if not each.background and not each.inverted and _scale(each) == _scale(recipe):
            return replace(each, fitting=recipe.fitting, filter=recipe.filter)
    return None


def _scale(recipe: Recipe) -> tuple[object, ...]:
    return recipe.factor, recipe.mean, recipe.std, recipe.is_bgr, recipe.is_standardized

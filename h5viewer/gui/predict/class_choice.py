"""Which class of which output an explanation is for."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.predict.answer_words import CLASSES, n_classes_of, percent_text, told
from h5viewer.gui.predict.sample import Sample
from h5viewer.names import visible
from h5viewer.nodes import Answer

_MOST = 2000  # classes that are listed
_WIDTH = 6  # letters, at the least


class ClassChoice(QWidget):
    """Outputs, where there are several, and the classes of one: the likeliest first.

    Signals:
        changed: the user chose another one.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sample: Sample | None = None
        self._output_label = _label("Output")
        self._outputs = ComboBox("Output", "The output that is explained", _WIDTH)
        self._classes = ComboBox(
            "Class", "The class that is explained: what in the picture speaks for it", _WIDTH
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._output_label)
        row.addWidget(self._outputs, 1)
        row.addWidget(_label("Class"))
        row.addWidget(self._classes, 2)
        self._output_label.hide()
        self._outputs.hide()
        self._outputs.activated.connect(self._choose_output)
        self._classes.activated.connect(lambda _at: self.changed.emit())

    @property
    def output(self) -> int:
        """Number of the output."""
        return max(0, self._outputs.currentIndex())

    @property
    def index(self) -> int | None:
        """The class; None: the one the network is surest of."""
        found = self._classes.currentData()
        return found if isinstance(found, int) else None

    def show_sample(self, sample: Sample) -> None:
        """Offer the classes of its answer; a class that was chosen stays."""
        is_same = self._sample is not None and self._sample.document.path == sample.document.path
        output, index = (self.output, self.index) if is_same else (0, None)
        self._sample = sample
        answers = sample.prediction.answers if sample.prediction is not None else ()
        self._outputs.clear()
        for answer in answers:
            self._outputs.addItem(visible(answer.name, 60) or "output")
        self._outputs.setCurrentIndex(min(output, len(answers) - 1))
        for part in (self._output_label, self._outputs):
            part.setVisible(len(answers) > 1)
        self._offer(index)

    def name(self, index: int) -> str:
        """What a class is called."""
        answer = self._answer
        if answer is None or self._sample is None:
            return str(index)
        if answer.kind not in CLASSES:
            return f"number {index}" if (answer.shape or (1,))[-1] > 1 else "the answer"
        shown = 1 if _is_yes_no(answer) else index
        return self._sample.names.name(shown, n_classes_of(answer))

    @property
    def _answer(self) -> Answer | None:
        answers = (
            self._sample.prediction.answers if self._sample and self._sample.prediction else ()
        )
        return answers[self.output] if self.output < len(answers) else None

    def _choose_output(self, _at: int) -> None:
        self._offer(None)
        self.changed.emit()

    def _offer(self, index: int | None) -> None:
        self._classes.clear()
        answer = self._answer
        if answer is None:
            return
        n = (answer.shape or (1,))[-1]
        if n == 1:
            self._classes.addItem(self.name(0), 0)
            return
        best = answer.top[:10]
        self._classes.addItem(f"Best: {self.name(best[0].index)}" if best else "Strongest", None)
        for score in best:
            text = f"{self.name(score.index)}  ·  {percent_text(score.score)}"
            self._classes.addItem(text, score.index)
        listed = {score.index for score in best}
        for other in range(min(n, _MOST)):
            if other not in listed:
                self._classes.addItem(self.name(other), other)
        self._classes.setCurrentIndex(max(0, self._classes.findData(index)))


def _label(text: str) -> PlainLabel:
    """A word, which the boxes leave its room: they can be cut."""
    label = PlainLabel(text, role="muted")
    label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return label


def _is_yes_no(answer: Answer) -> bool:
    return answer.kind == "sigmoid" and len(told(answer)) == 2 and answer.shape[-1:] == (1,)

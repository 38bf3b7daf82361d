"""What an export would do: what goes in, what is left out, how long it gets, where it fits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QFrame, QSizePolicy, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import ExportPart, ExportPlan
from h5viewer.wording import bytes_text, plural, share_text

_MOST_NOTES = 4


class PlanView(QFrame):
    """Four lines and what else is to be known, or in their place why it cannot be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName("What will be written")
        self._kept = PlainLabel(wrap=True)
        self._left_out = PlainLabel(wrap=True)
        self._size = PlainLabel(wrap=True)
        self._free = PlainLabel(wrap=True)
        self._notes = PlainLabel(wrap=True, role="muted")
        self._refusal = PlainLabel(wrap=True, role="error")
        self._rows = QWidget()
        form = QFormLayout(self._rows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setVerticalSpacing(theme.SPACE_S)
        for title, label in (
            ("Goes in", self._kept),
            ("Left out", self._left_out),
            ("Size", self._size),
            ("Free space", self._free),
        ):
            head = PlainLabel(title, role="muted")
            head.setAlignment(Qt.AlignmentFlag.AlignTop)
            form.addRow(head, label)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_M] * 4)
        column.setSpacing(theme.SPACE_S)
        for part in (self._rows, self._notes, self._refusal):
            column.addWidget(part)
        self.show_waiting()

    def show_waiting(self, words: str = "…") -> None:
        """Nothing is known yet."""
        self._show("")
        for label, text in ((self._kept, words), (self._left_out, "…"), (self._size, "…")):
            label.set_text(text)

    def show_missing(self, words: str) -> None:
        """Something has to be chosen first."""
        self._show("")
        for label, text in ((self._kept, words), (self._left_out, "—"), (self._size, "—")):
            label.set_text(text)

    def show_plan(self, plan: ExportPlan) -> None:
        """Say what would be done."""
        self._show("", _first(plan.notes))
        self._kept.set_text(_listed(plan.kept) or "No values")
        self._left_out.set_text(_listed(plan.left_out) or "Nothing")
        self._size.set_text(size_text(plan))

    def show_refusal(self, error: H5ViewerError) -> None:
        """Say why it cannot be done."""
        self._show(" ".join(filter(None, (error.message, error.hint))))

    def show_free(self, free: int | None, needed: int) -> None:
        """Say what the target's disk has left; None: it does not tell."""
        if free is None:
            self._free.set_text("Not known")
        elif free < needed:
            self._free.set_text(f"{bytes_text(free)}: not enough")
        else:
            self._free.set_text(bytes_text(free))

    @property
    def text(self) -> str:
        """All that is shown, for tests."""
        if self._refusal.whole_text:
            return self._refusal.whole_text
        labels = (self._kept, self._left_out, self._size, self._free, self._notes)
        return "\n".join(label.whole_text for label in labels if label.whole_text)

    def _show(self, refusal: str, notes: str = "") -> None:
        self._refusal.set_text(refusal)
        self._refusal.setVisible(bool(refusal))
        self._rows.setVisible(not refusal)
        self._notes.set_text(notes)
        self._notes.setVisible(bool(notes) and not refusal)


def _first(notes: Sequence[str]) -> str:
    """One a line; the result tells all of them."""
    shown = list(notes[:_MOST_NOTES])
    if len(notes) > _MOST_NOTES:
        shown.append(f"… and {plural(len(notes) - _MOST_NOTES, 'more note')}.")
    return "\n".join(shown)


def size_text(plan: ExportPlan) -> str:
    """`About 94 MB instead of 283 MB (66.8 % less)`."""
    before, after = plan.bytes_before, plan.bytes_after
    about = "Roughly " if plan.is_estimate else "About "
    if not before:
        return f"{about}{bytes_text(after)}"
    size = f"{about}{bytes_text(after)} instead of {bytes_text(before)}"
    if abs(before - after) * 1000 < before or after > 2 * before:
        return size  # less than the first digit that would be said, or plain to see
    return (
        f"{size} ({share_text(abs(before - after), before)} {'less' if after < before else 'more'})"
    )


def _listed(parts: Sequence[ExportPart]) -> str:
    told = ", ".join(_told(part) for part in parts)
    return told[:1].upper() + told[1:]


def _told(part: ExportPart) -> str:
    if not part.n_items:
        return part.name
    counted = plural(part.n_items, part.item)
    size = f", {bytes_text(part.n_bytes)}" if part.n_bytes else ""
    return f"{part.name} ({counted}{size})"

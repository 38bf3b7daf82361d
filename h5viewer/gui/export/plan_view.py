"""What an export would do: what goes in, what is left out, how long it gets, where it fits."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFormLayout, QFrame, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import ExportPart, ExportPlan
from h5viewer.wording import bytes_text, plural, share_text


class PlanView(QFrame):
    """Four lines, or why it cannot be done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._kept = PlainLabel(wrap=True)
        self._left_out = PlainLabel(wrap=True)
        self._size = PlainLabel(wrap=True)
        self._free = PlainLabel(wrap=True)
        form = QFormLayout(self)
        form.setContentsMargins(*[theme.SPACE_M] * 4)
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setVerticalSpacing(theme.SPACE_S)
        for title, label in (
            ("Goes in", self._kept),
            ("Left out", self._left_out),
            ("Size", self._size),
            ("Free space", self._free),
        ):
            form.addRow(PlainLabel(title, role="muted"), label)
        self.show_waiting()

    def show_waiting(self) -> None:
        """Nothing is known yet."""
        self._kept.set_text("Looking into the file…")
        self._left_out.set_text("…")
        self._size.set_text("…")

    def show_plan(self, plan: ExportPlan) -> None:
        """Say what would be done."""
        self._kept.set_text(_listed(plan.kept) or "No values")
        left_out = _listed(plan.left_out) or "Nothing"
        self._left_out.set_text(". ".join([left_out, *plan.notes]))
        about = "About " if plan.left_out else ""
        saved = share_text(plan.bytes_before - plan.bytes_after, plan.bytes_before)
        size = f"{about}{bytes_text(plan.bytes_after)} instead of {bytes_text(plan.bytes_before)}"
        self._size.set_text(f"{size} ({saved} less)" if saved else size)

    def show_refusal(self, error: H5ViewerError) -> None:
        """Say why it cannot be done."""
        self._kept.set_text(" ".join(filter(None, (error.message, error.hint))))
        self._left_out.set_text("—")
        self._size.set_text("—")

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
        labels = (self._kept, self._left_out, self._size, self._free)
        return "\n".join(label.whole_text for label in labels)


def _listed(parts: Sequence[ExportPart]) -> str:
    return ", ".join(_told(part) for part in parts)


def _told(part: ExportPart) -> str:
    if not part.n_items:
        return part.name
    return f"{part.name} ({plural(part.n_items, 'array')}, {bytes_text(part.n_bytes)})"

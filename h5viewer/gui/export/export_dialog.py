"""The dialog of exports: what, how, where; it says what will be before it begins."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.gui.controls.choice_list import Choice, ChoiceList
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.export.exports import Offer
from h5viewer.gui.export.options import Options
from h5viewer.gui.export.writing_dialog import WritingDialog
from h5viewer.onnx_exporting import OnnxExport
from h5viewer.requests import Export
from h5viewer.workers.pool import Pool


class ExportDialog(WritingDialog):
    """One of several exports of one file; closed when it begins."""

    def __init__(
        self,
        pool: Pool,
        source: str,
        name: str,
        offers: Sequence[Offer],
        parent: QWidget | None = None,
        *,
        title: str = "Export",
        begin: str = "Export",
    ) -> None:
        """Ask nothing yet.

        Args:
            pool: answers what would be written.
            source: absolute path of the file.
            name: what it is called.
            offers: at least one.
            parent: the window.
            title: of the dialog.
            begin: what its button says.
        """
        super().__init__(pool, title, name, begin, parent)
        self._source = source
        self._offers = offers
        self._options: Options | None = None
        self._place = QVBoxLayout()
        self.list = ChoiceList(
            "What to export",
            [Choice(offer.title, offer.words, offer.icon, offer.refusal) for offer in offers],
        )
        self.list.setVisible(len(offers) > 1)
        self.body.addWidget(self.list)
        if len(offers) == 1:
            self.body.addWidget(PlainLabel(offers[0].words, wrap=True, role="muted"))
        self.body.addLayout(self._place)
        self.body.addStretch(1)
        self.list.chosen.connect(self._show_offer)
        enabled = self.list.enabled_rows
        if enabled:
            self.list.setCurrentRow(enabled[0])
            self.list.setFocus()
        else:
            self.plan_anew()

    def export_to(self, target: str) -> Export | None:
        """As its options say."""
        return self._options.request(target) if self._options is not None else None

    def job_to(self, target: str) -> Export | OnnxExport | None:
        """As its options say."""
        return self._options.job(target) if self._options is not None else None

    def plan_anew(self) -> None:
        """Other choices were made, of the ending perhaps."""
        if self._options is not None:
            self._options.show_ending(self.target.ending)
        super().plan_anew()

    def words_against(self) -> str:
        """A file of which nothing can be made."""
        return "" if self._options is not None else "Nothing can be made of this file."

    def _show_offer(self, row: int) -> None:
        while (item := self._place.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        if row < 0:
            return
        offer = self._offers[row]
        options = self._options = offer.make_options()
        options.changed.connect(self.plan_anew)
        self._place.addWidget(options)
        self.target.offer(offer.suggestion, (self._source,), offer.endings)
        self.plan_anew()

"""What all panels of a dataset's values do alike: refuse, ask, name axes, share the cut."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui.array.array_reading import Subject, facts_text
from h5viewer.gui.array.axis_choice import AxisChoice
from h5viewer.gui.array.coordinates import NO_SCALES, Scales
from h5viewer.gui.controls.notices import EmptyState
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.nodes import Appearance, Dataset, Node
from h5viewer.requests import Cut, ReadAppearance
from h5viewer.wording import shape_text
from h5viewer.workers.pool import Pool

Words = tuple[str, str, str]
"""Icon, title and text of an empty state."""


class DatasetPanel(Panel):
    """Shows cuts of one dataset; the cut and the user's word to read are kept in its view.

    `_stack` has the empty state and the body; whoever inherits fills them, and connects
    `cut_changed` to `_take_cut` and `_empty.activated` to `_insist`.
    """

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._selection: Selection | None = None
        self._subject: Subject | None = None
        self._scales = NO_SCALES
        self._appearances = Latest(pool, self)
        self._axis_choice = AxisChoice()
        self._empty = EmptyState()
        self._stack: QStackedLayout

    def show_selection(self, selection: Selection) -> None:
        """Show the dataset; what was read of another one is forgotten."""
        self._forget()
        self._selection = selection
        node = selection.node
        words = self._words_against(node)
        if words is not None or not isinstance(node, Dataset):
            self._refuse(*(words or ("info", "No values", "Only datasets have values.")))
        elif node.n_elements == 0:
            shape = shape_text(node.shape)
            self._refuse("dataset", "No elements", f"This dataset is empty: its shape is {shape}.")
        elif node.obstacle is not None and not (node.obstacle.can_insist and selection.view.insist):
            button = "Read it anyway" if node.obstacle.can_insist else ""
            text = f"{node.obstacle.reason}\n\n{facts_text(node)}"
            self._refuse("warning", "Not read by itself", text, button)
        else:
            self._begin(Subject(selection.document.path, node, insist=selection.view.insist))

    # -------------------------------------------------------- for those who inherit

    def _words_against(self, node: Node) -> Words | None:
        """Why nothing of this node can be shown here."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Stop reading, free the data; `_selection` and `_subject` are None then."""
        raise NotImplementedError

    def _begin(self, subject: Subject) -> None:
        """Show a dataset that may be read."""
        raise NotImplementedError

    def _show_cut(self) -> None:
        """Read and show the cut that is chosen."""
        raise NotImplementedError

    def _offer_axes(self, dataset: Dataset, first: Cut) -> None:
        """Offer the axes of a dataset, with the cut last chosen or else the `first`."""
        selection = self._selection
        if selection is not None and dataset.shape is not None:
            cut = selection.view.cut or first
            self._axis_choice.show_axes(dataset.shape, self._axes, cut)

    @property
    def _axes(self) -> tuple[str, ...]:
        """What the axes are called: by the network, else by the file."""
        return (self._selection.axes if self._selection else ()) or self._scales.names

    def _ask_appearance(self, subject: Subject) -> None:
        """Learn what the file says of a dataset's axes; nothing is known before."""
        self._set_scales(NO_SCALES)
        selection, dataset = self._selection, subject.dataset
        if selection is not None and (selection.document.format == "hdf5" or dataset.n_attributes):
            request = ReadAppearance(document=subject.document, node=dataset.path)
            self._appearances.ask(request, self._take_appearance, on_failure=self._go_without)

    def _take_appearance(self, appearance: Appearance) -> None:
        """Use the file's own axes from now on."""
        subject, selection = self._subject, self._selection
        if subject is None or selection is None or subject.dataset.shape is None:
            return
        shape = subject.dataset.shape
        self._set_scales(Scales.of(appearance, shape))
        if self._scales.names and not selection.axes:
            self._axis_choice.show_axes(shape, self._scales.names, self._axis_choice.cut)

    def _go_without(self, _error: H5ViewerError) -> None:
        """What is wrong with the dataset is said where its values are read."""

    def _set_scales(self, scales: Scales) -> None:
        self._scales = scales

    def _refuse(self, icon: str, title: str, text: str, button: str = "") -> None:
        self._empty.show_text(icon, title, text, button=button)
        self._stack.setCurrentWidget(self._empty)

    # ------------------------------------------------------------------ the view

    def _take_cut(self, cut: Cut) -> None:
        """The user chose another cut."""
        if self._selection is not None:
            self._selection.view.cut = cut
        self._show_cut()

    def _insist(self) -> None:
        """Read although there is an obstacle: the user's word, kept while the file is open."""
        selection = self._selection
        if selection is not None:
            selection.view.insist = True
            self.show_selection(selection)

    def _catch_up(self) -> None:
        """Show what was chosen in another panel meanwhile."""
        selection, subject = self._selection, self._subject
        if selection is None:
            return
        view = selection.view
        if subject is None:
            if view.insist:
                self.show_selection(selection)
        elif view.cut not in (None, self._axis_choice.cut):
            self._offer_axes(subject.dataset, self._axis_choice.cut)
            self._show_cut()

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """The tab was chosen again."""
        super().showEvent(event)
        self._catch_up()

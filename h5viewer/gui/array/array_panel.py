"""The array panel: any 1-D or 2-D cut of a numeric dataset as a picture or a line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QStackedLayout,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.colour_choice import ColourChoice
from h5viewer.gui.array.coordinates import Scales
from h5viewer.gui.array.cut_pane import CutPane
from h5viewer.gui.array.cuts import first_cut, has_colour_channels, picture_cut
from h5viewer.gui.array.dataset_panel import DatasetPanel, Words
from h5viewer.gui.array.dataset_saving import SAVE, save_menu, save_request
from h5viewer.gui.array.line_pane import LinePane
from h5viewer.gui.array.picture_pane import PicturePane
from h5viewer.gui.array.statistics_pane import StatisticsPane
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.names import visible
from h5viewer.nodes import Appearance, Dataset, Node, PictureForm
from h5viewer.workers.pool import Pool

_SIDE_WIDTH = 256


class ArrayPanel(DatasetPanel):
    """Puts axis choice, picture or line, colours and statistics side by side."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._colours = ColourChoice()
        self._plots = QStackedWidget()
        self._notice = Notice()
        self._busy = Busy()
        self._busy.setProperty("role", "surface")
        self._busy.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._square = tool_button("square", "Draw elements square", checkable=True)
        self._arrange()
        self._connect()
        self.clear()

    def prepare(self) -> Iterator[None]:
        """Make the picture, then what stands beside it."""
        self._picture  # noqa: B018
        yield
        self._statistics  # noqa: B018
        yield

    def clear(self) -> None:
        """Forget the selection, stop reading, free the data."""
        self._forget()
        self._refuse("chart", "Nothing selected", "Select a dataset to see its values.")

    # -------------------------------------------------------------------- private

    def _words_against(self, node: Node) -> Words | None:
        if isinstance(node, Dataset) and node.dtype.is_numeric and node.shape:
            return None
        return "info", "No picture", "Only arrays of numbers can be drawn."

    def _forget(self) -> None:
        for later in ("_picture", "_line", "_statistics"):
            if later in self.__dict__:
                getattr(self, later).clear()
        self._appearances.cancel()
        self._selection = self._subject = None
        self._notice.clear()
        self._busy.set_busy(False)
        self.status_changed.emit("")

    @cached_property
    def _picture(self) -> PicturePane:
        """Made after the panel, as the rest is: all at once hold the window up for over 50 ms."""
        picture = PicturePane(self.pool, self._colours)
        self._connect_pane(picture)
        self._plots.addWidget(picture)
        return picture

    @cached_property
    def _statistics(self) -> StatisticsPane:
        statistics = StatisticsPane(self.pool)
        statistics.statistics_shown.connect(self._show_levels)
        statistics.level_bar.levels_dragged.connect(self._colours.take_levels)
        self._side.addWidget(statistics, 1)
        return statistics

    @cached_property
    def _line(self) -> LinePane:
        line = LinePane(self.pool)
        line.set_scales(self._scales)
        self._connect_pane(line)
        self._plots.addWidget(line)
        return line

    @property
    def _pane(self) -> CutPane:
        """What is drawn now."""
        return self._picture if self._axis_choice.cut.rows is not None else self._line

    @property
    def _draws_with_map(self) -> bool:
        """True for a picture in colours of a map; False for lines and stored colours."""
        return self._axis_choice.cut.rows is not None and not self._colours.is_as_stored

    def _begin(self, subject: Subject) -> None:
        """Show a dataset from its first cut, or from the one seen before."""
        dataset, selection = subject.dataset, self._selection
        if selection is None or dataset.shape is None:
            return
        self._subject = subject
        kind, itemsize = dataset.dtype.kind, dataset.dtype.itemsize
        is_picture = has_colour_channels(dataset.shape, kind, itemsize)
        first = first_cut(dataset.shape, selection.axes, is_picture=is_picture)
        self._ask_appearance(subject)
        self._offer_axes(dataset, first)
        is_float = kind in ("float", "bfloat16", "complex")
        self._colours.begin(is_picture=is_picture, mode="robust" if is_float else "full")
        self._picture.set_origin("UL")
        self._stack.setCurrentWidget(self._body)
        self._show_cut()

    # ------------------------------------------------------- what the file asks for

    def _take_appearance(self, appearance: Appearance) -> None:
        """Use the file's own axes and colours from now on."""
        super()._take_appearance(appearance)
        if appearance.note:
            self._notice.show_text(visible(appearance.note), severity="note")
        if appearance.picture is not None and self._subject is not None:
            self._take_form(self._subject, appearance.picture)

    def _take_form(self, subject: Subject, form: PictureForm) -> None:
        """Draw a picture in the colours that its file states."""
        dataset, selection = subject.dataset, self._selection
        shape = dataset.shape or ()
        is_bytes = dataset.dtype.kind == "uint" and dataset.dtype.itemsize == 1
        has_channels = form.channels is not None and is_bytes
        if has_channels and form.channels is not None and selection is not None:
            self._subject = replace(subject, channels=form.channels)
            if selection.view.cut is None:
                self._axis_choice.show_axes(shape, self._axes, picture_cut(shape, form.channels))
        self._colours.begin(is_picture=has_channels, mode="full", form=form)
        self._picture.set_origin(form.origin)
        self._picture.heat_map.clear_pictures()
        self._show_cut()

    def _set_scales(self, scales: Scales) -> None:
        super()._set_scales(scales)
        for later in ("_picture", "_line"):
            if later in self.__dict__:
                getattr(self, later).set_scales(scales)

    # ------------------------------------------------------------------- the cut

    def _show_cut(self) -> None:
        if self._subject is None or self._selection is None:
            return
        cut = self._axis_choice.cut
        is_picture = cut.rows is not None
        as_stored = is_picture and not self._draws_with_map
        if not is_picture:
            self._picture.clear()
        elif "_line" in self.__dict__:
            self._line.clear()
        self._notice.clear()
        self._plots.setCurrentWidget(self._pane)
        self._colours.setVisible(is_picture)
        self._square.setVisible(is_picture)
        self._axis_choice.set_merged(self._subject.channels % len(cut.index) if as_stored else None)
        self._statistics.level_bar.set_colours_shown(is_picture and not as_stored)
        self._pane.show_cut(self._subject, cut, self._axes)
        self._show_square()

    def _take_arrival(self) -> None:
        """A picture is there: its levels to the bar, its numbers to the statistics."""
        self._show_levels()
        if self._pane.is_waiting:
            return
        if not self._pane.is_sharp:
            self._notice.show_text(
                "This is drawn from samples; reading everything would take long.",
                hint="Zoom in to see every element of a part.",
                action="Read everything",
            )
        if self._subject is not None:
            cut = self._axis_choice.cut
            as_stored = cut.rows is not None and not self._draws_with_map
            self._statistics.show_cut(self._subject, cut, whole_only=as_stored)

    def _recolour(self) -> None:
        self._picture.recolour()
        self._show_levels()

    def _show_levels(self) -> None:
        bar, heat_map = self._statistics.level_bar, self._picture.heat_map
        bar.set_colours(self._colours.table, heat_map.levels)
        self._statistics.set_missing_colour(
            self._colours.colour_map.missing if self._draws_with_map else ""
        )
        statistics = self._statistics.statistics
        if statistics is not None:
            bar.set_data_range(statistics.minimum, statistics.maximum)

    def _change_channels(self) -> None:
        self._picture.heat_map.clear_pictures()
        self._show_cut()

    def _fail(self, error: H5ViewerError) -> None:
        self._pane.clear()
        self._statistics.clear()
        self._notice.show_error(error)

    def _cancel(self) -> None:
        self._pane.cancel()
        self._busy.set_busy(False)
        self._notice.show_text("Reading was stopped.", action="Read again")

    def _read_again(self) -> None:
        """Read what was stopped or failed; where all that was there was drawn, everything."""
        if self._subject is not None and not self._pane.is_sharp:
            self._subject = replace(self._subject, insist=True)
        self._show_cut()

    def _open_menu(self, place: QPoint) -> None:
        menu = save_menu(self)
        menu.actions()[0].triggered.connect(self._save)
        menu.popup(self._pane.plot.mapToGlobal(place))

    def _save(self) -> None:
        if self._subject is not None:
            cut, levels = self._axis_choice.cut, self._picture.heat_map.levels
            as_stored = cut.rows is not None and self._colours.is_as_stored
            colours = None if as_stored else self._colours.table
            self.save_wanted.emit(save_request(self._subject, cut, colours, levels))

    def _toggle_square(self, square: bool) -> None:
        self._picture.heat_map.set_square(square)

    def _show_square(self) -> None:
        self._square.blockSignals(True)
        self._square.setChecked(self._picture.heat_map.is_square)
        self._square.blockSignals(False)

    def _connect(self) -> None:
        self._axis_choice.cut_changed.connect(self._take_cut)
        self._colours.changed.connect(self._recolour)
        self._colours.channels_changed.connect(self._change_channels)
        self._square.toggled.connect(self._toggle_square)
        self._empty.activated.connect(self._insist)
        self._notice.action_requested.connect(self._read_again)
        self._busy.cancelled.connect(self._cancel)

    def _connect_pane(self, pane: CutPane) -> None:
        pane.arrived.connect(self._take_arrival)
        pane.failed.connect(self._fail)
        pane.progressed.connect(self._busy.show_progress)
        pane.busy_changed.connect(self._busy.set_busy)
        pane.pointed.connect(self.status_changed)
        pane.plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        pane.plot.customContextMenuRequested.connect(self._open_menu)

    def _arrange(self) -> None:
        self._axis_choice.add_tools(self._square, *self._zoom_tools())
        centre = QGridLayout()  # waiting is written over the plot, so that nothing jumps
        centre.addWidget(self._plots, 0, 0)
        centre.addWidget(
            self._busy, 0, 0, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
        )
        side = QWidget()
        self._side = QVBoxLayout(side)
        self._side.setContentsMargins(0, 0, 0, 0)
        self._side.setSpacing(theme.SPACE_M)
        self._side.addWidget(self._colours)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_L)
        row.addLayout(centre, 1)
        row.addWidget(_scrolled(side))
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        body.setSpacing(theme.SPACE_S)
        body.addWidget(self._axis_choice)
        body.addWidget(self._notice)
        body.addLayout(row, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._body)

    def _zoom_tools(self) -> list[QToolButton]:
        tools = []
        for icon, tooltip, act in (
            ("zoom-in", "Zoom in (+)", lambda: self._pane.plot.zoom(1 / 1.4)),
            ("zoom-out", "Zoom out (−)", lambda: self._pane.plot.zoom(1.4)),
            ("fit", "Show everything (0, double click)", lambda: self._pane.plot.fit()),
            ("copy", "Copy the picture (Ctrl+C)", lambda: self._pane.plot.copy_picture()),
            ("save", SAVE, self._save),
        ):
            tool = tool_button(icon, tooltip)
            tool.clicked.connect(act)
            tools.append(tool)
        return tools


def _scrolled(side: QWidget) -> QScrollArea:
    """In a low window the side scrolls; else its 400 pixels would make the window grow."""
    scroll = QScrollArea(widgetResizable=True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setFixedWidth(_SIDE_WIDTH)
    scroll.setWidget(side)
    for surface in (scroll.viewport(), side):
        surface.setAutoFillBackground(False)
    return scroll

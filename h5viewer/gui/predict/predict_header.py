"""The head of the predict panel: what the network takes, what was repaired, what to give it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.predict.input_words import takes_all
from h5viewer.nodes import LoadedNetwork
from h5viewer.wording import plural


class PredictHeader(QWidget):
    """One line.

    Signals:
        choose_wanted, repairs_wanted, names_wanted, names_file_wanted, names_folder_wanted,
        save_wanted, architecture_wanted: the user pressed that button or chose it in the menu.
    """

    choose_wanted = Signal()
    repairs_wanted = Signal()
    names_wanted = Signal()
    names_file_wanted = Signal()
    names_folder_wanted = Signal()
    save_wanted = Signal()
    architecture_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = PlainLabel()
        self._sentence.setFont(theme.scaled_font(1.08, QFont.Weight.DemiBold))
        self._repairs = QPushButton()
        self._repairs.setProperty("role", "link")
        self._repairs.setToolTip("What was changed in memory so that the network loads")
        self._repairs.clicked.connect(self.repairs_wanted)
        self._choose = QPushButton("Choose pictures…")
        self._choose.setAccessibleName("Choose pictures")
        self._choose.setToolTip("Or drop pictures anywhere on the window, or paste one (Ctrl+V)")
        self._choose.clicked.connect(self.choose_wanted)
        self._more = tool_button("more", "Class names and files")
        self._menu = self._make_menu()
        self._more.clicked.connect(self._open_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._sentence, 1)
        row.addWidget(self._repairs)
        row.addWidget(self._choose)
        row.addWidget(self._more)
        self._repairs.hide()
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says."""
        return self._sentence.whole_text

    @property
    def repairs(self) -> str:
        """What it says of repairs."""
        return "" if self._repairs.isHidden() else self._repairs.text()

    def show_network(
        self, network: LoadedNetwork | None, *, has_given_layers: bool = False
    ) -> None:
        """Say what this network takes."""
        self._sentence.set_text("" if network is None else takes_all(network.inputs))
        count = 0 if network is None else len(network.findings)
        self._repairs.setVisible(bool(count))
        self._repairs.setText(plural(count, "repair"))
        self._repairs.setAccessibleName(f"{plural(count, 'repair')} made in memory")
        takes_pictures = network is not None and any(i.kind == "picture" for i in network.inputs)
        what = "Choose pictures…" if takes_pictures else "Choose a file…"
        self._choose.setText(what)
        self._choose.setAccessibleName(what.rstrip("…"))
        self._architecture.setVisible(has_given_layers)
        self.setVisible(network is not None)

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        for icon, text, signal in (
            ("tag", "Class names…", self.names_wanted),
            ("open", "Class names from a file…", self.names_file_wanted),
            ("folder-open", "Class names from a folder…", self.names_folder_wanted),
            ("save", "Save recipe and names beside the model", self.save_wanted),
        ):
            action = menu.addAction(theme.icon(icon, "muted"), text)
            action.triggered.connect(lambda _=False, signal=signal: signal.emit())
        self._architecture = menu.addAction(theme.icon("network", "muted"), "Other architecture…")
        self._architecture.triggered.connect(lambda _=False: self.architecture_wanted.emit())
        return menu

    def _open_menu(self) -> None:
        self._menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

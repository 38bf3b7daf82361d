"""The window program: starts Qt, finds the window that is open, runs until it is closed."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import msgspec
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

import h5viewer
from h5viewer.gui import theme
from h5viewer.gui.help_dialogs import BugDialog
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.screenshot import Screenshot, Shot, quieten
from h5viewer.gui.settings import Settings
from h5viewer.gui.single_instance import SingleInstance, hand_over
from h5viewer.gui.worker_limits import set_limits
from h5viewer.picture_files import has_picture_name
from h5viewer.shipped import resource
from h5viewer.workers.pool import Pool

_TITLE_BAR = 40  # pixels at most; how high it is nobody tells before the window is shown


class Options(msgspec.Struct, frozen=True):
    """What the command line says."""

    files: tuple[str, ...] = ()
    screenshot: str = ""
    theme: theme.Mode | None = None
    size: tuple[int, int] | None = None
    select: str = ""
    panel: str = ""


def run(options: Options, pool: Pool) -> int:
    """Open the window, or hand the files to the one that is open; returns the exit code."""
    if options.screenshot:
        quieten()
    # Whatever thread was at work would delete what is garbage: widgets are for Qt's thread alone,
    # and both would wait for the other for ever. `Preparation` lets that thread collect it.
    gc.disable()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("h5viewer")
    application.setApplicationVersion(h5viewer.__version__)
    application.setDesktopFileName("h5viewer")
    application.setWindowIcon(QIcon(str(resource("icons/h5viewer.svg"))))
    files = tuple(os.path.abspath(path) for path in options.files)  # noqa: PTH100
    if not options.screenshot and hand_over(list(files)):
        return 0
    settings = Settings()
    set_limits(pool, settings)
    theme.apply(options.theme or settings.theme)
    window = MainWindow(pool, settings)
    if options.size:
        window.resize(*options.size)
    elif not options.screenshot and not settings.bytes_of("geometry"):
        fit_on_screen(window)
    sys.excepthook = _report_bug
    instance = SingleInstance(window)
    if options.screenshot:
        Screenshot(Shot(Path(options.screenshot), files, options.select, options.panel), window)
    else:
        instance.files_handed_over.connect(lambda paths, token: _take_over(window, paths, token))
        instance.listen()
        _open(window, files)
    window.show()
    _let_interrupts_through(window)
    code = application.exec()
    instance.close()
    window.shut_down()
    return code


def fit_on_screen(window: QWidget) -> None:
    """Have all of a window on a small screen: what exports say stands at its lower end."""
    room = window.screen().availableSize() - QSize(0, _TITLE_BAR)
    window.resize(window.size().boundedTo(room))


def _open(window: MainWindow, paths: Sequence[str]) -> None:
    """As if they were dropped, but that files alone need no turn of the event loop for it."""
    if any(map(has_picture_name, paths)):
        window.drops.take(paths)
    else:
        window.open_files(list(paths))


def _take_over(window: MainWindow, paths: tuple[str, ...], token: str) -> None:
    if token:
        os.environ["XDG_ACTIVATION_TOKEN"] = token  # Qt takes it from there
    _open(window, paths)
    window.come_to_front()


def _report_bug(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """Anything that gets here is a fault of the program, not of a file."""
    text = "".join(traceback.format_exception(kind, error, where))
    sys.stderr.write(text)
    if issubclass(kind, KeyboardInterrupt):
        QApplication.exit(130)
    elif not any(isinstance(widget, BugDialog) for widget in QApplication.topLevelWidgets()):
        dialog = BugDialog(text, QApplication.activeWindow())
        dialog.open()


def _let_interrupts_through(window: MainWindow) -> None:
    """Ctrl+C in the terminal closes the window: Python needs a turn to notice it."""
    signal.signal(signal.SIGINT, lambda *_: window.close())
    timer = QTimer(window)
    timer.timeout.connect(lambda: None)
    timer.start(500)

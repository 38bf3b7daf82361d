"""Draw the pictures of the README with the program itself: `make screenshots`.

The real window, driven by mouse and keyboard, in a home of its own: no picture shows
anything of the machine it was made on.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from runpy import run_path

import h5py
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTabBar, QToolButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.architecture.layer_table import LayerTable
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.data_sets.data_set_dialog import DataSetDialog
from h5viewer.gui.gallery.gallery_view import GalleryView
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.series.drift_map import DriftMap
from h5viewer.gui.series.run_page import RunPage
from h5viewer.gui.settings import Settings
from h5viewer.gui.task import running_tasks
from h5viewer.shipped import resource
from h5viewer.workers.pool import Pool

FOLDER = Path(__file__).parents[1] / "resources" / "screenshots"
PATIENCE = 60_000  # milliseconds
_MOST_COLOURS = 6_000  # more are noise of pictures: 32 levels do, in half the bytes


def main() -> None:
    """With a home folder for the time being."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"HOME": home, "XDG_CONFIG_HOME": f"{home}/.config"}
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # as in start.py
        draw_all()


def draw_all() -> None:
    """One picture after the other, in one window."""
    pool = Pool()
    pool.warm()
    QApplication.setApplicationName("h5viewer")
    application = QApplication([])
    theme.apply("light")
    window = MainWindow(pool, Settings())
    window.resize(1440, 900)
    window.show()
    steps: dict[str, Callable[[MainWindow], QWidget | None]] = {
        "architecture": open_example,
        "layer": choose_layer,
        "array": open_its_kernel,
        "weight": lambda window: window.panels.show_panel("Weight"),
        "values": lambda window: window.panels.show_panel("Values"),
        "details": lambda window: window.panels.show_panel("Details"),
        "array-dark": go_dark,
        "graph": go_to_graph,
        "weights": lambda window: window.panels.show_panel("Weights"),
        "bytes": lambda window: press(window, "Bytes"),
        "health": lambda window: window.panels.show_panel("Health"),
        "predict": ask_about_a_picture,
        "compare": compare_with_a_checkpoint,
        "pictures": open_a_data_set,
        "data-set": make_a_data_set,
        "run": open_the_training,
        "welcome-dark": close_everything,
    }
    FOLDER.mkdir(exist_ok=True)
    for name, step in steps.items():
        dialog = step(window)
        rest(window)
        draw(dialog or window, FOLDER / f"{name}.png")
        if dialog is not None:
            dialog.close()
    window.close()
    pool.close()
    del application


def open_example(window: MainWindow) -> None:
    """From the user's own folder, and the newest of its checkpoints before it."""
    models = _models()
    models.mkdir()
    names = [Path(shutil.copy(file, models)) for file in _example_files()]
    for path in names[:-1]:
        window.open_files([str(path)])
        rest(window)
        window.documents.close(str(path))
    shutil.copy(resource("example/labels.txt"), models)
    window.open_files([str(names[-1])])


def choose_layer(window: MainWindow) -> None:
    """The last convolution."""
    (table,) = window.findChildren(LayerTable)
    model = table.model()
    match = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    (row,) = model.match(model.index(0, 0), Qt.ItemDataRole.DisplayRole, "figures", 1, match)
    table.setCurrentIndex(row)


def open_its_kernel(window: MainWindow) -> None:
    """By a double-click, as a user would."""
    tables = window.findChildren(RowTable)
    (table,) = (view for view in tables if view.accessibleName() == "Weights of this layer")
    at = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


def go_dark(window: MainWindow) -> None:
    """Back to the picture, in the other theme."""
    theme.apply("dark")
    window.panels.show_panel("Array")


def go_to_graph(window: MainWindow) -> None:
    """Of the whole network, in light again."""
    theme.apply("light")
    window.navigation.go(str(_models() / "shapes.h5"), ())
    rest(window)
    press(window, "Both")


def ask_about_a_picture(window: MainWindow) -> None:
    """Give it to the network as a drop does."""
    window.drops.take([str(resource("example/pictures/heart-2.png"))])


def compare_with_a_checkpoint(window: MainWindow) -> None:
    """What the last epochs changed."""
    checkpoint = min(_models().glob("*-*.h5"))
    window.open_files([str(checkpoint)])
    rest(window)
    window.navigation.go(str(_models() / "shapes.h5"), ())
    window.panels.show_panel("Compare")
    rest(window)
    tabs = (bar for bar in window.findChildren(QTabBar) if bar.tabText(0) == "Layers")
    next(tabs).setCurrentIndex(1)
    tables = window.findChildren(RowTable)
    (table,) = (view for view in tables if view.accessibleName() == "Weights of both files")
    table.setCurrentIndex(table.model().index(0, 0))


def open_the_training(window: MainWindow) -> None:
    """All checkpoints of the example: how far each layer went."""
    run = _models() / "training"
    shutil.copytree(resource("example/checkpoints"), run)
    window.open_files([str(run)])
    wait(lambda: window.runs.is_on_view)
    (page,) = window.findChildren(RunPage)
    (tabs,) = (bar for bar in page.findChildren(QTabBar) if bar.tabText(0) == "Steps")
    tabs.setCurrentIndex(1)
    rest(window)
    (drift,) = window.findChildren(DriftMap)
    drift.setFocus()
    for key in (*[Qt.Key.Key_Left] * 5, *[Qt.Key.Key_Down] * 4):
        QTest.keyClick(drift, key)


def calm_shapes(
    count: int, seed: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64], Sequence[str]]:
    """Pictures like those of the example, of `count` of each class those with little noise.

    Noise makes a large file of a screenshot.
    """
    drawing = run_path(str(Path(__file__).parent / "example" / "drawing.py"))
    pictures, labels = drawing["draw_many"](count, seed=seed)
    noise = np.median(np.abs(np.diff(pictures.astype(int), axis=2)), axis=(1, 2, 3))
    calm = noise <= np.quantile(noise, 0.3)
    return pictures[calm], labels[calm], drawing["CLASSES"]


def open_a_data_set(window: MainWindow) -> None:
    """Pictures like those that the network of the example was trained on; one class chosen."""
    pictures, labels, classes = calm_shapes(300, seed=7)
    path = _models() / "shapes_to_learn.h5"
    with h5py.File(path, "w") as file:
        file["train_set_x"], file["train_set_y"] = pictures[:, ::2, ::2], labels
        file["list_classes"] = [name.encode() for name in classes]
    window.open_files([str(path)])
    wait(lambda: bool(window.findChildren(GalleryView)))
    rest(window)
    (gallery,) = window.findChildren(GalleryView)
    gallery.show_index(17)


def make_a_data_set(window: MainWindow) -> QWidget:
    """A folder of such pictures, one for each class."""
    pictures, labels, classes = calm_shapes(150, seed=3)
    folder = Path.home() / "shapes"
    for number, (picture, label) in enumerate(zip(pictures, labels, strict=True)):
        path = folder / classes[label] / f"{number:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(path)
    window.new_files.make_data_set(str(folder))
    wait(lambda: bool(window.findChildren(DataSetDialog)))
    (dialog,) = window.findChildren(DataSetDialog)
    dialog.resize(900, 740)
    (field,) = (box for box in dialog.findChildren(QLineEdit) if box.text().endswith("shapes.h5"))
    field.setText("~/shapes.h5")
    return dialog


def close_everything(window: MainWindow) -> None:
    """The welcome page comes back."""
    window.runs.close_shown()
    theme.apply("dark")
    for document in list(window.documents.documents):
        window.documents.close(document.path)


def press(window: MainWindow, text: str) -> None:
    """The visible button with this text."""
    buttons = window.findChildren(QToolButton)
    (button,) = (each for each in buttons if each.text() == text and each.isVisible())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def wait(condition: Callable[[], bool]) -> None:
    """Until it holds."""
    for _ in range(PATIENCE // 50):
        if condition():
            return
        QTest.qWait(50)
    raise TimeoutError("the window does not show what it should")


def rest(window: MainWindow) -> None:
    """Wait until nothing has been asked of a file for a while."""
    calm = 0
    for _ in range(PATIENCE // 50):
        QTest.qWait(50)
        calm = 0 if running_tasks() or window.panels.is_making else calm + 1
        if calm == 8:
            return
    raise TimeoutError("the window does not come to rest")


def draw(window: QWidget, file: Path) -> None:
    """As PNG, packed as tightly as it goes."""
    window.grab().toImage().save(str(file), quality=0)
    with Image.open(file) as drawn:
        if drawn.getcolors(_MOST_COLOURS) is None:
            drawn.convert("RGB").point(lambda value: round(value * 31 / 255) * 255 // 31).save(
                file, optimize=True
            )
    print(f"{file.name}  {file.stat().st_size / 1000:.0f} kB")


def _models() -> Path:
    return Path.home() / "models"


def _example_files() -> list[Path]:
    checkpoints = sorted(resource("example/checkpoints").iterdir())
    return [*checkpoints[-2:], resource("example/shapes.h5")]


if __name__ == "__main__":
    main()

"""Recipe and class names of a network: found, chosen, remembered, saved beside the model.

What the user chose for this very file counts most, then what lies beside it, then what the
file itself says, then what was chosen for another file of the same architecture.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from h5viewer.beside import SUFFIXES, class_labels, recipe_path, recipe_text
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict.beside import Beside
from h5viewer.gui.predict.class_names_dialog import ClassNamesDialog
from h5viewer.gui.predict.recipe_bar import Choice
from h5viewer.gui.predict.remembered import KeptNames, KeptRecipe, Remembered
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.session import Session
from h5viewer.gui.saving import TextSaving
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Labels, LoadedNetwork, NetworkOutput, Recipe, SavedRecipe, nameable
from h5viewer.requests import ReadLabels
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_BEFORE = "You chose it for this file before."
_BEFORE_ELSEWHERE = "You chose it before, for another file of this architecture."


class Choices(QObject):
    """Works on sessions; several may be open, the newest search is the only one.

    Signals:
        recipe_changed(Session), names_changed(Session): other ones are in force.
        failed(H5ViewerError); told(str): a short sentence about what was done.
    """

    recipe_changed = Signal(object)
    names_changed = Signal(object)
    failed = Signal(object)
    told = Signal(str)

    def __init__(self, pool: Pool, remembered: Remembered, window: QWidget) -> None:
        super().__init__(window)
        self._pool = pool
        self._window = window
        self._remembered = remembered
        self._session: Session | None = None
        self._beside = Beside(pool, self)
        self._beside.found.connect(self._take_found)
        self._reading = Latest(pool, self)

    def begin(self, session: Session, network: LoadedNetwork) -> None:
        """Choose what is known at once, then look beside the file."""
        self._session = session
        path = session.document.path
        kept = self._remembered.recipe(network.architecture_hash)
        default = network.recipes[0] if network.recipes else Recipe()
        session.choice = Choice(default)
        if kept is not None:
            is_own = kept.path == path
            session.choice = Choice(kept.recipe, _BEFORE if is_own else _BEFORE_ELSEWHERE, is_own)
        session.names = self._first_names(path, network)
        self._beside.begin(path, counts(network), nameable(network.outputs))

    def cancel(self) -> None:
        """The session is no longer shown."""
        self._beside.cancel()
        self._reading.cancel()
        self._session = None

    # Recipes

    def choose_recipe(self, session: Session, recipe: Recipe) -> None:
        """The user wants this one, here and for this architecture from now on."""
        session.choice = Choice(recipe, is_own=True)
        if session.network is not None:
            kept = KeptRecipe(session.document.path, recipe)
            self._remembered.keep_recipe(session.network.architecture_hash, kept)
        self.recipe_changed.emit(session)

    def save(self, session: Session) -> None:
        """Recipe and names as JSON beside the model."""
        network = session.network
        if network is None:
            return
        labels = next((names for n in counts(network) if (names := session.names.of(n))), ())
        text = recipe_text(SavedRecipe(recipe=session.choice.recipe, labels=labels))
        target = Path(recipe_path(session.document.path))
        saving = TextSaving(target, [text], session.document.path, self)
        saving.saved.connect(lambda path: self.told.emit(f"{visible(path.name)} is saved."))
        saving.failed.connect(self.failed)

    # Names

    def name_class(self, session: Session, count: int, index: int, name: str) -> None:
        """The user calls one class so."""
        names = list(session.names.of(count)) or [""] * count
        names += [""] * (count - len(names))
        if 0 <= index < count:
            names[index] = name
            self._use_names(session, tuple(names), "Named by you.")

    def open_names(self, session: Session) -> None:
        """Show all names in a dialog."""
        network = session.network
        count = next(iter(counts(network)), 0) if network is not None else 0
        if not count:
            error = CannotRead("This network answers with no classes that could have names.")
            self.failed.emit(error)
            return
        names = session.names
        dialog = ClassNamesDialog(names.of(count), count, names.source, self._window)
        dialog.names_chosen.connect(
            lambda chosen: self._use_names(session, chosen, "Named by you.")
        )
        dialog.file_wanted.connect(lambda: self.choose_names_file(session))
        dialog.open()

    def choose_names_file(self, session: Session) -> None:
        """The user chooses a file with names."""
        folder = str(Path(session.document.path).parent)
        kinds = f"Class names (*{' *'.join(SUFFIXES)});;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Class names", folder, kinds)
        if path:
            self.read_names(session, path)

    def choose_names_folder(self, session: Session) -> None:
        """The user chooses a folder that has a folder for each class."""
        beside = str(Path(session.document.path).parent)
        title = "A folder that has a folder for each class"
        folder = QFileDialog.getExistingDirectory(self._window, title, beside)
        if folder:
            self.read_folder(session, folder)

    def read_folder(self, session: Session, folder: str) -> None:
        """Call the classes as the folders in this one, if they are as many."""
        looking = Errand(partial(class_labels, folder), self)
        looking.done.connect(lambda labels: self._take_names(session, labels, Path(folder).name))
        looking.failed.connect(self.failed)

    def read_names(self, session: Session, path: str) -> None:
        """Take the names of a file, if they are as many as there are classes."""
        self._reading.ask(
            ReadLabels(document=path),
            partial(self._take_read, session, path),
            on_failure=partial(self._fail_read, path),
        )

    def _take_read(self, session: Session, path: str, labels: Labels) -> None:
        self._pool.forget(path)
        self._take_names(session, labels, Path(path).name)

    def _take_names(self, session: Session, labels: Labels, of: str) -> None:
        network = session.network
        if network is None:
            return
        wanted = counts(network)
        if len(labels.names) not in wanted:
            name, found = visible(of), plural(len(labels.names), "name")
            classes = " or ".join(plural(count, "class", "classes") for count in wanted)
            self.failed.emit(
                CannotRead(f"{name} holds {found}; the network has {classes or 'no classes'}.")
            )
            return
        self._use_names(session, labels.names, f"From {visible(labels.source or of, 100)}.")

    def _fail_read(self, path: str, error: H5ViewerError) -> None:
        self._pool.forget(path)
        self.failed.emit(error)

    def _use_names(self, session: Session, names: tuple[str, ...], source: str) -> None:
        by_count = {**session.names.by_count, len(names): names}
        session.names = ClassNames(by_count, source, is_own=True)
        if session.network is not None:
            kept = KeptNames(session.document.path, by_count)
            self._remembered.keep_names(session.network.architecture_hash, kept)
        self.names_changed.emit(session)

    def _first_names(self, path: str, network: LoadedNetwork) -> ClassNames:
        kept = self._remembered.names(network.architecture_hash)
        if kept is not None and kept.path == path:
            return ClassNames(kept.by_count, "Named by you.", is_own=True)
        if network.labels:
            source = f"From {visible(network.labels_source, 100)}."
            return ClassNames({len(network.labels): network.labels}, source)
        if kept is not None:
            return ClassNames(kept.by_count, "Named by you for another file of this architecture.")
        return ClassNames()

    # Beside

    def _take_found(self, recipe: SavedRecipe | None, labels: Labels | None) -> None:
        session = self._session
        if session is None:
            return
        if recipe is not None and not session.choice.is_own:
            session.choice = Choice(recipe.recipe, "It is saved beside the model.")
            self.recipe_changed.emit(session)
        if labels is not None and not session.names.is_own:
            source = f"From {visible(labels.source, 100)}, beside the model."
            by_count = {**session.names.by_count, len(labels.names): labels.names}
            session.names = ClassNames(by_count, source)
            self.names_changed.emit(session)


def counts(network: LoadedNetwork) -> tuple[int, ...]:
    """How many classes its outputs have, each count once; one unit that says yes or no has two."""
    return tuple(dict.fromkeys(count for each in network.outputs if (count := _count(each))))


def _count(output: NetworkOutput) -> int:
    is_one = output.kind == "sigmoid" and output.shape[-1:] == (1,)
    return 2 if is_one else output.n_classes

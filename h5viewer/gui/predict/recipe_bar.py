"""How pixels become numbers: the recipe in force, why, and the choice of another."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.predict.own_recipe_dialog import OwnRecipeDialog
from h5viewer.names import visible
from h5viewer.nodes import Fitting, LoadedNetwork, Recipe
from h5viewer.nodes.prediction import Filter

_FITTINGS: tuple[tuple[Fitting, str, str], ...] = (
    ("stretch", "Stretched", "The whole picture, its proportions given up"),
    ("pad", "With padding", "The whole picture in its proportions, the rest black"),
    ("crop", "Centre cut out", "The middle of the picture in its proportions"),
    ("drawing", "Drawing centred", "The drawing cut out of its background and centred, as MNIST's"),
)
_FILTERS: tuple[tuple[Filter, str, str], ...] = (
    ("bilinear", "Bilinear", "Scaled from four pixels each, as TensorFlow and OpenCV do"),
    ("nearest", "Nearest", "Scaled from the nearest pixel, as Keras' load_img does"),
    ("smooth", "Smooth", "Scaled from all pixels, as picture editors do"),
)
_MOST_REASONS = 3


class Choice(msgspec.Struct, frozen=True):
    """The recipe in force, and where it is from when that is not the evidence."""

    recipe: Recipe
    source: str = ""
    is_own: bool = False  # the user chose it for this very file


class _ComboBox(ComboBox):
    """The wheel scrolls the page it stands on: it chose other recipes unasked."""

    # Qt overrides

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Not here."""
        event.ignore()


class RecipeBar(QWidget):
    """A list of recipes, one of fittings, the evidence in plain words.

    Signals:
        recipe_chosen(Recipe): the user wants this one.
        probe_wanted: the user wants the answers of all recipes.
        save_wanted: the user wants recipe and names saved beside the model.
    """

    recipe_chosen = Signal(object)
    probe_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._network: LoadedNetwork | None = None
        self._recipe = Recipe()
        self._recipes = _ComboBox(
            "Recipe", "How the numbers of a picture are scaled for this network"
        )
        self._recipes.activated.connect(self._choose)
        self._fittings = _choice(
            "Proportions", "What becomes of a picture of other proportions", _FITTINGS
        )
        self._fittings.activated.connect(self._choose_fitting)
        self._filters = _choice("Scaling", "How a picture is brought to the size", _FILTERS)
        self._filters.activated.connect(self._choose_filter)
        self._probe = push_button("Probe all", "Answer by every recipe and show them side by side")
        self._probe.clicked.connect(self.probe_wanted)
        self._save = push_button(
            "Save beside the model", "Keep recipe and class names as JSON there", role="link"
        )
        self._save.clicked.connect(self.save_wanted)
        self._reasons = PlainLabel(wrap=True, role="muted")
        self._arrange()

    @property
    def reasons(self) -> str:
        """Why the recipe in force is."""
        return self._reasons.whole_text

    def show_network(self, network: LoadedNetwork, choice: Choice) -> None:
        """Offer the recipes of this network, `choice` in force."""
        self._network, self._recipe = network, choice.recipe
        offered = list(network.recipes)
        if choice.recipe.name not in [each.name for each in offered]:
            offered.append(choice.recipe)  # the user's own, or one remembered from before
        self._recipes.clear()
        for at, recipe in enumerate(offered):
            self._recipes.addItem(visible(recipe.title or recipe.name, 60), recipe.name)
            tip = plain_tooltip(rule_words(recipe))
            self._recipes.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
        self._recipes.addItem("Own mean and std…", "")
        self._recipes.setCurrentIndex(max(0, self._recipes.findData(choice.recipe.name)))
        self._fittings.setCurrentIndex(self._fittings.findData(choice.recipe.fitting))
        self._filters.setCurrentIndex(self._filters.findData(choice.recipe.filter))
        self._reasons.set_text(reason_words(network, choice))

    def allow_probe(self, is_possible: bool) -> None:
        """There is a picture to answer to."""
        self._probe.setEnabled(is_possible)

    def _choose(self, at: int) -> None:
        if self._network is None:
            return
        name = self._recipes.itemData(at)
        if not name:
            self._recipes.setCurrentIndex(max(0, self._recipes.findData(self._recipe.name)))
            dialog = OwnRecipeDialog(self._recipe, self)
            dialog.recipe_chosen.connect(self.recipe_chosen)
            dialog.open()
            return
        for recipe in self._network.recipes:
            if recipe.name == name:
                self.recipe_chosen.emit(recipe)

    def _choose_fitting(self, at: int) -> None:
        fitting: Fitting = self._fittings.itemData(at)
        self.recipe_chosen.emit(msgspec.structs.replace(self._recipe, fitting=fitting))

    def _choose_filter(self, at: int) -> None:
        chosen: Filter = self._filters.itemData(at)
        self.recipe_chosen.emit(msgspec.structs.replace(self._recipe, filter=chosen))

    def _arrange(self) -> None:
        title = PlainLabel("Recipe")
        title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._recipes, 1)
        row.addWidget(self._probe)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(title)
        column.addLayout(row)
        column.addWidget(self._fittings)  # side by side they are cut off in a narrow window
        column.addWidget(self._filters)
        column.addWidget(self._reasons)
        column.addWidget(self._save, 0, Qt.AlignmentFlag.AlignLeft)


def rule_words(recipe: Recipe) -> str:
    """What a recipe does to a number of the picture."""
    steps = ["255 − number" if recipe.inverted else "number"]
    if recipe.is_standardized:
        steps = [f"({steps[0]} − the picture's mean) / the picture's deviation"]
    if recipe.factor != 1:
        steps.append(f"× {recipe.factor:.6g}")
    if any(recipe.mean):
        steps.append(f"− {_each(recipe.mean)}")
    if any(number != 1 for number in recipe.std):
        steps.append(f"/ {_each(recipe.std)}")
    order = "; blue first" if recipe.is_bgr else ""
    other = {"": "", "dark": "light", "light": "dark"}[recipe.background]
    inverting = f"; inverted where its background is {other}" if other else ""
    return " ".join(steps) + order + inverting


def reason_words(network: LoadedNetwork, choice: Choice) -> str:
    """Why this recipe: where it was remembered, or the evidence, the strongest first."""
    by_weight = sorted(network.evidence, key=lambda each: -each.weight)
    name = choice.recipe.name
    for_it = [visible(each.message, 400) for each in by_weight if each.recipe == name]
    if choice.source:
        return " ".join([choice.source, *for_it[:1]])
    if for_it:
        return " ".join(for_it[:_MOST_REASONS])
    if network.recipes and name != network.recipes[0].name and by_weight:
        return f"Chosen by you. {visible(by_weight[0].message, 400)}"
    return "Nothing in the file speaks for one recipe; Probe all shows what each would give."


def _each(numbers: tuple[float, ...]) -> str:
    text = ", ".join(f"{number:.6g}" for number in numbers)
    return f"({text})" if len(numbers) > 1 else text


def _choice(name: str, tooltip: str, rows: Sequence[tuple[str, str, str]]) -> _ComboBox:
    box = _ComboBox(name, tooltip)
    for at, (key, text, tip) in enumerate(rows):
        box.addItem(text, key)
        box.setItemData(at, tip, Qt.ItemDataRole.ToolTipRole)
    return box

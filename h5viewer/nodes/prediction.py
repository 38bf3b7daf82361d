"""What a loaded network is, what it was given and what it answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from h5viewer.nodes.base import OutputShape, Value
from h5viewer.nodes.code import Code
from h5viewer.nodes.values import Array

Fitting = Literal["stretch", "pad", "crop", "drawing"]
"""How a picture of other proportions is brought to the size of the input.

"drawing": as the digits of MNIST were: cut out of their background, fitted into the inner
20/28 of the input, and moved until their centre of mass is its centre.
"""

Filter = Literal["bilinear", "nearest", "smooth"]
"""How a picture is made smaller: from four pixels each, as TensorFlow and OpenCV do by default;
from the nearest one, as Keras' `load_img`; from all, as picture editors do.
"""

OutputKind = Literal[
    "softmax", "sigmoid", "logits", "regression", "picture", "mask", "vector", "sequence"
]


class Recipe(Value, frozen=True, kw_only=True):
    """How pixels become numbers: value = (pixel x factor - mean) / std, a pixel being 0 ... 255.

    An inverted pixel counts as 255 - pixel; with a `background`, the pixels of a picture are
    inverted where its own background is the other one. `mean` and `std` have one number for all
    channels or one each, in the order in which the network gets the channels. Where it
    `is_standardized`, the picture's own mean is first taken off and its own deviation divided by.
    """

    name: str = "raw"  # raw, unit, symmetric, caffe, torch, inverted, own …
    title: str = ""  # for people: "0 to 1"
    factor: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    inverted: bool = False
    background: Literal["", "dark", "light"] = ""  # of drawings that the network was trained on
    is_bgr: bool = False
    is_standardized: bool = False
    fitting: Fitting = "stretch"
    filter: Filter = "bilinear"


class Evidence(Value, frozen=True, kw_only=True):
    """Why a recipe: one sentence, with its number where there is one."""

    recipe: str  # name of the recipe it speaks for
    message: str
    weight: float  # 0 ... 1, how much it counts


class Finding(Value, frozen=True, kw_only=True):
    """Something today's Keras would refuse, and what is done about it."""

    layer: str  # its name; "" for the whole file
    message: str
    repair: str  # "" when there is none
    needs: Literal["", "code", "class"] = ""  # the user's word: to run code, to define a class
    subject: str = ""  # the class that is unknown, or where the code is


class Diagnosis(Value, frozen=True, kw_only=True):
    """What today's Keras would refuse; `loads`: with the repairs and without more consent."""

    findings: tuple[Finding, ...]
    loads: bool
    content_hash: str = ""  # of the file (formats.content_hash), where a finding needs consent
    code: tuple[Code, ...] = ()  # of an architecture that was given for weights alone
    n_layers: int = 0  # with those inside others


class ArchitectureFit(Value, frozen=True, kw_only=True):
    """Whether weights and an architecture belong together."""

    fits: bool


class NetworkInput(Value, frozen=True, kw_only=True):
    """One input of a loaded network."""

    name: str
    shape: OutputShape  # the batch axis as None
    dtype: str
    kind: Literal["picture", "values", "indices"]
    layout: Literal[
        "", "rows-columns-channels", "channels-rows-columns", "rows-columns", "flat",
        "flat-channels-first",
    ] = ""  # fmt: skip
    rows: int = 0
    columns: int = 0
    channels: int = 0
    smallest_side: int = 0  # of a picture of any size; 0: not any size fits


class NetworkOutput(Value, frozen=True, kw_only=True):
    """One output of a loaded network."""

    name: str
    shape: OutputShape
    kind: OutputKind
    n_classes: int = 0
    squash: Literal["", "sigmoid", "softmax"] = ""  # what its loss makes of its bare scores

    @property
    def n_names(self) -> int:
        """How many names its classes have: two where one number says yes or no."""
        return 2 if self.kind == "sigmoid" and self.shape[-1:] == (1,) else self.n_classes


def nameable(outputs: Sequence[NetworkOutput]) -> frozenset[int]:
    """So many classes one output alone has: names that are found, and are as many, are its.

    Of a shape and a colour, three each, nothing says which the names are of.
    """
    counts = [output.n_names for output in outputs if output.n_names > 1]
    return frozenset(count for count in counts if counts.count(count) == 1)


class LoadedNetwork(Value, frozen=True, kw_only=True):
    """What was built, and how to feed it."""

    inputs: tuple[NetworkInput, ...]
    outputs: tuple[NetworkOutput, ...]
    recipes: tuple[Recipe, ...]  # those that fit, the one the evidence speaks for first
    evidence: tuple[Evidence, ...]
    labels: tuple[str, ...] = ()  # class names that the file itself holds, or ImageNet's
    labels_source: str = ""  # where from, for people
    labels_are_guessed: bool = False  # ImageNet's, as their number fits; a file beside goes first
    findings: tuple[Finding, ...] = ()  # repairs that were made
    warnings: tuple[str, ...] = ()  # weights left at their initial values, stand-ins …
    import_seconds: float = 0.0
    load_seconds: float = 0.0
    architecture_hash: str = ""  # what a recipe is remembered for: configuration without names


class Score(Value, frozen=True, kw_only=True):
    """One class of an answer."""

    index: int
    score: float


class Answer(Value, frozen=True, kw_only=True):
    """What one output says."""

    name: str
    kind: OutputKind
    shape: tuple[int, ...]  # without the batch axis
    top: tuple[Score, ...] = ()  # best first; of classes
    values: Array | None = None  # numbers, a picture or a mask, within bounds


class ProbedAnswer(Value, frozen=True, kw_only=True):
    """What the network says to the same sample by another recipe."""

    recipe: Recipe
    answers: tuple[Answer, ...]


class Prediction(Value, frozen=True, kw_only=True):
    """What the network answered to one sample."""

    answers: tuple[Answer, ...]
    recipe: Recipe
    seconds: float  # of the network alone
    pictures: tuple[Array | None, ...] = ()  # (rows, columns, 3) uint8: each feed as it is, upright
    seen: tuple[Array | None, ...] = ()  # (rows, columns, 1 or 3): each as the network sees it
    ranges: tuple[tuple[float, float], ...] = ()  # lowest and highest number of each input
    probed: tuple[ProbedAnswer, ...] = ()
    notes: tuple[str, ...] = ()  # sentences: that the picture was inverted, what alpha counts as
    is_inverted: bool = False  # a picture was, because of its background


class Activations(Value, frozen=True, kw_only=True):
    """What one layer makes of a sample."""

    layer: str
    shape: tuple[int, ...]  # without the batch axis
    maps: Array | None = None  # (channels, rows, columns), float32
    values: Array | None = None  # (units,), float32
    start: int = 0
    n_channels: int = 0


class Explanation(Value, frozen=True, kw_only=True):
    """How much each place of the picture speaks for a class.

    By a layer's maps: from 0 to 1. By covering places: how far the logarithm of the odds, or
    a score that is no probability, drops; below 0 it rises.
    """

    heat: Array  # (rows, columns) float32, of the size of the picture as the network sees it
    index: int
    layer: str = ""  # whose activations it is made of
    score: float = 0.0  # of the class, as the network answers it
    lowest: float | None = None  # its score with the place covered that matters most
    picture: Array | None = None  # (rows, columns, 1) uint8: what it is laid over, of no picture


class Mistake(Value, frozen=True, kw_only=True):
    """A sample whose class the network got wrong, or whose number it missed by far."""

    row: int  # in the datasets, or of the samples of this request
    name: str
    true: int = -1  # class
    predicted: int = -1
    score: float = 0.0  # of the predicted class; of a regression: how far it is off
    expected: float | None = None  # of a regression
    answered: float | None = None
    picture: Array | None = None  # (rows, columns, 1 or 3) uint8, a thumbnail


class Evaluation(Value, frozen=True, kw_only=True):
    """How good the network is on samples of known class."""

    samples: int
    total: int = 0  # samples there are; 0: not known
    loss: float
    loss_name: str  # for people: "categorical cross-entropy"
    accuracy: float | None = None  # 0 ... 1; None: of a regression there is none
    mean_absolute_error: float | None = None  # of a regression
    n_classes: int = 0  # 0: of a regression
    n_labels: int = 0
    """Of those that a sample may have several of; the classes are then no and yes of each, but
    mistakes name the label."""

    pairs: tuple[tuple[int, int, int], ...] = ()  # true, predicted, how often: the confusion matrix
    labels: tuple[str, ...] = ()  # class names that `y` itself told
    mistakes: tuple[Mistake, ...] = ()  # the surest first
    wrong: Array | None = None
    """Of rows, once complete: int32 (samples, 3), the row of each sample that was answered wrong,
    its class and the answered one; the first 100,000."""

    notes: tuple[str, ...] = ()  # how labels, inputs and rules were understood: sentences
    recipe: Recipe | None = None  # None: the numbers were fed as they are
    is_complete: bool = True


class FileBytes(Value, frozen=True, kw_only=True):
    """The next bytes of a file that is to be written."""

    data: bytes


class Repaired(Value, frozen=True, kw_only=True):
    """What was repaired, after the last bytes."""

    findings: tuple[Finding, ...]
    n_bytes: int
    largest_difference: float  # between the answers before and after, relative
    n_weights: int = 0  # variables of the network
    warnings: tuple[str, ...] = ()  # as of the loaded network: weights that are not the file's …
    training: str = ""  # how it is compiled, as a sentence; "": it is not


class Labels(Value, frozen=True, kw_only=True):
    """Class names in the order of their indices."""

    names: tuple[str, ...]
    source: str = ""


class SavedRecipe(Value, frozen=True, kw_only=True):
    """A recipe and class names that were saved beside a model."""

    recipe: Recipe
    labels: tuple[str, ...] = ()

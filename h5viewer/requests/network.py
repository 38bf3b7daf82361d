"""What can be asked of a network: most of it of the worker that has loaded the frameworks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

import msgspec

from h5viewer.names import NodePath
from h5viewer.nodes.prediction import Recipe
from h5viewer.nodes.values import Array
from h5viewer.requests.base import FileRequest


class CodeFile(msgspec.Struct, frozen=True, kw_only=True):
    """A text file of the user's: Python that defines layers, or an architecture as JSON."""

    name: str
    text: str


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What may happen besides building the layers Keras has, on the user's explicit word.

    With it goes what the user gave for this network beside the document.
    """

    content_hash: str = ""  # of the file it was given for: code runs for no other
    run_code: bool = False  # of Lambda layers, from the file
    code_files: tuple[CodeFile, ...] = ()
    pass_through: tuple[str, ...] = ()  # unknown classes replaced by a layer that does nothing
    architecture: CodeFile | None = None  # JSON, for a document of weights that has none


class ReadArchitecture(FileRequest, frozen=True, kw_only=True):
    """The configuration of a whole model as JSON text, for a file of its weights alone."""


class FitArchitecture(FileRequest, frozen=True, kw_only=True):
    """Whether the weights of a file that holds nothing else are those of an architecture."""

    architecture: CodeFile


class DiagnoseNetwork(FileRequest, frozen=True, kw_only=True):
    """What today's Keras would refuse in the file, from its configuration alone."""

    architecture: CodeFile | None = None  # as in a `Consent`


class NetworkRequest(FileRequest, frozen=True, kw_only=True):
    """About the loaded network; loads it first when that has not been done with this consent."""

    needs_network: ClassVar[bool] = True

    consent: Consent = Consent()


class LoadNetwork(NetworkRequest, frozen=True, kw_only=True):
    """Build the network from the repaired configuration and set its weights."""


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What one input gets: an encoded picture, numbers, or rows of a dataset of the file."""

    name: str = ""  # of the picture's file, for sentences
    picture: bytes = b""  # the encoded file: JPEG, PNG, TIFF, NPY …
    values: Array | None = None
    node: NodePath | None = None
    row: int = 0


class Predict(NetworkRequest, frozen=True, kw_only=True):
    """What the network answers to one sample: one feed an input, in the order of its inputs.

    `recipe` None: the one that the evidence speaks for.
    """

    feeds: tuple[Feed, ...]
    recipe: Recipe | None = None
    top: int = 10  # classes told of each output
    probe: bool = False  # the answers of all recipes, too


class ReadActivations(NetworkRequest, frozen=True, kw_only=True):
    """What one layer makes of a sample, as a gallery of small pictures or a line."""

    feeds: tuple[Feed, ...]
    recipe: Recipe | None = None
    layer: tuple[int, ...]  # its key
    start: int = 0  # first channel
    count: int = 64


class ExplainPrediction(NetworkRequest, frozen=True, kw_only=True):
    """Where in the picture the answer comes from, for one class of one output."""

    feeds: tuple[Feed, ...]
    recipe: Recipe | None = None
    method: Literal["grad-cam", "occlusion"] = "grad-cam"
    output: int = 0
    index: int | None = None  # the class; None: the best one
    layer: tuple[int, ...] | None = None  # None: the last one with rows and columns


class EvaluateNetwork(NetworkRequest, frozen=True, kw_only=True):
    """Loss, accuracy and mistakes on samples of known class.

    They are rows of the datasets `x` and `y` of another file, which is opened beside the
    network's (`data` "": rows of the network's own file), or encoded pictures,
    each with the index of its class. Many pictures are sent in several requests, whose
    answers `h5viewer.evaluation` puts together.
    """

    data: str = ""
    x: NodePath = ()
    more_x: tuple[NodePath, ...] = ()  # of further inputs, in their order
    y: NodePath = ()
    samples: tuple[tuple[Feed, int], ...] = ()
    more_samples: tuple[tuple[Feed, ...], ...] = ()  # of further inputs, for each sample
    held: tuple[Feed | None, ...] = ()  # by input: what goes with all samples; None: a sample's
    recipe: Recipe | None = None
    output: int = 0
    labels: tuple[str, ...] = ()  # class names, for a `y` of words
    limit: int = 0  # samples; 0: all
    is_y_apart: bool = False  # `y` is in a file of its own, `y_data`
    y_data: str = ""

    @property
    def documents(self) -> tuple[str, ...]:
        """The network's file, that of the samples, that of their labels."""
        apart = (self.y_data,) if self.is_y_apart else ()
        return (self.document, *((self.data,) if self.data else ()), *apart)

    def about(self, documents: Sequence[str]) -> Self:
        """The same question to another network, with the samples of other files."""
        *files, y_data = documents if self.is_y_apart else (*documents, "")
        data = files[1] if len(files) > 1 else ""
        return msgspec.structs.replace(self, document=files[0], data=data, y_data=y_data)


class RepairNetwork(NetworkRequest, frozen=True, kw_only=True):
    """The network as a `.keras` archive that plain Keras 3 loads, in parts of its bytes.

    Before the first part it has been loaded again by plain Keras and has answered alike.
    """

    compiles: bool = True  # with the loss and the optimizer that the file states


class ExportOnnx(NetworkRequest, frozen=True, kw_only=True):
    """The network as an ONNX model by Keras' own exporter, in parts of its bytes.

    Before the first part it has been checked, and where it is small enough asked the same.
    """


class ReadLabels(FileRequest, frozen=True, kw_only=True):
    """Class names from a small text, JSON or CSV file: the document itself."""

    is_about_text: ClassVar[bool] = True


class ReadStoredNames(FileRequest, frozen=True, kw_only=True):
    """Class names that a model file itself keeps in an attribute; none when it does not."""


class ReadRecipe(FileRequest, frozen=True, kw_only=True):
    """A recipe and class names that were saved as JSON beside a model: the document itself."""

    is_about_text: ClassVar[bool] = True

"""What can be written: each request names its target beside the file it is made of.

A worker of its own answers it. It reads the document and writes into one scratch file that
was handed to it; whether and when that becomes the target is not for it to say
(`h5viewer.exporting`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal, Self

import msgspec

from h5viewer.names import NodePath, visible
from h5viewer.nodes.data_sets import DataSetRecipe
from h5viewer.nodes.picture_sets import Augmentation, PictureSet
from h5viewer.requests.base import FileRequest, FilesRequest, PairRequest
from h5viewer.requests.changes import AnyChange

FloatName = Literal["", "float16", "bfloat16"]


class ExportRequest(FileRequest, frozen=True, kw_only=True):
    """A new file made of the document."""

    target: str  # absolute path; the worker is told its name only

    def about(self, documents: Sequence[str]) -> Self:
        """The same export of another file; a path need not be UTF-8 and does not cross."""
        name = visible(Path(self.target).name)
        return msgspec.structs.replace(self, document=documents[0], target=name)


class StripFile(ExportRequest, frozen=True, kw_only=True):
    """The file without the state of its optimizer.

    Of a TensorFlow checkpoint the target is its index; `exporting` then asks for the file of values
    beside it.
    """

    training_config: bool = False  # leave that out, too
    gzip: int | None = None  # compress weights anew at this level, 0 to 9; None: as they are
    shuffle: bool = False  # bytes sorted before they are compressed
    floats: FloatName = ""  # store weights as these, rounded; "": as they are
    part: int | None = None  # of the files beside an index, which one; None: the target itself


class ConvertNetwork(ExportRequest, frozen=True, kw_only=True):
    """The network in another form, by the target's name: .h5, .keras, .weights.h5, .weights.json.

    The last is Keras' index of weights in several files beside it, `model_00000.weights.h5` and so
    on, each of about `shard_size` bytes; `exporting` asks for one after the other.
    """

    shard_size: int = 5 << 30
    part: int | None = None  # of the files beside an index, which one; None: the target itself


def part_name(export: ExportRequest, number: int) -> str:
    """What a file is called that goes beside the target."""
    name = Path(export.target).name
    if isinstance(export, ConvertNetwork):
        return shard_name(name, number)
    stem = name[: -len(".index")] if name.lower().endswith(".index") else name
    return f"{stem}.data-00000-of-00001"


def is_index(target: str) -> bool:
    """True for the name of Keras' index of weights in several files."""
    return target.lower().endswith(".weights.json")


def shard_name(index: str, number: int) -> str:
    """What Keras calls a file beside an index: `a_00000.weights.h5` of `a.weights.json`."""
    return f"{index[: -len('.weights.json')]}_{number:05}.weights.h5"


class MergeRequest(ExportRequest, frozen=True, kw_only=True):
    """A new file made of the document and others."""

    others: tuple[str, ...]  # absolute paths, in the user's order

    @property
    def documents(self) -> tuple[str, ...]:
        """All of them."""
        return (self.document, *self.others)

    def about(self, documents: Sequence[str]) -> Self:
        """The same made of other files, as many."""
        return msgspec.structs.replace(super().about(documents), others=tuple(documents[1:]))


class AverageNetworks(MergeRequest, frozen=True, kw_only=True):
    """The mean of the weights of files with one architecture, in the layout of the first.

    `shares`: how much each file counts, in the order of `documents`; they need not add up to 1;
    none: all the same. `decay`: instead of shares: the files are a series, oldest first, and each
    new one takes 1 − `decay` of the mean: exponential moving average.
    """

    shares: tuple[float, ...] = ()
    decay: float | None = None
    part: int | None = None  # of the files beside a checkpoint's index, which one; None: that


class JoinNetworks(MergeRequest, frozen=True, kw_only=True):
    """One network with shared inputs, which puts out the mean of its members, or all of it.

    `shares` are for the mean, as in `AverageNetworks`.
    """

    how: Literal["mean", "concatenate"] = "mean"
    shares: tuple[float, ...] = ()


class ChainNetworks(MergeRequest, frozen=True, kw_only=True):
    """One network in which the output of each file feeds the next."""


class CombineNetwork(MergeRequest, frozen=True, kw_only=True):
    """The architecture of the document, which may be a JSON file, with the weights of another.

    `pairs`: which layer takes the weights of which, by the names that `MatchWeights` gives; an
    empty second one: of none. None: as `MatchWeights` finds them.
    """

    pairs: tuple[tuple[str, str], ...] | None = None
    with_state: bool = False  # the optimizer's, too, of a checkpoint into `.keras`

    @property
    def may_be_text(self) -> bool:
        """An architecture as JSON."""
        return True


class SaveWeights(ExportRequest, frozen=True, kw_only=True):
    """All weights under safe names: as NumPy's `.npz`, `.safetensors`, or arrays in an `.h5`."""

    layers: tuple[str, ...] = ()
    """Patterns as `conv*`, for names of layers or of weights in them; none: all of them."""

    with_state: bool = False  # what the optimizer keeps, too


class SaveDataset(ExportRequest, frozen=True, kw_only=True):
    """The values of one dataset: as `.npy`, `.csv` or `.png`, by the target's name."""

    node: NodePath
    selection: tuple[int | tuple[int, int], ...] = ()
    """For each axis a position, which ends the axis, or start and stop (-1: its end); none: all."""

    is_turned: bool = (
        False  # of the two axes that are left (besides `channels`), the first runs across
    )
    channels: int | None = None  # of a picture: the axis that holds red, green, blue
    low: float | None = None  # of a picture: what is drawn in the first colour; None: the least
    high: float | None = None  # ... and in the last
    colours: bytes = b""
    """Of a picture: red, green, blue of 256 colours and one for what is no number; none: greys."""


class SavePictures(ExportRequest, frozen=True, kw_only=True):
    """Chosen pictures of a data set as they are drawn: one as `.png`, or any number in a `.zip`.

    In the archive those of a class stand in a folder of its name, each called by its position.
    """

    pictures: PictureSet
    indices: tuple[int, ...]
    classes: tuple[int, ...] = ()  # of each of them, where the labels lie in another file
    class_names: tuple[str, ...] = ()

    @property
    def is_about_loose(self) -> bool:
        """True: each is to be decoded by itself."""
        return self.pictures.is_loose


class SaveArchitecture(ExportRequest, frozen=True, kw_only=True):
    """The network's configuration as JSON."""

    is_repaired: bool = False  # in Keras 3's form; False: exactly as it is stored


class WriteAugmented(ExportRequest, frozen=True, kw_only=True):
    """The file with pictures that were changed at random behind those of one data set.

    Their labels come as often; everything else stays as it is.
    """

    pictures: PictureSet
    augmentation: Augmentation
    seed: int = 0
    copies: int = 1  # of each picture
    keeps_originals: bool = True  # False: only the changed ones


class SalvageFile(ExportRequest, frozen=True, kw_only=True):
    """What is still whole in a file that is cut short or damaged, with a list of what is lost."""

    is_about_damage: ClassVar[bool] = True


class CutNetwork(ExportRequest, frozen=True, kw_only=True):
    """The network up to one layer, whose output becomes the network's.

    `layer`: names of the nested networks around it, then its own; a single name may be that of
    a layer in a nested network when there is one of that name only. `call`: which of its uses
    where it is used several times, from 0 on.
    """

    layer: tuple[str, ...]
    call: int = 0


class FreezeLayers(ExportRequest, frozen=True, kw_only=True):
    """Layers that further training leaves as they are, and layers that it does not.

    Both are names ("conv1", "backbone/conv1") or patterns of them ("backbone/*"); a nested network
    means all in it. `trained` comes after `frozen`: exceptions from it.
    """

    frozen: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()


class RenameLayers(ExportRequest, frozen=True, kw_only=True):
    """Other names for layers, wherever the file mentions them: pairs of old and new.

    An old name may be that of a layer in a nested network ("backbone/conv1"); a new one is its own
    name alone.
    """

    names: tuple[tuple[str, str], ...]


class EditFile(ExportRequest, frozen=True, kw_only=True):
    """The file with these changes, made in their order; everything else as it is."""

    changes: tuple[AnyChange, ...]


class BuildDataSet(ExportRequest, frozen=True, kw_only=True):
    """A data set of the pictures in a folder, which is the document."""

    reads_folder: ClassVar[bool] = True

    recipe: DataSetRecipe
    table: str = ""  # absolute path of a CSV file with names and classes; "": none

    @property
    def documents(self) -> tuple[str, ...]:
        """The folder, and the table where there is one."""
        return (self.document, self.table) if self.table else (self.document,)

    def about(self, documents: Sequence[str]) -> Self:
        """The same made of another folder."""
        table = documents[1] if len(documents) > 1 else ""
        return msgspec.structs.replace(super().about(documents), table=table)


class PreviewChange(FileRequest, frozen=True, kw_only=True):
    """What a change would make of what, after others were made; or why it would be refused."""

    change: AnyChange
    before: tuple[AnyChange, ...] = ()


Export = (
    StripFile
    | ConvertNetwork
    | AverageNetworks
    | JoinNetworks
    | ChainNetworks
    | CombineNetwork
    | SaveWeights
    | SaveDataset
    | SavePictures
    | SaveArchitecture
    | WriteAugmented
    | SalvageFile
    | CutNetwork
    | FreezeLayers
    | RenameLayers
    | EditFile
    | BuildDataSet
)
"""Everything that writes a file."""


class PlanExport(FileRequest, frozen=True, kw_only=True):
    """What an export would put in and leave out, how long it gets, or why it would refuse."""

    export: Export

    @property
    def documents(self) -> tuple[str, ...]:
        """The files that the export takes."""
        return self.export.documents

    def about(self, documents: Sequence[str]) -> Self:
        """The same question about other files."""
        export = self.export.about(documents)
        return msgspec.structs.replace(self, document=documents[0], export=export)

    @property
    def may_be_text(self) -> bool:
        """As of the export."""
        return self.export.may_be_text

    @property
    def is_about_damage(self) -> bool:  # type: ignore[override]
        """As of the export."""
        return self.export.is_about_damage

    @property
    def reads_folder(self) -> bool:  # type: ignore[override]
        """As of the export."""
        return self.export.reads_folder


class PlanMerge(FilesRequest, frozen=True, kw_only=True):
    """Which kinds of merging the document and the others allow, in this order of files."""

    @property
    def may_be_text(self) -> bool:
        """An architecture as JSON."""
        return True


class MatchWeights(PairRequest, frozen=True, kw_only=True):
    """Which layers of the document take the weights of which layers of the other file.

    `pairs`, of names as the answer gives them, come before what is found; an empty second name:
    the layer keeps what it has.
    """

    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def may_be_text(self) -> bool:
        """An architecture as JSON."""
        return True

"""Where a layer stands while a configuration is repaired, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from msgspec.structs import replace

from h5viewer.documents.compatibility.findings import Findings
from h5viewer.documents.compatibility.layout import LayerRepair, Step, Taker
from h5viewer.documents.compatibility.repaired import CodeOfLayer

Shape = tuple[int | None, ...]

LAYERS_MODULE = "keras.layers"
MODELS_MODULE = "keras"
FUNCTIONAL_MODULE = "keras.src.models.functional"  # what Keras itself writes; it exports no name


class Place(msgspec.Struct, frozen=True):
    """One layer: its key in the architecture, its name in the file, its path in the result."""

    key: tuple[int, ...]
    name: str
    path: tuple[str, ...]

    @property
    def new_name(self) -> str:
        """Its name in the result."""
        return self.path[-1]


class Made(msgspec.Struct):
    """One layer of the result, and how the stored weights come to it.

    `takers`: layers inside it (paths from it) and the positions of their arrays; None: it takes
    them itself.
    """

    class_name: str
    config: dict[str, object]
    module: str | None = LAYERS_MODULE
    registered_name: str | None = None
    steps: tuple[Step, ...] = ()
    takers: tuple[tuple[tuple[str, ...], tuple[int, ...] | None], ...] | None = None
    is_network: bool = False  # its layers have rows of their own
    before: tuple[Made, ...] = ()  # layers that its input passes through first
    after: tuple[Made, ...] = ()  # layers that its output passes through next

    @property
    def name(self) -> str:
        """Its name in the result."""
        return str(self.config["name"])

    def written(self) -> dict[str, object]:
        """As an object of Keras 3's configuration."""
        return {
            "module": self.module,
            "class_name": self.class_name,
            "config": self.config,
            "registered_name": self.registered_name,
        }


def named(class_name: str, name: str, **arguments: object) -> Made:
    """A layer without weights of the file."""
    return Made(class_name, {"name": name, **arguments}, takers=())


def in_line(name: str, layers: Sequence[Made], taker: Made | None = None) -> Made:
    """Layers one after the other as a network of its own; `taker` has the stored weights."""
    steps = taker.steps if taker is not None else ()
    takers: tuple[tuple[tuple[str, ...], tuple[int, ...] | None], ...] = ()
    if taker is not None and taker.takers is None:
        takers = (((taker.name,), None),)
    elif taker is not None and taker.takers is not None:
        takers = tuple(((taker.name, *path), takes) for path, takes in taker.takers)
    config: dict[str, object] = {"name": name, "layers": [each.written() for each in layers]}
    return Made("Sequential", config, MODELS_MODULE, steps=steps, takers=takers)


def as_one(made: Made) -> Made:
    """A layer with those its input and output pass through, as one."""
    if not made.before and not made.after:
        return made
    inner = replace(made, before=(), after=(), config={**made.config, "name": f"{made.name}_own"})
    return in_line(made.name, [*made.before, inner, *made.after], inner)


class Work(msgspec.Struct):
    """What one repair collects.

    `shapes`: what the layer of a key is fed, each with the batch axis, as far as it is known;
    `n_calls`: how often it is called.
    """

    generation: int  # of the Keras that wrote the file: 1, 2, 3
    is_theano: bool
    mixes_axes: bool = False
    masks: bool = False  # steps that are no data are marked, which code does not pass on
    is_h5: bool = True
    pass_through: frozenset[str] = frozenset()
    findings: Findings = msgspec.field(default_factory=Findings)
    layers: dict[tuple[int, ...], LayerRepair] = {}
    code: dict[str, CodeOfLayer] = {}
    custom: set[str] = set()
    functions: set[str] = set()
    shapes: Callable[[tuple[int, ...]], Sequence[Shape | None]] = lambda _: ()
    n_calls: Callable[[tuple[int, ...]], int] = lambda _: 0
    inner: Callable[[object, Place, Work], Made | None] = lambda *_: None
    """Repairs a layer inside a wrapper, a network perhaps."""


def add_row(class_name: str, made: Made, place: Place, work: Work) -> None:
    """Note what became of a layer that has a row in the table of layers.

    `class_name`: as the file has it.
    """
    if made.takers is None:
        takers: tuple[Taker, ...] = () if made.is_network else (Taker(place.path),)
    else:
        takers = tuple(Taker((*place.path, *path), takes) for path, takes in made.takers)
    last = (*place.path[:-1], made.after[-1].name) if made.after else place.path
    work.layers[place.key] = LayerRepair(
        key=place.key,
        name=place.name,
        class_name=class_name,
        path=last,
        steps=made.steps,
        takers=takers,
    )


RepairLayer = Callable[[object, Place, Work], Made | None]

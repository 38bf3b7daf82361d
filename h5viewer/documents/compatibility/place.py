"""Where a layer stands while a configuration is repaired, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from h5viewer.documents.compatibility.findings import Findings
from h5viewer.documents.compatibility.layout import LayerRepair, Step
from h5viewer.documents.compatibility.repaired import CodeOfLayer

LAYERS_MODULE = "keras.layers"
MODELS_MODULE = "keras"
FUNCTIONAL_MODULE = "keras.src.models.functional"  # what Keras itself writes; it exports no name


@dataclass(frozen=True)
class Place:
    """One layer: its key in the architecture, its name in the file, its path in the result."""

    key: tuple[int, ...]
    name: str
    path: tuple[str, ...]

    @property
    def new_name(self) -> str:
        """Its name in the result."""
        return self.path[-1]


@dataclass
class Made:
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

    def written(self) -> dict[str, object]:
        """As an object of Keras 3's configuration."""
        return {
            "module": self.module,
            "class_name": self.class_name,
            "config": self.config,
            "registered_name": self.registered_name,
        }


@dataclass
class Work:
    """What one repair collects."""

    generation: int  # of the Keras that wrote the file: 1, 2, 3
    is_theano: bool
    is_h5: bool = True
    pass_through: frozenset[str] = frozenset()
    findings: Findings = field(default_factory=Findings)
    layers: dict[tuple[int, ...], LayerRepair] = field(default_factory=dict)
    code: dict[str, CodeOfLayer] = field(default_factory=dict)
    custom: set[str] = field(default_factory=set)

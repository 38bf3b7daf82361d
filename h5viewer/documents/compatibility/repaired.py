"""What comes out of a repair: a configuration Keras 3 builds, and what was done for it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from h5viewer.documents.compatibility.layout import LayerRepair
from h5viewer.nodes import Finding

CODE_CLASS = "h5viewer>Code"
"""Class and registered name of what stands for a Lambda layer in a repaired configuration.

The loader gives it as a custom object; the code is in `Repair.code`, by the entry's "code".
"""


class CodeOfLayer(msgspec.Struct, frozen=True):
    """The function of a Lambda layer as the file states it: any content, nothing was read."""

    layer: str
    key: tuple[int, ...]
    function: object  # [code, defaults, closure], Keras 3's table of them, or a name
    module: object = None  # where a function that is only named stands
    arguments: Mapping[str, object] = {}
    other_python: str | None = None  # that compiled it, where today's cannot run it
    output_shape: tuple[int | None, ...] | None = None  # as worked out, with the batch axis


class Repair(msgspec.Struct, frozen=True):
    """A configuration of our own making, and what it says about the file.

    `config` is {"class_name": "Functional" or "Sequential", "config": …} in Keras 3's form: all
    classes in it are built in, `CODE_CLASS`, or one of `custom`, which have module None.
    """

    config: dict[str, object] | None  # None: no network could be made of it
    layers: Mapping[tuple[int, ...], LayerRepair] = {}
    findings: tuple[Finding, ...] = ()
    code: Mapping[str, CodeOfLayer] = {}
    custom: frozenset[str] = frozenset()  # registered names of classes that the user has to bring
    functions: frozenset[str] = frozenset()  # activations to bring, as "function" with module None

    @property
    def loads(self) -> bool:
        """True when it can be built without more consent."""
        return self.config is not None and all(
            finding.repair and not finding.needs for finding in self.findings
        )

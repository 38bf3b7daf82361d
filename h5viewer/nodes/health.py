"""What is wrong, or odd, with the weights of a network."""

from __future__ import annotations

from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Value

Gravity = Literal["serious", "warning", "note"]
"""serious: the network cannot work as it is. warning: worth a look. note: good to know."""


class HealthFinding(Value, frozen=True, kw_only=True):
    """One finding, with the number that it rests on."""

    gravity: Gravity
    kind: str  # "nan", "dead_units" ...: a word for programs
    title: str  # the kind in words for people
    layer: str = ""  # "": the network as a whole
    key: tuple[int, ...] = ()  # of the layer, where the network declares it
    weight: str = ""  # "": the layer as a whole
    path: NodePath | None = None  # where to go; None: nothing of it is stored
    axes: tuple[str, ...] = ()
    value: float | int
    threshold: float | int
    quantity: str  # what `value` is, in words
    message: str  # a sentence with the number
    meaning: str  # what it means and what to do
    source: str  # where the threshold comes from


class HealthFindings(Value, frozen=True, kw_only=True):
    """Findings as they come; the report has them all, ranked."""

    findings: tuple[HealthFinding, ...]


class HealthReport(Value, frozen=True, kw_only=True):
    """What was looked at, and everything that was found, the gravest first."""

    n_weights: int
    n_layers: int  # with weights
    n_bytes: int
    findings: tuple[HealthFinding, ...] = ()
    limits: tuple[str, ...] = ()  # what was looked at in part only, in sentences

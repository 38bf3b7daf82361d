"""What several files can be made into, and which weights go where, as text and as JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from h5viewer.names import visible
from h5viewer.nodes import MergeChoices, WeightMatches
from h5viewer.nodes.comparison import Basis
from h5viewer.wording import count_text, names_text, output_shape_text, plural, shape_text

_OPTIONS = {
    "average": "--average", "ensemble": "--ensemble", "chain": "--chain",
    "combine": "--architecture, --weights",
}  # fmt: skip
_MOST_UNUSED = 50  # of a large checkpoint; JSON has all
_BASES: dict[Basis, str] = {
    "name": "by name", "shape": "by shapes and order", "hand": "as you say",
    "graph": "by the order of the network", "": "",
}  # fmt: skip


def choices_text(found: MergeChoices) -> list[str]:
    """A line a file, then a line a kind of merging."""
    lines = []
    for member in found.members:
        ends = ""
        if member.inputs:
            takes = ", ".join(output_shape_text(shape) for shape in member.inputs)
            gives = ", ".join(output_shape_text(shape) for shape in member.outputs)
            ends = f"; {takes} → {gives or '?'}"
        weights = f"{plural(member.n_weights, 'weight')}, {count_text(member.n_parameters)} numbers"
        lines.append(f"{member.name}: {visible(member.title)}; {weights}{ends}")
    lines.append("")
    for choice in found.choices:
        lines.append(f"{_OPTIONS[choice.kind]}: {choice.why_not or 'possible'}")
    return lines


def matches_text(found: WeightMatches) -> list[str]:
    """A line a layer."""
    nothing = "keeps its own" if found.keeps_values else "begins anew"
    lines = []
    for match in found.matches:
        shapes = " ".join(shape_text(shape) for shape in match.shapes)
        source = f"{visible(match.source)}  {_BASES[match.basis]}" if match.source else nothing
        problem = f"  {match.problem}" if match.problem else ""
        lines.append(f"{visible(match.layer)}  {shapes}  ←  {source}{problem}")
    used = {match.source for match in found.matches}
    unused = [source.name for source in found.sources if source.name not in used]
    if unused:
        lines.append(f"Not used: {names_text(unused, _MOST_UNUSED)}")
    if found.state:
        lines.append(f"Optimizer state: {found.state}; kept in .keras with --with-state")
    if found.state_problem:
        lines.append(f"Optimizer state: left out. {found.state_problem}")
    return lines


def to_json(found: MergeChoices | WeightMatches) -> dict[str, Any]:
    """The same as an object."""
    made: dict[str, Any] = msgspec.to_builtins(found)
    cleaned: dict[str, Any] = _without_tags(made)
    return cleaned


def _without_tags(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_tags(each) for key, each in value.items() if key != "type"}
    if isinstance(value, list | tuple):
        return [_without_tags(each) for each in value]
    return value

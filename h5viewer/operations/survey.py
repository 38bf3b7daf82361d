"""What is odd about single nodes of a file, as sentences: nobody opens every group to see."""

from __future__ import annotations

import time

from h5viewer.formats.container import Container
from h5viewer.names import path_text, visible
from h5viewer.nodes import Dataset, Group, Link, Listed, Node, Problem, Unreadable
from h5viewer.operations import Operation
from h5viewer.requests import Progress, SurveyNodes
from h5viewer.wording import bytes_text, plural

_MOST_PROBLEMS = 200
_MANY_ATTRIBUTES = 10_000
_ABSURD_BYTES = 10**12  # declared
_ABSURD_RATIO = 1000  # declared to stored: gzip's best
_YIELD = 0.04  # seconds between yields


def survey_nodes(request: SurveyNodes, container: Container) -> Operation[Listed]:
    """Walk over the nodes, hard links only; no value is read."""
    problems: list[Problem] = []
    n_seen = 0
    next_yield = time.monotonic() + _YIELD
    for path, node in container.walk():
        n_seen += 1
        if sentence := _remark(node):
            problems.append(Problem(where=path_text(path), message=sentence))
        if n_seen >= request.most_nodes or len(problems) >= _MOST_PROBLEMS:
            return Listed(count=n_seen, truncated=True, problems=tuple(problems))
        if time.monotonic() > next_yield:
            yield Progress(done=n_seen, unit="names")
            next_yield = time.monotonic() + _YIELD
    return Listed(count=n_seen, problems=tuple(problems))


def _remark(node: Node) -> str:
    """Why a node is not what it seems; empty for nearly all."""
    match node:
        case Link():
            return _about_link(node)
        case Dataset(obstacle=obstacle) if obstacle is not None:
            return obstacle.reason
        case Dataset(declared_bytes=declared, stored_bytes=stored):
            if declared > max(_ABSURD_BYTES, _ABSURD_RATIO * stored):
                return f"It declares {bytes_text(declared)} and stores {bytes_text(stored)}."
        case Unreadable(reason=reason):
            return reason
    if isinstance(node, Group | Dataset) and node.n_attributes >= _MANY_ATTRIBUTES:
        return f"It has {plural(node.n_attributes, 'attribute')}."
    return ""


def _about_link(link: Link) -> str:
    target = visible(link.target, 100)
    if link.kind == "external":
        file = visible(link.file or "", 200)
        return f"An external link to {target} in {file}; that file is not opened."
    if link.kind == "user-defined":
        return "A link of a kind that only another program knows; it is not followed."
    if link.broken:
        return f"A broken link: {target} is not in this file, or leads back to the link."
    return ""

"""What evaluating rows and evaluating pictures have in common."""

from __future__ import annotations

from h5viewer.names import visible
from h5viewer.network.objective import Objective
from h5viewer.network.prepared import Prepared
from h5viewer.network.targets import TargetReader

N_PARTS = 20
"""How often an evaluation tells how far it is in full."""

_MOST_AT_ONCE = 32
_MOST_NUMBERS = 2 << 20  # of a batch: 8 MB, and what the network makes of them
_RULES = {
    "yes-no": "An answer above 0.5 counts as yes, which is class 1.",
    "labels": "A label counts as given where its score is above 0.5; the accuracy is the share of "
    "all labels that are right.",
}


def at_once(numbers: int, total: int) -> int:
    """Samples of a batch, when each has so many numbers."""
    return max(1, min(_MOST_AT_ONCE, total, _MOST_NUMBERS // max(1, numbers)))


def notes_about(
    objective: Objective, reader: TargetReader, known: Prepared, output: int, *others: str
) -> tuple[str, ...]:
    """How the answers were judged, then other sentences that are not empty."""
    rule = "" if reader.is_one_of else _RULES.get(objective.family, "")
    which = ""
    if len(known.outputs) > 1:
        name = visible(known.outputs[output].name, 80)
        which = f"Of {len(known.outputs)} outputs the one called {name} is judged."
    return tuple(filter(None, (which, objective.note, rule, *others)))

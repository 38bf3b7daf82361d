"""What the window says of an evaluation and of its mistakes."""

from __future__ import annotations

from h5viewer.evaluation import Name
from h5viewer.gui.predict.answer_words import number_text, percent_text
from h5viewer.names import visible
from h5viewer.nodes import Evaluation, Mistake
from h5viewer.wording import count_text, plural


def headline(found: Evaluation) -> str:
    """How good the network is."""
    of = plural(found.samples, "sample")
    if not found.is_complete and found.total:
        of = f"{count_text(found.samples)} of {plural(found.total, 'sample')}"
    if found.accuracy is not None:
        return f"{percent_text(found.accuracy)} right, of {of}"
    if found.mean_absolute_error is not None:
        return f"Off by {number_text(found.mean_absolute_error)} on average, {of}"
    return of


def loss_words(found: Evaluation) -> str:
    """What it is judged by."""
    return f"Loss {number_text(found.loss)} ({found.loss_name})"


def mistake_words(mistake: Mistake, found: Evaluation, name: Name) -> tuple[str, str, str]:
    """What was said, what is right, which sample it is."""
    where = visible(mistake.name, 60) or f"row {count_text(mistake.row)}"
    if mistake.expected is not None and mistake.answered is not None:
        said, true = number_text(mistake.answered), number_text(mistake.expected)
        return said, f"not {true}", where
    if not found.n_classes:
        return f"off by {number_text(mistake.score)}", "", where
    sure = percent_text(mistake.score)
    if mistake.true < 0:  # one of several, and one too many
        return name(mistake.predicted), f"{sure}, but is not", where
    if mistake.predicted < 0:
        return f"not {name(mistake.true)}", f"{sure}, but is", where
    return f"{name(mistake.predicted)}, {sure}", f"not {name(mistake.true)}", where

"""How many epochs of training a file has behind it."""

from __future__ import annotations

from h5viewer.nodes import Series


def epochs_done(run: Series, number: int | None) -> int | None:
    """What `initial_epoch` is to be.

    Args:
        run: that the file is one of.
        number: of the file's step.

    Returns:
        None: its name counts no epochs. Old versions of Keras count from 0: then the first
        file has a metric, which weights that were never trained have not.
    """
    if number is None or run.unit != "epoch":
        return None
    counts_from_zero = any(step.number == 0 and step.metrics for step in run.steps)
    return number + 1 if counts_from_zero else number

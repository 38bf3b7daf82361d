"""The files that a run of training leaves: which belong together, in which order, what they say.

Names, sizes and dates of files, and small texts beside them; nothing here opens a model.
All that looks at a disk waits for it.

runs_in(folder)               the runs in a folder, the longest first
runs_below(folder)            those in the folders that it holds
runs_of(paths)                the runs that these files are, as when they are dropped together
run_around(path)              the run that a file is part of, with its siblings; None: it is alone
best_step(run, metric, …)     the place of the best step
direction_of(metric)          whether more is better
is_rounded(curve, other)      whether both say the same, one with fewer digits
epochs_done(run, number)      how many epochs a step has behind it
Following(folder)             the same again and again, while training goes on
"""

from __future__ import annotations

from h5viewer.series.epochs import epochs_done
from h5viewer.series.following import Following
from h5viewer.series.metrics import best_step, direction_of, is_rounded, values_at_steps
from h5viewer.series.runs import run_around, runs_below, runs_in, runs_of

__all__ = [
    "Following",
    "best_step",
    "direction_of",
    "epochs_done",
    "is_rounded",
    "run_around",
    "runs_below",
    "runs_in",
    "runs_of",
    "values_at_steps",
]

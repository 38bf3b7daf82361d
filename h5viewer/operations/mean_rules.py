"""What has a mean and what does not, said alike for files of one layout and of several."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.errors import CannotRead
from h5viewer.wording import plural


def refused_as_coded(shown: str, name: str, dtype: str) -> CannotRead:
    """Why codes are not averaged, as quantized kernels are.

    Args:
        shown: layer and weight.
        name: of the file.
    """
    return CannotRead(
        f"{shown} of {name} is stored as {dtype}: numbers that stand for others have no mean.",
        hint="Average the files from before they were quantized.",
    )


def rule_notes(n_statistics: int, n_kept: int, name: str) -> Iterator[str]:
    """How statistics, and variables that have no mean, were treated.

    Args:
        n_statistics: moving means and variances that were averaged.
        n_kept: variables that are those of the first file, called `name`.
    """
    if n_statistics:
        yield (
            f"{plural(n_statistics, 'running mean or variance', 'running means and variances')} of "
            "batch normalisations are averaged as all other numbers; pass training data through "
            "the network once to have them exact."
        )
    if n_kept:
        stay = "stays that" if n_kept == 1 else "stay those"
        yield (
            f"{plural(n_kept, 'variable')} of whole numbers or texts (counters, seeds, tables) "
            f"cannot be averaged and {stay} of {name}."
        )

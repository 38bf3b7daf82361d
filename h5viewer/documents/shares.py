"""How much each of several files counts in a mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from h5viewer.errors import CannotRead
from h5viewer.wording import plural

_MOST_LISTED = 6


def shares_of(shares: Sequence[float], decay: float | None, n_files: int) -> tuple[float, ...]:
    """What each file counts, in their order; (): all the same.

    Raises:
        CannotRead: there is one file only, or the numbers make no mean.
    """
    if n_files < 2:
        raise CannotRead("A mean takes at least two files.", hint="Choose another file, too.")
    if decay is not None:
        return exponential_shares(decay, n_files)
    if not shares:
        return ()
    if len(shares) != n_files:
        given = plural(len(shares), "share was", "shares were")
        raise CannotRead(f"{given} given for {n_files:,} files.")
    if not all(math.isfinite(share) and share >= 0 for share in shares) or not any(shares):
        raise CannotRead("Shares are numbers from 0 on, and not all of them 0.")
    return () if len(set(shares)) == 1 else tuple(shares)


def exponential_shares(decay: float, n_files: int) -> tuple[float, ...]:
    """Of a series, oldest first: each new file takes 1 − `decay` of the mean.

    Raises:
        CannotRead: it is no number from 0 to below 1.
    """
    if not 0 <= decay < 1:
        raise CannotRead("The decay is a number from 0 to below 1, such as 0.9.")
    newer = [(1 - decay) * decay ** (n_files - 1 - number) for number in range(1, n_files)]
    return (decay ** (n_files - 1), *newer)


def share_notes(
    shares: Sequence[float], decay: float | None, names: Sequence[str]
) -> Iterator[str]:
    """What counts how much, in a sentence."""
    if not shares:
        yield f"The mean of {len(names):,} files, of which each counts the same."
        return
    total = math.fsum(shares)
    parts = [
        f"{name} {100 * share / total:.3g} %" for name, share in zip(names, shares, strict=True)
    ]
    if len(parts) > _MOST_LISTED:
        parts = [*parts[:2], "…", *parts[-2:]]
    how = "The mean" if decay is None else f"The exponential mean with decay {decay:g}"
    yield f"{how} of {len(names):,} files: {', '.join(parts)}."

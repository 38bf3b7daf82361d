"""By hand, it takes minutes: 20,000 generated pictures → file → every one as the rule has it.

`python tests/data_sets/whole_round_trip.py [COUNT]`
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from picture_folders import make_folder
from test_round_trip import CHOICES, built, check


def main(count: int) -> None:
    """Make the folder once, and a file by each of the choices."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pets"
        folder.mkdir()
        good, broken = make_folder(folder, count)
        print(f"{len(good):,} pictures, {len(broken)} that cannot be read", flush=True)
        for number, recipe in enumerate(CHOICES):
            target = Path(temporary) / f"{number}.h5"
            began = time.monotonic()
            made = built(folder, target, recipe)
            seconds = time.monotonic() - began
            assert {each.name for each in made.skipped} == set(broken)
            check(target, folder, good, broken, recipe)
            print(
                f"{recipe.fit} {recipe.colour} {recipe.dtype} {recipe.compression}: "
                f"{made.n_pictures:,} pictures equal, built in {seconds:.1f} s",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)

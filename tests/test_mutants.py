"""A short run of tests/mutants.py."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from mutants import visit_mutants

from h5viewer.workers.pool import Limits, Pool

COUNT = 25


@pytest.mark.timeout(400)  # some mutants hang a worker until it is ended
def test_damaged_files_give_answers_or_our_own_errors(tmp_path: Path) -> None:
    total: Counter[str] = Counter()
    pool = Pool(Limits(step_seconds=1.5))
    try:
        for number, visit, _ in visit_mutants(pool, tmp_path, COUNT, seed=2):
            assert visit.bugs == [], f"mutant {number}"
            total += visit.outcomes
    finally:
        pool.close()
    # Damage that nobody notices, or nothing but refusals, would test nothing.
    assert total["answered"] > COUNT
    assert total["Damaged"] > 0
    assert total["CannotRead"] > 0

"""Networks of the corpus and pictures whose content is known: the stated answers come out."""

from __future__ import annotations

import pytest

from tests.network.checked_predictions import (
    CORPUS,
    DIGIT_NETWORKS,
    SIGN_NETWORKS,
    ask,
    digits,
    signs,
)

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")

# Of 22 drawn digits. What is missing is the networks' own: a softmax regression reads 18.
_LEAST_DIGITS = dict(zip(DIGIT_NETWORKS, (20, 21, 22, 18, 22, 21), strict=True))
_SCALES = dict(
    zip(
        (*DIGIT_NETWORKS, *SIGN_NETWORKS),
        ("unit-on-dark", "unit-on-dark", "raw-on-dark", *["unit-on-dark"] * 3, "raw", "unit"),
        strict=True,
    )
)


@pytest.mark.parametrize("model", DIGIT_NETWORKS)
def test_drawn_digits_are_read_by_the_recipe_that_evidence_chose(model: str) -> None:
    rows = list(ask(model, digits()))
    assert {row.recipe for row in rows} == {_SCALES[model]}
    assert sum(row.is_right for row in rows) >= _LEAST_DIGITS[model]


@pytest.mark.parametrize("model", SIGN_NETWORKS)
def test_photographed_signs_are_known(model: str) -> None:
    """Four of five; of drawn icons, which no network was trained on, half."""
    rows = list(ask(model, signs()))
    assert {row.recipe for row in rows} == {_SCALES[model]}
    photographs = [row for row in rows if row.picture.startswith("Maesla")]
    assert sum(row.is_right for row in photographs) >= 3
    assert sum(row.is_right for row in rows) >= 11

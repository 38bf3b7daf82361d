"""What every piece of evidence comes to: votes for ways to scale pixels, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from h5viewer.network.recipes import CAFFE, CENTRED, RAW, STANDARD, SYMMETRIC, TORCH, UNIT
from h5viewer.nodes import Recipe

SCALES: Mapping[str, Recipe] = {
    recipe.name: recipe for recipe in (UNIT, RAW, SYMMETRIC, CAFFE, TORCH, CENTRED, STANDARD)
}
"""The ways that are told apart, by name."""

HABITS: Mapping[str, float] = {
    "unit": 0.5, "raw": 0.25, "symmetric": 0.13, "caffe": 0.03, "torch": 0.05, "centred": 0.02,
    "standard": 0.02,
}  # fmt: skip
"""How people scale, before anything is known of a network: an estimate."""

Background = Literal["", "dark", "light"]


class Clue(msgspec.Struct, frozen=True):
    """One piece of evidence."""

    message: str
    votes: Mapping[str, float]  # by name of a scale, together 1
    weight: float  # 0 ... 1
    background: Background = ""  # of the drawings the network knows; "": says nothing of it
    is_digits: bool = False  # they are digits, as MNIST has them


class Look(msgspec.Struct, frozen=True):
    """Pixels as pictures of one sort have them, 0-255: mean and deviation, and their spread."""

    mean: float
    mean_spread: float
    deviation: float
    deviation_spread: float  # of its logarithm
    background: Background = ""
    rarity: float = 0.0  # logarithm of how many networks are trained on others, for one on these


PHOTOS = Look(118, 45, 64, 0.35)
DARK_DRAWINGS = Look(45, 25, 82, 0.25, "dark")  # MNIST 33 and 79, Fashion-MNIST 73 and 90
LIGHT_DRAWINGS = Look(212, 25, 80, 0.25, "light", 2.0)
"""Of ImageNet 118 and 58; CIFAR-10 121 and 64."""

_AS_LIKELY = 0.07  # of the best one's votes: such a scale is named beside it

_MOST_NAMED = 3

FITS = -4.5
"""Logarithm of the likelihood from which on a scale fits at all: three spreads off."""

TINT = (9.0, 2.0, -11.0)
"""How far red, green and blue of photographs are from their common mean."""


def looks(n_channels: int) -> tuple[Look, ...]:
    """The sorts of pictures that networks of so many channels are trained on."""
    return (PHOTOS,) if n_channels >= 3 else (PHOTOS, DARK_DRAWINGS, LIGHT_DRAWINGS)


def scales(n_channels: int) -> Mapping[str, Recipe]:
    """Those that fit so many channels."""
    if n_channels >= 3:
        return SCALES
    return {name: SCALES[name] for name in ("unit", "raw", "symmetric", "centred", "standard")}


def shares(likelihoods: Mapping[str, float], authors: str = "") -> dict[str, float]:
    """Logarithms of likelihoods, and habits, as parts of 1.

    Args:
        authors: how those of a known architecture scale: as likely as the commonest habit.
    """
    top = max(likelihoods.values())
    habits = {
        name: max(HABITS.values()) if name == authors else HABITS[name] for name in likelihoods
    }
    powers = {
        name: habits[name] * math.exp(max(each - top, -50)) for name, each in likelihoods.items()
    }
    total = sum(powers.values())
    return {name: power / total for name, power in powers.items()}


def likely(votes: Mapping[str, float]) -> list[str]:
    """The scale with most of the votes, and those that may be it as well."""
    enough = _AS_LIKELY * max(votes.values())
    by_votes = sorted(votes, key=lambda name: -votes[name])
    return [name for name in by_votes if votes[name] > enough][:_MOST_NAMED]


def in_words(votes: Mapping[str, float]) -> str:
    """The likely scales as part of a sentence: none is named alone that is not."""
    first, *others = (in_sentence(SCALES[name]) for name in likely(votes))
    return f"{first} (perhaps {' or '.join(others)})" if others else first


def in_sentence(recipe: Recipe) -> str:
    """Its title as it stands in the middle of a sentence."""
    title = recipe.title
    return title if title.startswith("ImageNet") else title[:1].lower() + title[1:]


def about(number: float) -> str:
    """Two figures, without a power of ten: `110`, `0.43`."""
    return f"{float(f'{number:.2g}'):,.15g}"


def best(votes: Mapping[str, float]) -> str:
    """The scale with most of the votes."""
    return max(votes, key=lambda name: votes[name])

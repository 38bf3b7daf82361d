"""What every piece of evidence comes to: votes for ways to scale pixels, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import msgspec

from h5viewer.network.recipes import CAFFE, RAW, SYMMETRIC, TORCH, UNIT
from h5viewer.nodes import Recipe

SCALES: Mapping[str, Recipe] = {
    recipe.name: recipe for recipe in (UNIT, RAW, SYMMETRIC, CAFFE, TORCH)
}
"""The ways that are told apart, by name."""

HABITS: Mapping[str, float] = {
    "unit": 0.5, "raw": 0.27, "symmetric": 0.15, "caffe": 0.03, "torch": 0.05,
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

TINT = (9.0, 2.0, -11.0)
"""How far red, green and blue of photographs are from their common mean."""


def looks(n_channels: int) -> tuple[Look, ...]:
    """The sorts of pictures that networks of so many channels are trained on."""
    return (PHOTOS,) if n_channels >= 3 else (PHOTOS, DARK_DRAWINGS, LIGHT_DRAWINGS)


def scales(n_channels: int) -> Mapping[str, Recipe]:
    """Those that fit so many channels."""
    if n_channels >= 3:
        return SCALES
    return {name: SCALES[name] for name in ("unit", "raw", "symmetric")}


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


def best(votes: Mapping[str, float]) -> str:
    """The scale with most of the votes."""
    return max(votes, key=lambda name: votes[name])

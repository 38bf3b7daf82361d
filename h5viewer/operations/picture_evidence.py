"""Whether a dataset of the right shape is pictures: values, names, and what lies beside it."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.axes import axis_sources
from h5viewer.documents.picture_layouts import BANDS
from h5viewer.documents.picture_looks import SMOOTH, Looks, is_one_hot, roughness
from h5viewer.documents.picture_words import (
    means_maps,
    means_pictures,
    says_maps,
    says_pictures,
)
from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset

_SMALL = 16  # pixels of a side, for which something else has to speak as well


class Evidence(msgspec.Struct, frozen=True):
    """What is known of a dataset besides its values."""

    facts: Dataset
    is_labelled: bool
    has_partner: bool  # something as long, called like pictures or labels, lies beside it

    def are_pictures(self, pictures: NDArray[Any], looks: Looks) -> bool:
        """True for numbers that look like it, the less the more their names say so."""
        facts = self.facts
        kind, itemsize, n_channels = facts.dtype.kind, facts.dtype.itemsize, pictures.shape[-1]
        if kind in ("bool", "uint", "int") and looks.high <= 1 and _is_words(pictures):
            return False
        is_named = means_pictures(facts.path)
        is_said = says_pictures(facts.path) or says_maps(facts.path)
        is_called = is_said or means_maps(facts.path)
        if n_channels == 1 and not (is_called or looks.is_constant) and _are_symmetric(pictures):
            return False
        if n_channels in BANDS:
            is_told = is_said or self.is_labelled
            return is_told and not looks.is_constant and roughness(pictures, looks) < SMOOTH
        if kind == "uint" and itemsize == 1:
            return True
        if looks.is_constant:
            return self.is_labelled and is_named
        if not looks.is_range_of_pixels and not (is_said or (self.is_labelled and is_named)):
            return False
        is_told = self.is_labelled or is_named
        if not is_told and min(pictures.shape[1:3]) < _SMALL:
            return False  # first kernels of networks are smooth, too
        is_known = is_said or self.has_partner or looks.greatest in (1, 255)
        if kind == "float" and n_channels == 1 and not is_known:
            return False  # a field of something measured
        is_smooth = roughness(pictures, looks) < SMOOTH
        return is_smooth or (self.is_labelled and is_named and looks.low in (0, -1))

    def is_field(self, container: Container) -> bool:
        """True for measured values over coordinates that the file states."""
        facts = self.facts
        if facts.dtype.kind != "float" or self.is_labelled or says_pictures(facts.path):
            return False
        sources = axis_sources(container, facts)
        return sum(source.dataset is not None for source in sources) > 1


def _are_symmetric(pictures: NDArray[Any]) -> bool:
    """True for correlations, distances, adjacency: matrices, whatever they are called."""
    return pictures.shape[1] == pictures.shape[2] and bool(
        np.array_equal(pictures, pictures.swapaxes(1, 2), equal_nan=True)
    )


def _is_words(pictures: NDArray[Any]) -> bool:
    return pictures.shape[-1] == 1 and is_one_hot(pictures[..., 0]) and bool(pictures.any())

"""Pictures are recognised by the HDF5 Image and Palette Specification."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import opened, run

from h5viewer import requests
from h5viewer.nodes import PictureForm
from h5viewer.operations.appearance import read_appearance

RAINBOW = np.stack([np.arange(256), np.arange(256)[::-1], np.full(256, 7)], axis=1).astype("u1")


def form(
    tmp_path: Path, shape: tuple[int, ...], write: Callable[..., object], **attributes: object
):
    path = tmp_path / "p.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("picture", data=np.zeros(shape, "u1"))
        data.attrs["CLASS"] = np.bytes_("IMAGE")
        data.attrs.update(attributes)
        write(file, data)
    asked = requests.ReadAppearance(document=str(path), node=(b"picture",))
    found = opened(path, lambda container: run(read_appearance(asked, container))[0]).picture
    assert isinstance(found, PictureForm)
    return found


def nothing(_file: h5py.File, _data: h5py.Dataset) -> None:
    """No palette."""


def with_palette(colours: np.ndarray, **attributes: object) -> Callable[..., None]:
    def write(file: h5py.File, data: h5py.Dataset) -> None:
        file["palette"] = colours
        file["palette"].attrs["CLASS"] = "PALETTE"
        file["palette"].attrs.update(attributes)
        data.attrs["PALETTE"] = file["palette"].ref

    return write


@pytest.mark.parametrize("colours", [RAINBOW, RAINBOW.T])
def test_an_indexed_picture_has_its_palette(tmp_path: Path, colours: np.ndarray) -> None:
    found = form(tmp_path, (4, 5), with_palette(colours), IMAGE_SUBCLASS="IMAGE_INDEXED")
    assert (found.kind, found.palette_path) == ("indexed", (b"palette",))
    assert found.palette is not None
    assert np.array_equal(found.palette.values, RAINBOW)


def test_a_palette_of_other_colours_than_rgb_is_not_guessed(tmp_path: Path) -> None:
    write = with_palette(RAINBOW, PAL_COLORMODEL="HSV")
    assert form(tmp_path, (4, 5), write, IMAGE_SUBCLASS="IMAGE_INDEXED").palette is None


@pytest.mark.parametrize(
    ("shape", "interlace", "axis"),
    [
        ((4, 5, 3), "INTERLACE_PIXEL", 2),
        ((4, 3, 5), "INTERLACE_LINE", 1),
        ((3, 4, 5), "INTERLACE_PLANE", 0),
        ((3, 4, 5), None, 0),
        ((9, 4, 5, 3), "INTERLACE_PIXEL", 3),
    ],
)
def test_colours_are_found_on_their_axis(
    tmp_path: Path, shape: tuple[int, ...], interlace: str | None, axis: int
) -> None:
    stated = {} if interlace is None else {"INTERLACE_MODE": interlace}
    found = form(tmp_path, shape, nothing, IMAGE_SUBCLASS="IMAGE_TRUECOLOR", **stated)
    assert (found.kind, found.channels) == ("truecolor", axis)


def test_a_grey_picture_has_its_range_and_origin(tmp_path: Path) -> None:
    found = form(
        tmp_path,
        (4, 5),
        nothing,
        IMAGE_SUBCLASS="IMAGE_GRAYSCALE",
        IMAGE_MINMAXRANGE=np.array([10, 90], "u1"),
        DISPLAY_ORIGIN=np.bytes_("LL"),
        IMAGE_WHITE_IS_ZERO=np.uint8(1),
    )
    assert (found.kind, found.origin, found.is_white_zero) == ("grayscale", "LL", True)
    assert (found.minimum, found.maximum) == (10.0, 90.0)


def test_odd_statements_are_left_out(tmp_path: Path) -> None:
    found = form(
        tmp_path,
        (4, 5),
        with_palette(np.zeros((2, 2, 2), "u1")),
        IMAGE_SUBCLASS="IMAGE_INDEXED",
        IMAGE_MINMAXRANGE=[5, 5],
        DISPLAY_ORIGIN="upside down",
    )
    assert found == PictureForm(kind="grayscale")

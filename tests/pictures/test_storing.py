"""What the stated rule makes of odd pictures, where it can be told by a glance at the numbers."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.nodes import DataSetRecipe
from h5viewer.pictures.storing import StoredPicture, as_stored, size_of

RED, BLUE = (250, 0, 0), (0, 0, 250)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def of(data: bytes, width: int = 4, height: int = 4, **recipe: Any) -> StoredPicture:
    wanted = DataSetRecipe(width=width, height=height, **recipe)
    return as_stored(data, "a.png", wanted, explains=True)


def halves(width: int = 8, height: int = 4) -> Image.Image:
    """Red at the left, blue at the right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, BLUE
    return Image.fromarray(pixels)


def test_pictures_of_the_right_size_stay_as_they_are() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    for fit in ("stretch", "pad", "crop"):
        assert np.array_equal(of(encoded(Image.fromarray(pixels)), 7, 5, fit=fit).pixels, pixels)


def test_fits() -> None:
    data = encoded(halves())
    stretched = of(data, fit="stretch").pixels
    assert stretched.shape == (4, 4, 3)
    assert tuple(stretched[0, 0]) == RED
    assert tuple(stretched[3, 3]) == BLUE
    padded = of(data, fit="pad").pixels
    assert not padded[0].any()
    assert not padded[3].any()
    assert tuple(padded[1, 0]) == RED
    cropped = of(data, fit="crop").pixels  # the middle: half red, half blue
    assert [tuple(pixel) for pixel in cropped[0]] == [RED, RED, BLUE, BLUE]


def test_padding_is_nothing_where_there_is_alpha() -> None:
    padded = of(encoded(halves()), fit="pad", colour="rgba").pixels
    assert [list(row[0]) for row in padded] == [[0] * 4, [*RED, 255], [*RED, 255], [0] * 4]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_exif_turns_the_picture_and_its_size(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    data = encoded(halves(), kind, exif=exif)
    found = of(data, 4, 8)
    assert (found.width, found.height) == (4, 8)
    assert size_of(data, "a.png") == (4, 8)
    assert tuple(found.pixels[0, 0]) == RED
    assert tuple(found.pixels[7, 0]) == BLUE


def test_alpha_is_put_over_white_or_kept() -> None:
    pixels = np.zeros((4, 4, 4), np.uint8)
    pixels[:2] = (100, 0, 0, 255)
    pixels[2:, :, 3] = 51  # a fifth of black
    data = encoded(Image.fromarray(pixels))
    assert [tuple(row[0]) for row in of(data).pixels] == [(100, 0, 0)] * 2 + [(204,) * 3] * 2
    assert np.array_equal(of(data, colour="rgba").pixels, pixels)
    assert of(data, colour="grey").pixels[3, 0] == 204


def test_a_colour_that_stands_for_nothing_is_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 200, 100, 0])
    data = encoded(image, transparency=1)
    assert tuple(of(data).pixels[0, 0]) == (255, 255, 255)


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (np.full((4, 4), 65535, np.uint16), 255),
        (np.full((4, 4), 257, np.uint16), 1),
        (np.full((4, 4), 300, np.uint16), 1),
        (np.full((4, 4), 32896, np.uint16), 128),
    ],
)
def test_sixteen_bits_become_eight(values: np.ndarray, wanted: int) -> None:
    found = of(encoded(Image.fromarray(values)))
    assert (found.pixels == wanted).all()
    assert found.note == "Its numbers are scaled to 0 … 255."


def test_the_first_picture_of_an_animation_counts() -> None:
    frames = [Image.new("RGB", (4, 4), RED), Image.new("RGB", (4, 4), BLUE)]
    for kind in ("GIF", "PNG", "WEBP", "TIFF"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        found = of(data)
        assert tuple(found.pixels[0, 0]) == RED, kind
        assert found.note == "The first of its pictures counts.", kind


def test_arrays_are_pictures_when_they_look_like_it() -> None:
    def npy(values: np.ndarray) -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, values)
        return buffer.getvalue()

    assert (of(npy(np.full((4, 4), 0.2))).pixels == 51).all()
    assert of(npy(np.full((4, 4, 1), 7, np.uint8)), colour="grey").pixels.tolist() == [[7] * 4] * 4
    assert of(npy(np.full((4, 4, 4), 7, np.uint8)), colour="rgba").pixels.shape == (4, 4, 4)
    for shape in ((4,), (4, 4, 2), (1, 4, 4, 3), (0, 4)):
        with pytest.raises(CannotRead):
            of(npy(np.zeros(shape, np.uint8)))


def test_grey_is_what_pillow_calls_so() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    assert np.array_equal(of(encoded(image), colour="grey").pixels, np.asarray(image.convert("L")))


def test_what_cannot_be_stored_is_said() -> None:
    with pytest.raises(TooLarge, match="at most 128 million"):
        of(encoded(Image.new("1", (20_000, 20_000))))
    whole = encoded(halves(200, 200), "JPEG")
    with pytest.raises(CannotRead, match=r"a\.png is cut short"):
        of(whole[:-300])
    with pytest.raises(CannotRead, match="no picture"):
        of(b"words")


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 2)])
@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_tiny_and_thin_ones_fit(size: tuple[int, int], fit: str) -> None:
    found = of(encoded(Image.new("RGB", size, RED)), 5, 3, fit=fit)
    assert found.pixels.shape == (3, 5, 3)
    assert tuple(found.pixels[1, 2]) == RED


def test_large_pictures_lose_nothing_that_the_size_that_is_stored_could_show() -> None:
    """Those of more than 16 million pixels become smaller while they are decoded."""
    lines = np.zeros((4100, 4100), np.uint8)
    lines[:, ::2] = 255
    data = encoded(Image.fromarray(lines), compress_level=1)
    assert np.array_equal(of(data, 4100, 4100, colour="grey").pixels, lines)
    wide = np.zeros((1000, 17_000), np.uint8)
    wide[::2] = 200
    for fit in ("stretch", "crop"):
        data = encoded(Image.fromarray(wide), compress_level=1)
        stored = of(data, 1000, 1000, colour="grey", fit=fit).pixels
        assert np.array_equal(stored, wide[:, :1000])


def test_large_scans_and_palettes_are_averaged() -> None:
    grid = np.indices((4200, 4200)).sum(axis=0) % 2 == 0
    assert np.abs(of(encoded(Image.fromarray(grid))).pixels.astype(int) - 127).max() <= 1
    image = Image.fromarray(grid.astype(np.uint8), "P")
    image.putpalette([*RED, *BLUE])
    assert np.abs(of(encoded(image)).pixels.astype(int) - [125, 0, 125]).max() <= 1


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_large_ones_of_sixteen_bits_are_read(kind: str) -> None:
    values = np.full((4200, 4200), 0x8080, np.uint16)
    values[:, :2100] = 200  # of 65,535
    stored = of(encoded(Image.fromarray(values), kind), colour="grey").pixels
    assert [stored[0, 0], stored[0, -1]] == [1, 128]

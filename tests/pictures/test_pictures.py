"""Pictures of every kind become upright pixels, or one sentence that names the file."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from h5viewer.errors import CannotRead, H5ViewerError, TooLarge
from h5viewer.pictures.decoding import Picture, decode

RED, GREEN, BLUE = (250, 10, 10), (10, 240, 20), (15, 20, 230)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corners(rows: int = 24, columns: int = 32) -> Image.Image:
    """Red at the upper left, green at the upper right, blue below."""
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[:] = BLUE
    pixels[: rows // 2, : columns // 2] = RED
    pixels[: rows // 2, columns // 2 :] = GREEN
    return Image.fromarray(pixels)


def pixels_of(data: bytes, name: str = "a.png") -> np.ndarray:
    found = decode(data, name)
    assert isinstance(found, Picture)
    assert found.pixels.dtype == np.uint8
    assert found.pixels.shape[2] == 3
    return found.pixels


def is_near(pixel: np.ndarray, colour: tuple[int, int, int], by: int = 40) -> bool:
    return bool((np.abs(pixel.astype(int) - colour) <= by).all())


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("PNG", {}),
        ("WEBP", {"quality": 95}),
        ("BMP", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("GIF", {}),
        ("PPM", {}),
        ("TGA", {}),
    ],
)
def test_kinds_of_files_come_out_alike(kind: str, options: dict[str, object]) -> None:
    pixels = pixels_of(encoded(corners(), kind, **options))
    assert pixels.shape == (24, 32, 3)
    assert is_near(pixels[3, 3], RED)
    assert is_near(pixels[3, 28], GREEN)
    assert is_near(pixels[20, 16], BLUE)


def test_first_frame_of_an_animation_counts() -> None:
    first, second = Image.new("RGB", (8, 8), RED), Image.new("RGB", (8, 8), BLUE)
    data = encoded(first, "GIF", save_all=True, append_images=[second])
    assert is_near(pixels_of(data)[4, 4], RED)


def test_first_page_of_a_tiff_counts() -> None:
    data = encoded(
        Image.new("L", (6, 5), 200), "TIFF", save_all=True, append_images=[Image.new("L", (6, 5))]
    )
    assert (pixels_of(data) == 200).all()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_rotation_stated_by_exif_is_undone(orientation: int, kind: str) -> None:
    upright = corners()
    stored = {
        1: upright,
        2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90),
        7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = pixels_of(encoded(stored, kind, quality=95, exif=exif))
    assert pixels.shape == (24, 32, 3)
    assert is_near(pixels[3, 3], RED)
    assert is_near(pixels[3, 28], GREEN)


def test_sixteen_bits_span_the_whole_range() -> None:
    grey = np.array([[0, 32768, 65535]], np.uint16)
    for kind in ("PNG", "TIFF"):
        pixels = pixels_of(encoded(Image.fromarray(grey), kind))
        assert pixels[0, :, 0].tolist() == [0, 128, 255]


def test_floating_tiff_from_0_to_1_spans_the_whole_range() -> None:
    pixels = pixels_of(encoded(Image.fromarray(np.array([[0, 0.5, 1]], np.float32)), "TIFF"))
    assert pixels[0, :, 1].tolist() == [0, 128, 255]


def test_palette_black_and_white_and_cmyk_become_colours() -> None:
    palette = corners().quantize(8)
    assert is_near(pixels_of(encoded(palette, "PNG"))[3, 3], RED)
    assert set(np.unique(pixels_of(encoded(corners().convert("1"), "PNG")))) <= {0, 255}
    cmyk = encoded(corners().convert("CMYK"), "JPEG", quality=95)
    assert is_near(pixels_of(cmyk)[3, 28], GREEN, by=60)


def test_grey_with_alpha_and_stated_transparent_colour_lie_over_white() -> None:
    black = np.zeros((4, 4, 2), np.uint8)
    black[1:3, 1:3, 1] = 255
    found = decode(encoded(Image.fromarray(black, "LA"), "PNG"), "a.png")
    assert isinstance(found, Picture)
    assert found.pixels[0, 0].tolist() == [255, 255, 255]
    assert found.pixels[1, 1].tolist() == [0, 0, 0]
    assert "white" in found.note
    keyed = encoded(Image.new("RGB", (3, 3), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert (pixels_of(keyed) == 255).all()


def test_white_drawing_on_nothing_lies_over_black() -> None:
    white = np.zeros((8, 8, 4), np.uint8)
    white[:, :, :3] = 255
    white[2:6, 3:5, 3] = 255
    found = decode(encoded(Image.fromarray(white), "PNG"), "a.png")
    assert isinstance(found, Picture)
    assert found.pixels[0, 0].tolist() == [0, 0, 0]
    assert found.pixels[3, 3].tolist() == [255, 255, 255]
    assert "black" in found.note


def test_first_of_several_pictures_counts_and_that_is_said() -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "TIFF", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        found = decode(data, "a")
        assert isinstance(found, Picture)
        assert found.pixels[0, 0].tolist() == [255, 0, 0]
        assert found.note == "The first of its pictures counts.", kind


def test_opaque_alpha_says_nothing() -> None:
    found = decode(encoded(corners().convert("RGBA"), "PNG"), "a.png")
    assert isinstance(found, Picture)
    assert found.note == ""


def huge_png(width: int, height: int) -> bytes:
    """A PNG that states a size and has hardly any bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    with pytest.raises(TooLarge, match=r"wall\.png has 30,000 x 30,000 pixels"):
        decode(huge_png(30_000, 30_000), "wall.png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_picture_that_is_cut_short_is_named(kind: str) -> None:
    whole = encoded(Image.effect_noise((64, 64), 90).convert("RGB"), kind)
    with pytest.raises(CannotRead, match=r"holiday\.jpg") as refusal:
        decode(whole[: len(whole) // 2], "holiday.jpg")
    assert refusal.value.message.count(".") <= 2


@pytest.mark.parametrize(
    "data",
    [b"", b"hello world", b"%PDF-1.7", b"\0\0\0\x18ftypheic", b"\xff\xd8\xff\xe0", b"<svg></svg>"],
)
def test_what_is_no_picture_is_one_sentence(data: bytes) -> None:
    with pytest.raises(CannotRead, match=r"^thing\.bin "):
        decode(data, "thing.bin")


def is_refused(data: bytes) -> bool:
    """Whether it is refused by a sentence about it; anything else escapes."""
    try:
        decode(data, "x")
    except H5ViewerError as error:
        return error.message.startswith("x ")
    return False


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "TGA", "PPM"])
def test_damage_anywhere_is_decoded_or_said(kind: str) -> None:
    """Two hundred damaged copies each: pixels, or one of our errors."""
    whole = bytearray(encoded(corners(), kind))
    random = np.random.default_rng(7)
    n_refused = 0
    for _ in range(200):
        damaged = bytearray(whole)
        for place in random.integers(0, len(whole), 3):
            damaged[place] = int(random.integers(0, 256))
        n_refused += is_refused(bytes(damaged))
    assert n_refused < 200


# ------------------------------------------------------------------------------ .npy


def npy(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "values",
    [
        np.arange(12, dtype=np.float32).reshape(3, 4),
        np.asfortranarray(np.arange(12, dtype=">i2").reshape(3, 4)),
        np.array(3.5),
        np.zeros((0, 4), np.uint8),
        np.array([True, False]),
    ],
)
def test_npy_is_read_as_numpy_does(values: np.ndarray) -> None:
    found = decode(npy(values), "a.npy")
    assert isinstance(found, np.ndarray)
    assert found.shape == values.shape
    assert (found == values).all()
    assert found.dtype.isnative


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (npy(np.array([{"a": 1}], dtype=object)), "plain numbers"),
        (npy(np.array(["a", "b"])), "plain numbers"),
        (npy(np.zeros(3, [("a", "f4")])), "plain numbers"),
        (npy(np.zeros((100, 100)))[:500], "cut short"),
        (b"\x93NUMPY\x01\x00\xff\xff", "cut short"),
        (b"\x93NUMPY\x09\x00\x10\x00", "damaged header"),
        (b"\x93NUMPY\x01\x00\x10\x00" + b"(" * 16, "damaged header"),
    ],
)
def test_npy_of_anything_else_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(CannotRead, match=rf"^a\.npy .*{words}"):
        decode(data, "a.npy")


def test_npy_that_states_a_monstrous_shape_is_refused() -> None:
    data = npy(np.zeros((2, 2))).replace(b"(2, 2)", b"(9999999999, 9999999999)")
    with pytest.raises(CannotRead):
        decode(data, "a.npy")


def test_colours_that_are_not_read_are_no_damage() -> None:
    buffer = io.BytesIO()
    Image.new("LAB", (4, 4)).save(buffer, "TIFF")
    with pytest.raises(CannotRead, match=r"a\.tif has CIE Lab colours"):
        decode(buffer.getvalue(), "a.tif")

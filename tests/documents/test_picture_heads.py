"""The first bytes of a picture's file say its size, as whoever decodes it finds it."""

from __future__ import annotations

from typing import Any

import pytest
from loose_files import picture_file

from h5viewer.documents.picture_heads import PictureHead, head_of, kind_of

FILES: dict[str, tuple[str, dict[str, Any], int]] = {
    "jpeg": ("JPEG", {}, 3),
    "progressive": ("JPEG", {"progressive": True, "mode": "L"}, 1),
    "with-exif": ("JPEG", {"exif": b"Exif\0\0" + bytes(60_000)}, 3),
    "png": ("PNG", {"mode": "RGBA"}, 4),
    "gif": ("GIF", {}, 3),
    "bmp": ("BMP", {}, 3),
    "webp": ("WebP", {}, 3),
    "webp-lossless": ("WebP", {"lossless": True}, 3),
    "webp-with-exif": ("WebP", {"exif": b"Exif\0\0"}, 3),
    "tiff": ("TIFF", {}, 3),
}


@pytest.mark.parametrize("name", FILES)
def test_kind_and_size_are_told(name: str) -> None:
    kind, how, channels = FILES[name]
    data = picture_file(1, kind, 37, 21, **how)
    assert head_of(data) == PictureHead(kind, 21, 37, channels)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_cut_anywhere_or_changed_never_ends_in_a_fault(name: str) -> None:
    kind, how, _ = FILES[name]
    data = picture_file(1, kind, 37, 21, **how)
    for length in range(min(len(data), 300)):
        head_of(data[:length])
        head_of(data[:length] + b"\xff" + data[length + 1 :])
        head_of(data[:length] + b"\0" + data[length + 1 :])


def test_what_is_no_picture_says_nothing() -> None:
    for data in (b"", b"BM", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + bytes(100), b"hello" * 9):
        assert head_of(data) is None
    assert kind_of(b"BMW is no picture of any kind") == ""


def test_more_pixels_than_are_ever_decoded_are_no_picture() -> None:
    data = bytearray(picture_file(1))
    data[16:24] = b"\0\1\0\0\0\1\0\0"  # 65,536 x 65,536
    assert head_of(bytes(data)) is None

"""Files whose pictures stand each by itself: `from loose_files import picture_file`."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image

BYTES = h5py.vlen_dtype(np.uint8)


def pixels_of(index: int, width: int = 40, height: int = 30) -> np.ndarray:
    """(height, width, 3): smooth, and its colour says which it is."""
    rows, columns = np.indices((height, width))
    colours = [rows * 0 + index * 5 % 200, rows * 3 % 256, columns * 2 % 256]
    return np.stack(colours, axis=-1).astype(np.uint8)


def picture_file(
    index: int, kind: str = "PNG", width: int = 40, height: int = 30, mode: str = "RGB", **how: Any
) -> bytes:
    """One as the bytes of a file."""
    return encoded(Image.fromarray(pixels_of(index, width, height)).convert(mode), kind, **how)


def encoded(image: Image.Image, kind: str = "PNG", **how: Any) -> bytes:
    found = io.BytesIO()
    image.save(found, kind, **how)
    return found.getvalue()


def write_lists(path: Path, files: Sequence[bytes], name: str = "images", **others: Any) -> Path:
    """Each an element of variable length."""
    with h5py.File(path, "w") as file:
        lists = file.create_dataset(name, (len(files),), BYTES)
        for index, each in enumerate(files):
            lists[index] = np.frombuffer(each, np.uint8)
        for other, values in others.items():
            file[other] = values
    return path


def write_opaque(path: Path, files: Sequence[bytes], **others: Any) -> Path:
    """Each an element of one length, filled up with zeros."""
    longest = max(map(len, files))
    with h5py.File(path, "w") as file:
        file["images"] = np.array([np.void(each.ljust(longest, b"\0")) for each in files])
        for other, values in others.items():
            file[other] = values
    return path


def write_texts(path: Path, files: Sequence[bytes], **others: Any) -> Path:
    """Each a text of one length."""
    with h5py.File(path, "w") as file:
        file["images"] = np.array(files, dtype=f"S{max(map(len, files))}")
        for other, values in others.items():
            file[other] = values
    return path


def write_rows(path: Path, files: Sequence[bytes], **others: Any) -> Path:
    """Each a row of bytes, filled up with zeros."""
    longest = max(map(len, files))
    with h5py.File(path, "w") as file:
        rows = np.stack([np.frombuffer(each.ljust(longest, b"\0"), np.uint8) for each in files])
        file.create_dataset("images", data=rows, chunks=(4, longest), compression="gzip")
        for other, values in others.items():
            file[other] = values
    return path


def claim(path: Path, claims: dict[int, int], name: str = "images") -> Path:
    """Have elements say that they are longer than they are."""
    with h5py.File(path) as file:
        start = file[name].id.get_offset()
        lengths = {index: len(file[name][index]) for index in claims}
    stored = bytearray(path.read_bytes())
    for index, length in claims.items():
        place = start + 16 * index
        assert struct.unpack_from("<I", stored, place)[0] == lengths[index]
        struct.pack_into("<I", stored, place, length)
    path.write_bytes(stored)
    return path


def png_bomb(side: int = 60_000) -> bytes:
    """A few kB that promise 10 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def scan_bomb(n_scans: int = 3000) -> bytes:
    """A JPEG that goes over its pixels thousands of times."""
    plain = encoded(Image.new("RGB", (2000, 1600)), "JPEG", progressive=True)
    last = plain[plain.rfind(b"\xff\xda") : -2]
    return plain[:-2] + last * n_scans + b"\xff\xd9"

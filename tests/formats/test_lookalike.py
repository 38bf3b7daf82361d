"""Files that are no model are refused by a sentence that names what they look like."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from h5viewer.errors import CannotOpen
from h5viewer.formats.container import Container

Opener = Callable[[Path], Container]

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 114683872\n"


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a"))
    return buffer.getvalue()


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


def _safetensors() -> bytes:
    head = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return len(head).to_bytes(8, "little") + head + b"\0" * 4


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"<!DOCTYPE html>\n<html><body>Not found</body></html>", "a web page (HTML)"),
        (b"\n\n  <html lang='en'>", "a web page (HTML)"),
        (b"<?xml version='1.0'?><a/>", "an XML file"),
        (LFS.encode(), "a Git LFS pointer (the file itself has 114,683,872 bytes)"),
        (b"just some words\n" * 9, "a text file"),
        ("größe\n".encode() * 999, "a text file"),
        ("größe".encode("utf-16"), "a text file"),
        (b'{"a": 1}', "a JSON file"),
        (b'{"class_name": "Model", "config": {}}', "a Keras architecture without weights"),
        (pickle.dumps({"a": [1, 2]}), "a Python pickle"),
        (pickle.dumps([1, 2], protocol=2), "a Python pickle"),
        (gzip.compress(b"x" * 999, mtime=0), "a gzip-compressed file"),
        (_tar(), "a tar archive"),
        (_npy(), "a NumPy array"),
        (_safetensors(), "a safetensors file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a PNG picture"),
        (b"\x1c\0\0\0TFL3" + b"\0" * 50, "a TensorFlow Lite model"),
        (b"\x08\x07\x12\x07pytorch" + b"\x1a\x05" + b"\0" * 50, "an ONNX model"),
        (b"\0" * 9999, "filled with zeros"),
        (b"\x89HDF", "cut short"),
        (b"\x89HD", "cut short"),
        (bytes(range(128, 256)) * 9, "a binary file of an unknown kind"),
        (b'model_checkpoint_path: "model"\n', "list of names"),
    ],
)
def test_what_it_looks_like_is_named(
    opened: Opener, tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "model.h5"
    path.write_bytes(data)
    with pytest.raises(CannotOpen) as caught:
        opened(path)
    assert words in caught.value.message
    assert caught.value.message.startswith("model.h5 ")
    assert caught.value.message.endswith(".")
    assert str(tmp_path) not in caught.value.message + caught.value.hint

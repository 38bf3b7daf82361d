"""Files that are no model at all, named by what they look like."""

from __future__ import annotations

import re

from h5viewer.errors import CannotOpen
from h5viewer.formats.source import Source

_HEAD = 4096
_HDF5_START = b"\x89HDF"

_MAGIC = (  # (first bytes, what it is, what to do)
    (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a PyTorch file", "Open it with PyTorch."),
    (b"\x93NUMPY", "a NumPy array (.npy)", "Open it with numpy.load."),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"%PDF-", "a PDF document", ""),
    (b"\x1f\x8b", "a gzip-compressed file", "Decompress it first, for example with gunzip."),
    (b"BZh", "a bzip2-compressed file", "Decompress it first."),
    (b"\xfd7zXZ\x00", "an xz-compressed file", "Decompress it first."),
    (b"\x28\xb5\x2f\xfd", "a zstd-compressed file", "Decompress it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first."),
    (b"Rar!\x1a\x07", "a RAR archive", "Unpack it first."),
    (b"\x0e\x03\x13\x01", "an HDF4 file", "Convert it to HDF5, for example with h4toh5."),
    (b"CDF\x01", "a classic netCDF file", "Convert it to netCDF-4, for example with nccopy."),
    (b"CDF\x02", "a classic netCDF file", "Convert it to netCDF-4, for example with nccopy."),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file of an older version", "Save it with -v7.3 (HDF5)."),
    (b"GGUF", "a GGUF language model", ""),
    (b"SQLite format 3\x00", "an SQLite database", ""),
    (b"PAR1", "a Parquet table", ""),
    (b"\x7fELF", "a program", ""),
    (b"MZ", "a Windows program", ""),
)  # fmt: skip
_AT_OFFSET = (  # (where, bytes, what it is, what to do)
    (257, b"ustar", "a tar archive", "Unpack it first and open the file inside."),
    (4, b"TFL3", "a TensorFlow Lite model", ""),
)
_PICKLE = re.compile(rb"\A\x80[\x02-\x05][\x95\x8a}\](c(X\x8c\x4b\x4d\x28]")


def refusal(source: Source) -> CannotOpen:
    """Why a file of no known format is not opened, in one sentence."""
    what, hint = _describe(source)
    if what.startswith(("is ", "ends ", "was ")):
        return CannotOpen(f"{source.name} {what}.", hint=hint)
    return CannotOpen(f"{source.name} is {what}, not an HDF5 file or Keras model.", hint=hint)


def _describe(source: Source) -> tuple[str, str]:
    """What it looks like (a noun, or a whole predicate), and what to do."""
    head = source.read_at(0, _HEAD)
    if source.size == 0:
        return "is empty (0 bytes)", "The copy or download did not succeed; fetch it again."
    if _HDF5_START.startswith(head[:4]) or head.startswith(_HDF5_START):
        return (
            f"is cut short: it ends after {source.size:,} bytes, in the middle of the first "
            "line of an HDF5 file",
            "The copy or download is incomplete; fetch the file again.",
        )
    if re.search(r"\.data-\d{5}-of-\d{5}$", source.name):
        return (
            "the data of a TensorFlow checkpoint",
            "Open the file of the same name that ends in .index.",
        )
    if not head.strip(b"\0"):
        return (
            "is filled with zeros at its start, so it is no HDF5 file",
            "The copy or download was probably interrupted; fetch the file again.",
        )
    for magic, what, hint in _MAGIC:
        if head.startswith(magic):
            return what, hint
    for at, magic, what, hint in _AT_OFFSET:
        if head[at : at + len(magic)] == magic:
            return what, hint
    return _describe_text(head) or _describe_binary(source, head)


def _describe_text(head: bytes) -> tuple[str, str] | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "a text file (UTF-16)", ""
    try:
        # Four bytes at the end may be half a letter.
        text = (
            head[: max(1, len(head) - 4)].decode("utf-8") if len(head) == _HEAD else head.decode()
        )
    except UnicodeDecodeError:
        return None
    if any(letter < " " and letter not in "\t\n\r\f\x1b" for letter in text):
        return None
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith("version https://git-lfs.github.com/spec/"):
        declared = re.search(r"^size (\d+)$", text, re.MULTILINE)
        size = f" (the file itself has {int(declared[1]):,} bytes)" if declared else ""
        return (
            f"a Git LFS pointer{size}",
            "Fetch the file itself with 'git lfs pull', or download it from the website.",
        )
    if start.startswith(("<!doctype html", "<html", "<head", "<!--")) or "<html" in start[:500]:
        return (
            "a web page (HTML)",
            "The link led to a page; download the file itself, for example by its 'Raw' button.",
        )
    if start.startswith("<?xml"):
        return "an XML file", ""
    if start.startswith(("{", "[", '"{')):  # Keras 1 scripts saved the text of the text
        return _describe_json(text)
    if start.startswith("model_checkpoint_path:"):
        return (
            "a TensorFlow checkpoint's list of names",
            "The variables are in the .index and .data files beside it.",
        )
    return "a text file", "Check that the right file was downloaded."


def _describe_json(text: str) -> tuple[str, str]:
    if "class_name" in text and "config" in text:
        return (
            "a JSON file, which looks like a Keras architecture without weights",
            "Open the .h5 or .keras file with the weights.",
        )
    return "a JSON file", "Open the .h5 or .keras file that belongs to it."


def _describe_binary(source: Source, head: bytes) -> tuple[str, str]:
    if _PICKLE.match(head):
        return (
            "a Python pickle",
            "Pickles run code when they are loaded; open it only with the program that made it.",
        )
    if (
        re.match(rb"\A[\x00-\xff]{8}\{\s*\"", head)
        and int.from_bytes(head[:8], "little") < source.size
    ):
        return "a safetensors file", ""
    if head[:1] == b"\x08" and (b"onnx" in head[:200].lower() or b"pytorch" in head[:200]):
        return "an ONNX model", "Netron opens ONNX files."
    if head[:1] == b"\x08" and b"\x12" in head[:16] and b"serve" in source.read_at(0, _HEAD):
        return "a TensorFlow SavedModel", "Save the model as .keras or .h5."
    if head[:1] in (b"\x0a", b"\x08") and _names_tensorflow(head):
        return "a TensorFlow graph (protobuf)", "Save the model as .keras or .h5."
    return "a binary file of an unknown kind", "Check that the right file was downloaded."


def _names_tensorflow(head: bytes) -> bool:
    return any(word in head for word in (b"Placeholder", b"VariableV2", b"tensorflow", b"Const"))

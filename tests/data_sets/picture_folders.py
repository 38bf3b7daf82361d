"""Folders of generated pictures: ten classes, all modes, odd names, broken ones among them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from PIL import Image

_SIZES = ((32, 32), (48, 31), (20, 57), (96, 64), (7, 5), (1, 1), (130, 17), (64, 64))
_MODES = ("RGB", "L", "RGBA", "P", "1", "LA", "CMYK", "I;16", "RGB", "RGB")
_ENDINGS = {"RGB": (".jpg", ".png", ".bmp", ".webp"), "CMYK": (".jpg",)}


def make_folder(folder: Path, count: int, seed: int = 0) -> tuple[list[str], list[str]]:
    """Paths inside the folder, in no order, and those that cannot be read."""
    rng = np.random.default_rng(seed)
    good: list[str] = []
    for at in range(count):
        name = f"{_class(at)}/{_name(at)}"
        mode = _MODES[at // 10 % len(_MODES)]
        endings = _ENDINGS.get(mode, (".png",))
        path = folder / (name + endings[at % len(endings)])
        path.parent.mkdir(parents=True, exist_ok=True)
        save_picture(path, mode, _SIZES[at // 7 % len(_SIZES)], rng, orientation=at % 9)
        good.append(path.relative_to(folder).as_posix())
    good += _special(folder, rng)
    return good, _broken(folder)


def save_picture(
    path: Path,
    mode: str,
    size: tuple[int, int],
    rng: np.random.Generator,
    orientation: int = 0,
) -> None:
    """Soft colours, so that JPEG and scaling have something to do."""
    coarse = rng.integers(0, 256, (size[1] // 6 + 2, size[0] // 6 + 2, 4), dtype=np.uint8)
    image = Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)
    options: dict[str, object] = {}
    if mode == "I;16":
        grey = np.asarray(image.convert("RGB").convert("L")).astype(np.uint16)
        image = Image.fromarray(grey * 257 + rng.integers(0, 200, grey.shape).astype(np.uint16))
    else:
        image = image if mode == "RGBA" else image.convert("RGB").convert(mode)
    if mode == "LA":
        image.putalpha(Image.fromarray(rng.integers(0, 256, size[::-1], dtype=np.uint8)))
    if mode == "P" and orientation % 2:
        options["transparency"] = 3
    if orientation and path.suffix == ".jpg":
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    image.save(path, **options)  # type: ignore[arg-type]


def _class(at: int) -> str:
    return ("cat", "dog", "Éclair", "a b", "<b>&", "10", "9", "long " * 12, "ß", "zz")[at % 10]


def _name(at: int) -> str:
    odd = ("é", "100%", "a'b\"c", "new\nline", "#", ".dot"[1:], "tab\t", "🐈")
    return f"{odd[at % len(odd)]}{at}"


def _special(folder: Path, rng: np.random.Generator) -> list[str]:
    """An animation, a deep path, a huge one, no suffix in capitals, and no UTF-8."""
    found = ["cat/two.gif", "dog/deeper/still/one.PNG", "cat/huge.jpg"]
    for name in found:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
    red, blue = Image.new("RGB", (9, 9), (255, 0, 0)), Image.new("RGB", (9, 9), (0, 0, 255))
    red.save(folder / found[0], save_all=True, append_images=[blue])
    save_picture(folder / found[1], "RGB", (40, 40), rng)
    save_picture(folder / found[2], "RGB", (1500, 900), rng)
    if os.name == "posix" and os.uname().sysname == "Linux":
        name = os.fsdecode(b"dog/no\xffutf.png")
        save_picture(folder / "plain.png", "RGB", (30, 40), rng)
        (folder / "plain.png").rename(folder / name)
        found.append(name)
    return found


def _broken(folder: Path) -> list[str]:
    """Cut short, empty, text, something else, too large, of impossible colours."""
    whole = (folder / "cat" / "huge.jpg").read_bytes()
    large = Image.new("1", (20_000, 20_000))
    large.save(folder / "zz" / "large.png")
    contents = {
        "cat/cut.jpg": whole[: len(whole) // 3],
        "dog/empty.png": b"",
        "dog/text.jpg": b"<html>not found</html>",
        "9/heic.jpg": b"\0\0\0\x18ftypheic" + b"\0" * 100,
        "10/head.png": b"\x89PNG\r\n\x1a\n",
    }
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [*contents, "zz/large.png"]

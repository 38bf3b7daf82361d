"""A data set is written with pictures that were changed at random behind its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from decoding import run
from h5py import h5o, h5p, h5t

from h5viewer.documents.augmentation import augmented
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats import hdf5_multiplied
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Augmentation, Exported, ExportPlan, PictureLayout, PictureSet
from h5viewer.operations.write_augmented import plan_write_augmented, write_augmented
from h5viewer.requests import Progress, WriteAugmented

N, SIDE = 41, 12
TURNED = Augmentation(rotation=30, horizontal_flip=True, channel_shift=20, fill_mode="reflect")


def pixels() -> Any:
    """(n, rows, columns, 3)."""
    return np.random.default_rng(0).integers(0, 256, (N, SIDE, SIDE, 3), "u1")


def a_set(values: Any, axes: str = "nhwc", **facts: Any) -> PictureSet:
    of_layout = {
        name: facts.pop(name) for name in ("low", "high", "is_flat", "is_bgr") if name in facts
    }
    layout = PictureLayout(
        axes=axes, height=SIDE, width=SIDE, channels=3 if "c" in axes else 1, **of_layout
    )
    known = {"node": (b"x",), "labels": (b"y",), "label_form": "index", **facts}
    return PictureSet(
        shape=values.shape, dtype=str(values.dtype), layout=layout, n_pictures=N, **known
    )


def steps(operation: Any) -> Any:
    result, told = run(operation)
    assert all(isinstance(each, Progress) for each in told)
    return result


def written(source: Path, wanted: PictureSet, **asked: Any) -> tuple[Path, Exported, ExportPlan]:
    target = source.with_name("augmented.h5")
    facts = {"augmentation": TURNED, "pictures": wanted, **asked}
    request = WriteAugmented(document=str(source), target=target.name, **facts)
    fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    try:
        with Source(str(source)) as opened:
            container = open_container(opened)
            plan = steps(plan_write_augmented(request, container))
            done = steps(write_augmented(request, container, Scratch(fd)))
            container.close()
    finally:
        os.close(fd)
    return target, done, plan


def make(path: Path, **datasets: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values
    return path


def by_rule(values: Any, n_copies: int, seed: int, kept: bool = True) -> Any:
    """The same as the operation should write, picture by picture, of (n, h, w, c) from 0 to 255."""
    rounds = [values] if kept else []
    for copy in range(n_copies):
        made = [
            augmented(picture.astype("f4"), TURNED, (seed, index, copy))
            for index, picture in enumerate(values)
        ]
        rounds.append(np.rint(np.stack(made)).clip(0, 255).astype("u1"))
    return np.concatenate(rounds)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"chunks": (7, SIDE, SIDE, 3), "compression": "gzip", "shuffle": True},
        {"chunks": (3, 5, SIDE, 1), "compression": "lzf", "fletcher32": True},
        {"chunks": (N, SIDE, SIDE, 3), "maxshape": (None, SIDE, SIDE, 3)},
    ],
)
@pytest.mark.parametrize("kept", [True, False])
def test_changed_pictures_come_behind_the_others_with_their_labels(
    stored: dict[str, Any], kept: bool, tmp_path: Path
) -> None:
    values, labels = pixels(), np.arange(N) % 4
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("x", data=values, **stored)
        file["x"].attrs["what"] = "animals"
        file["y"] = labels
    target, done, plan = written(
        tmp_path / "data.h5", a_set(values), copies=2, seed=5, keeps_originals=kept
    )
    n_rounds = 2 + kept
    with h5py.File(target) as file:
        np.testing.assert_array_equal(file["x"][()], by_rule(values, 2, 5, kept))
        np.testing.assert_array_equal(file["y"][()], np.tile(labels, n_rounds))
        assert file["x"].chunks == stored.get("chunks")
        assert file["x"].compression == stored.get("compression")
        assert file["x"].maxshape[0] in (None, N * n_rounds)
        assert file["x"].attrs["what"] == "animals"
        recipe = json.loads(file["x"].attrs["augmentation"])
    assert recipe["rotation"] == 30
    assert (recipe["seed"], recipe["copies"]) == (5, 2)
    assert done.bytes_after == target.stat().st_size
    assert any(f"{2 * N}" in note for note in done.notes)
    if not stored:
        assert abs(plan.bytes_after - done.bytes_after) < 8192


@pytest.mark.parametrize("axes", ["nchw", "hwcn", "whcn", "nhw", "flat", "flat turned"])
def test_pictures_may_lie_in_any_order(axes: str, tmp_path: Path) -> None:
    upright = pixels() if axes != "nhw" else pixels()[..., :1]
    if axes.startswith("flat"):
        order = "nhwc" if axes == "flat" else "hwcn"
        values = upright.reshape(N, -1)
        values = values if axes == "flat" else values.T
        wanted = a_set(values, order, is_flat=True)
    else:
        have = "nhwc" if "c" in axes else "nhw"
        values = (upright if "c" in axes else upright[..., 0]).transpose(
            [have.index(each) for each in axes]
        )
        wanted = a_set(values, axes)
    path = make(tmp_path / "data.h5", x=values, y=np.zeros(N, "i4"))
    target, _, _ = written(path, wanted)
    expected = by_rule(upright, 1, 0)
    with h5py.File(target) as file:
        found = file["x"][()]
    if axes.startswith("flat"):
        found = (found if axes == "flat" else found.T).reshape(2 * N, SIDE, SIDE, 3)
    else:
        order = [axes.index(each) for each in "nhwc" if each in axes]
        found = found.transpose(order)
        found = found if "c" in axes else found[..., None]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    ("dtype", "low", "high"),
    [("f4", 0, 1), (">f4", -1, 1), ("f8", 0, 255), ("f2", 0, 1), ("<u2", 0, 65535), ("?", 0, 1)],
)
def test_numbers_keep_their_type_and_range(
    dtype: str, low: float, high: float, tmp_path: Path
) -> None:
    shares = pixels() / 255
    values = shares * (high - low) + low
    values = (values > 0.5) if dtype == "?" else values.astype(dtype)
    path = make(tmp_path / "data.h5", x=values, y=np.zeros(N, "i4"))
    target, _, _ = written(path, a_set(values, low=low, high=high))
    with h5py.File(target) as file:
        assert file["x"].dtype == np.dtype(dtype)
        found = file["x"][()]
    np.testing.assert_array_equal(found[:N], values)
    for n in (0, 17, N - 1):
        pixel = ((values[n].astype("f8") - low) / (high - low) * 255).astype("f4")
        wanted = augmented(pixel, TURNED, (0, n, 0)) / 255 * (high - low) + low
        if np.dtype(dtype).kind != "f":
            wanted = np.rint(wanted)
        atol = {"f2": 1e-3, "u2": 1.01}.get(dtype.strip("<>"), 1e-4 * (high - low))
        np.testing.assert_allclose(found[N + n].astype("f8"), wanted, atol=atol)


def labels_of(form: str) -> Any:
    classes = np.arange(N) % 3
    return {
        "(n, 1)": classes[:, None],
        "(1, n)": classes[None],
        "one-hot": np.eye(3)[classes],
        "text": np.array([f"class é {each}" for each in classes], h5py.string_dtype()),
        "bytes": np.array([f"class {each}".encode() for each in classes]),
    }[form]


@pytest.mark.parametrize("form", ["(n, 1)", "(1, n)", "one-hot", "text", "bytes"])
def test_labels_of_any_form_come_as_often(form: str, tmp_path: Path) -> None:
    labels = labels_of(form)
    path = make(tmp_path / "data.h5", x=pixels(), y=labels)
    target, _, _ = written(path, a_set(pixels()), copies=2)
    axis = 1 if form == "(1, n)" else 0
    with h5py.File(path) as before, h5py.File(target) as after:
        assert after["y"].dtype == before["y"].dtype
        wanted = np.concatenate([before["y"][()]] * 3, axis=axis)
        np.testing.assert_array_equal(after["y"][()], wanted)


def test_of_labels_in_a_table_all_columns_come_along(tmp_path: Path) -> None:
    table = np.zeros(N, [("file", "S8"), ("label", "i8")])
    table["label"], table["file"] = np.arange(N) % 4, [f"{each}".encode() for each in range(N)]
    source = make(tmp_path / "data.h5", x=pixels(), table=table)
    shown = a_set(
        pixels(), labels=(b"table", b"label"), are_labels_column=True, sources=(b"table", b"file")
    )
    target, done, _ = written(source, shown, copies=2)
    with h5py.File(target) as file:
        np.testing.assert_array_equal(file["table"][()], np.tile(table, 3))
    assert not any("/table" in note for note in done.notes)


def test_everything_else_stays_as_it_is_and_names_of_sources_come_along(tmp_path: Path) -> None:
    path = make(
        tmp_path / "data.h5",
        x=pixels(),
        y=np.zeros(N, "i4"),
        z=np.arange(N),
        names=np.array([f"{n}.png" for n in range(N)], h5py.string_dtype()),
        test_x=pixels()[:5],
    )
    with h5py.File(path, "a") as file:
        file["list_classes"] = np.array([b"cat", b"dog"])
        file.attrs["made"] = "here"
    target, done, plan = written(path, a_set(pixels(), sources=(b"names",)))
    with h5py.File(target) as file:
        np.testing.assert_array_equal(file["test_x"][()], pixels()[:5])
        assert list(file["list_classes"]) == [b"cat", b"dog"]
        assert file.attrs["made"] == "here"
        assert len(file["z"]) == N
        assert [name.decode() for name in file["names"]] == 2 * [f"{n}.png" for n in range(N)]
    (told,) = [note for note in done.notes if "stays" in note]
    assert told.startswith("/z ")
    assert told in plan.notes


@pytest.mark.parametrize("names", [("bïlder", "klässen"), ("x", "y")])
@pytest.mark.parametrize("track_order", [False, True])
def test_links_keep_the_character_set_of_their_names(
    names: tuple[str, str], track_order: bool, tmp_path: Path
) -> None:
    links = h5p.create(h5p.LINK_CREATE)
    links.set_char_encoding(h5t.CSET_UTF8)
    with h5py.File(tmp_path / "data.h5", "w", track_order=track_order) as file:
        for name, values in zip(names, (pixels(), np.zeros(N, "i4")), strict=True):
            made = file.create_dataset(None, data=values)
            h5o.link(made.id, file.id, name.encode(), lcpl=links)
    nodes = {"node": (names[0].encode(),), "labels": (names[1].encode(),)}
    target, _, _ = written(tmp_path / "data.h5", a_set(pixels(), **nodes))
    with h5py.File(target) as file:
        assert len(file[names[0]]) == len(file[names[1]]) == 2 * N
        for name in names:
            assert file.id.links.get_info(name.encode()).cset == h5t.CSET_UTF8


def test_a_set_with_a_second_name_is_longer_under_both(tmp_path: Path) -> None:
    path = make(tmp_path / "data.h5", x=pixels(), y=np.zeros(N, "i4"))
    with h5py.File(path, "a") as file:
        file["a second"] = file["x"]
    target, _, _ = written(path, a_set(pixels()))
    with h5py.File(target) as file:
        assert file["a second"] == file["x"]
        assert len(file["x"]) == 2 * N


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"augmentation": Augmentation()}, "changes nothing"),
        ({"augmentation": Augmentation(rotation=-1)}, "from 0 on"),
        ({"copies": 0}, "1 to"),
        ({"copies": 1_000_000}, "1 to"),
        ({"pictures": a_set(pixels(), labels=(b"short",))}, "one label for each"),
        ({"pictures": a_set(pixels()[:5])}, None),
        ({"pictures": a_set(pixels(), "nchw")}, "which other pictures"),
    ],
)
def test_what_cannot_be_done_is_refused_before(
    asked: dict[str, Any], told: str | None, tmp_path: Path
) -> None:
    path = make(tmp_path / "data.h5", x=pixels(), y=np.zeros(N, "i4"), short=np.zeros(3))
    if told is None:  # the shape that is stored counts, not the one that was asked about
        written(path, **{"wanted": asked["pictures"]})
        return
    with pytest.raises(CannotRead, match=told):
        written(path, asked.pop("pictures", a_set(pixels())), **asked)


def test_what_is_read_back_is_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "data.h5", x=pixels(), y=np.zeros(N, "i4"))

    def spoiled(dsid: Any, box: Any, values: Any) -> None:
        values = values.copy()
        values.view("u1").reshape(-1)[0] ^= 1
        plain(dsid, box, values)

    plain = hdf5_multiplied.write_box
    monkeypatch.setattr(hdf5_multiplied, "write_box", spoiled)
    with pytest.raises(CannotWrite, match="not what had been"):
        written(path, a_set(pixels()))


def test_chance_does_not_depend_on_how_the_file_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for chunk, piece in ((1, 1), (4, 3000), (N, 1 << 20)):
        monkeypatch.setattr(hdf5_multiplied, "_PIECE", piece)
        with h5py.File(tmp_path / "data.h5", "w") as file:
            file.create_dataset("x", data=pixels(), chunks=(chunk, SIDE, SIDE, 3))
            file["y"] = np.zeros(N, "i4")
        target, _, _ = written(tmp_path / "data.h5", a_set(pixels()), copies=3)
        with h5py.File(target) as file:
            found.append(file["x"][()])
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_the_request_crosses_to_a_worker() -> None:
    request = WriteAugmented(
        document="/a", target="/b", pictures=a_set(pixels()), augmentation=TURNED
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(request), type=WriteAugmented) == request

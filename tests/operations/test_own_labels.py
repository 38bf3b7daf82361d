"""Labels that stand each beside its picture: datasets, attributes, groups of the same names."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from decoding import opened, run
from pictured import classes_of, find, only, scenes
from PIL import Image

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.names import NodePath, path_text
from h5viewer.operations import own_labels
from h5viewer.operations.one_picture import label_of
from h5viewer.operations.own_labels import STEP
from h5viewer.operations.picture_labels import all_classes, read_picture_labels
from h5viewer.operations.picture_sets import find_picture_sets
from h5viewer.requests import FindPictureSets, FitPictureSet, ReadPictureLabels

N = 12
PICTURES = scenes(N, 24, 20)
CLASSES = [n % 3 for n in range(N)]
WORDS = ("ant", "bee", "cat")

Write = Callable[[h5py.File, int], None]


def _in_its_group(file: h5py.File, n: int) -> None:
    file[f"s{n}/image"], file[f"s{n}/label"] = PICTURES[n], CLASSES[n]


def _word_in_its_group(file: h5py.File, n: int) -> None:
    file[f"all/s{n}/image"], file[f"all/s{n}/class"] = PICTURES[n], WORDS[CLASSES[n]]


def _one_hot(file: h5py.File, n: int) -> None:
    file[f"s{n}/image"], file[f"s{n}/label"] = PICTURES[n], np.eye(3)[CLASSES[n]]


def _attribute(file: h5py.File, n: int) -> None:
    file[f"images/{n}"] = PICTURES[n]
    file[f"images/{n}"].attrs["label"] = WORDS[CLASSES[n]]
    file[f"images/{n}"].attrs["IMAGE_SUBCLASS"] = "IMAGE_TRUECOLOR"


def _attribute_of_its_group(file: h5py.File, n: int) -> None:
    file[f"s{n}/image"] = PICTURES[n]
    file[f"s{n}"].attrs["label"] = np.int64(CLASSES[n])


def _twin(file: h5py.File, n: int) -> None:
    file[f"images/{n}"], file[f"labels/{n}"] = PICTURES[n], CLASSES[n]


def written(path: Path, write: Write, count: int = N) -> Path:
    with h5py.File(path, "w") as file:
        for n in range(count):
            write(file, n)
    return path


@pytest.mark.parametrize(
    ("write", "labels", "form", "names"),
    [
        (_in_its_group, "/…/label", "index", ("0", "1", "2")),
        (_word_in_its_group, "/all/…/class", "text", WORDS),
        (_one_hot, "/…/label", "one-hot", ("0", "1", "2")),
        (_attribute, "/images/…/label", "text", WORDS),
        (_attribute_of_its_group, "/…/label", "index", ("0", "1", "2")),
        (_twin, "/labels/…", "index", ("0", "1", "2")),
    ],
)
def test_labels_beside_each_picture_are_read(
    tmp_path: Path, write: Write, labels: str, form: str, names: tuple[str, ...]
) -> None:
    path = written(tmp_path / "a.h5", write)
    found = only(path)
    assert path_text(found.labels or ()) == labels
    assert (found.label_form, found.label_names) == (form, names)
    classes, counts = classes_of(path, found)
    assert classes == CLASSES
    assert counts.counts == (4, 4, 4)
    fitted = everything(path, FitPictureSet(document=str(path), wanted=found))[1].sets
    assert fitted == (found,)


def test_a_picture_without_one_has_no_class(tmp_path: Path) -> None:
    for write, place in ((_in_its_group, "s1/label"), (_word_in_its_group, "all/s1/class")):
        path = written(tmp_path / f"{write.__name__}.h5", write)
        with h5py.File(path, "a") as file:
            del file[place]
        classes, counts = classes_of(path, only(path))
        assert classes == [CLASSES[0], -1, *CLASSES[2:]]
        assert counts.n_without == 1


def test_what_is_no_class_is_not_taken_but_offered(tmp_path: Path) -> None:
    """Frames around things, four numbers each."""
    path = written(tmp_path / "a.h5", _in_its_group)
    with h5py.File(path, "a") as file:
        for n in range(N):
            del file[f"s{n}/label"]
            file[f"s{n}/label"] = np.arange(4) + n
    found = only(path)
    assert found.labels is None
    assert [path_text(each) for each in found.label_nodes] == ["/…/label"]
    wanted = msgspec.structs.replace(found, labels=found.label_nodes[0])
    with pytest.raises(CannotRead, match=r"/…/label holds no class for each picture\."):
        everything(path, FitPictureSet(document=str(path), wanted=wanted))


def test_a_list_of_labels_comes_first(tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", _in_its_group)
    with h5py.File(path, "a") as file:
        file["labels"] = np.array(WORDS, "S")[CLASSES[::-1]]
    found = find(path).sets[0]
    assert found.labels == (b"labels",)
    assert [path_text(each) for each in found.label_nodes] == ["/…/label"]


def test_damage_where_labels_may_be_hides_no_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise CannotRead("The attributes are damaged.")

    monkeypatch.setattr(own_labels, "_beside", refuse)
    found = only(written(tmp_path / "a.h5", _in_its_group))
    assert (found.n_pictures, found.labels) == (N, None)


def test_many_come_in_parts(tmp_path: Path) -> None:
    count = STEP + 5

    def write(file: h5py.File, n: int) -> None:
        file[f"s{n}/image"], file[f"s{n}/label"] = PICTURES[n % N], n % 3

    path = written(tmp_path / "a.h5", write, count)
    assert classes_of(path, only(path))[0] == [n % 3 for n in range(count)]


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[NodePath]:
    """Places of labels as they are read from the file."""
    read: list[NodePath] = []
    stored = own_labels._stored

    def count(container: Container, path: NodePath) -> own_labels._Value:
        read.append(path)
        return stored(container, path)

    monkeypatch.setattr(own_labels, "_stored", count)
    return read


def test_they_are_read_once_for_all_questions_to_an_open_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.h5", _twin)
    read = _counted(monkeypatch)
    with Source(str(path)) as source, closing(open_container(source)) as container:
        (found,) = run(find_picture_sets(FindPictureSets(document=str(path)), container))[0].sets
        n_read = len(read)
        assert n_read > N
        for _ in range(2):
            request = ReadPictureLabels(document=str(path), pictures=found)
            counts, _ = run(read_picture_labels(request, container))
            assert counts.counts == (4, 4, 4)
        assert label_of(container, found, 5) == (2, "2")
    assert len(read) == n_read


def test_outlines_of_different_lengths_are_not_read_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(file: h5py.File, n: int) -> None:
        file[f"images/{n}"], file[f"labels/{n}"] = PICTURES[n % N], np.arange(4 + n % 3)

    path = written(tmp_path / "a.h5", write, 2 * STEP)
    read = _counted(monkeypatch)
    assert only(path).labels is None
    assert len(read) < 2 * STEP


def test_a_picture_without_its_row_of_labels_is_in_no_class(tmp_path: Path) -> None:
    path = written(tmp_path / "a.h5", _one_hot)
    pictures = only(path)
    assert pictures.label_form == "one-hot"
    with h5py.File(path, "a") as file:
        del file["s4/label"]
    assert opened(path, lambda container: label_of(container, pictures, 4)) == (-1, "")


def test_sets_of_one_group_have_labels_of_their_own(tmp_path: Path) -> None:
    """Files and numbers, one beside the other."""

    def write(file: h5py.File, n: int) -> None:
        stream = io.BytesIO()
        Image.fromarray(PICTURES[n]).save(stream, "JPEG")
        file[f"a{n:03}.jpg"] = np.frombuffer(stream.getvalue(), np.uint8)
        file[f"a{n:03}.jpg"].attrs["label"] = n % 2
        file[f"b{n:03}_image"] = PICTURES[n]
        file[f"b{n:03}_image"].attrs["label"] = 1 - n % 2

    path = written(tmp_path / "a.h5", write)
    with Source(str(path)) as source, closing(open_container(source)) as container:
        found = run(find_picture_sets(FindPictureSets(document=str(path)), container))[0].sets
        assert len(found) == 2
        classes = [run(all_classes(container, each))[0].tolist() for each in found]
    assert sorted(classes) == [[n % 2 for n in range(N)], [1 - n % 2 for n in range(N)]]

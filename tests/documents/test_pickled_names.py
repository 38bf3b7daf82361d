"""Class names in pickles and arrays: read without anything that they name being run."""

from __future__ import annotations

import collections
import io
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from h5viewer.documents.class_names import names_in
from h5viewer.errors import CannotRead, TooLarge

PETS = ("cat", "dog", "pony")
PROTOCOLS = range(6)


class Encoder:
    """As scikit-learn's: what it learnt is an attribute."""

    def __init__(self, **learnt: object) -> None:
        self.__dict__.update(learnt)


class Trap:
    """A pickle of it would run a command."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.canary}",)


def texts(dtype: object = None) -> np.ndarray:
    return np.array(PETS, dtype)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "value",
    [
        list(PETS),
        PETS,
        {"dog": 1, "cat": 0, "pony": 2},
        {2: "pony", 0: "cat", 1: "dog"},
        {"cat": np.int64(0), "dog": np.int64(1), "pony": np.int64(2)},
        collections.OrderedDict(cat=0, dog=1, pony=2),
        collections.defaultdict(int, {0: "cat", 1: "dog", 2: "pony"}),
        {"classes": ["cat", "dog", "pony"], "size": (64, 64)},
        dict(enumerate(texts())),
        list(texts()),
        {np.int64(n): name for n, name in enumerate(PETS)},
        {name: n for n, name in enumerate(texts())},
        texts(),
        texts("S4"),
        texts(object),
        texts(">U5"),
        Encoder(classes_=texts()),
        Encoder(y_type_="multiclass", classes_=texts(object)),
        Encoder(categories_=[texts(object)], handle_unknown="ignore"),
    ],
)
def test_names_are_read_from_pickles_of_every_protocol(value: object, protocol: int) -> None:
    assert names_in(pickle.dumps(value, protocol), "labels.pkl") == PETS


@pytest.mark.parametrize("dtype", ["U4", "S4", ">U4", object])
def test_names_are_read_from_arrays_that_numpy_saved(dtype: object) -> None:
    saved = io.BytesIO()
    np.save(saved, texts(dtype))
    assert names_in(saved.getvalue(), "classes.npy") == PETS


JOBLIB = (  # joblib 1.6: joblib.dump(LabelEncoder().fit(["pony", "cat", "dog"]), "le.joblib")
    b"\x80\x04\x95\x0c\x01\x00\x00\x00\x00\x00\x00\x8c\x1csklearn.preprocessing._label\x94\x8c\x0c"
    b"LabelEncoder\x94\x93\x94)\x81\x94}\x94(\x8c\x08classes_\x94\x8c\x13joblib.numpy_pickle\x94\x8c\x11"
    b"NumpyArrayWrapper\x94\x93\x94)\x81\x94}\x94(\x8c\x08subclass\x94\x8c\x05numpy\x94\x8c\x07ndarray\x94"
    b"\x93\x94\x8c\x05shape\x94K\x03\x85\x94\x8c\x05order\x94\x8c\x01C\x94\x8c\x05dtype\x94h\x0c\x8c\x05dtype"
    b"\x94\x93\x94\x8c\x02U4\x94\x89\x88\x87\x94R\x94(K\x03\x8c\x01<\x94NNNK\x10K\x04K\x08t\x94b\x8c\n"
    b"allow_mmap\x94\x88\x8c\x1bnumpy_array_alignment_bytes\x94K\x10ub\x08\xff\xff\xff\xff\xff\xff\xff"
    b"\xffc\x00\x00\x00a\x00\x00\x00t\x00\x00\x00\x00\x00\x00\x00d\x00\x00\x00o\x00\x00\x00g\x00\x00"
    b"\x00\x00\x00\x00\x00p\x00\x00\x00o\x00\x00\x00n\x00\x00\x00y\x00\x00\x00\x95\x1e\x00\x00\x00\x00\x00\x00"
    b"\x00\x8c\x10_sklearn_version\x94\x8c\x051.9.1\x94ub."
)


def test_names_are_read_from_an_encoder_that_joblib_saved() -> None:
    assert names_in(JOBLIB, "le.joblib") == PETS
    for length in range(2, len(JOBLIB)):
        with pytest.raises(CannotRead, match=r"^le\.joblib "):
            names_in(JOBLIB[:length], "le.joblib")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("is_alone", [True, False])
def test_what_a_pickle_would_call_is_never_called(
    protocol: int, is_alone: bool, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    trap = Trap(canary)
    data = pickle.dumps(trap if is_alone else ["cat", trap, "dog"], protocol)
    with pytest.raises(CannotRead, match="holds no class names"):
        names_in(data, "labels.pkl")
    assert not canary.exists()
    pickle.loads(data)
    assert canary.exists()  # it was a trap


@pytest.mark.parametrize(
    "value",
    [
        {1, 2},
        {"cat", "dog"},
        3.5,
        np.arange(5),
        np.arange(5.0),
        {"cat": [1, 2], "dog": [3]},
        Encoder(weights=[1, 2]),
        None,
    ],
)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_pickles_of_something_else_hold_no_names(value: object, protocol: int) -> None:
    with pytest.raises(CannotRead, match=r"^le\.pkl holds no class names\.$"):
        names_in(pickle.dumps(value, protocol), "le.pkl")


def test_numbers_that_numpy_saved_are_no_names() -> None:
    saved = io.BytesIO()
    np.save(saved, np.arange(5))
    with pytest.raises(CannotRead, match=r"^labels\.npy holds no list of texts\.$"):
        names_in(saved.getvalue(), "labels.npy")


@pytest.mark.filterwarnings("ignore:invalid escape sequence")  # that the damage made
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_damaged_pickles_are_refused_in_a_sentence(protocol: int) -> None:
    whole = pickle.dumps(
        Encoder(classes_=texts(), other={"a": [1, 2, {"b": texts(object)}]}), protocol
    )
    random = np.random.default_rng(0)
    for _ in range(400):
        data = bytearray(whole[: random.integers(2, len(whole) + 1)])
        for at in random.integers(0, len(data), 2):
            data[at] = random.integers(0, 256)
        try:
            names_in(bytes(data), "labels.pkl")
        except (CannotRead, TooLarge) as error:
            assert error.message.startswith("labels.pkl ")  # noqa: PT017  # most, not all, raise


def test_pickles_that_unfold_without_end_are_refused() -> None:
    holds_itself: list[object] = ["cat"]
    holds_itself.append(holds_itself)
    many: object = ["cat", "dog"]
    for _ in range(4):
        many = [many] * 1000
    for value in (holds_itself, many):
        with pytest.raises((CannotRead, TooLarge)):
            names_in(pickle.dumps(value), "labels.pkl")
    with pytest.raises(TooLarge):
        names_in(b"\x80\x04" + b"N0" * 600_000 + b"N.", "labels.pkl")


_START = b"\x80\x04"
_NAME = b"\x8c\x01a\x8c\x01b\x93"
_SHARED = b"N" + b"2\x86" * 60  # a pair of one and the same, sixty times over
_PIXELS = b"B" + (3_500_000).to_bytes(4, "little") + bytes(3_500_000)


@pytest.mark.parametrize(
    "data",
    [
        b"}" + _SHARED + b"Ns.",
        b"}N" + b"\x85" * 900_000 + b"Ns.",
        _NAME + b"2\x93" * 60 + b".",
        _NAME + b"\x940" + _PIXELS + b"\x940" + b"h\x00h\x01R" * 200 + b".",
        _PIXELS + b"\x94(" + b"h\x00" * 200_000 + b"l.",
        b"\x8c\x0bnumpy.dtype" + b"\x8c\x01x\x93(" + _SHARED + b"tR.",
        b"N" + b"\x85" * 900_000 + b".",
    ],
    ids=["key", "deep key", "names", "arguments", "bytes", "type", "deep"],
)
def test_small_pickles_of_much_take_neither_time_nor_memory(data: bytes) -> None:
    with pytest.raises((CannotRead, TooLarge)):
        names_in(_START + data, "labels.pkl")

"""What names of datasets say: pictures or labels, of which split, weights of a network."""

from __future__ import annotations

import re
from collections.abc import Iterable

from h5viewer.names import NodePath, plain
from h5viewer.nodes import Split

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SPLITS: dict[str, Split] = {
    "train": "training", "training": "training", "tr": "training", "trn": "training",
    "val": "validation", "valid": "validation", "validation": "validation", "dev": "validation",
    "test": "test", "testing": "test", "te": "test", "tst": "test", "eval": "test",
}  # fmt: skip
_PICTURES = {
    "x", "image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos",
    "pixel", "pixels", "data", "face", "faces", "sample", "samples", "input", "inputs", "feature",
    "features", "frame", "frames", "patch", "patches", "tile", "tiles", "digits", "scan", "scans",
    "fea", "rgb", "crop", "crops",
}  # fmt: skip
_MAPS = {
    "mask", "masks", "segmentation", "segmentations", "annotation", "annotations", "instance",
    "instances", "depth", "depths", "disparity",
}  # fmt: skip
_ANYTHING = {
    "data", "sample", "samples", "input", "inputs", "feature", "features", "scan", "scans", "fea",
}  # fmt: skip
_LABELS = {
    "y", "label", "labels", "lbl", "lbls", "class", "classes", "cls", "target", "targets",
    "category", "categories", "answer", "answers", "ans", "gt", "gnd", "truth", "sign", "signs",
    "digit", "tag", "species", "emotion", "emotions", "diagnosis", "diagnoses", "dx",
}  # fmt: skip
_COARSE = {"coarse", "super"}
_MARKS = {
    "attribute", "attributes", "attr", "attrs", "finding", "findings", "tags", "disease",
    "diseases", "pathology", "pathologies", "genre", "genres",
}  # fmt: skip
_NOT_LABELS = {
    "file", "files", "filename", "filenames", "path", "paths", "id", "ids",
    "index", "indices", "idx", "key", "keys", "split", "splits", "source", "sources", "size",
    "sizes", "mask", "masks", "done", "dones", "terminal", "terminals", "timeout",
    "timeouts", "truncated", "reward", "rewards", "action", "actions", "step", "steps", "episode",
    "time", "times", "timestamp", "timestamps",
}  # fmt: skip
_ABOUT_LABELS = {
    "start", "end", "offset", "offsets", "length", "lengths", "count", "counts", "weight",
    "weights", "box", "boxes", "bbox",
}  # fmt: skip
_SOURCES = {
    "file", "files", "filename", "filenames", "path", "paths", "source", "sources", "name", "names",
}  # fmt: skip
_WEIGHTS = {
    "kernel", "weight", "weights", "bias", "gamma", "beta", "filter", "filters", "conv",
    "moving", "embeddings", "momentum", "velocity", "variable", "param", "params", "dense",
    "convolution", "deconv", "layer", "layers", "batchnorm", "bn", "fc", "lstm", "gru",
}  # fmt: skip


def words(name: bytes | str) -> tuple[str, ...]:
    """`trainSet_x` → train, set, x; an x or y that is grown to another word is cut off."""
    found: list[str] = []
    for word in _WORDS.findall(plain(name)):
        lower = word.lower()
        for letter in "xy":
            if lower.startswith(letter) and lower[1:] in _SPLITS:
                found += [letter, lower[1:]]
                break
            if lower.endswith(letter) and lower[:-1] in _SPLITS:
                found += [lower[:-1], letter]
                break
        else:
            found.append(lower)
    return tuple(found)


def split_of(path: NodePath) -> Split:
    """What the names on a path say, the last one first."""
    for name in reversed(path):
        for word in words(name):
            if word in _SPLITS:
                return _SPLITS[word]
    return ""


def means_pictures(path: NodePath) -> bool:
    """True when the last name says so."""
    return _says(path[-1:], _PICTURES) and not means_labels(path)


def says_pictures(path: NodePath) -> bool:
    """The same, but not of names that anything may have, `data` say."""
    return _says(path[-1:], _PICTURES - _ANYTHING) and not means_labels(path)


def spells_pictures(path: NodePath) -> bool:
    """The same, but of whole words, not of an x."""
    return _says(path[-1:], _PICTURES - _ANYTHING - {"x"}) and not means_labels(path)


def means_labels(path: NodePath) -> bool:
    """True when the last name says so, and not that these are lengths or places of labels."""
    return _says(path[-1:], _LABELS) and not _says(path[-1:], _ABOUT_LABELS)


def means_coarse(path: NodePath) -> bool:
    """True when the last name says that its classes hold those of finer labels."""
    return _says(path[-1:], _COARSE)


def means_marks(path: NodePath) -> bool:
    """True when the last name says labels, or what a picture may have several of."""
    return _says(path[-1:], _LABELS | _MARKS) and not _says(path[-1:], _ABOUT_LABELS)


def means_maps(path: NodePath) -> bool:
    """True when the last name says that pixels are no colours: what they belong to, how far."""
    return _says(path[-1:], _LABELS | _MAPS)


def says_maps(path: NodePath) -> bool:
    """The same, but not of names that labels have as well."""
    return _says(path[-1:], _MAPS)


def means_other(path: NodePath) -> bool:
    """True when the last name says that these are no labels."""
    return _says(path[-1:], _NOT_LABELS | _ABOUT_LABELS) and not means_labels(path)


def means_sources(path: NodePath) -> bool:
    """True when the last name says that these are names of files."""
    return _says(path[-1:], _SOURCES) and not means_labels(path)


def means_weights(path: NodePath) -> bool:
    """True when one of the last two names is that of a layer's weights, or of a layer."""
    return _says(path[-2:], _WEIGHTS)


def likeness(one: NodePath, other: NodePath) -> int:
    """How many words besides those for pictures and labels two names have in common."""
    return len(_own_words(one) & _own_words(other))


def _says(names: Iterable[bytes], known: set[str]) -> bool:
    return any(word in known for name in names for word in words(name))


def _own_words(path: NodePath) -> set[str]:
    return {word for name in path for word in words(name)} - _PICTURES - _LABELS

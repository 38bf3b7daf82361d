"""What a network's configuration comes to without names: what a recipe is remembered for.

Two trainings of one architecture give the same; so do files of other names. Versions of
Keras write configurations differently and do not.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

_LEFT_OUT = frozenset({
    "name", "seed", "trainable", "keras_version", "backend", "build_config", "compile_config",
    "build_input_shape", "kernel_initializer", "bias_initializer", "recurrent_initializer",
    "code", "function",
})  # fmt: skip
"""Keys that say nothing of what a network answers to."""


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def architecture_hash(config: object) -> str:
    """SHA-256 of a configuration as parsed, as hexadecimal digits.

    A layer is known by its place instead of its name, also where others refer to it.
    """
    places: dict[str, int] = {}

    def without_names(entry: dict[str, Any]) -> dict[str, Any]:
        name = entry.get("name")
        if isinstance(name, str):
            places.setdefault(json.dumps(name), len(places))
        return {key: value for key, value in entry.items() if key not in _LEFT_OUT}

    def place(found: re.Match[str]) -> str:
        text = found.group()
        return str(places.get(text, text))

    bare = json.loads(json.dumps(config), object_hook=without_names)
    text = _STRING.sub(place, json.dumps(bare, sort_keys=True))
    return hashlib.sha256(text.encode()).hexdigest()

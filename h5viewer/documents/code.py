"""Python code and foreign names in a configuration: found and shown, never run.

Lambda layers hold compiled Python code (formats.md, section 5); other entries name classes
and functions of modules outside Keras. Nothing here decodes code or imports a name.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from h5viewer.documents.declared import DeclaredLayer, is_of_keras
from h5viewer.documents.json_text import is_list
from h5viewer.names import plain
from h5viewer.nodes import Code

_KERAS_FUNCTIONS = ("activations", "initializers", "losses", "metrics", "ops", "regularizers")
_PLAIN_TYPES = frozenset({"slice", "ellipsis", "NoneType", "NotImplementedType", "int", "float",
                          "str", "bool", "complex", "bytes"})  # fmt: skip
_IN_LAMBDA = ("function", "output_shape", "mask")
_MARSHALLED = (0x63, 0xE3)  # "c", the type code of a code object, plain and marked


def find_code(
    layer: DeclaredLayer, entry: object, apart: Iterable[object] = ()
) -> tuple[Code, ...]:
    """Code and foreign names in a layer's entry, without the values in it that stand `apart`."""
    found = [
        Code(layer=layer.name, kind=kind, names=names)
        for kind, names in _search(layer, entry, {id(value) for value in apart})
    ]
    return tuple(dict.fromkeys(found)) if found else ()


def _search(
    layer: DeclaredLayer, entry: object, apart: set[int]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if layer.class_name == "Lambda":
        yield from _in_lambda(layer.config)
    waiting: list[object] = [entry]
    while waiting:  # every value of the entry: the longest loop over a configuration
        value = waiting.pop()
        inner: Iterable[object] = ()
        if isinstance(value, list):
            if len(value) == 3 and isinstance(value[0], str) and is_code(value[0]):
                yield "lambda", ()
            inner = value
        elif isinstance(value, dict):
            if "class_name" in value:
                yield from _in_table(value)
            inner = value.values()
        waiting += [
            each
            for each in inner
            if (type(each) is dict or type(each) is list) and id(each) not in apart
        ]


def _in_lambda(config: dict[str, object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for key in _IN_LAMBDA:
        value, form = config.get(key), config.get(f"{key}_type")
        if is_list(value) and (key == "function" or form == "lambda"):
            yield "lambda", ()
        elif isinstance(value, str) and (key == "function" or form in ("function", "lambda")):
            module = config.get("module" if key == "function" else f"{key}_module")
            yield "function", (_dotted(module, value),)


def _in_table(value: dict[str, object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    class_name, module = value.get("class_name"), value.get("module")
    config, registered = value.get("config"), value.get("registered_name")
    if class_name == "__lambda__":
        yield "lambda", ()
        return
    if class_name == "TorchModuleWrapper":
        yield "pickle", ()
    package = module.partition(".")[0] if isinstance(module, str) else None
    if class_name == "function" and isinstance(config, str):
        if package in ("builtins", None):
            yield "function", (plain(config),)
        elif not is_of_keras(package):
            yield "module", (_dotted(module, config),)
        elif not any(part in _KERAS_FUNCTIONS for part in str(module).split(".")):
            yield "function", (_dotted(module, config),)
    elif package is not None and isinstance(class_name, str):
        is_plain = package == "builtins" and class_name in _PLAIN_TYPES
        if not is_of_keras(package) and not is_plain:
            yield "module", (_dotted(module, class_name),)
    elif _is_custom(registered):
        yield "module", (plain(str(registered)),)


def is_code(text: str) -> bool:
    """True for marshalled code as the three Keras generations store it."""
    if len(text) < 20:
        return False
    if ord(text[0]) in _MARSHALLED and text[2:5] == "\0\0\0":
        return True  # Keras 1: the bytes as Latin-1
    try:
        head = base64.b64decode(text[:16], validate=True)
    except (ValueError, binascii.Error):
        return False
    return head[0] in _MARSHALLED and head[2:5] == b"\0\0\0"


def _is_custom(registered: object) -> bool:
    """True for "package>Class" of a package that is not Keras'."""
    if not isinstance(registered, str) or ">" not in registered:
        return False
    return not is_of_keras(registered.partition(">")[0].lower())


def _dotted(module: object, name: str) -> str:
    return plain(f"{module}.{name}") if isinstance(module, str) and module else plain(name)

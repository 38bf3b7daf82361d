"""Python code and foreign names in a configuration: found and shown, never run.

Lambda layers hold compiled Python code (formats.md, section 5), of which `bytecode` tells
the names and constants; other entries name classes and functions of modules outside Keras.
Nothing here runs code or imports a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from h5viewer.documents.bytecode import code_bytes, function_parts, is_code, read_functions
from h5viewer.documents.declared import DeclaredLayer, is_of_keras
from h5viewer.documents.json_text import compact, is_list, is_table
from h5viewer.errors import CannotRead
from h5viewer.names import plain, visible
from h5viewer.nodes import Code

_KERAS_FUNCTIONS = ("activations", "initializers", "losses", "metrics", "ops", "regularizers")
_PLAIN_TYPES = frozenset({"slice", "ellipsis", "NoneType", "NotImplementedType", "int", "float",
                          "str", "bool", "complex", "bytes"})  # fmt: skip
_IN_LAMBDA = ("function", "output_shape", "mask")
_LONGEST_VALUE = 1000  # characters of defaults and enclosed values

MOST_TOLD = 100
"""Pieces of code of which all is told."""


def find_code(
    layer: DeclaredLayer, entry: object, apart: Iterable[object] = ()
) -> tuple[Code, ...]:
    """Code and foreign names in a layer's entry, without the values in it that stand `apart`."""
    found = list(_search(layer, entry, {id(value) for value in apart}))
    return tuple(dict.fromkeys(found)) if found else ()


def bounded(found: Iterable[Code]) -> tuple[Code, ...]:
    """Each once; only the first MOST_TOLD with their functions."""
    codes = list(dict.fromkeys(found))
    return (*codes[:MOST_TOLD], *(replace(code, functions=()) for code in codes[MOST_TOLD:]))


def _search(layer: DeclaredLayer, entry: object, apart: set[int]) -> Iterator[Code]:
    told: set[int] = set()  # compiled code that was met
    if layer.class_name == "Lambda":
        yield from _in_lambda(layer, told)
    waiting: list[object] = [entry]
    while waiting:  # every value of the entry: the longest loop over a configuration
        value = waiting.pop()
        inner: Iterable[object] = ()
        if isinstance(value, list):
            if _is_list_of_code(value) and id(value) not in told:
                yield _compiled(layer, value)
            inner = value
        elif isinstance(value, dict):
            if "class_name" in value and id(value) not in told:
                for kind, names in _in_table(value):
                    is_compiled = kind == "lambda"
                    yield _compiled(layer, value) if is_compiled else _named(layer, kind, names)
            inner = value.values()
        waiting += [
            each
            for each in inner
            if (type(each) is dict or type(each) is list) and id(each) not in apart
        ]


def _is_list_of_code(value: list[object]) -> bool:
    return len(value) == 3 and isinstance(value[0], str) and is_code(value[0])


def _in_lambda(layer: DeclaredLayer, told: set[int]) -> Iterator[Code]:
    config = layer.config
    for key in _IN_LAMBDA:
        value, form = config.get(key), config.get(f"{key}_type")
        is_listed = is_list(value) and (key == "function" or form == "lambda")
        if is_listed or (is_table(value) and value.get("class_name") == "__lambda__"):
            told.add(id(value))
            yield _compiled(layer, value, key)
        elif isinstance(value, str) and (key == "function" or form in ("function", "lambda")):
            module = config.get("module" if key == "function" else f"{key}_module")
            yield _named(layer, "function", (_dotted(module, value),), key)


def _named(layer: DeclaredLayer, kind: str, names: tuple[str, ...], place: str = "") -> Code:
    return Code(layer=layer.name, kind=kind, names=names, place=place)


def _compiled(layer: DeclaredLayer, value: object, place: str = "") -> Code:
    """What stands in [code, defaults, closure], or in Keras 3's table of the same."""
    code, defaults, closure = function_parts(value)
    try:
        if not isinstance(code, str):
            raise CannotRead("There is no text of code.")
        written_by, functions = read_functions(code_bytes(code))
    except CannotRead as error:
        return Code(layer=layer.name, kind="lambda", place=place, problem=error.message)
    names = dict.fromkeys(name for function in functions for name in function.names)
    return Code(
        layer=layer.name,
        kind="lambda",
        names=tuple(names),
        place=place,
        written_by=written_by,
        functions=functions,
        defaults=_value_text(defaults),
        closure=_value_text(closure),
    )


def _value_text(value: object) -> str:
    return visible(compact(value, _LONGEST_VALUE), _LONGEST_VALUE)


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


def _is_custom(registered: object) -> bool:
    """True for "package>Class" of a package that is not Keras'."""
    if not isinstance(registered, str) or ">" not in registered:
        return False
    return not is_of_keras(registered.partition(">")[0].lower())


def _dotted(module: object, name: str) -> str:
    return plain(f"{module}.{name}") if isinstance(module, str) and module else plain(name)

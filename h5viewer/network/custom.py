"""What Keras does not have: code of Lambda layers and the user's own files, on their word.

Files run in fresh modules of the confined worker. Classes are found by name in them.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any

import keras
import msgspec

from h5viewer.documents.compatibility import CODE_CLASS, CodeOfLayer, Repair
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.content_hash import content_hash
from h5viewer.names import visible
from h5viewer.network.classes import one_line
from h5viewer.network.lambda_code import compiled_function, other_python
from h5viewer.requests import CodeFile, Consent, Progress

Maker = Callable[[dict[str, Any]], Any]


class Own(msgspec.Struct, frozen=True):
    """What is not Keras' own, by the names that a repaired configuration calls it."""

    makers: dict[str, Maker] = {}
    classes: dict[str, Any] = {}


_OF_EVERY_LAYER = ("name", "dtype", "trainable")


def own_layers(
    container: Container, repair: Repair, consent: Consent
) -> Generator[Progress, None, Own]:
    """What makes the layers of a repaired configuration that are not Keras' own.

    Raises:
        CannotRead: a class or code without the user's word for these very bytes; a file that
            does not run.
    """
    names: dict[str, Any] = {}
    may_run_files = may_run_code = False
    needs_word = repair.code or repair.custom or repair.functions
    if needs_word and (consent.run_code or consent.code_files):
        given = "" if consent.architecture is None else consent.architecture.text
        is_this_file = (yield from content_hash(container.source, given)) == consent.content_hash
        may_run_files, may_run_code = is_this_file, is_this_file and consent.run_code
    for file in consent.code_files if may_run_files else ():
        names |= run_file(file)
    own = Own()
    for registered in sorted(repair.custom):
        chosen = own.classes[registered] = _class_named(registered, names)
        own.makers[registered] = partial(from_config, chosen)
    for name in sorted(repair.functions):
        own.classes[name] = keras.saving.get_custom_objects()[name] = _activation(name, names)
    if repair.code:
        own.makers[CODE_CLASS] = _maker_of_code(repair.code, names, may_run=may_run_code)
    return own


def run_file(file: CodeFile) -> dict[str, Any]:
    """Everything that a Python file defines, run in a module of its own.

    Raises:
        CannotRead: it does not compile, or fails.
    """
    module = types.ModuleType("h5viewer_code_" + "".join(filter(str.isalnum, file.name)))
    module.__file__ = file.name
    sys.modules[module.__name__] = module  # dataclasses and pickling look it up there
    try:
        exec(compile(file.text, file.name, "exec"), module.__dict__)
    except SyntaxError as error:
        raise CannotRead(
            f"{visible(file.name)} is no Python that can be run: line {error.lineno}.",
            details=str(error),
        ) from error
    except (Exception, SystemExit) as error:  # a stranger's file may raise anything
        raise CannotRead(
            f"{visible(file.name)} does not run here: {one_line(error)}",
            hint="It may only need Keras, TensorFlow and NumPy, and no other files.",
            details=f"{type(error).__name__}: {error}",
        ) from error
    return {name: value for name, value in vars(module).items() if not name.startswith("__")}


def _activation(name: str, names: Mapping[str, Any]) -> Any:
    made = names.get(name.rpartition(">")[2])
    if not callable(made):
        raise CannotRead(
            f"The network uses the activation {visible(name)}, which Keras does not have.",
            hint="Give the Python file that defines it, or leave it out.",
        )
    return made


def _class_named(registered: str, names: Mapping[str, Any]) -> Any:
    short = registered.rpartition(">")[2]
    made = names.get(short)
    if not (isinstance(made, type) and issubclass(made, keras.Operation)):
        registry = keras.saving.get_custom_objects()
        made = registry.get(registered) if names else None
    if made is None:
        raise CannotRead(
            f"The network uses {visible(short)}, which Keras does not have.",
            hint="Give the Python file that defines it, or let its input through as it is.",
        )
    return made


def from_config(made: Any, config: dict[str, Any]) -> Any:
    """A layer of the user's class, without the arguments that it does not take."""
    try:
        return made.from_config(dict(config))
    except TypeError:
        taken = _arguments(made)
        left = {key: value for key, value in config.items() if key in taken}
        if left == config:
            raise
        return made.from_config(left)


def _arguments(made: Any) -> set[str]:
    parameters = inspect.signature(made.__init__).parameters.values()
    names = {each.name for each in parameters if each.name != "self"}
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters):
        names |= set(_OF_EVERY_LAYER)
    return names


def _maker_of_code(
    code: Mapping[str, CodeOfLayer], names: Mapping[str, Any], *, may_run: bool
) -> Maker:
    def make(config: dict[str, Any]) -> Any:
        piece = code[str(config.get("code"))]
        function = _function(piece, names, may_run=may_run)
        shape = piece.output_shape
        return keras.layers.Lambda(
            function,
            output_shape=shape[1:] if shape and None not in shape[1:] else None,
            arguments=dict(piece.arguments),
            name=config.get("name"),
        )

    return make


def _function(piece: CodeOfLayer, names: Mapping[str, Any], *, may_run: bool) -> Any:
    """What a Lambda layer computes: of the user's files where they define it, else its own."""
    stated = piece.function
    name = stated.rpartition(".")[2] if isinstance(stated, str) else piece.layer
    found = names.get(name)
    if callable(found):
        return found
    if isinstance(stated, str):
        raise CannotRead(
            f"The layer “{visible(piece.layer)}” calls {visible(stated)}, which is not in the "
            "file.",
            hint="Give the Python file that defines it.",
        )
    if piece.other_python is not None:
        raise other_python(piece.layer, piece.other_python)
    if not may_run:
        raise CannotRead(
            f"The layer “{visible(piece.layer)}” holds Python code, which runs only when you "
            "allow it.",
        )
    return compiled_function(piece.layer, stated, names)

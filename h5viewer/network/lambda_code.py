"""Functions of Lambda layers from the bytes in a file: only on the user's word.

This is the one place where a stranger's code is made into something that runs. Bytes carry no
Python version, and those of another one can crash the process, so they are walked first.
"""

from __future__ import annotations

import dis
import marshal
import math
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from h5viewer.documents.bytecode import code_bytes, function_parts, read_functions
from h5viewer.documents.json_text import is_list
from h5viewer.errors import CannotRead
from h5viewer.names import visible

_LAST = ("RETURN_", "RERAISE", "RAISE_", "JUMP_")  # nothing follows
_THIS_PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"


def compiled_function(layer: str, stated: object, known: Mapping[str, Any]) -> Any:
    """The function that [code, defaults, closure], or Keras 3's table of them, holds.

    Args:
        layer: for the sentence.
        stated: as the configuration has it.
        known: names that the code may use beside those that Keras gave it.

    Raises:
        CannotRead: damaged, or compiled by another Python.
    """
    text, defaults, enclosed = function_parts(stated)
    closure = enclosed if is_list(enclosed) else None
    if not isinstance(text, str):
        raise CannotRead(f"The Python code of “{visible(layer)}” is not understood.")
    try:
        data = code_bytes(text)
        written_by, _ = read_functions(data)  # refuses what is damaged, within limits
    except CannotRead as error:
        raise CannotRead(
            f"The Python code of “{visible(layer)}” is damaged.", details=error.message
        ) from error
    other = other_python(layer, written_by)
    try:
        code = marshal.loads(data)
    except (ValueError, EOFError, TypeError, MemoryError) as error:
        raise other from error
    if not isinstance(code, types.CodeType) or not all(map(_is_of_this_python, _every(code))):
        raise other
    names = {**_globals(), **known}
    cells = tuple(types.CellType(value) for value in closure) if closure else None
    if len(cells or ()) != len(code.co_freevars):
        raise CannotRead(f"The Python code of “{visible(layer)}” lacks the values it encloses.")
    given = tuple(defaults) if isinstance(defaults, list) else None
    return types.FunctionType(code, names, code.co_name, given, cells)


def other_python(layer: str, written_by: str) -> CannotRead:
    """What is said of code that this Python cannot run."""
    return CannotRead(
        f"The Python code of “{visible(layer)}” was compiled by another Python ({written_by}) "
        f"and cannot run in {_THIS_PYTHON}.",
        hint=f"Give a Python file with a function called {visible(layer)} that does the same.",
    )


def _globals() -> dict[str, Any]:
    """The names that Keras 1 and 2 gave the code, and those of most notebooks."""
    old = tf.keras  # with the backend of Keras 2, which `keras` itself has no more
    return {
        "K": old.backend, "backend": old.backend, "keras": old, "layers": old.layers,
        "ops": keras.ops, "tf": tf, "tensorflow": tf, "np": np, "numpy": np, "math": math,
        "__name__": "h5viewer.of_the_file",
    }  # fmt: skip


def _every(code: types.CodeType) -> Iterator[types.CodeType]:
    waiting = [code]
    while waiting:
        each = waiting.pop()
        yield each
        waiting += [constant for constant in each.co_consts if isinstance(constant, types.CodeType)]


def _is_of_this_python(code: types.CodeType) -> bool:
    """False where the bytes are no instructions of this Python.

    Python 3.11 to 3.13 read each other's bytes without complaint and number instructions
    differently: each has to be one a compiler makes, its names, constants and caches have to be
    there, and the stack may neither run empty nor grow beyond what is stated.
    """
    sizes = {**dict.fromkeys(dis.hasconst, len(code.co_consts)),
             **dict.fromkeys(dis.hascompare, 1 << 9)}  # fmt: skip
    try:
        instructions = list(dis.get_instructions(code, show_caches=True))
        for each in instructions:
            is_made = not each.opname.startswith(("<", "INSTRUMENTED_")) and each.opname not in (
                "DO_TRACING", "ENTER_EXECUTOR", "INTERPRETER_EXIT", "RESERVED",
            )  # fmt: skip
            if not is_made or (each.opname == "CACHE" and each.arg):
                return False
            if each.opcode in sizes and (each.arg or 0) >= sizes[each.opcode]:
                return False
            if any(local >= len(code.co_varnames) for local in _locals(each)):
                return False
        begins = any(each.opname == "RESUME" for each in instructions[:8])
        return begins and _keeps_its_stack(code, instructions)
    except (IndexError, ValueError, TypeError, KeyError):
        return False


def _locals(instruction: dis.Instruction) -> tuple[int, ...]:
    """Numbers of the local variables it is about: Python 3.13 packs two into four bits each."""
    if instruction.opcode not in dis.haslocal or instruction.arg is None:
        return ()
    if instruction.opname.count("_FAST") == 2:  # STORE_FAST_LOAD_FAST and the like
        return instruction.arg >> 4, instruction.arg & 15
    return (instruction.arg,)


def _keeps_its_stack(code: types.CodeType, instructions: list[dis.Instruction]) -> bool:
    """Follow every way through the code but those of exceptions, and count what is on the stack.

    Raises:
        KeyError, ValueError: a way that leads nowhere, an instruction that is none.
    """
    steps = [each for each in instructions if each.opname != "CACHE"]
    place = {each.offset: i for i, each in enumerate(steps)}
    depths: dict[int, int] = {}
    waiting = [(0, 0)]
    while waiting:
        at, depth = waiting.pop()
        if not 0 <= depth <= code.co_stacksize:
            return False
        if at in depths:
            continue
        depths[at] = depth
        step = steps[at]
        argument = step.arg if step.opcode >= dis.HAVE_ARGUMENT else None
        if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
            after = depth + dis.stack_effect(step.opcode, argument, jump=True)
            waiting.append((place[step.argval], after))
        after = depth + dis.stack_effect(step.opcode, argument, jump=False)
        if not step.opname.startswith(_LAST):
            waiting.append((at + 1, after))
        elif step.opname == "RETURN_VALUE" and after != 0:
            return False
    return True

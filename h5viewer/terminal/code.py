"""Python code in a file, as `h5v info` tells it: what it uses, not what it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from h5viewer.names import visible
from h5viewer.nodes import Code, CodeFunction
from h5viewer.wording import plural

_MOST_PRINTED = 20  # pieces of code
_MOST_FUNCTIONS = 5  # of one piece
_WIDEST = 300  # characters of a line


def print_code(console: Console, found: Sequence[Code]) -> None:
    """One line a piece of code, below it one for each thing that is known of it."""
    pieces = [code for code in found if code.kind != "module"]  # the problems say those
    for code in pieces[:_MOST_PRINTED]:
        where = f"{visible(code.layer)}: " if code.layer else ""
        console.print(Text(where, "bold") + Text(_code_words(code), "yellow"))
        if code.computes:
            console.print(Text("  computes ", "dim") + Text(_cut(code.computes)))
        for function in code.functions[:_MOST_FUNCTIONS]:
            for label, text in _function_facts(function):
                console.print(Text("  " * (function.depth + 1)) + Text(f"{label} ", "dim") + text)
        if len(code.functions) > _MOST_FUNCTIONS:
            more = plural(len(code.functions) - _MOST_FUNCTIONS, "more function")
            console.print(f"  … and {more}.")
    if len(pieces) > _MOST_PRINTED:
        console.print(f"… and {plural(len(pieces) - _MOST_PRINTED, 'more piece')} of code.")


def _code_words(code: Code) -> str:
    names = ", ".join(visible(name) for name in code.names)
    match code.kind:
        case "function":
            return f"names the Python function {names}: shown, not executed"
        case "pickle":
            return "contains a pickled Python object, not loaded"
    where = f" in “{code.place}”" if code.place not in ("", "function") else ""
    if code.problem:
        return f"contains Python code{where}, not executed, which cannot be read: {code.problem}"
    return f"contains Python code{where}, not executed, as {code.written_by} writes it"


def _function_facts(function: CodeFunction) -> Iterator[tuple[str, Text]]:
    place = f"line {function.line} of {function.file}" if function.file else f"line {function.line}"
    arguments = ", ".join(function.arguments)
    yield "function", Text(_cut(f"{function.name}({arguments}), {place}"))
    for label, texts in (("uses", function.names), ("constants", function.constants)):
        if texts:
            yield label, Text(_cut(", ".join(texts)))
    for caution in function.cautions:
        yield "worth a look", Text(_cut(caution), "yellow")


def _cut(text: str) -> str:
    return visible(text, _WIDEST)

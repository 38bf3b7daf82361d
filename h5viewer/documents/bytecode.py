"""Compiled Python code as facts: arguments, constants, names, file and line; never run.

What a function does stands in its instructions, which differ from one Python to the next and
are not shown. What it uses stands beside them in plain values, read by `marshalled`.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from h5viewer.documents.json_text import is_list, table
from h5viewer.documents.marshalled import (
    LONGEST,
    CodeFields,
    Items,
    Other,
    read_marshalled,
)
from h5viewer.errors import CannotRead
from h5viewer.names import plain, visible
from h5viewer.nodes import CodeFunction

MOST_FUNCTIONS = 100  # of one piece of code
MOST_NAMES = 300  # of each kind, of one function
MOST_LETTERS = 200_000  # of all texts told of one piece of code
LONGEST_TEXT = 300  # characters of one constant
_DEEPEST_TEXT = 6  # containers in each other, in the text of a constant
_MOST_LOOKED_AT = 20_000  # constants, for functions inside
_MARSHALLED = (0x63, 0xE3)  # "c", the type code of a code object, plain and marked

_VARIABLE_ARGUMENTS, _VARIABLE_KEYWORDS = 0x04, 0x08  # bits of "flags"
_FREE = 0x80  # of "kinds", which has a byte a local name

_CAUTIONS = {
    "can run text as Python code": ("eval", "exec", "compile", "execfile"),
    "can run other programs": (
        "system", "popen", "Popen", "subprocess", "check_output", "check_call", "spawnl",
        "spawnv", "execl", "execv", "execve", "fork", "startfile", "pty",
    ),
    "can load other code": (
        "__import__", "importlib", "import_module", "ctypes", "CDLL", "runpy", "marshal",
        "pickle", "cPickle", "dill", "cloudpickle", "load_module",
    ),
    "can read, write or delete files": (
        "open", "shutil", "rmtree", "unlink", "makedirs", "mkdir", "write_text", "write_bytes",
        "pathlib", "tempfile",
    ),
    "can use the network": (
        "socket", "urlopen", "urlretrieve", "urllib", "urllib2", "requests", "httplib",
        "ftplib", "smtplib", "get_file",
    ),
    "can reach into Python itself": (
        "__builtins__", "__globals__", "__subclasses__", "__code__", "__bases__", "__mro__",
        "__getattribute__", "globals", "environ",
    ),
}  # fmt: skip
_CAUTION_OF = {name: what for what, names in _CAUTIONS.items() for name in names}


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


def function_parts(stated: object) -> tuple[object, object, object]:
    """Code, defaults and enclosed values of a function, as a configuration states them.

    Keras 1 and 2 write a list of the three, Keras 3 a table.
    """
    if is_list(stated):
        code, defaults, closure = [*stated, None, None, None][:3]
        return code, defaults, closure
    config = table(table(stated).get("config"))
    return config.get("code", config.get("value")), config.get("defaults"), config.get("closure")


def code_bytes(text: str) -> bytes:
    """The marshalled bytes in a configuration's text: base64, or (Keras 1) letter by letter.

    Raises:
        CannotRead: it is neither, or too long.
    """
    if len(text) > 2 * LONGEST:
        raise CannotRead("It is too long.")
    if text[:1] and ord(text[0]) in _MARSHALLED and text[2:5] == "\0\0\0":
        # what Keras 1 wrote with .decode("raw_unicode_escape")
        return text.encode("raw_unicode_escape")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise CannotRead("It is no base64.") from error


def code_object(code: object) -> tuple[str, CodeFields] | None:
    """Which Pythons write code like this, and what stands in it; None: it is no code.

    Args:
        code: as a configuration states it, or something else.
    """
    if not isinstance(code, str) or not is_code(code):
        return None
    try:
        return read_marshalled(code_bytes(code))
    except CannotRead:
        return None


def read_functions(data: bytes) -> tuple[str, tuple[CodeFunction, ...]]:
    """Which Pythons write code like this, and its functions, each before those inside it.

    Raises:
        CannotRead: damaged, or of a Python whose layout is not known.
    """
    written_by, whole = read_marshalled(data)
    found: list[CodeFunction] = []
    seen: set[int] = set()
    waiting = [(whole, 0)]
    budget = _MOST_LOOKED_AT
    # References make a thousand texts of a few bytes; ordinary code tells less than it has.
    room = _Room(min(MOST_LETTERS, 2000 + 8 * len(data)))
    while waiting and len(found) < MOST_FUNCTIONS:
        code, depth = waiting.pop()
        if id(code) in seen:
            continue
        seen.add(id(code))
        found.append(_function(code, depth, room))
        inner, n_looked_at = _inner_code(code, budget)
        budget -= n_looked_at
        waiting += [(each, depth + 1) for each in reversed(inner)]
    return written_by, tuple(found)


def caution(name: str) -> str:
    """What code can do with this name ("can run other programs"); "" for nearly all."""
    return _CAUTION_OF.get(name, "")


def _inner_code(code: CodeFields, budget: int) -> tuple[list[CodeFields], int]:
    """Functions among the constants, also inside tuples; and how many values were looked at."""
    found: list[CodeFields] = []
    entered: set[int] = set()
    waiting = [code.values.get("consts")]
    n_looked_at = 0
    while waiting and n_looked_at < budget:
        n_looked_at += 1
        value = waiting.pop()
        if isinstance(value, CodeFields):
            found.append(value)
        elif isinstance(value, Items) and id(value) not in entered:
            entered.add(id(value))
            waiting += reversed(value.values)
    return found, n_looked_at


class _Room:
    """How many letters may still be told."""

    def __init__(self, n_letters: int) -> None:
        self._n_letters = n_letters

    def fit(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The first of `texts`, as many as there is room for; "…" where some are left out."""
        fitting: list[str] = []
        for text in texts:
            self._n_letters -= len(text) + 1
            if self._n_letters < 0 or len(fitting) >= MOST_NAMES:
                fitting.append("…")
                break
            fitting.append(text)
        return tuple(fitting)


def _function(code: CodeFields, depth: int, room: _Room) -> CodeFunction:
    names = _strings(code.values.get("names"))
    local, enclosed = _locals(code)
    arguments, variables = _arguments(code, local)
    return CodeFunction(
        name=_text(code.values.get("qualname") or code.values.get("name")),
        depth=depth,
        file=_text(code.values.get("filename")),
        line=code.line,
        arguments=room.fit(arguments),
        variables=room.fit(variables),
        enclosed=room.fit(enclosed),
        names=room.fit(names),
        constants=room.fit(_constants(code)),
        cautions=room.fit(f"{name}: {caution(name)}" for name in names if caution(name)),
    )


def _locals(code: CodeFields) -> tuple[list[str], list[str]]:
    """Names of arguments and variables, and those of the functions around it."""
    if "kinds" not in code.values:
        own = _strings(code.values.get("varnames"))
        shared = _strings(code.values.get("cellvars"))  # with functions inside; arguments too
        own += [name for name in shared if name not in own]
        return own, _strings(code.values.get("freevars"))
    names, kinds = _strings(code.values.get("localsplus")), code.values["kinds"]
    marks = kinds.ljust(len(names), b"\0") if isinstance(kinds, bytes) else bytes(len(names))
    marked = list(zip(names, marks, strict=False))
    enclosed = [name for name, mark in marked if mark & _FREE]
    return [name for name, mark in marked if not mark & _FREE], enclosed


def _arguments(code: CodeFields, local: list[str]) -> tuple[list[str], list[str]]:
    """Arguments as in the source (a, *more, b, **rest), and the other variables."""
    flags = _number(code, "flags")
    n_plain, n_keyword = _number(code, "args"), _number(code, "keyword")
    arguments, variables = local[:n_plain], local[n_plain + n_keyword :]
    keyword = local[n_plain : n_plain + n_keyword]
    if flags & _VARIABLE_ARGUMENTS and variables:
        arguments.append("*" + variables.pop(0))
    elif keyword:
        arguments.append("*")
    arguments += keyword
    if flags & _VARIABLE_KEYWORDS and variables:
        arguments.append("**" + variables.pop(0))
    return arguments, variables


def _number(code: CodeFields, name: str) -> int:
    value = code.values.get(name, 0)
    return max(0, value) if isinstance(value, int) else 0


def _strings(value: object) -> list[str]:
    values = value.values[: MOST_NAMES + 1] if isinstance(value, Items) else []
    return [_text(each) for each in values if isinstance(each, str | bytes)]


def _text(value: object) -> str:
    return visible(value, LONGEST_TEXT) if isinstance(value, str | bytes) else ""


def _constants(code: CodeFields) -> Iterator[str]:
    """Texts of the constants; None says nothing, and functions are listed by themselves."""
    values = code.values.get("consts")
    for value in values.values if isinstance(values, Items) else ():
        if value is not None and not isinstance(value, CodeFields):
            yield constant_text(value)


def constant_text(value: object) -> str:
    """As Python writes it, cut at LONGEST_TEXT letters."""
    return visible(_written(value, LONGEST_TEXT, 0), LONGEST_TEXT)


def _written(value: object, room: int, depth: int) -> str:
    """About `room` letters at most: references can make a small value endless."""
    match value:
        case Items() if depth >= _DEEPEST_TEXT:
            return "…"
        case Items(brackets=brackets, values=values, is_table=is_table):
            parts: list[str] = []
            for each in values:
                if room <= 0:
                    parts.append("…")
                    break
                parts.append(_written(each, room, depth + 1))
                room -= len(parts[-1]) + 2
            if is_table:
                pairs = zip(parts[::2], [*parts[1::2], ""], strict=False)
                parts = [f"{key}: {each}" for key, each in pairs]
            end = "," if len(parts) == 1 and brackets == "()" else ""
            return brackets[0] + ", ".join(parts) + end + brackets[1]
        case CodeFields():
            return f"function {_text(value.values.get('name'))}"
        case Other(text=text):
            return text
        case str():
            return repr(plain(value[: room + 1]))
        case bytes():
            return repr(value[: room + 1])
    return repr(value)

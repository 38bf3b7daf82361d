"""Python code found in a file: what stands in it, as text; never run."""

from __future__ import annotations

from h5viewer.nodes.base import Value


class CodeFunction(Value, frozen=True, kw_only=True):
    """One function of a piece of compiled Python code."""

    name: str  # "<lambda>", "outer.<locals>.inner"
    depth: int  # 0: the code itself; 1: a function inside it
    file: str  # where its source was; "" unknown
    line: int
    arguments: tuple[str, ...] = ()  # as in the source: "x", "*more", "**rest"
    variables: tuple[str, ...] = ()
    enclosed: tuple[str, ...] = ()  # variables of the functions around it
    names: tuple[str, ...] = ()  # global names and attributes it uses
    constants: tuple[str, ...] = ()  # as Python writes them, cut
    cautions: tuple[str, ...] = ()  # "system: can run other programs"


class Code(Value, frozen=True, kw_only=True):
    """Python code or references found in the configuration: shown, never run."""

    layer: str
    kind: str  # "lambda", "function", "module", "pickle"
    computes: str = ""  # "K.sqrt(x)", of a Lambda layer whose code can be read
    names: tuple[str, ...] = ()  # of a lambda those its functions use, each once
    place: str = ""  # the setting of a Lambda layer: "function", "output_shape", "mask"
    written_by: str = ""  # "Python 3.8 to 3.10"
    functions: tuple[CodeFunction, ...] = ()
    defaults: str = ""  # of the arguments, JSON
    closure: str = ""  # values of the enclosed variables, JSON
    problem: str = ""  # why compiled code cannot be read

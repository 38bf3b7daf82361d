"""Lambda layers: their code stays data; the loader asks before it runs."""

from __future__ import annotations

from h5viewer.documents.bytecode import code_bytes, function_parts, read_functions
from h5viewer.documents.compatibility.arguments import Config, of_every_layer
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.plain_arithmetic import Line, arithmetic
from h5viewer.documents.compatibility.read_code import ReadCode, read_code
from h5viewer.documents.compatibility.repaired import CODE_CLASS, CodeOfLayer
from h5viewer.documents.compatibility.values import NotPlain, Plain, plain_value
from h5viewer.documents.json_text import is_table, table
from h5viewer.documents.stated_shapes import as_shape
from h5viewer.errors import CannotRead
from h5viewer.names import plain, visible


def code_layer(config: Config, place: Place, work: Work) -> Made:
    """A layer whose work is a function."""
    function, module = config.get("function"), config.get("module")
    if is_table(function) and function.get("class_name") == "function":
        stated = function.get("registered_name") or function.get("config")
        stated = function.get("config") if stated == "function" else stated
        module, function = function.get("module"), stated
    if place.name in work.pass_through or "Lambda" in work.pass_through:
        message = "It runs Python code."
        work.findings.add(place.name, message, "Replaced by a layer that changes nothing.")
        return Made("Identity", {"name": place.new_name}, takers=())
    # A mask ends at code, and passes through the layer that a line becomes.
    is_more = config.get("arguments") or config.get("mask") or work.masks
    line = None if is_more else arithmetic(function)
    if line is not None:
        return _computed(line, config, place, work)
    told = None
    if not config.get("mask"):
        shapes = work.shapes(place.key)
        if work.n_calls(place.key) > 1:  # perhaps with other sizes
            shapes = [None if shape is None else (None,) * len(shape) for shape in shapes]
        told = read_code(function, config.get("arguments"), place.new_name, shapes)
    if told is not None:
        return _told(told, place, work)
    if isinstance(function, str):
        name = plain(function)
        work.findings.ask(
            place.name,
            f"It calls the Python function {visible(name)}, which is not in the file.",
            "Name the Python file that defines it.",
            "class",
            name,
        )
    elif (other := _other_python(function)) is not None:
        work.findings.ask(
            place.name,
            f"It holds code compiled by {other}, which today's Python cannot run.",
            f"Name a Python file with a function called {visible(place.name)} that does the same.",
            "class",
            place.name,
        )
    else:
        work.findings.ask(
            place.name,
            "It holds Python code.",
            "The code runs, shut off from your files, once you allow it.",
            "code",
            place.name,
        )
    code = "/".join(place.path)
    work.code[code] = CodeOfLayer(
        layer=place.name,
        key=place.key,
        function=function,
        module=module,
        arguments=_arguments(config.get("arguments")),
        other_python=_other_python(function),
        output_shape=_output_shape(config),
    )
    made: dict[str, object] = {"name": place.new_name, "code": code}
    return Made(CODE_CLASS, made, None, CODE_CLASS, takers=())


def _computed(line: Line, config: Config, place: Place, work: Work) -> Made:
    """Code that only multiplies and adds needs nobody's word: it does not run."""
    work.findings.add(
        place.name,
        f"It holds Python code, which computes {visible(line.said, 200)}.",
        "The code is read, it does not run: built as Rescaling, which computes the same.",
    )
    made = Made("Rescaling", of_every_layer(config, place, work), takers=())
    made.config.update(scale=line.factor, offset=line.offset)
    return made


def _told(told: ReadCode, place: Place, work: Work) -> Made:
    """Likewise code that calls functions which Keras 3 has as operations."""
    built = ", ".join(told.operations)
    work.findings.add(
        place.name,
        f"It holds Python code, which computes {visible(told.said, 200)}.",
        " ".join([f"The code is read, it does not run: built as {built}.", *told.notes]),
    )
    return told.made


def _other_python(stated: object) -> str | None:
    """The Python that compiled a function, where none of those that this program runs in does."""
    text, *_ = function_parts(stated)
    try:
        written_by, _ = read_functions(code_bytes(text)) if isinstance(text, str) else ("", ())
    except CannotRead:
        return None  # damaged, which is said when it is to run
    return written_by if written_by and "3.11" not in written_by else None


def _arguments(stated: object) -> dict[str, Plain]:
    found: dict[str, Plain] = {}
    for key, value in table(stated).items():
        try:
            found[plain(key)] = plain_value(value)
        except NotPlain:
            continue
    return found


def _output_shape(config: Config) -> tuple[int | None, ...] | None:
    """As stated, with the batch axis."""
    stated = config.get("output_shape")
    if config.get("output_shape_type", "raw") != "raw":
        return None
    shape = as_shape(stated)
    return None if shape is None or stated == [] else (None, *shape)

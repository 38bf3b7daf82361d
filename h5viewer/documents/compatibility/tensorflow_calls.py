"""TensorFlow functions among the layers of a tf.keras network, call by call.

TFOpLambda, SlicingOpLambda   `function`: "math.reduce_mean"; arguments in the node
TensorFlowOpLayer             `node_def`: a node of TensorFlow's graph, `constants`
"""

from __future__ import annotations

from collections.abc import Callable

from h5viewer.documents.compatibility.calls import Call, Tensor
from h5viewer.documents.compatibility.chains import CannotSay, Chain, Symbolic
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.tensorflow_functions import FUNCTIONS
from h5viewer.documents.compatibility.tensorflow_nodes import as_function
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.references import Reference
from h5viewer.names import plain, visible

__all__ = ["Symbolic", "is_tensorflow", "tensorflow_call"]

_CLASSES = frozenset(
    {"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer", "ClassMethod", "InstanceMethod",
     "InstanceProperty", "Add>TensorFlowOpLayer"}
)  # fmt: skip
_PREFIXES = (
    "math.", "nn.", "linalg.", "raw_ops.", "experimental.", "numpy.", "compat.v1.", "compat.v2.",
    "__operators__.", "keras.backend.", "keras.ops.", "dtypes.", "manip.", "array_ops.",
)  # fmt: skip

_WORKED_OUT = "It is worked out while the network is built."
Operations = list[tuple[Made, Call]]
Meaning = Callable[[Reference], Reference | Tensor | Symbolic]


def is_tensorflow(entry: object) -> bool:
    """True for a function of TensorFlow among the layers."""
    class_name = table(entry).get("class_name")
    return isinstance(class_name, str) and class_name in _CLASSES


def tensorflow_call(
    entry: dict[str, object], call: Call, place: Place, work: Work, meaning: Meaning
) -> tuple[Operations, Reference | Tensor | Symbolic] | None:
    """Operations that do what one call does, and what it gives; None: nothing can.

    `meaning`: what a tensor stands for, which may be a shape.
    """
    config = table(entry.get("config"))
    chain = Chain(place.new_name, work.shapes(place.key))
    told = _told(entry)
    try:
        if entry["class_name"] == "TensorFlowOpLayer":
            name, call = as_function(config, call)
        else:
            stated = config.get("function")
            name = plain(stated) if isinstance(stated, str) else ""
        builder = FUNCTIONS.get(name) or FUNCTIONS.get(_short(name))
        if builder is None:
            raise CannotSay("Keras 3 has no operation that is known to do the same")
        result = builder(chain, _with_meaning(call, meaning))
    except CannotSay as error:
        work.findings.add(place.name, f"It calls TensorFlow's {visible(told)}, and {error}.")
        return None
    is_kept = not isinstance(result, Symbolic)
    done = _list([made.class_name for made, _ in chain.operations]) if is_kept else ""
    work.findings.add(
        place.name,
        f"It calls TensorFlow's {visible(told)}, which Keras 3 does not store.",
        " ".join([f"Built as {done}." if done else _WORKED_OUT, *chain.notes]),
    )
    return chain.operations, result


def _told(entry: dict[str, object]) -> str:
    config = table(entry.get("config"))
    for value in (config.get("function"), config.get("name"), entry.get("class_name")):
        if isinstance(value, str):
            return plain(value)[:100]
    return "function"


def _short(name: str) -> str:
    for prefix in _PREFIXES * 2:
        name = name.removeprefix(prefix)
    return name.strip("_") if name.startswith("__") else name


def _with_meaning(call: Call, meaning: Meaning) -> Call:
    def read(value: object) -> object:
        if isinstance(value, Reference):
            return meaning(value)
        if is_list(value):
            return [read(each) for each in value]
        return {k: read(v) for k, v in value.items()} if is_table(value) else value

    return Call([read(each) for each in call.args], {k: read(v) for k, v in call.kwargs.items()})


def _list(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:-1]) + " and " + unique[-1] if len(unique) > 1 else "".join(unique)

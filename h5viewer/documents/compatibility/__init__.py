"""From a configuration of any Keras to one that Keras 3 builds, without Keras.

Everything that comes out is freshly written here: class names of an explicit list, modules set
by us, numbers and texts checked. What the file says is never imported, opened or called.
"""

from __future__ import annotations

from collections.abc import Collection

from h5viewer.documents.collecting import without_collecting
from h5viewer.documents.compatibility.dialect import generation_of, masks, mixes_axes
from h5viewer.documents.compatibility.known_shapes import Shapes
from h5viewer.documents.compatibility.layout import LayerRepair, Step, Taker
from h5viewer.documents.compatibility.naming import Names
from h5viewer.documents.compatibility.network import layer_inside, network
from h5viewer.documents.compatibility.place import Place, Work
from h5viewer.documents.compatibility.repaired import CODE_CLASS, CodeOfLayer, Repair
from h5viewer.documents.json_text import is_table, kind, table

__all__ = ["CODE_CLASS", "CodeOfLayer", "LayerRepair", "Repair", "Step", "Taker", "repair"]


def repair(
    config: object,
    *,
    version: str | None,
    backend: str | None,
    pass_through: Collection[str] = (),
) -> Repair:
    """What Keras 3 is to build instead of `config`, which is left as it is.

    Args:
        config: `model_config` or `config.json` as parsed; any value.
        version: of the Keras that wrote the file, as far as the file says.
        backend: "tensorflow", "theano", … as far as the file says.
        pass_through: classes that a layer which changes nothing may stand in for.
    """
    work = Work(
        generation=generation_of(config, version),
        is_theano=backend == "theano",
        mixes_axes=mixes_axes(config),
        masks=masks(config),
        pass_through=frozenset(pass_through),
    )
    class_name = table(config).get("class_name")
    if not isinstance(class_name, str):
        what = f"The class of the network is {kind(class_name)}"
        if not is_table(config):
            what = f"The configuration is {kind(config)}"
        work.findings.add("", f"{what}, so that no network can be built.")
        return Repair(None, findings=work.findings.all())
    name = table(table(config).get("config")).get("name")
    new = Names(work).new(name if isinstance(name, str) else "model", "")
    work.inner = layer_inside
    shapes = Shapes(config)
    work.shapes, work.n_calls = shapes.fed_to, shapes.n_calls
    with without_collecting():
        made = network(config, Place((), "", (new,)), work)
    if made is None:
        return Repair(None, findings=work.findings.all())
    return Repair(
        made.written(),
        layers=work.layers,
        findings=work.findings.all(),
        code=work.code,
        custom=frozenset(work.custom),
        functions=frozenset(work.functions),
    )

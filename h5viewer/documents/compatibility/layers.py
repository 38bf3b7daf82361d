"""One layer: built in, an operation, code, or a class only its author has."""

from __future__ import annotations

from collections.abc import Callable

from h5viewer.documents.compatibility import adapters, catalogue, changed, convolutions, keras1
from h5viewer.documents.compatibility.arguments import Config, of_layer
from h5viewer.documents.compatibility.code_layers import code_layer
from h5viewer.documents.compatibility.inputs import input_layer
from h5viewer.documents.compatibility.inputs import of_layer as stated_input
from h5viewer.documents.compatibility.merging import merge
from h5viewer.documents.compatibility.operations import is_operation, written_operation
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.recurrent import (
    CELLS,
    RECURRENT,
    activation_layer,
    cudnn,
    recurrent,
)
from h5viewer.documents.compatibility.strangers import unknown
from h5viewer.documents.compatibility.wrappers import (
    WRAPPERS,
    over_cells,
    pipeline,
    stacked_cells,
    wrapper,
)
from h5viewer.documents.declared import is_of_keras
from h5viewer.documents.json_text import is_table, table
from h5viewer.names import plain

Entry = dict[str, object]
Rule = Callable[[Config, Place, Work], Made | None]
NamedRule = Callable[[str, Config, Place, Work], Made | None]

_RULES: dict[str, Rule] = {
    "Activation": activation_layer,
    "BatchNormalization": changed.batch_normalization,
    "CategoryEncoding": changed.encoding,
    "Highway": changed.highway,
    "Lambda": code_layer,
    "LeakyReLU": changed.leaky,
    "MaxoutDense": changed.maxout,
    "Merge": merge,
    "Pipeline": pipeline,
    "RNN": over_cells,
    "RandomCrop": changed.random_crop,
    "RandomFourierFeatures": changed.fourier,
    "StackedRNNCells": stacked_cells,
    "ThresholdedReLU": changed.thresholded,
}
_NAMED_RULES: dict[str, NamedRule] = {
    **dict.fromkeys(RECURRENT | CELLS, recurrent),
    **dict.fromkeys(WRAPPERS, wrapper),
    **dict.fromkeys(("CuDNNLSTM", "CuDNNGRU"), cudnn),
    **dict.fromkeys(("ReLU", "ELU"), changed.rectified),
    **dict.fromkeys(("Attention", "AdditiveAttention"), changed.attention),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D"), changed.locally_connected),
}


def layer(entry: Entry, place: Place, work: Work) -> Made | None:
    """What becomes of one layer; None: nothing can."""
    class_name = plain(str(entry["class_name"]))
    config = table(entry.get("config"))
    if is_foreign(entry):
        return unknown(entry, place, work)
    if class_name == "InputLayer":
        return _input(entry, place, work)
    if is_operation(entry):
        return written_operation(entry, place, work)
    if work.generation == 1:
        class_name, config = keras1.of_today(class_name, config, place, work)
    class_name = _name_of_today(class_name, place, work)
    if class_name == "Attention" and "module" not in entry and config.get("score_mode") == "dot":
        work.findings.add(
            place.name,
            "Keras 3 takes its score mode “dot” in a .h5 file for the function of that name.",
            "Built with the score mode that is meant.",
        )
    if class_name in ("RandomHeight", "RandomWidth"):
        return changed.idle(class_name, place, work)
    made = _built(class_name, _with_plain_activation(config), entry, place, work)
    if made is not None and class_name in catalogue.LAYERS:
        adapters.merge(class_name, made, config, place, work)
        convolutions.finish(class_name, made, config, place, work)
        _activate(made, config, place, work)
    return made


def _built(class_name: str, config: Config, entry: Entry, place: Place, work: Work) -> Made | None:
    if (rule := _RULES.get(class_name)) is not None:
        return rule(config, place, work)
    if (named_rule := _NAMED_RULES.get(class_name)) is not None:
        return named_rule(class_name, config, place, work)
    if class_name in catalogue.OF_APPLICATIONS:
        own = changed.of_application(class_name, config, place, work)
        return unknown(entry, place, work) if own is None else own
    name = catalogue.known_name(class_name)
    if name is None:
        return unknown(entry, place, work)
    return Made(catalogue.public_name(name), of_layer(name, config, place, work))


def _name_of_today(class_name: str, place: Place, work: Work) -> str:
    new = changed.RENAMED.get(class_name, class_name)
    if new != class_name:
        work.findings.add(
            place.name,
            f"Keras 3 has no layer {class_name}.",
            f"Built as {new}, which answers the same.",
        )
    return catalogue.known_name(new) or new


def is_foreign(entry: Entry) -> bool:
    """True when the file says that its class is not Keras' own."""
    module = entry.get("module", "keras")
    if isinstance(module, str):
        return not is_of_keras(module.partition(".")[0]) and module != "builtins"
    registered = entry.get("registered_name")
    return (
        isinstance(registered, str)
        and ">" in registered
        and not is_of_keras(registered.partition(">")[0].lower())
    )


def _input(entry: Entry, place: Place, work: Work) -> Made | None:
    stated = stated_input(entry)
    if stated is None:
        work.findings.add(place.name, "This input does not say what shape it takes.")
        return None
    config = table(entry.get("config"))
    if work.generation < 3 and (config.get("ragged") is True or config.get("sparse") is True):
        work.findings.add(
            place.name,
            "It takes tensors of a special kind (ragged or sparse).",
            "Built to take plain ones, with the same numbers.",
        )
    return input_layer(stated, place.new_name)


# ------------------------------------------------- layers given as an activation


def _layer_as_activation(config: Config) -> dict[str, object] | None:
    """The entry of LeakyReLU() and the like, given to another layer as its activation."""
    value = config.get("activation")
    if is_table(value) and isinstance(value.get("class_name"), str):
        name = str(value["class_name"])
        if catalogue.known_name(name) or name in _RULES:
            return value
    return None


def _with_plain_activation(config: Config) -> Config:
    if _layer_as_activation(config) is None:
        return config
    return {**config, "activation": "linear"}


def _activate(made: Made, config: Config, place: Place, work: Work) -> None:
    entry = _layer_as_activation(config)
    if entry is None:
        return
    name = f"{place.new_name}_activation"
    after = layer(entry, Place(place.key, place.name, (*place.path[:-1], name)), work)
    if after is not None:
        made.after = (*made.after, after)
    if after is not None and work.generation < 3:
        work.findings.add(
            place.name,
            "Its activation is a layer, which Keras 3 does not find again.",
            "Built as a layer of its own right after it.",
        )

"""Networks cut, with layers frozen and renamed: plain Keras opens them; they answer as before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from exported import export_here, plan_here  # noqa: E402
from keras_files import ZOO, shaken  # noqa: E402
from test_keras_objects import MODELS, inner, one  # noqa: E402

from h5viewer.errors import CannotRead, CannotWrite  # noqa: E402
from h5viewer.network.random_samples import largest_difference, random_batches  # noqa: E402
from h5viewer.requests import (  # noqa: E402
    ConvertNetwork,
    CutNetwork,
    FreezeLayers,
    RenameLayers,
    SaveArchitecture,
)

L = keras.layers

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
    pytest.mark.filterwarnings("ignore:[\\s\\S]*The structure of `inputs`:UserWarning"),
]

CLOSE = 1e-5


def states() -> Any:
    """Layers with several outputs, one given its state by another."""
    words = keras.Input((5, 3), name="words")
    outputs, first, second = L.LSTM(4, return_sequences=True, return_state=True, name="reader")(
        words
    )
    told = L.LSTM(4, name="teller")(outputs, initial_state=[first, second])
    return keras.Model(words, [L.Dense(2, name="end")(told), first])


def branches() -> Any:
    """Several inputs as a table, a shared network with two inputs, an operation."""
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    c = keras.Input((2,), name="c")
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    left, right = L.Dense(3, name="left")(x), L.Dense(3, name="right")(y)
    both = L.Concatenate(name="both")([left, right])
    pair = keras.Model([x, y], [both, L.Dense(2, name="later")(both)], name="pair")
    one_way, other_way = pair([a, b]), pair([b, a])
    joined = L.Add(name="joined")([one_way[1], other_way[1]])
    end = L.Concatenate(name="with_c")([keras.ops.relu(joined), L.Dense(2, name="of_c")(c)])
    return keras.Model({"a": a, "b": b, "c": c}, {"end": L.Dense(1, name="end")(end), "c": c})


def deep() -> Any:
    """Networks in networks, Sequential ones among them, with statistics in each."""
    middle = keras.Sequential([keras.Input((4,)), inner("innermost"), L.Dense(4)], name="middle")
    way = keras.Input((4,))
    outer = keras.Model(way, L.BatchNormalization(name="last")(middle(way)), name="outer")
    inputs = keras.Input((4,))
    return keras.Model(inputs, L.Dense(2, name="top")(outer(L.Dense(4, name="bottom")(inputs))))


GRAPHS: dict[str, Callable[[], Any]] = {
    "nested": ZOO["nested"], "states": states, "branches": branches, "deep": deep,
    "tangled": MODELS["nested"],
}  # fmt: skip


def load(path: Path) -> Any:
    return keras.saving.load_model(path, compile=False, safe_mode=True)


def saved(make: Callable[[], Any], path: Path) -> Any:
    """The network as Keras opens it again; legacy files that Keras cannot open are written here."""
    keras.utils.set_random_seed(3)
    model = shaken(make())
    if path.suffix == ".h5" and _has_operations(model):
        archive = path.with_suffix(".keras")
        model.save(archive)
        export_here(ConvertNetwork(document=str(archive), target=str(path)))
    else:
        model.save(path)
    return load(path)


def _has_operations(model: Any) -> bool:
    listed = getattr(model, "operations", ())
    return any(type(each).__module__.startswith("keras.src.ops") for each in listed)


def asked(model: Any, values: dict[str, Any]) -> list[Any]:
    """What it answers to the part of the values that it takes."""
    inputs = getattr(model, "_inputs_struct", model.inputs)
    structure = keras.tree.map_structure(lambda each: values[each.name], inputs)
    if isinstance(structure, list) and len(structure) == 1:
        structure = structure[0]
    return [np.asarray(each) for each in keras.tree.flatten(model(structure, training=False))]


def values_for(model: Any) -> dict[str, Any]:
    return dict(zip([each.name for each in model.inputs], random_batches(model), strict=True))


def part(model: Any, path: tuple[str, ...], values: dict[str, Any]) -> list[Any]:
    """What a layer puts out at its first use, by Keras alone."""
    layer = model.get_layer(path[0])
    node = layer._inbound_nodes[0]
    if len(path) == 1:
        return asked(keras.Model(model.inputs, node.output_tensors), values)
    fed_to = asked(keras.Model(model.inputs, node.input_tensors), values)
    inside = dict(zip([each.name for each in layer.inputs], fed_to, strict=True))
    return part(layer, path[1:], inside)


def paths(model: Any, around: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for layer in model.layers:
        if not isinstance(layer, L.InputLayer):
            found.append((*around, layer.name))
        if isinstance(layer, keras.Model):
            found += paths(layer, (*around, layer.name))
    return found


def check_cut(name: str, ending: str, folder: Path, step: int = 1) -> None:
    """What the layer puts out in the whole network, the cut one answers."""
    source, target = folder / "whole.keras", folder / f"cut{ending}"
    model = saved(GRAPHS[name], source)
    values = values_for(model)
    for path in paths(model)[::step]:
        export_here(CutNetwork(document=str(source), target=str(target), layer=path))
        difference = largest_difference(asked(load(target), values), part(model, path, values))
        assert difference < CLOSE, path


def check_frozen(name: str, ending: str, folder: Path, step: int = 1) -> None:
    """Frozen here and by Keras: the same weights are trained, and the answers are the same."""
    source, target = folder / f"whole{ending}", folder / f"frozen{ending}"
    model = saved(GRAPHS[name], source)
    values = values_for(model)
    for path in [each for each in paths(model) if at(model, each).trainable_weights][::step]:
        frozen = ("/".join(path),)
        export_here(FreezeLayers(document=str(source), target=str(target), frozen=frozen))
        new, by_keras = load(target), load(source)
        at(by_keras, path).trainable = False
        assert trained(new) == trained(by_keras), path
        assert same(asked(new, values), asked(model, values)), path
        back = folder / f"back{ending}"
        export_here(FreezeLayers(document=str(target), target=str(back), trained=frozen))
        again = load(back)
        assert same(asked(again, values), asked(model, values)), path
        at(by_keras, path).trainable = True
        assert trained(again) == trained(by_keras), path


def check_renamed(name: str, ending: str, folder: Path, step: int = 1) -> None:
    """The layer is found under its new name, and the answers are the same."""
    source, target = folder / f"whole{ending}", folder / f"renamed{ending}"
    model = saved(GRAPHS[name], source)
    values = values_for(model)
    for path in paths(model)[::step]:
        names = (("/".join(path), "quite-new"),)
        export_here(RenameLayers(document=str(source), target=str(target), names=names))
        new = load(target)
        assert at(new, (*path[:-1], "quite-new")) is not None
        assert same(asked(new, values), asked(model, values)), path


def same(first: list[Any], second: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def trained(model: Any) -> list[bool]:
    """Of each weight whether training changes it."""
    learnt = {id(each) for each in model.trainable_weights}
    return [id(each) in learnt for each in model.weights]


def at(model: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        model = model.get_layer(name)
    return model


@pytest.mark.parametrize(
    ("name", "ending", "step"),
    [("states", ".h5", 2), ("branches", ".keras", 3), ("deep", ".h5", 5)],
)
def test_cut_gives_what_the_layer_puts_out(
    name: str, ending: str, step: int, tmp_path: Path
) -> None:
    check_cut(name, ending, tmp_path, step)


@pytest.mark.parametrize(("name", "ending"), [("deep", ".h5"), ("branches", ".keras")])
def test_frozen_layers_are_those_that_keras_would_freeze(
    name: str, ending: str, tmp_path: Path
) -> None:
    check_frozen(name, ending, tmp_path, 5)


@pytest.mark.parametrize(("name", "ending"), [("deep", ".h5"), ("branches", ".keras")])
def test_renamed_layers_answer_as_before(name: str, ending: str, tmp_path: Path) -> None:
    check_renamed(name, ending, tmp_path, 6)


def test_layers_are_found_by_names_that_tensorflow_refuses(tmp_path: Path) -> None:
    """They are written anew under other names, which the user has not seen."""
    source, target = tmp_path / "whole.keras", tmp_path / "new.keras"
    inputs = keras.Input((4,))
    odd = L.Dense(3, name="größe (1)")(inputs)
    model = saved(lambda: keras.Model(inputs, L.Dense(2, name="层")(odd)), source)
    values = values_for(model)
    export_here(FreezeLayers(document=str(source), target=str(target), frozen=("größe (1)",)))
    assert not load(target).layers[1].trainable_weights
    assert same(asked(load(target), values), asked(model, values))
    export_here(CutNetwork(document=str(source), target=str(target), layer=("größe (1)",)))
    assert same(asked(load(target), values), part(model, ("größe (1)",), values))
    export_here(RenameLayers(document=str(source), target=str(target), names=(("层", "end"),)))
    assert load(target).get_layer("end").units == 2


def test_spectral_normalization_keeps_its_weights_when_frozen(tmp_path: Path) -> None:
    """Legacy files list its own variable behind those of its layer, or before them when frozen."""
    source, target = tmp_path / "whole.h5", tmp_path / "frozen.h5"
    layer = L.SpectralNormalization(L.Dense(3), name="bounded")
    model = saved(lambda: one((4,), layer), source)
    export_here(FreezeLayers(document=str(source), target=str(target), frozen=("bounded",)))
    values = values_for(model)
    assert same(asked(load(target), values), asked(model, values))


def test_a_layer_used_twice_is_cut_at_the_use_that_is_asked_for(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "cut.keras"
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    shared = L.Dense(3, name="shared")
    model = keras.Model([first, second], L.Add()([shared(first), shared(second)]))
    model.save(source)
    done = export_here(
        CutNetwork(document=str(source), target=str(target), layer=("shared",), call=1)
    )
    new = load(target)
    assert [each.name for each in new.inputs] == ["second"]
    assert any("used 2 times" in note for note in done.notes)
    values = values_for(model)
    wanted = np.asarray(shared(values["second"]))
    assert np.allclose(asked(new, values)[0], wanted, atol=1e-6)


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_what_comes_before_code_can_be_cut_off(ending: str, tmp_path: Path) -> None:
    source, target = tmp_path / f"whole.{ending}", tmp_path / f"cut.{ending}"
    code = L.Lambda(lambda x: keras.ops.sort(x), name="mine")
    layers = [keras.Input((4,), name="x"), L.Dense(3, name="first"), code, L.Dense(2)]
    model = keras.Sequential(layers)
    model.save(source)
    export_here(CutNetwork(document=str(source), target=str(target), layer=("first",)))
    values = values_for(model)
    assert same(asked(load(target), values), part(model, ("first",), values))
    with pytest.raises(CannotRead, match=r"Python code in “mine”"):
        export_here(CutNetwork(document=str(source), target=str(target), layer=("mine",)))


def test_sequential_networks_stay_sequential(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "cut.keras"
    model = saved(
        lambda: keras.Sequential([keras.Input((4,)), inner("backbone"), L.Dense(2)]), source
    )
    layer = model.get_layer("backbone").layers[0].name
    export_here(CutNetwork(document=str(source), target=str(target), layer=("backbone", layer)))
    new = load(target)
    assert isinstance(new, keras.Sequential)
    assert isinstance(new.layers[0], keras.Sequential)
    assert [each.name for each in new.layers[0].layers] == [layer]


def test_a_cut_tells_only_what_was_repaired_in_the_layers_that_stay(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.h5", tmp_path / "cut.h5"
    inputs = keras.Input((4,), name="x")
    branch = keras.Sequential([keras.Input((3,)), L.Dense(2, name="inner")], name="branch")
    outputs = L.Dense(2, name="later")(branch(L.Dense(3, name="first")(inputs)))
    keras.Model(inputs, outputs).save(source)
    with h5py.File(source, "r+") as file:
        config = file.attrs["model_config"]
        for name in ("inner", "later"):
            config = config.replace(f'"name": "{name}"', f'"name": "{name}", "init": "uniform"')
        file.attrs["model_config"] = config

    def told(layer: str) -> list[str]:
        request = CutNetwork(document=str(source), target=str(target), layer=(layer,))
        return [note for note in export_here(request).notes if "refuse" in note]

    assert told("first") == []
    assert "1 of its layers" in told("branch")[0]
    assert "2 of its layers" in told("later")[0]


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_layers_that_take_no_flag_are_not_frozen_with_all_others(
    ending: str, tmp_path: Path
) -> None:
    source, target = tmp_path / f"whole.{ending}", tmp_path / f"frozen.{ending}"
    layers = [keras.Input((6, 6, 2)), L.Conv2D(3, 3), L.SpatialDropout2D(0.1), L.Flatten()]
    keras.Sequential([*layers, L.Discretization([0.0, 1.0]), L.Dense(2)]).save(source)
    export_here(FreezeLayers(document=str(source), target=str(target), frozen=("*",)))
    assert not load(target).trainable_weights


def test_a_file_of_weights_is_not_called_frozen(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "frozen.weights.h5"
    keras.Sequential([keras.Input((3,)), L.Dense(2)]).save(source)
    with pytest.raises(CannotWrite, match="not which of them are trained"):
        export_here(FreezeLayers(document=str(source), target=str(target), frozen=("*",)))


def test_layers_that_keras_trains_although_they_are_frozen_are_told(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "frozen.keras"
    inputs = keras.Input((4, 8))
    attention = L.MultiHeadAttention(2, 4, name="attention")(inputs, inputs)
    keras.Model(inputs, L.Dense(2, name="end")(attention)).save(source)

    def told(layer: str) -> list[str]:
        request = FreezeLayers(document=str(source), target=str(target), frozen=(layer,))
        return [note for note in export_here(request).notes if "all the same" in note]

    assert not told("end")
    assert "“attention”" in told("attention")[0]
    new = load(target)
    attention = new.get_layer("attention")
    assert not attention.trainable
    assert len(new.trainable_weights) == 10
    attention.trainable = True
    attention.trainable = False
    assert len(new.trainable_weights) == 2


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_a_network_in_a_wrapper_is_frozen_with_it(ending: str, tmp_path: Path) -> None:
    source, target = tmp_path / f"whole.{ending}", tmp_path / f"frozen.{ending}"
    inputs = keras.Input((3, 4))
    frames = L.TimeDistributed(inner("frame"), name="frames")(inputs)
    keras.Model(inputs, L.Dense(2, name="end")(frames)).save(source)
    request = FreezeLayers(document=str(source), target=str(target), frozen=("frames",))
    assert not [note for note in export_here(request).notes if "all the same" in note]
    assert len(load(target).trainable_weights) == 2


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_a_pipeline_is_frozen_by_the_layers_in_it(ending: str, tmp_path: Path) -> None:
    """It takes no flag itself."""
    source, target = tmp_path / f"whole.{ending}", tmp_path / f"frozen.{ending}"
    model = saved(ZOO["prepared"], source)
    export_here(FreezeLayers(document=str(source), target=str(target), frozen=("prepare",)))
    new = load(target)
    assert len(new.trainable_weights) == 2
    (batch,) = random_batches(model)
    assert np.array_equal(new(batch, training=False), model(batch, training=False))


def test_a_pipeline_is_cut_at_as_a_whole(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "cut.keras"
    model = saved(ZOO["prepared"], source)
    inside = ("prepare", model.get_layer("prepare").layers[2].name)
    with pytest.raises(CannotRead, match="is inside a layer that cannot be cut"):
        export_here(CutNetwork(document=str(source), target=str(target), layer=inside))
    export_here(CutNetwork(document=str(source), target=str(target), layer=("prepare",)))
    (batch,) = random_batches(model)
    answer = keras.Model(model.inputs, model.get_layer("prepare").output)(batch, training=False)
    assert np.array_equal(load(target)(batch, training=False), answer)


def test_a_wrapper_in_such_a_network_is_frozen_with_it(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "frozen.keras"
    frame = keras.Sequential([keras.Input((5, 4)), L.Bidirectional(L.LSTM(2, name="cells"))])
    model = keras.Sequential([keras.Input((3, 5, 4)), L.TimeDistributed(frame, name="frames")])
    model.save(source)
    export_here(FreezeLayers(document=str(source), target=str(target), frozen=("frames",)))
    held = load(target).get_layer("frames").layer.layers[0]
    assert not held.trainable
    assert not held.forward_layer.trainable
    assert not held.backward_layer.trainable


def test_keras_builds_a_network_in_a_wrapper_from_its_repaired_architecture(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.h5", tmp_path / "network.json"
    inputs, frame = keras.Input((3, 4)), keras.Input((4,))
    frames = L.TimeDistributed(keras.Model(frame, L.Dense(2)(frame)), name="frames")(inputs)
    keras.Model(inputs, L.Flatten()(frames)).save(source)
    export_here(SaveArchitecture(document=str(source), target=str(target), is_repaired=True))
    assert keras.models.model_from_json(target.read_text()).count_params() > 0


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_the_plan_of_a_small_network_says_about_how_long_its_file_gets(
    ending: str, tmp_path: Path
) -> None:
    shaken(branches()).save(tmp_path / "a.keras")
    source, target = str(tmp_path / "a.keras"), tmp_path / f"b.{ending}"
    asked: list[Any] = [CutNetwork(document=source, target=str(target), layer=("joined",))]
    if ending == "h5":  # another form
        asked.append(RenameLayers(document=source, target=str(target), names=(("of_c", "c_of"),)))
    for request in asked:
        plan = plan_here(request)
        export_here(request)
        assert target.stat().st_size / 3 < plan.bytes_after < 3 * target.stat().st_size

"""Layers of somebody else's class in other forms: written as Keras lists them, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from exported import export_here  # noqa: E402
from keras_files import shaken  # noqa: E402
from merged import merge_here  # noqa: E402

from h5viewer.errors import CannotRead, CannotWrite  # noqa: E402
from h5viewer.requests import ConvertNetwork, FreezeLayers, JoinNetworks  # noqa: E402

L = keras.layers

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
]


class Block(L.Layer):
    """Two objects of which the second in the file's order was made first."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.second = L.Dense(4)
        self.norm = L.BatchNormalization()
        self.first = L.Dense(3)

    def build(self, shape: Any) -> None:
        self.second.build(shape)
        self.norm.build((None, 4))
        self.first.build((None, 4))

    def call(self, inputs: Any) -> Any:
        return self.first(self.norm(self.second(inputs)))


class Plain(L.Layer):
    """Variables of its own alone."""

    def build(self, shape: Any) -> None:
        self.gain = self.add_weight(shape=(shape[-1],), name="gain")
        self.count = self.add_weight(shape=(), name="seen", trainable=False)
        self.shift = self.add_weight(shape=(shape[-1],), name="shift")

    def call(self, inputs: Any) -> Any:
        return inputs * self.gain + self.shift * self.count


class Measured(L.Layer):
    """Holds an object of which nothing is trained."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.scaled = L.Normalization()
        self.end = L.Dense(2)

    def build(self, shape: Any) -> None:
        self.scaled.build(shape)
        self.end.build(shape)

    def call(self, inputs: Any) -> Any:
        return self.end(self.scaled(inputs))


CLASSES = {each.__name__: each for each in (Block, Plain, Measured)}


def saved(layer: Any, path: Path) -> Any:
    inputs = keras.Input((5,))
    model = shaken(keras.Model(inputs, L.Dense(2, name="end")(layer(inputs))))
    model.save(path)
    return model


def load(path: Path) -> Any:
    return keras.saving.load_model(path, custom_objects=CLASSES, compile=False, safe_mode=False)


def same(a: Any, b: Any) -> bool:
    given = np.linspace(-1, 1, 10, dtype="float32").reshape(2, 5)
    return bool(np.array_equal(np.asarray(a(given)), np.asarray(b(given))))


def test_a_frozen_layer_of_an_own_class_answers_as_before(tmp_path: Path) -> None:
    source, frozen, back = (tmp_path / f"{name}.h5" for name in ("whole", "frozen", "back"))
    model = saved(Block(name="own"), source)
    export_here(FreezeLayers(document=str(source), target=str(frozen), frozen=("own",)))
    assert same(load(frozen), model)
    assert not load(frozen).get_layer("own").trainable_weights
    export_here(FreezeLayers(document=str(frozen), target=str(back), trained=("own",)))
    assert same(load(back), model)
    assert len(load(back).get_layer("own").trainable_weights) == 6


def test_a_frozen_layer_keeps_its_order_beside_code_that_is_not_read(tmp_path: Path) -> None:
    """Such a file is copied with other flags, not written anew."""
    source, target = tmp_path / "whole.h5", tmp_path / "frozen.h5"
    own, code = Block(name="own"), L.Lambda(lambda x: max([x], key=id), output_shape=(3,))
    inputs = keras.Input((5,))
    model = shaken(keras.Model(inputs, code(own(inputs))))
    model.save(source)
    export_here(FreezeLayers(document=str(source), target=str(target), frozen=("own",)))
    assert same(load(target), model)


def test_a_layer_whose_order_nobody_knows_is_not_frozen(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.h5", tmp_path / "frozen.h5"
    saved(Measured(name="own"), source)
    with pytest.raises(CannotRead, match="“own” is of a class of its own"):
        export_here(FreezeLayers(document=str(source), target=str(target), frozen=("own",)))


def test_archives_with_own_classes_become_legacy_files_where_the_order_is_known(
    tmp_path: Path,
) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "whole.h5"
    model = saved(Plain(name="own"), source)
    export_here(ConvertNetwork(document=str(source), target=str(target)))
    assert same(load(target), model)
    saved(Block(name="own"), source)
    with pytest.raises(CannotWrite, match="“own” is of a class of its own") as refused:
        export_here(ConvertNetwork(document=str(source), target=str(target)))
    assert refused.value.hint == "Choose a .keras file."


def test_an_own_class_in_a_nested_network_does_not_lose_its_weights(tmp_path: Path) -> None:
    source, target = tmp_path / "whole.keras", tmp_path / "whole.h5"
    inner = keras.Sequential([keras.Input((5,)), Plain(name="own"), L.Dense(5)], name="inner")
    saved(inner, source)
    with pytest.raises(CannotWrite, match="“own” is of a class of its own"):
        export_here(ConvertNetwork(document=str(source), target=str(target)))


def test_no_other_format_is_proposed_that_is_refused_as_well(tmp_path: Path) -> None:
    """A legacy file says nothing of what is trained in such a layer, nor where it stands."""
    source = tmp_path / "whole.h5"
    saved(Block(name="own"), source)
    for suffix in ("h5", "keras"):
        target = tmp_path / f"both.{suffix}"
        with pytest.raises(CannotWrite, match="“own” is of a class of its own") as refused:
            merge_here(
                JoinNetworks(document=str(source), others=(str(source),), target=str(target))
            )
        assert not refused.value.hint
    with pytest.raises(CannotWrite) as refused:
        export_here(ConvertNetwork(document=str(source), target=str(tmp_path / "whole.keras")))
    assert refused.value.hint == "Choose a .h5 file."

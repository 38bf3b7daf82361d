"""Networks of absurd size: every export that reads them says so at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import pytest
from export_cases import make_network
from exported import export_here
from merged import merge_here

from h5viewer import requests
from h5viewer.documents import network_size
from h5viewer.documents.network_size import MOST_LAYERS
from h5viewer.errors import CannotRead

SAYS = rf"{MOST_LAYERS + 1:,} layers; of networks with more than {MOST_LAYERS:,} no new file"


@pytest.fixture
def huge(tmp_path: Path) -> str:
    layers = [
        {"class_name": "Activation", "config": {"name": f"a{n}", "activation": "relu"}}
        for n in range(MOST_LAYERS)
    ]
    nested = {"class_name": "Sequential", "config": {"name": "nested", "layers": layers}}
    path = tmp_path / "huge.h5"
    with h5py.File(path, "w") as file:
        config = {"class_name": "Sequential", "config": {"name": "huge", "layers": [nested]}}
        file.attrs["model_config"] = json.dumps(config)
        file.create_group("model_weights").attrs["layer_names"] = [b"nested"]
    return str(path)


@pytest.mark.parametrize(
    "asked",
    [
        (requests.ConvertNetwork, {}),
        (requests.CutNetwork, {"layer": ("a1",)}),
        (requests.FreezeLayers, {"frozen": ("a1",)}),
        (requests.RenameLayers, {"names": (("a1", "b"),)}),
    ],
    ids=lambda asked: asked[0].__name__,
)
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_network_of_absurd_size_is_not_written_anew(
    suffix: str, asked: tuple[type[Any], dict[str, Any]], huge: str, tmp_path: Path
) -> None:
    kind, options = asked
    with pytest.raises(CannotRead, match=SAYS):
        export_here(kind(document=huge, target=str(tmp_path / f"new{suffix}"), **options))


def test_an_architecture_of_absurd_size_is_saved_as_it_is_stored_and_not_repaired(
    huge: str, tmp_path: Path
) -> None:
    target = str(tmp_path / "new.json")
    export_here(requests.SaveArchitecture(document=huge, target=target))
    with pytest.raises(CannotRead, match=SAYS):
        export_here(requests.SaveArchitecture(document=huge, target=target, is_repaired=True))


@pytest.mark.parametrize("kind", [requests.JoinNetworks, requests.CombineNetwork])
def test_a_network_of_absurd_size_is_not_merged(kind: type[Any], huge: str, tmp_path: Path) -> None:
    target = str(tmp_path / "new.keras")
    other = str(make_network(tmp_path / "other.h5", 4))
    with pytest.raises(CannotRead, match=SAYS):
        merge_here(kind(document=huge, others=(other,), target=target))
    text = tmp_path / "huge.json"
    with h5py.File(huge) as file:
        text.write_text(file.attrs["model_config"])
    with pytest.raises(CannotRead, match=SAYS):
        merge_here(requests.CombineNetwork(document=str(text), others=(other,), target=target))


def test_a_large_network_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_size, "MOST_LAYERS", 5)  # what it has
    path = str(make_network(tmp_path / "one.h5", 4))
    export_here(requests.ConvertNetwork(document=path, target=str(tmp_path / "new.keras")))

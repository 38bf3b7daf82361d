"""`h5v predict` as a user runs it: a real worker, JSON, exit codes, class names."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from h5v_process import h5v
from msgspec.structs import replace
from rich.console import Console

from h5viewer.errors import CannotRead
from h5viewer.nodes import (
    Answer,
    Evidence,
    LoadedNetwork,
    NetworkInput,
    NetworkOutput,
    Prediction,
    ProbedAnswer,
    Recipe,
    Score,
    nameable,
)
from h5viewer.requests import Consent
from h5viewer.terminal import predict as predicting
from h5viewer.terminal.asked_network import AskedNetwork, choose_recipe
from h5viewer.workers.pool import Pool

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("tensorflow")


predict = partial(h5v, "predict", timeout=120)


def test_names_are_those_of_the_output_they_are_as_many_as() -> None:
    """Of ten digits the first three were called by the names of three colours."""
    digit = NetworkOutput(name="digit", shape=(None, 10), kind="softmax", n_classes=10)
    colour = NetworkOutput(name="colour", shape=(None, 3), kind="softmax", n_classes=3)
    known = LoadedNetwork(inputs=(), outputs=(digit, colour), recipes=(), evidence=())
    names = ("red", "green", "blue")
    asked = AskedNetwork("a.h5", Consent(), known, recipe=None, labels=names)
    of_digit = Answer(name="digit", kind="softmax", shape=(10,), top=())
    of_colour = Answer(name="colour", kind="softmax", shape=(3,), top=())
    assert asked.label(of_digit, 1) == "1"
    assert asked.label(of_colour, 1) == "green"
    assert nameable(known.outputs) == {3, 10}
    assert nameable((colour, colour, digit)) == {10}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that says which of three colours a picture is, names for them, pictures."""
    path: Path = tmp_path_factory.mktemp("colours")
    write_network(path / "colours.h5")
    (path / "labels.txt").write_text("red\ngreen\nblue\n", "utf-8")
    pictures = path / "pictures"
    pictures.mkdir()
    for i, (name, kind) in enumerate((("1.png", "PNG"), ("2.jpg", "JPEG"), ("10.webp", "WEBP"))):
        colour = [255 if channel == i else 0 for channel in range(3)]
        Image.new("RGB", (20, 10), tuple(colour)).save(pictures / name, kind)
    (path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    return path


def write_network(path: Path) -> None:
    layers = [
        ("Rescaling", {"name": "rescaling", "scale": 1 / 255, "offset": 0.0}),
        ("GlobalAveragePooling2D", {"name": "pool"}),
        ("Dense", {"name": "dense", "units": 3, "activation": "softmax"}),
    ]
    layers[0][1]["batch_input_shape"] = [None, 8, 8, 3]
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "colours",
            "layers": [{"class_name": name, "config": config} for name, config in layers],
        },
    }
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.8.0"
        file.attrs["backend"] = "tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array([layer[1]["name"] for layer in layers], "S")
        for _, config in layers:
            weights.create_group(str(config["name"])).attrs["weight_names"] = np.array([], "S")
        dense = weights["dense"]
        dense.attrs["weight_names"] = np.array(["dense/kernel:0", "dense/bias:0"], "S")
        dense["dense/kernel:0"] = 10 * np.eye(3, dtype=np.float32)
        dense["dense/bias:0"] = np.zeros(3, np.float32)


def test_json_has_exactly_the_documented_shape(folder: Path) -> None:
    done = predict(
        folder / "colours.h5", folder / "pictures", folder / "bad.png", "--json", "--top", "2"
    )
    assert done.returncode == 1, done.stderr  # one picture could not be read
    found: dict[str, Any] = json.loads(done.stdout)
    assert set(found) == {"file", "recipe", "load_seconds", "predictions"}
    assert found["file"] == str(folder / "colours.h5")
    assert found["recipe"]["name"] == "raw"  # the network scales by itself
    assert found["load_seconds"] > 0
    good, (bad,) = found["predictions"][:3], found["predictions"][3:]
    assert [Path(each["picture"]).name for each in good] == ["1.png", "2.jpg", "10.webp"]
    for i, each in enumerate(good):
        assert set(each) == {"picture", "seconds", "outputs"}
        (output,) = each["outputs"]
        assert set(output) == {"name", "kind", "shape", "top"}
        assert (output["name"], output["kind"], output["shape"]) == ("dense", "softmax", [3])
        assert len(output["top"]) == 2
        assert output["top"][0]["index"] == i
        assert output["top"][0]["class"] == ("red", "green", "blue")[i]
        assert output["top"][0]["score"] > 0.99 > output["top"][1]["score"]
    assert set(bad) == {"picture", "error"}
    assert bad["error"].startswith("bad.png ")


def printed(say: Callable[[Console], None]) -> list[str]:
    stream = io.StringIO()
    say(Console(file=stream, width=200, markup=False, highlight=False))
    return stream.getvalue().splitlines()


def asked(recipe: Recipe | None = None) -> AskedNetwork:
    unit, raw = Recipe(name="unit", title="0 to 1"), Recipe(name="raw", title="0 to 255")
    known = LoadedNetwork(
        inputs=(NetworkInput(name="x", shape=(None, 8, 8, 3), dtype="float32", kind="picture"),),
        outputs=(),
        recipes=(unit, raw),
        evidence=(Evidence(recipe="unit", message="It is written so.", weight=1.0),),
    )
    return AskedNetwork("m.h5", Consent(), known, recipe, ("red", "green"), "labels.txt")


def answers(index: int, score: float) -> tuple[Answer, ...]:
    top = (Score(index=index, score=score),)
    return (Answer(name="y", kind="softmax", shape=(3,), top=top),)


def test_text_says_recipe_reasons_and_where_names_are_from() -> None:
    assert printed(lambda console: predicting.print_head(console, asked())) == [
        "Pixels: 0 to 1",
        "  It is written so.",
        "Classes: labels.txt",
    ]
    own = Recipe(name="own", title="mine")
    assert printed(lambda console: predicting.print_head(console, asked(own)))[0] == "Pixels: mine"


def test_text_shows_answers_and_those_of_other_recipes() -> None:
    network = asked()
    probed = (ProbedAnswer(recipe=network.known.recipes[1], answers=answers(2, 0.6)),)
    found = Prediction(
        answers=answers(1, 0.75), recipe=network.known.recipes[0], seconds=0.01, probed=probed
    )
    outcome = predicting.Outcome("a.png", prediction=found)
    lines = printed(lambda console: predicting.print_outcome(console, outcome, network))
    assert lines[1] == "a.png  10.0 ms"
    assert lines[2].split() == ["75.00%", "█" * 15, "green"]
    assert lines[3].split() == ["0", "to", "255", "2", "60.00%"]  # a class without a name


def test_yes_or_no_is_told_by_the_names_of_both() -> None:
    answer = Answer(name="y", kind="sigmoid", shape=(1,), top=(Score(index=0, score=0.2),))
    found = Prediction(answers=(answer,), recipe=Recipe(), seconds=0.0)
    outcome = predicting.Outcome("a.png", prediction=found)
    lines = printed(lambda console: predicting.print_outcome(console, outcome, asked()))
    assert [line.split()[-1] for line in lines[2:]] == ["red", "green"]
    assert lines[2].split()[0] == "80.00%"
    nameless = replace(asked(), labels=())
    lines = printed(lambda console: predicting.print_outcome(console, outcome, nameless))
    assert [line.split()[-1] for line in lines[2:]] == ["0", "1"]


def test_text_says_why_a_picture_has_no_answer() -> None:
    outcome = predicting.Outcome("a.png", error=CannotRead("a.png is empty.", hint="Take b."))
    lines = printed(lambda console: predicting.print_outcome(console, outcome, asked()))
    assert lines == ["", "a.png is empty. Take b."]


def test_names_that_are_not_there_are_one_sentence(folder: Path) -> None:
    done = predict(folder / "colours.h5", folder / "pictures", "--labels", "gone.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("gone.txt does not exist.")


def test_folder_without_pictures_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=f"no pictures in {tmp_path.name}"):
        predicting.expand([str(tmp_path)])


@pytest.mark.parametrize(
    ("wish", "name"), [("raw", "raw"), ("0-1", "unit"), ("inverted", "unit-inverted")]
)
def test_recipes_are_found_by_the_names_people_use(pool: Pool, wish: str, name: str) -> None:
    recipes = (
        Recipe(name="raw"),
        Recipe(name="unit"),
        Recipe(name="unit-inverted", inverted=True),
    )
    known = replace(asked().known, recipes=recipes)
    found = choose_recipe(pool, wish, known, None)
    assert found is not None
    assert found.name == name


def test_recipe_that_is_not_there_names_those_that_are(pool: Pool) -> None:
    with pytest.raises(CannotRead, match="no recipe nonsense") as refusal:
        choose_recipe(pool, "nonsense", asked().known, None)
    assert refusal.value.hint == "Choose one of: unit, raw."

"""`h5v predict`: what a network answers to pictures, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.names import visible
from h5viewer.nodes import Answer, Prediction, Recipe, Score
from h5viewer.picture_files import read_picture, sort_out
from h5viewer.requests import Feed, Predict, Progress
from h5viewer.sample_files import arranged
from h5viewer.summary import Json
from h5viewer.terminal import screen
from h5viewer.terminal.asked_network import AskedNetwork
from h5viewer.wording import shape_text
from h5viewer.workers.pool import Pool, ask

_MOST_NUMBERS = 1000  # of an answer that is no list of classes, in JSON
_FEW_NUMBERS = 8  # printed as text
_BAR = 20  # characters


class Outcome(msgspec.Struct, frozen=True):
    """What came of one sample: an answer, or why there is none."""

    picture: str  # as it was typed, or as it is called in a folder that was
    prediction: Prediction | None = None
    error: H5ViewerError | None = None


def expand(arguments: Sequence[str]) -> list[str]:
    """Pictures as they were typed; of a folder all in it.

    Raises:
        CannotRead: a folder without pictures.
    """
    found: list[str] = []
    for argument in arguments:
        if not Path(argument).is_dir():
            found.append(argument)
            continue
        inside = sort_out([argument]).pictures
        if not inside:
            raise CannotRead(f"There are no pictures in {visible(Path(argument).name)}.")
        found += inside
    return found


def predict_all(
    pool: Pool, network: AskedNetwork, pictures: Sequence[str], *, top: int, probe: bool
) -> Iterator[Outcome]:
    """One outcome a sample, in order; a picture that cannot be read does not end it.

    Raises:
        CannotRead: of several inputs, when the files make no samples.
    """
    samples = arranged(pictures, network.known.inputs)
    with screen.progress("Predicting") as show:
        for done, names in enumerate(samples, 1):
            yield _outcome(pool, network, names, top=top, probe=probe)
            show(Progress(done=done, total=len(samples), unit="samples"))


def _outcome(
    pool: Pool, network: AskedNetwork, names: Sequence[str], *, top: int, probe: bool
) -> Outcome:
    shown = " + ".join(names)
    try:
        feeds = tuple(Feed(name=Path(name).name, picture=read_picture(name)) for name in names)
        found = ask(
            pool,
            Predict(
                document=network.path,
                consent=network.consent,
                feeds=feeds,
                recipe=network.recipe,
                top=top,
                probe=probe,
            ),
        )
    except H5ViewerError as error:
        return Outcome(shown, error=error)
    assert isinstance(found, Prediction)
    return Outcome(shown, prediction=found)


# ---------------------------------------------------------------------------- JSON


def to_json(file: str, network: AskedNetwork, outcomes: Sequence[Outcome]) -> Json:
    """The object that `--json` prints."""
    recipe = network.first_recipe
    return {
        "file": file,
        "recipe": _recipe_json(recipe) if recipe else {},
        "load_seconds": round(network.known.load_seconds, 4),
        "predictions": [_outcome_json(each, network) for each in outcomes],
    }


def _recipe_json(recipe: Recipe) -> Json:
    fields: Json = msgspec.to_builtins(recipe)
    fields.pop("type", None)
    return fields


def _outcome_json(outcome: Outcome, network: AskedNetwork) -> Json:
    if outcome.prediction is None:
        assert outcome.error is not None
        return {"picture": outcome.picture, "error": outcome.error.message}
    found = outcome.prediction
    value: Json = {
        "picture": outcome.picture,
        "seconds": round(found.seconds, 6),
        "outputs": [_answer_json(answer, network) for answer in found.answers],
    }
    if found.probed:
        value["probe"] = [
            {
                "recipe": _recipe_json(each.recipe),
                "outputs": [_answer_json(answer, network) for answer in each.answers],
            }
            for each in found.probed
        ]
    return value


def _answer_json(answer: Answer, network: AskedNetwork) -> Json:
    value: Json = {
        "name": visible(answer.name),
        "kind": answer.kind,
        "shape": list(answer.shape),
        "top": [
            {
                "index": each.index,
                "class": network.label(answer, each.index),
                "score": _finite(each.score),
            }
            for each in _scores(answer, network)
        ],
    }
    if not answer.top and answer.values is not None:
        numbers = answer.values.values.ravel()[:_MOST_NUMBERS]
        value["values"] = [_finite(float(each)) for each in numbers]
    return value


def _scores(answer: Answer, network: AskedNetwork) -> tuple[Score, ...]:
    """The classes it tells; of a yes or no whose two answers have names both of them."""
    return (len(network.labels) == 2 and _both(answer)) or answer.top


def _both(answer: Answer) -> tuple[Score, ...]:
    """Yes and no as the classes 1 and 0, the likelier first; (): it says something else."""
    if answer.kind != "sigmoid" or answer.shape[-1:] != (1,) or not answer.top:
        return ()
    yes = answer.top[0].score
    both = (Score(index=1, score=yes), Score(index=0, score=1 - yes))
    return both if yes >= 0.5 else both[::-1]


def _finite(number: float) -> float | None:
    return number if number - number == 0 else None  # JSON has no NaN


# ---------------------------------------------------------------------------- text


def print_head(console: Console, network: AskedNetwork) -> None:
    """How pictures are prepared, why so, and where names of classes come from."""
    recipe = network.first_recipe
    if recipe is not None and any(each.kind == "picture" for each in network.known.inputs):
        console.print(Text("Pixels: ", "bold") + Text(visible(recipe.title or recipe.name)))
        for evidence in network.known.evidence if network.recipe is None else ():
            console.print(Text(f"  {visible(evidence.message, 500)}", "dim"))
    if network.labels:
        console.print(Text("Classes: ", "bold") + Text(visible(network.labels_source)))
    for warning in network.known.warnings:
        console.print(Text(visible(warning, 500), "yellow"))


def print_outcome(console: Console, outcome: Outcome, network: AskedNetwork) -> None:
    """The answers to one sample."""
    console.print()
    if outcome.prediction is None:
        assert outcome.error is not None
        sentences = [outcome.error.message, outcome.error.hint]
        console.print(Text(visible(" ".join(filter(None, sentences)), 2000), "red"))
        return
    found = outcome.prediction
    console.print(
        Text(visible(outcome.picture), "bold") + Text(f"  {found.seconds * 1000:.1f} ms", "dim")
    )
    for note in found.notes:
        console.print(Text(f"  {visible(note, 500)}", "dim"))
    for answer in found.answers:
        if len(found.answers) > 1:
            console.print(Text(f"  {visible(answer.name)}", "bold"))
        for line in _answer_lines(answer, network):
            console.print(line)
    for each in found.probed:
        line = Text(f"  {visible(each.recipe.title or each.recipe.name):<50}", "cyan")
        console.print(line + Text("; ".join(_in_short(answer, network) for answer in each.answers)))


def _answer_lines(answer: Answer, network: AskedNetwork) -> Iterator[Text]:
    for each in _both(answer) or answer.top:
        bar = "█" * round(_BAR * min(max(each.score, 0.0), 1.0))
        yield (
            Text(f"  {each.score:8.2%} ")
            + Text(f"{bar:<{_BAR}} ", "green")
            + Text(visible(network.label(answer, each.index), 200))
        )
    if not answer.top:
        yield Text(f"  {_in_short(answer, network)}")


def _in_short(answer: Answer, network: AskedNetwork) -> str:
    if answer.top:
        best = (_both(answer) or answer.top)[0]
        return f"{visible(network.label(answer, best.index), 200)} {best.score:.2%}"
    if answer.values is not None and 0 < answer.values.values.size <= _FEW_NUMBERS:
        return ", ".join(f"{float(each):.6g}" for each in answer.values.values.ravel())
    return f"{answer.kind} of {shape_text(answer.shape)}"

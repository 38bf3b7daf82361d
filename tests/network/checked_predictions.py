"""`python -m tests.network.checked_predictions`: known pictures, what networks of the corpus say.

Prints a row for each network and picture: expected, given by the recipe that the evidence
chose, and by which recipe of the probe the expected one comes first, where the first does not.
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.network.predict import predict
from h5viewer.nodes import Prediction
from h5viewer.requests import Feed, Predict

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"

_DRAWN = dict(enumerate((1, 2, 7, 4, 5, 6, 8, 8, 9), start=1))  # by eye: the names mislead

DIGIT_NETWORKS = (
    "keras_h5/IlkinIsfandiyar__FirstAi-__final_model.h5",
    "keras_v3/DKamil12__mnist-digit-recognizer-neural-network__handwritten_digits_recognizer.keras",
    "keras_h5/VKapitany__CNN_Introduction__mnist_cnn.h5",
    "keras_h5/EN10__KerasMNIST__TFKeras.h5",
    "keras_h5/01110001__ml-mnist__mnist_cnn.h5",
    "keras_h5/Borjaja2000__Redes-Neuronales-Numeros__mnist_cnn.h5",
)
SIGN_NETWORKS = (
    "keras_h5/RukshanAnushka__Traffic-Signs-Classification-using-CNN-Keras__traffic_classifier.h5",
    "keras_h5/JohnnyWilkerson__trafficclassifier__traffic_classifier.h5",
)


@dataclass(frozen=True)
class Row:
    """One picture given to one network."""

    model: str
    picture: str
    expected: int
    given: int
    score: float
    recipe: str
    probed: tuple[str, ...]  # recipes by which the expected class comes first

    @property
    def is_right(self) -> bool:
        return self.given == self.expected


def digits() -> dict[Path, int]:
    """Pictures of digits and what they show."""
    images = CORPUS / "images"
    found = {images / f"IlkinIsfandiyar__FirstAi-__{i}.png": shown for i, shown in _DRAWN.items()}
    found[images / "EN10__KerasMNIST__test3.png"] = 3
    for i in (2, 3):
        found[images / f"VKapitany__CNN_Introduction__number_{i}.png"] = i
    for i in range(1, 11):
        found[images / f"DKamil12__mnist-digit-recognizer-neural-network__{i}.png"] = i % 10
    return found


def signs() -> dict[Path, int]:
    """Pictures of traffic signs and their classes in GTSRB, which their names end in."""
    pictures = [*CORPUS.glob("images/Maesla__*.png"), *CORPUS.glob("images/RukshanAnushka__*.png")]
    return {path: int(re.findall(r"\d+", path.stem)[-1]) for path in sorted(pictures)}


def ask(model: str, pictures: dict[Path, int], *, probe: bool = False) -> Iterator[Row]:
    """Each picture by the recipe the evidence chooses."""
    with Source(str(CORPUS / model)) as source:
        container = open_container(source)
        for path, expected in pictures.items():
            found = answer(
                Predict(
                    document=source.path,
                    feeds=(Feed(name=path.name, picture=path.read_bytes()),),
                    probe=probe,
                ),
                container,
            )
            best = found.answers[0].top[0]
            yield Row(
                model=model,
                picture=path.name,
                expected=expected,
                given=best.index,
                score=best.score,
                recipe=found.recipe.name,
                probed=tuple(
                    each.recipe.name
                    for each in found.probed
                    if each.answers[0].top[0].index == expected
                ),
            )
        container.close()


def answer(request: Predict, container: object) -> Prediction:
    steps = predict(request, container)  # type: ignore[arg-type]
    while True:
        try:
            next(steps)
        except StopIteration as end:
            prediction: Prediction = end.value
            return prediction


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="only where another class comes first")
    wanted = parser.parse_args()
    for models, pictures in ((DIGIT_NETWORKS, digits()), (SIGN_NETWORKS, signs())):
        for model in models:
            rows = list(ask(model, pictures, probe=True))
            right = sum(row.is_right for row in rows)
            print(f"\n{Path(model).name}: {right} of {len(rows)}, recipe {rows[0].recipe}")
            for row in rows:
                if wanted.wrong and row.is_right:
                    continue
                mark = "    " if row.is_right else " !! "
                probed = "" if row.is_right else f"  probe: {', '.join(row.probed) or 'none'}"
                shown = f"expected {row.expected:>2}  given {row.given:>2}  {row.score:6.1%}"
                print(f"{mark}{row.picture[-44:]:<44}  {shown}{probed}")


if __name__ == "__main__":
    main()

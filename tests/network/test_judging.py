"""Loss, accuracy, confusion and mistakes against numbers worked out by hand or by Keras."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.evaluation import matrix  # noqa: E402
from h5viewer.network.objective import objective_of  # noqa: E402
from h5viewer.network.tally import Tally  # noqa: E402
from h5viewer.network.targets import TargetReader, class_names  # noqa: E402
from h5viewer.nodes import NetworkOutput  # noqa: E402

_KINDS = {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "regression"}


def objective(units: int, activation: str, *, kind: str = "", stated: object = None, shape=()):
    inputs = keras.Input((*shape, 2))
    model = keras.Model(inputs, keras.layers.Dense(units, activation=activation)(inputs))
    output = NetworkOutput(
        name="answer",
        shape=(None, *shape, units),
        kind=kind or _KINDS[activation],
        n_classes=units,
    )
    return objective_of(model, output, 0, stated)


def evaluated(judge, labels, answers, words=()):
    """The evaluation of answers in batches of two."""
    labels, answers = np.asarray(labels), np.asarray(answers, np.float32)
    reader = TargetReader(judge, labels.shape, "y", words)
    tally = Tally(judge, reader.is_one_of)
    for at in range(0, len(answers), 2):
        part = answers[at : at + 2]
        names = [f"row {at + number}" for number in range(len(part))]
        targets = reader.read(labels[at : at + 2], part.shape)
        tally.add(targets, part, names, lambda _: None)
    return tally.result(is_complete=True)


THREE = [[0.7, 0.2, 0.1], [0.1, 0.1, 0.8], [0.3, 0.4, 0.3]]


@pytest.mark.parametrize(
    "labels",
    [
        [0, 1, 1],
        [[0], [1], [1]],
        [[[[0]]], [[[1]]], [[[1]]]],
        [0.0, 1.0, 1.0],
        [[1, 0, 0], [0, 1, 0], [0, 1, 0]],
        np.array([b"cat", b"dog", b"dog"]),
        np.array(["cat", "dog", "dog"], object),
    ],
    ids=["ints", "column", "column of boxes", "floats", "one-hot", "bytes", "words"],
)
def test_labels_of_every_form_give_the_same_evaluation(labels):
    found = evaluated(objective(3, "softmax"), labels, THREE, ("cat", "dog", "mouse"))
    assert found.accuracy == pytest.approx(2 / 3)
    assert found.loss == pytest.approx(-(np.log(0.7) + np.log(0.1) + np.log(0.4)) / 3, rel=1e-5)
    assert found.loss_name == "categorical cross-entropy"
    assert matrix(found) == ((1, 0, 0), (0, 1, 1), (0, 0, 0))
    (mistake,) = found.mistakes
    assert (mistake.row, mistake.name, mistake.true, mistake.predicted) == (1, "row 1", 1, 2)
    assert mistake.score == pytest.approx(0.8)


def test_logits_count_as_softmax():
    logits = np.log(np.array(THREE)) + 7
    found = evaluated(objective(3, "linear", kind="logits"), [0, 1, 1], logits)
    assert found.loss == pytest.approx(-(np.log(0.7) + np.log(0.1) + np.log(0.4)) / 3, rel=1e-5)
    assert found.mistakes[0].score == pytest.approx(0.8, rel=1e-5)


@pytest.mark.parametrize("labels", [[1, 0, 1], [[1], [0], [1]], [[0, 1], [1, 0], [0, 1]]])
def test_yes_or_no_is_judged_at_one_half(labels):
    found = evaluated(objective(1, "sigmoid"), labels, [[0.9], [0.6], [0.2]])
    assert found.accuracy == pytest.approx(1 / 3)
    assert found.loss_name == "binary cross-entropy"
    assert found.loss == pytest.approx(-(np.log(0.9) + np.log(0.4) + np.log(0.2)) / 3, rel=1e-5)
    assert matrix(found) == ((0, 1), (1, 1))  # [true][predicted]: no, yes
    surest = found.mistakes[0]
    assert (surest.row, surest.true, surest.predicted) == (2, 1, 0)
    assert surest.score == pytest.approx(0.8)


@pytest.mark.parametrize("no", [0, -1])
def test_several_labels_count_one_by_one(no):
    found = evaluated(
        objective(3, "sigmoid"),
        [[1, no, 1], [no, no, no]],
        [[0.9, 0.2, 0.1], [0.1, 0.1, 0.7]],
    )
    assert found.accuracy == pytest.approx(4 / 6)
    assert matrix(found) == ((3, 1), (1, 1))
    missing, extra = found.mistakes
    assert (missing.true, missing.predicted, missing.row) == (2, -1, 0)
    assert (extra.true, extra.predicted, extra.row) == (-1, 2, 1)


def test_class_numbers_for_sigmoid_units_mean_one_of_them():
    found = evaluated(objective(3, "sigmoid"), [0, 2], [[0.9, 0.6, 0.1], [0.1, 0.6, 0.4]])
    assert found.accuracy == pytest.approx(1 / 2)
    assert matrix(found) == ((1, 0, 0), (0, 0, 0), (0, 1, 0))


@pytest.mark.parametrize("labels", [[1.0, 2.0, 3.0], [[1.0], [2.0], [3.0]]])
def test_of_a_regression_the_mean_absolute_error_is_told(labels):
    found = evaluated(objective(1, "linear"), labels, [[1.5], [2.0], [1.0]])
    assert found.accuracy is None
    assert found.mean_absolute_error == pytest.approx(2.5 / 3)
    assert found.loss_name == "mean squared error"
    assert found.loss == pytest.approx((0.25 + 4) / 3)
    worst = found.mistakes[0]
    assert (worst.row, worst.expected, worst.answered, worst.score) == (2, 3.0, 1.0, 2.0)


def test_an_answer_at_each_place_is_judged_place_by_place():
    judge = objective(3, "softmax", kind="sequence", shape=(2,))
    answers = [[[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], [[0.1, 0.8, 0.1], [0.1, 0.8, 0.1]]]
    found = evaluated(judge, [[0, 1], [1, 1]], answers)
    assert found.accuracy == pytest.approx(3 / 4)
    assert matrix(found) == ((1, 0, 0), (0, 2, 1), (0, 0, 0))
    assert found.loss == pytest.approx(-(np.log(0.8) + np.log(0.2) + 2 * np.log(0.8)) / 4, rel=1e-5)


@pytest.mark.parametrize(
    ("units", "activation", "stated", "name"),
    [
        (3, "softmax", "mse", "mean squared error"),
        (3, "softmax", "sparse_categorical_crossentropy", "categorical cross-entropy"),
        (3, "softmax", ["mean_absolute_error"], "mean absolute error"),
        (3, "softmax", {"answer": "categorical_hinge"}, "categorical hinge"),
        (
            3,
            "softmax",
            {"class_name": "CategoricalCrossentropy", "config": {"from_logits": False}},
            "categorical cross-entropy",
        ),
        (1, "linear", {"class_name": "function", "config": {"name": "huber"}}, "Huber loss"),
        (1, "linear", "MSLE", "mean squared logarithmic error"),
    ],
)
def test_the_loss_the_file_names_is_taken_where_it_fits(units, activation, stated, name):
    found = objective(units, activation, stated=stated)
    assert found.loss.title == name
    assert found.note == ""


@pytest.mark.parametrize(
    ("units", "activation", "loss"),
    [
        (3, "softmax", keras.losses.CategoricalCrossentropy(label_smoothing=0.2)),
        (3, "softmax", keras.losses.CategoricalFocalCrossentropy(alpha=[0.1, 0.5, 0.9], gamma=3)),
        (3, "linear", keras.losses.CategoricalHinge()),
        (3, "linear", keras.losses.MeanSquaredError()),
        (3, "sigmoid", keras.losses.BinaryFocalCrossentropy(gamma=1.5)),
        (1, "sigmoid", keras.losses.BinaryCrossentropy(label_smoothing=0.1)),
        (1, "tanh", keras.losses.Hinge()),
        (1, "tanh", keras.losses.SquaredHinge()),
        (1, "linear", keras.losses.Huber()),  # Keras stores no other delta
        (3, "sigmoid", keras.losses.CosineSimilarity()),
        (1, "linear", keras.losses.mean_absolute_error),
    ],
    ids=lambda each: getattr(each, "name", None) or getattr(each, "__name__", None),
)
def test_the_loss_is_that_of_keras_with_all_that_is_stated_of_it(units, activation, loss):
    stated = keras.saving.serialize_keras_object(loss)
    kind = "logits" if (units, activation) == (3, "linear") else "regression"
    kind = activation if activation in ("softmax", "sigmoid") else kind
    judge = objective(units, activation, kind=kind, stated=stated)
    random = np.random.default_rng(1)
    answers = random.random((6, units)).astype("float32")
    if activation == "softmax":
        answers /= answers.sum(axis=1, keepdims=True)
    true = np.eye(units)[random.integers(0, units, 6)] if kind in ("softmax", "logits") else None
    true = random.integers(0, 2, (6, units)) if true is None else true
    expected = np.mean(np.asarray(loss(true.astype("float32"), answers)))
    assert evaluated(judge, true, answers).loss == pytest.approx(float(expected), rel=1e-5)
    assert judge.note == ""


def test_a_loss_that_does_not_fit_is_replaced_and_said():
    found = objective(1, "linear", stated="my_loss")
    assert found.loss.title == "mean squared error"
    assert "my_loss" in found.note


@pytest.mark.parametrize(
    ("units", "activation", "labels", "sentence"),
    [
        (3, "softmax", [0, 3], "from 0 to 3; the network knows 3 classes"),
        (3, "softmax", [-1, 2], "from -1 to 2"),
        (3, "softmax", [0.5, 1.0], "from 0.5 to 1"),
        (3, "softmax", [[1, 0], [0, 1]], "y has the shape"),
        (1, "sigmoid", [0, 2], "yes or no"),
        (2, "linear", [[1.0, np.nan], [0, 0]], "NaN"),
        (3, "softmax", np.array(["cow", "cat"]), "“cow”"),
    ],
)
def test_labels_that_do_not_fit_are_refused_in_a_sentence(units, activation, labels, sentence):
    with pytest.raises(CannotRead, match=sentence):
        evaluated(
            objective(units, activation), labels, np.full((2, units), 0.5), ("cat", "dog", "mouse")
        )


def test_words_name_the_classes_in_alphabetical_order():
    words = np.array(["b", "c", "a", "b"], object)
    assert class_names(words, 3, "y") == ("a", "b", "c")
    with pytest.raises(CannotRead, match="3 different words, but the network knows 4 classes"):
        class_names(words, 4, "y")


def test_the_surest_mistakes_are_kept_of_many():
    scores = np.random.default_rng(0).permutation(np.linspace(0.5, 1.0, 200))
    answers = np.stack([1 - scores, scores], axis=1)
    asked = []
    judge = objective(2, "softmax")
    tally = Tally(judge, is_one_of=True)
    reader = TargetReader(judge, (200,), "y")
    targets = reader.read(np.zeros(200, int), answers.shape)
    tally.add(targets, answers, [str(row) for row in range(200)], lambda at: asked.append(at))
    found = tally.result(is_complete=False)
    assert [mistake.row for mistake in found.mistakes] == np.argsort(-scores)[:24].tolist()
    assert not found.is_complete

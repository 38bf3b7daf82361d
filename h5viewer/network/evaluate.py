"""How good a network is on samples of known class: rows of datasets, or pictures in folders."""

from __future__ import annotations

from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.document import find_places
from h5viewer.documents.json_text import table
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.network.loaded import loaded
from h5viewer.network.objective import objective_of
from h5viewer.network.picture_evaluation import evaluate_pictures
from h5viewer.network.prepared import prepared
from h5viewer.network.row_evaluation import evaluate_rows
from h5viewer.nodes import Evaluation, Problem
from h5viewer.operations import Operation
from h5viewer.requests import EvaluateNetwork, Progress
from h5viewer.wording import plural


def evaluate_network(
    request: EvaluateNetwork, container: Container, *others: Container
) -> Operation[Evaluation]:
    """Loss, accuracy, confusion and the worst mistakes; in parts as they grow.

    Args:
        others: the file of the samples, that of their labels, where they are others.

    Raises:
        CannotRead, TooLarge: samples or labels that do not fit the network, each in a sentence.
    """
    network = yield from loaded(container, request.consent)
    known = yield from prepared(container, network)
    n_inputs = len(known.inputs)
    if not request.samples and n_inputs != 1 + len(request.more_x):
        raise CannotRead(
            f"The network has {plural(n_inputs, 'input')}, and "
            f"{plural(1 + len(request.more_x), 'dataset')} of samples were chosen.",
            hint="Choose one dataset for each input.",
        )
    if not 0 <= request.output < len(known.outputs):
        raise CannotRead("The network has no such output.")
    objective = objective_of(
        network.model, known.outputs[request.output], request.output, _stated_loss(container)
    )
    yield Progress(done=0, text="Evaluating the network…")
    if request.samples:
        return (yield from evaluate_pictures(request, container, known, objective))
    n_of_samples = len(others) - (1 if request.is_y_apart else 0)
    data = others[0] if n_of_samples else container
    labels = others[-1] if request.is_y_apart else data
    return (yield from evaluate_rows(request, data, labels, known, objective))


def _stated_loss(container: Container) -> object:
    problems: list[Problem] = []  # told with the architecture
    places = find_places(container)
    config = parsed_config(container, places, problems)
    return table(parsed_training(container, places, config, problems)).get("loss")

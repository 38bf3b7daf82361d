"""`h5v evaluate`: how good a network is on a data set or on a folder of class folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from h5viewer.errors import CannotRead
from h5viewer.evaluation import (
    NO_YES,
    guessed_apart,
    guessed_sources,
    matrix,
    n_classes_of,
    output_of_classes,
    together,
)
from h5viewer.labelled_pictures import labelled_pictures, requests_of, thinned
from h5viewer.names import NodePath, parse_path, path_text, visible
from h5viewer.nodes import (
    Dataset,
    Evaluation,
    LoadedNetwork,
    Mistake,
    NetworkInput,
    Nodes,
    Part,
    Paths,
)
from h5viewer.picture_files import read_picture
from h5viewer.requests import (
    DescribeNodes,
    EvaluateNetwork,
    Feed,
    Progress,
    SearchNames,
)
from h5viewer.sample_files import SampleFile, placed
from h5viewer.terminal import screen
from h5viewer.terminal.asked_network import load
from h5viewer.terminal.screen import shown
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool, ask

_MOST_COLUMNS = 20  # classes of a matrix that is printed
_MOST_MISTAKES = 8
_MOST_NODES = 2000  # of a file that are looked at for samples and labels


class Wish(msgspec.Struct, frozen=True):
    """What `h5v evaluate` was told; paths are absolute."""

    model: str
    data: str
    x: tuple[str, ...]  # one for each input; empty: guessed
    y: str
    recipe: str
    labels: str
    limit: int
    allow_code: bool = False
    code: tuple[str, ...] = ()
    architecture: str = ""
    y_file: str = ""  # that the labels are in, where it is another one
    together_with: tuple[str, ...] = ()  # files that go with every picture of a folder


def evaluated(pool: Pool, wish: Wish) -> tuple[Evaluation, tuple[str, ...]]:
    """The evaluation, and class names as far as they are known.

    Raises:
        H5ViewerError: the network cannot be loaded, or samples do not fit it.
    """
    network = load(
        pool,
        wish.model,
        allow_code=wish.allow_code,
        code=wish.code,
        architecture=wish.architecture,
        recipe=wish.recipe,
        labels=wish.labels,
    )
    request = EvaluateNetwork(
        document=wish.model,
        consent=network.consent,
        recipe=network.recipe,
        labels=network.labels,
        limit=wish.limit,
    )
    if Path(wish.data).is_dir():
        found = _evaluate_folder(pool, request, wish.data, network.known, wish.together_with)
    else:
        found = _evaluate_datasets(pool, request, wish, network.known)
    return found, request.labels or found.labels


def _evaluate_datasets(
    pool: Pool, request: EvaluateNetwork, wish: Wish, network: LoadedNetwork
) -> Evaluation:
    if wish.x:
        xs, y = tuple(map(parse_path, wish.x)), parse_path(wish.y)
    else:
        xs, y = _guessed(pool, wish.data, network, wish.y_file)
        samples = " and ".join(visible(path_text(path)) for path in xs)
        where = f" of {visible(Path(wish.y_file).name)}" if wish.y_file else ""
        said = f"Samples are {samples}, labels are {visible(path_text(y))}{where}."
        screen.errors().print(Text(said, "dim"))
    other = "" if wish.data == wish.model else wish.data
    whole = msgspec.structs.replace(
        request,
        data=other,
        x=xs[0],
        more_x=xs[1:],
        y=y,
        is_y_apart=bool(wish.y_file),
        y_data=wish.y_file,
    )
    with screen.progress("Evaluating") as show:
        found = ask(pool, whole, on_progress=show)
    assert isinstance(found, Evaluation)
    return found


def _guessed(
    pool: Pool, data: str, network: LoadedNetwork, y_file: str
) -> tuple[tuple[NodePath, ...], NodePath]:
    """The datasets that look like samples and labels.

    Raises:
        CannotRead: none do.
    """
    nodes = _datasets(pool, data)
    labels = _datasets(pool, y_file) if y_file else []
    inputs = network.inputs
    found = guessed_apart(nodes, labels, inputs) if y_file else guessed_sources(nodes, inputs)
    if found is None:
        name = visible(Path(data).name)
        files = f"{name} and {visible(Path(y_file).name)}" if y_file else name
        raise CannotRead(
            f"No datasets of {files} look like samples and their labels.",
            hint="Name them with --x and --y.",
        )
    return found


def _datasets(pool: Pool, document: str) -> list[Dataset]:
    paths: list[NodePath] = []
    nodes: list[Dataset] = []

    def keep(part: Part) -> None:
        if isinstance(part, Paths):
            paths.extend(part.paths)
        elif isinstance(part, Nodes):
            nodes.extend(node for node in part.nodes if isinstance(node, Dataset))

    ask(pool, SearchNames(document=document, text="*", limit=_MOST_NODES), keep)
    ask(pool, DescribeNodes(document=document, nodes=tuple(paths)), keep)
    return nodes


def _evaluate_folder(
    pool: Pool,
    request: EvaluateNetwork,
    folder: str,
    network: LoadedNetwork,
    together_with: Sequence[str],
) -> Evaluation:
    """Evaluate on the pictures of a folder of class folders; `request` says how.

    Raises:
        H5ViewerError: the folder does not fit the network, no picture can be read.
    """
    output = output_of_classes(network.outputs)
    n_classes = n_classes_of(network.outputs[output])
    offers = _offers(together_with, network.inputs)
    found = labelled_pictures(folder, request.labels, n_classes, network.inputs, offers)
    pictures = thinned(found.pictures, request.limit)
    request = msgspec.structs.replace(request, held=found.held, output=output)
    notes, answers, done = [found.note], [], 0
    with screen.progress("Evaluating") as show:
        for read in requests_of(pictures):
            notes += read.refusals
            if read.samples:
                answer = ask(pool, read.part_of(request))
                assert isinstance(answer, Evaluation)
                answers.append(answer)
            done += read.n_files
            show(Progress(done=done, total=len(pictures), unit="pictures"))
    if not answers:
        raise CannotRead("None of the pictures could be read.", hint=notes[-1])
    return together(answers, notes=notes, total=len(pictures))


def _offers(paths: Sequence[str], inputs: Sequence[NetworkInput]) -> list[Feed | None]:
    """What each input gets whatever the picture; None: nothing was given for it.

    Raises:
        CannotRead: more files than inputs, or one that cannot be read.
    """
    columns, n_left = placed([SampleFile.of(path) for path in paths], inputs)
    if n_left or any(len(column) > 1 for column in columns.values()):
        raise CannotRead(
            f"{plural(len(paths), 'file')} cannot go with every picture: the network has "
            f"{plural(len(inputs), 'input')}.",
            hint="Give --with one file for each input that the folder has nothing for.",
        )
    given = {at: paths[column[0]] for at, column in columns.items()}
    return [
        Feed(name=Path(given[at]).name, picture=read_picture(given[at])) if at in given else None
        for at in range(len(inputs))
    ]


def print_all(title: str, found: Evaluation, labels: Sequence[str]) -> None:
    """Numbers, the confusion matrix where it is small, the worst mistakes; notes to errors."""
    console = screen.output()
    console.print(Text(visible(title), "bold"), Text(plural(found.samples, "sample"), "dim"))
    facts = Table.grid(padding=(0, 2))
    if found.accuracy is not None:
        facts.add_row("Accuracy", f"{100 * found.accuracy:.2f} %")
    if found.mean_absolute_error is not None:
        facts.add_row("Mean absolute error", f"{found.mean_absolute_error:.6g}")
    facts.add_row("Loss", f"{found.loss:.6g} ({found.loss_name})")
    console.print(facts)
    if 0 < found.n_classes <= _MOST_COLUMNS:
        console.print(_confusion(found, NO_YES if found.n_labels else labels))
    elif found.n_classes:
        n = plural(found.n_classes, "class", "classes")
        console.print(Text(f"The confusion matrix of {n} is in the output of --json.", "dim"))
    for each in found.mistakes[:_MOST_MISTAKES]:
        console.print(_mistake(each, found, labels))
    for note in found.notes:
        screen.errors().print(Text(visible(note, 1000), "yellow"))


def _confusion(found: Evaluation, labels: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="True class down, answered across")
    table.add_column("")
    for index in range(found.n_classes):
        table.add_column(_name(index, labels, 12), justify="right")
    for index, row in enumerate(matrix(found)):
        cells = [
            Text(f"{count:,}", "bold" if at == index else "red" if count else "dim")
            for at, count in enumerate(row)
        ]
        table.add_row(_name(index, labels, 30), *cells)
    return table


def _mistake(mistake: Mistake, found: Evaluation, labels: Sequence[str]) -> Text:
    where = mistake.name or f"row {mistake.row:,}"
    if mistake.expected is not None and mistake.answered is not None:
        said = f"{mistake.answered:.6g} instead of {mistake.expected:.6g}"
        return shown(f"{where}: ") + Text(said)
    if not found.n_classes:
        return shown(f"{where}: ") + Text(f"off by {mistake.score:.6g}")
    said = _name(mistake.predicted, labels, 60) if mistake.predicted >= 0 else "nothing"
    true = _name(mistake.true, labels, 60) if mistake.true >= 0 else "nothing"
    return shown(f"{where}: ") + Text(f"{said} ({100 * mistake.score:.1f} %) instead of {true}")


def _name(index: int, labels: Sequence[str], limit: int) -> str:
    has_name = index < len(labels) and labels[index]
    return visible(labels[index], limit) if has_name else str(index)

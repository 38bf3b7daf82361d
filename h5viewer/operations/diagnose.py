"""What today's Keras would refuse in a file, and what is done about it."""

from __future__ import annotations

from h5viewer.documents.compatibility import repair
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.document import find_places
from h5viewer.documents.given_architecture import (
    WEIGHTS_ONLY,
    code_in,
    no_architecture,
    parse_given,
    taken_from,
    writer_of,
)
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.content_hash import content_hash
from h5viewer.nodes import Code, Problem
from h5viewer.nodes.prediction import Diagnosis
from h5viewer.operations import Operation
from h5viewer.requests import DiagnoseNetwork, Progress


def diagnose_network(request: DiagnoseNetwork, container: Container) -> Operation[Diagnosis]:
    """From the configuration alone, without Keras.

    Raises:
        CannotRead: the file declares no network, or its configuration is damaged.
    """
    yield Progress(done=0, unit="layers")
    places = find_places(container)
    problems: list[Problem] = []
    given = request.architecture if places.format in WEIGHTS_ONLY else None
    config = parsed_config(container, places, problems)
    if given is not None:
        config = parse_given(given)
    if config is None and places.format in WEIGHTS_ONLY:
        raise no_architecture(container.source.name)
    if config is None:
        reason = problems[0].message if problems else "It holds no configuration of layers."
        raise CannotRead(
            f"{container.source.name} declares no network. {reason}",
            hint="Open the file that was saved as a whole model.",
        )
    yield Progress(done=0, unit="layers")
    version, backend = writer_of(config, *written_by(container, places))
    found = repair(config, version=version, backend=backend)
    content = ""
    code: tuple[Code, ...] = ()
    if any(finding.needs for finding in found.findings):
        content = yield from content_hash(container.source, "" if given is None else given.text)
        code = () if given is None else (yield from code_in(parse_given(given)))
    return Diagnosis(
        findings=found.findings if given is None else (taken_from(given), *found.findings),
        loads=found.loads,
        content_hash=content,
        code=code,
        n_layers=len(found.layers),
    )

"""What today's Keras would refuse in a file, and what is done about it."""

from __future__ import annotations

from h5viewer.documents.compatibility import repair
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.document import find_places
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.content_hash import content_hash
from h5viewer.nodes import Problem
from h5viewer.nodes.prediction import Diagnosis
from h5viewer.operations import Operation
from h5viewer.requests import DiagnoseNetwork, Progress


def diagnose_network(_request: DiagnoseNetwork, container: Container) -> Operation[Diagnosis]:
    """From the configuration alone, without Keras.

    Raises:
        CannotRead: the file declares no network, or its configuration is damaged.
    """
    yield Progress(done=0, unit="layers")
    places = find_places(container)
    problems: list[Problem] = []
    config = parsed_config(container, places, problems)
    if config is None:
        reason = problems[0].message if problems else "It holds no configuration of layers."
        raise CannotRead(
            f"{container.source.name} declares no network. {reason}",
            hint="Open the file that was saved as a whole model.",
        )
    yield Progress(done=0, unit="layers")
    version, backend = written_by(container, places)
    found = repair(config, version=version, backend=backend)
    content = ""
    if any(finding.needs for finding in found.findings):
        content = yield from content_hash(container.source)
    return Diagnosis(findings=found.findings, loads=found.loads, content_hash=content)

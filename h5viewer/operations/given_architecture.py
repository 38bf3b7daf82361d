"""ReadArchitecture and FitArchitecture: for weights that lie apart from their network."""

from __future__ import annotations

from h5viewer.documents.collecting import without_collecting
from h5viewer.documents.document import find_places
from h5viewer.documents.given_architecture import WEIGHTS_ONLY, fits, parse_given, stated_by
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import ArchitectureFit, Text
from h5viewer.operations import Operation
from h5viewer.requests import FitArchitecture, Progress, ReadArchitecture


def read_architecture(_request: ReadArchitecture, container: Container) -> Operation[Text]:
    """The configuration as JSON, with the version of Keras that wrote it.

    Raises:
        CannotRead: the file declares no network, or its configuration is damaged.
    """
    yield Progress(done=0, unit="layers")
    return stated_by(container)


def fit_architecture(request: FitArchitecture, container: Container) -> Operation[ArchitectureFit]:
    """Hold the stored weights against the layers.

    Raises:
        CannotRead: the architecture is no JSON; the document is no file of weights.
    """
    yield Progress(done=0, unit="layers")
    if find_places(container).format not in WEIGHTS_ONLY:
        raise CannotRead(f"{container.source.name} is no file of weights alone.")
    config = parse_given(request.architecture)
    with without_collecting():
        is_fit = yield from fits(container, config)
    return ArchitectureFit(fits=is_fit)

"""What files keep of their training: the parts that a network written anew leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h5viewer.documents.checkpoint_network import checkpoint_variables
from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.document import find_places
from h5viewer.formats.architecture_text import ArchitectureText
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.nodes import ExportPart, Group

_LEFT_OUT = "{} is left out; further training begins by compiling the network."


def training_parts(containers: Sequence[Container | ArchitectureText]) -> Iterator[ExportPart]:
    """Of what any of these files holds; how long it is, is not known."""
    found = [each for each in containers if not isinstance(each, ArchitectureText)]
    if any(map(is_compiled, found)):
        name = "how it was trained" if len(containers) == 1 else "how they were trained"
        yield ExportPart(name=name, n_bytes=0)
    if any(map(has_state, found)):
        yield ExportPart(name="optimizer state", n_bytes=0)


def training_notes(containers: Sequence[Container | ArchitectureText]) -> Iterator[str]:
    """What a network written anew does without, in a sentence."""
    found = [each for each in containers if not isinstance(each, ArchitectureText)]
    if any(map(has_state, found)):
        yield _LEFT_OUT.format("Optimizer state")
    elif any(map(is_compiled, found)):
        yield _LEFT_OUT.format("How it was compiled for training")


def has_state(container: Container) -> bool:
    """Whether it keeps what an optimizer does."""
    if isinstance(container, CheckpointContainer):
        return any(variable.is_state for variable in checkpoint_variables(container))
    places = find_places(container)
    return places.has_network and isinstance(container.describe(places.optimizer), Group)


def is_compiled(container: Container) -> bool:
    """Whether it says how the network was trained."""
    if isinstance(container, CheckpointContainer):
        return False
    places = find_places(container)
    config = parsed_config(container, places, []) if places.is_numbered else None
    return bool(parsed_training(container, places, config, []))

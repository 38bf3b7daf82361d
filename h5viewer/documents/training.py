"""How a network was trained: loss, metrics, optimizer and the optimizer's stored state."""

from __future__ import annotations

from h5viewer.documents.json_text import compact, is_table
from h5viewer.documents.stored import datasets_below, group_at
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Training


def read_training(container: Container, config: object, state: NodePath) -> Training | None:
    """`training_config` or `compile_config` as parsed; `state`: the optimizer's group."""
    n_variables, n_bytes = _state_size(container, state)
    if not is_table(config):
        if not n_variables:
            return None
        config = {}
    class_name, settings = optimizer_of(config)
    return Training(
        loss=compact(config.get("loss")),
        metrics=compact(config.get("metrics")),
        optimizer_class=class_name,
        optimizer_config=compact(settings),
        n_variables=n_variables,
        state_bytes=n_bytes,
    )


def optimizer_of(config: dict[str, object]) -> tuple[str | None, object]:
    """Class and settings of the optimizer that a training configuration states."""
    optimizer = config.get("optimizer_config", config.get("optimizer"))
    if isinstance(optimizer, str):
        return plain(optimizer), None
    if not is_table(optimizer):
        return None, None
    class_name = optimizer.get("class_name")
    return plain(class_name) if isinstance(class_name, str) else None, optimizer.get("config")


def _state_size(container: Container, group: NodePath) -> tuple[int, int]:
    if group_at(container, group) is None:
        return 0, 0
    n_variables = n_bytes = 0
    for dataset in datasets_below(container, group):
        n_variables += 1
        n_bytes += min(dataset.declared_bytes, dataset.stored_bytes or dataset.declared_bytes)
    return n_variables, min(n_bytes, 2**63 - 1)

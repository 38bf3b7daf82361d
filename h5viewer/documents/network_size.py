"""How many layers a network may have of which a new file is made."""

from __future__ import annotations

from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.errors import CannotRead
from h5viewer.wording import count_text

MOST_LAYERS = 20_000
"""To repair, order and place 100,000 layers takes 17 s of a processor, in steps of 3 s, in which
nothing else is answered; the largest network of Keras' own has 1,000."""


def require_few_layers(config: object, name: str) -> None:
    """Raise when a configuration declares more than MOST_LAYERS, those of nested networks included.

    Raises:
        CannotRead: it does.
    """
    n_layers, waiting = 0, [config]
    while waiting:
        inside = table(waiting.pop()).get("config")
        layers = inside if is_list(inside) else table(inside).get("layers")  # a list: before 2018
        if is_list(layers):
            n_layers += len(layers)
            waiting.extend(filter(is_table, layers))
    if n_layers > MOST_LAYERS:
        raise CannotRead(
            f"{name} declares {count_text(n_layers)} layers; of networks with more than "
            f"{count_text(MOST_LAYERS)} no new file is made.",
            hint="Its weights alone can be saved, as .npz or .safetensors.",
        )

"""A network of our own put in the place of one layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from h5viewer.documents.compatibility.calls import Tensor, written
from h5viewer.documents.compatibility.layout import Step
from h5viewer.documents.compatibility.place import FUNCTIONAL_MODULE, Made, Shape

Takers = tuple[tuple[tuple[str, ...], tuple[int, ...] | None], ...]


class Sketch:
    """Layers and operations, each added after those it takes its tensors from."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._layers: list[dict[str, object]] = []
        self._inputs: list[Tensor] = []

    def input(self, shape: Shape, dtype: str | None = None, name: str = "") -> Tensor:
        """One more input, the batch axis first."""
        name = name or f"{self._name}_input_{len(self._inputs) + 1}"
        config: dict[str, object] = {"name": name, "batch_shape": list(shape)}
        if dtype is not None:
            config["dtype"] = dtype
        entry = Made("InputLayer", config).written()
        self._layers.append({**entry, "name": name, "inbound_nodes": []})
        tensor = Tensor(name, 0, 0)
        self._inputs.append(tensor)
        return tensor

    def add(self, made: Made, *args: object, **kwargs: object) -> Tensor:
        """Call a layer or an operation."""
        call = {
            "args": written(list(args), _as_it_is),
            "kwargs": written(dict(kwargs), _as_it_is),
        }
        self._layers.append({**made.written(), "name": made.name, "inbound_nodes": [call]})
        return Tensor(made.name, 0, 0)

    def made(
        self,
        output: Tensor,
        takers: Takers = (),
        steps: tuple[Step, ...] = (),
        *,
        more: Sequence[Tensor] = (),
        counts_from_1: Sequence[str] = (),
        is_network: bool = False,
    ) -> Made:
        """The network.

        Args:
            output: of it.
            takers: as in `Made`.
            steps: likewise.
            more: further outputs.
            counts_from_1: names of functional networks in it.
            is_network: as in `Made`.
        """
        ends = [
            [each.layer, each.call + (each.layer in counts_from_1), each.output]
            for each in (output, *more)
        ]
        config: dict[str, object] = {
            "name": self._name,
            "layers": self._layers,
            "input_layers": [list(each) for each in self._inputs],
            "output_layers": ends,
        }
        return Made(
            "Functional",
            config,
            FUNCTIONAL_MODULE,
            steps=steps,
            takers=takers,
            is_network=is_network,
        )


def input_shapes(made: Made) -> list[tuple[Shape, str | None]]:
    """What a network takes: shapes and types of its inputs."""
    layers = made.config.get("layers")
    found: list[tuple[Shape, str | None]] = []
    for entry in layers if isinstance(layers, list) else ():
        config: Mapping[str, object] = entry["config"]
        if entry["class_name"] == "InputLayer" and isinstance(config.get("batch_shape"), list):
            dtype = config.get("dtype")
            shape: Shape = tuple(config["batch_shape"])  # type: ignore[arg-type]
            found.append((shape, dtype if isinstance(dtype, str) else None))
    return found


def _as_it_is(tensor: object) -> Tensor:
    assert isinstance(tensor, Tensor)
    return tensor

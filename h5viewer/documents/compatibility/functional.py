"""Networks whose layers state what they are fed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from h5viewer.documents.compatibility.calls import Call, Tensor, call_of, written
from h5viewer.documents.compatibility.chains import Result
from h5viewer.documents.compatibility.naming import Names, name_of, place_of
from h5viewer.documents.compatibility.place import (
    FUNCTIONAL_MODULE,
    Made,
    Place,
    RepairLayer,
    Work,
)
from h5viewer.documents.compatibility.recurrent import RECURRENT
from h5viewer.documents.compatibility.tensorflow_calls import (
    Symbolic,
    is_tensorflow,
    tensorflow_call,
)
from h5viewer.documents.compatibility.values import NotPlain
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.references import Reference
from h5viewer.names import visible

TAKES_STATE = RECURRENT | {"RNN", "Bidirectional"}
_TAKE_INPUTS_ALONE = ("Identity", "Rescaling")
"""Layers that stand for others, whose calls named more: Keras 3 gives each Lambda a mask."""

_MOST_HOPS = 10_000  # from one call that changes nothing to the next


def _inputs_of(call: Call) -> dict[str, object]:
    return {key: value for key, value in call.kwargs.items() if key == "inputs"}


class EndsNotUnderstood(Exception):
    """The inputs or outputs of a network are none."""


class Row(msgspec.Struct):
    """One layer of the file: what it is called, and what its calls give."""

    place: Place
    is_network: bool = False
    is_functional: bool = False
    calls: list[Call] = []
    results: dict[int, Result] = {}  # where not its own output
    first_number: int = 0  # of its calls, as references count them


class Entry(msgspec.Struct):
    """One layer or operation of the result."""

    made: Made
    calls: list[Call]
    row: Row


class Functional:
    """Puts one network together."""

    def __init__(
        self,
        config: Mapping[str, object],
        entries: list[object],
        place: Place,
        work: Work,
        repair_layer: RepairLayer,
    ) -> None:
        self._config, self._listed = config, entries
        self._place, self._work = place, work
        self._repair_layer = repair_layer
        self._names = Names(work)
        self._rows: dict[str, Row] = {}
        self._entries: list[Entry] = []
        self._lost: set[str] = set()  # layers of which nothing could be made; that has been told

    def made(self) -> Made:
        """The network.

        Raises:
            EndsNotUnderstood: its inputs or outputs are not understood; which ones.
        """
        declared = {name_of(entry, (*self._place.key, i)) for i, entry in enumerate(self._listed)}
        places = [
            place_of(entry, self._place, i, self._names) for i, entry in enumerate(self._listed)
        ]
        for entry, place in zip(self._listed, places, strict=True):
            self._add(entry, place, declared)
        self._count_calls()
        self._tell_of_circle()
        new: dict[str, object] = {
            "name": self._place.new_name,
            "layers": [self._written(entry) for entry in self._entries],
            "input_layers": self._ends("input_layers"),
            "output_layers": self._ends("output_layers"),
        }
        return Made("Functional", new, FUNCTIONAL_MODULE, is_network=True)

    # ------------------------------------------------------------------- layers

    def _add(self, entry: object, place: Place, declared: set[str]) -> None:
        nodes = table(entry).get("inbound_nodes")
        calls = [call_of(node, declared) for node in nodes] if is_list(nodes) else []
        row = Row(place, calls=[call for call in calls if call is not None])
        if None in calls:
            self._work.findings.add(place.name, "A connection of this layer is not understood.")
        if is_tensorflow(entry):
            self._rows.setdefault(place.name, row)
            self._add_tensorflow(table(entry), row)
            return
        made = self._repair_layer(entry, place, self._work)
        if made is None:
            self._lost.add(place.name)
            return
        self._rows.setdefault(place.name, row)
        row.is_network, row.is_functional = made.is_network, made.class_name == "Functional"
        if made.class_name in TAKES_STATE:
            self._name_states(row)
        elif made.class_name in _TAKE_INPUTS_ALONE:
            row.calls = [Call(call.args, _inputs_of(call)) for call in row.calls]
        calls_made = self._put_before(made, row)
        self._entries.append(Entry(made, calls_made, row))
        self._put_after(made, row)

    def _name_states(self, row: Row) -> None:
        """Keras 2 lists states after the input; Keras 3 wants them by name."""
        for i, call in enumerate(row.calls):
            tensors = call.args[0] if call.args else None
            if is_list(tensors) and len(tensors) > 1 and isinstance(tensors[0], Reference):
                named = {**call.kwargs, "initial_state": tensors[1:]}
                row.calls[i] = Call([tensors[0], *call.args[1:]], named)
                self._work.findings.add(
                    row.place.name,
                    "It is given its first state among its inputs, which Keras 3 refuses.",
                    "The state is given by name.",
                )

    def _put_before(self, made: Made, row: Row) -> list[Call]:
        calls = row.calls
        for each in made.before:
            named = self._named(each)
            self._entries.append(Entry(named, [Call(call.args[:1]) for call in calls], row))
            calls = [
                Call([Tensor(named.name, i, 0), *call.args[1:]], call.kwargs)
                for i, call in enumerate(calls)
            ]
        return calls

    def _put_after(self, made: Made, row: Row) -> None:
        name = made.name
        for each in made.after:
            named = self._named(each)
            calls = [Call([Tensor(name, i, 0)]) for i in range(len(row.calls))]
            self._entries.append(Entry(named, calls, row))
            name = named.name
        if made.after:
            row.results = {i: Tensor(name, i, 0) for i in range(len(row.calls))}

    def _add_tensorflow(self, entry: dict[str, object], row: Row) -> None:
        """A function of TensorFlow: each call becomes operations of its own."""
        for i, call in enumerate(row.calls):
            done = tensorflow_call(entry, call, row.place, self._work, self._symbolic)
            if done is None:
                self._lost.add(row.place.name)
                continue
            operations, result = done
            names = {
                made.name: row.place.new_name
                if not i and isinstance(result, Tensor) and made.name == result.layer
                else self._names.new(made.name)
                for made, _ in operations
            }
            for made, own in operations:
                named = replace(made, config={**made.config, "name": names[made.name]})
                self._entries.append(Entry(named, [_renamed(own, names)], row))
            if isinstance(result, Tensor):
                result = result._replace(layer=names[result.layer])
            row.results[i] = result

    def _symbolic(self, reference: Reference) -> Result:
        """What a reference stands for, as far as that has been read."""
        row = self._rows.get(reference.layer)
        result = row.results.get(reference.node) if row is not None else None
        if not isinstance(result, Symbolic):
            return reference
        if result.is_unstacked:
            place = min(reference.tensor, len(result.sizes) - 1)
            return replace(result, place=place, is_unstacked=False)
        return result

    def _named(self, made: Made) -> Made:
        return replace(made, config={**made.config, "name": self._names.new(made.name)})

    # -------------------------------------------------------------- connections

    def _count_calls(self) -> None:
        """Keras 1 and 2 count the calls of a network used as a layer from 1, mostly."""
        if self._work.generation == 3:
            return
        last: dict[str, int] = {}
        ends = [call_of(self._config.get(key), ()) for key in ("input_layers", "output_layers")]
        stated = [call for call in ends if call is not None]
        for call in (*stated, *(call for row in self._rows.values() for call in row.calls)):
            for reference in call.references():
                last[reference.layer] = max(last.get(reference.layer, 0), reference.node)
        for name, row in self._rows.items():
            if row.is_network:
                row.first_number = max(0, last.get(name, 0) - max(len(row.calls), 1) + 1)
            if row.first_number:
                self._work.findings.add(
                    row.place.name,
                    "It is a network used as a layer; its calls are counted from 1, which Keras 3 "
                    "does not find.",
                    "Counted from 0.",
                )

    def _tell_of_circle(self) -> None:
        """Calls that wait for each other can never be made."""
        waiting: dict[tuple[str, int], int] = {}
        woken: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for name, row in self._rows.items():
            for i, call in enumerate(row.calls):
                needs = {self._call(each) for each in call.references() if each.layer in self._rows}
                waiting[name, i] = len(needs)
                for need in needs:
                    woken.setdefault(need, []).append((name, i))
        for name, row in self._rows.items():
            if not row.calls:  # an input
                waiting[name, 0] = 0
        ready = [key for key, n in waiting.items() if not n]
        while ready:
            for later in woken.pop(ready.pop(), ()):
                waiting[later] -= 1
                if not waiting[later]:
                    ready.append(later)
        stuck = next((name for (name, _), n in waiting.items() if n), None)
        if stuck is not None:
            message = "It waits for its own output: layers feed each other in a circle."
            self._work.findings.add(stuck, message)

    def _call(self, reference: Reference) -> tuple[str, int]:
        row = self._rows[reference.layer]
        number = min(max(reference.node - row.first_number, 0), max(len(row.calls) - 1, 0))
        return reference.layer, number

    def _written(self, entry: Entry) -> dict[str, object]:
        nodes: list[object] = []
        for call in entry.calls:
            try:
                args, kwargs = written(call.args, self._tensor), written(call.kwargs, self._tensor)
            except NotPlain:
                message = "A call of this layer takes something that is no tensor and no number."
                self._work.findings.add(entry.row.place.name, message)
            except KeyError as missing:
                if missing.args[0] in self._lost:
                    continue
                fed_by = visible(str(missing.args[0]))
                message = f"It is fed by “{fed_by}”, which is not among the layers of the network."
                self._work.findings.add(entry.row.place.name, message)
            else:
                nodes.append({"args": args, "kwargs": kwargs})
        return {**entry.made.written(), "name": entry.made.name, "inbound_nodes": nodes}

    def _tensor(self, tensor: Reference | Tensor) -> Tensor:
        """Where a tensor comes from in the result.

        Raises:
            KeyError: from no layer of the network.
            NotPlain: it is a shape, which is no tensor here.
        """
        for _ in range(_MOST_HOPS):
            if isinstance(tensor, Tensor):
                return tensor
            row, (_, number) = self._rows[tensor.layer], self._call(tensor)
            result = row.results.get(number)
            if result is None:
                return Tensor(row.place.new_name, number, tensor.tensor)
            if isinstance(result, Symbolic):
                raise NotPlain
            tensor = result._replace(output=tensor.tensor) if isinstance(result, Tensor) else result
        raise NotPlain

    def _ends(self, key: str) -> object:
        """Inputs or outputs of the network, in the structure they are stated in."""
        stated = call_of(self._config.get(key), ())
        try:
            if stated is None or not stated.references():
                raise NotPlain
            found = self._end(stated.args[0])
        except (NotPlain, KeyError) as error:
            is_told = isinstance(error, KeyError) and error.args[0] in self._lost
            what = "inputs" if key == "input_layers" else "outputs"
            raise EndsNotUnderstood("" if is_told else what) from error
        is_single = is_list(found) and len(found) == 3 and isinstance(found[0], str)
        return [found] if is_single else found

    def _end(self, value: object) -> object:
        if isinstance(value, Reference):
            row = self._rows[value.layer]
            is_counted = self._work.generation == 3 and row.is_functional and value.node > 0
            tensor = self._tensor(value._replace(node=value.node - 1) if is_counted else value)
            # Keras counts calls of functional networks from 1 where they end a network, only there
            is_own = tensor.layer == row.place.new_name and row.is_functional
            return [tensor.layer, tensor.call + is_own, tensor.output]
        if is_list(value):
            return [self._end(each) for each in value]
        if is_table(value):
            return {key: self._end(each) for key, each in value.items()}
        raise NotPlain


def _renamed(call: Call, names: Mapping[str, str]) -> Call:
    def rename(value: object) -> object:
        if isinstance(value, Tensor):
            return value._replace(layer=names.get(value.layer, value.layer))
        if is_list(value):
            return [rename(each) for each in value]
        return {k: rename(v) for k, v in value.items()} if is_table(value) else value

    kwargs = {key: rename(value) for key, value in call.kwargs.items()}
    return Call([rename(each) for each in call.args], kwargs)

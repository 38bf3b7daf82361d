"""`h5v convert`: what is written is said by the ending of the new file's name."""

from __future__ import annotations

import re

import click

from h5viewer.export_commands.writing import tell, write, writes_a_file
from h5viewer.nodes import Exported
from h5viewer.requests import ConvertNetwork, Export, SaveArchitecture, SaveWeights
from h5viewer.requests.export import is_index
from h5viewer.terminal.files import absolute, network_worker

_ENDINGS = ".h5, .keras, .weights.h5, .weights.json, .npz, .safetensors, .json, .onnx"
_OF_WEIGHTS = (".npz", ".safetensors", ".h5")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def _size(_: click.Context, __: click.Parameter, value: str | None) -> int | None:
    """Bytes, of "500MB"."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)B?", value.strip().upper())
    n_bytes = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    if n_bytes < 1:
        raise click.BadParameter(f"{value} is no size; write it as 500MB or 2GB.")
    return n_bytes


@click.command()
@click.argument("file")
@writes_a_file
@click.option(
    "--layer",
    "layers",
    multiple=True,
    metavar="PATTERN",
    help="Of .npz, .safetensors, .h5: only layers or weights whose names match, such as 'conv*'; "
    "repeatable.",
)
@click.option(
    "--with-state",
    is_flag=True,
    help="Of .npz, .safetensors, or .h5 with --layer: what the optimizer keeps, too.",
)
@click.option(
    "--repaired",
    is_flag=True,
    help="Of .json: as Keras 3 loads it, instead of exactly as it is stored.",
)
@click.option(
    "--shard-size",
    callback=_size,
    metavar="SIZE",
    help="Of .weights.json: the most that one file of weights may take, such as 500MB; 5GB.",
)
def convert(
    file: str,
    output: str,
    force: bool,
    as_json: bool,
    layers: tuple[str, ...],
    with_state: bool,
    repaired: bool,
    shard_size: int | None,
) -> None:
    """Write FILE in another format, which the ending of OUT says.

    \b
    .h5, .keras          the whole network, for plain Keras 3, repaired where that is needed
    .weights.h5          its weights as Keras 3 loads them into the same network
    .weights.json        the same in several files beside an index, each of --shard-size
    .npz, .safetensors   all weights under safe names, with an index of the true ones
    .h5 with --layer     the same as plain HDF5, for other programs; '*' is all of them
    .json                the architecture
    .onnx                the network for other programs, where tf2onnx is installed
    """  # noqa: D301  # the sign that click knows, not a backslash
    target = output.lower()
    _refuse_option("--layer", layers, target, _OF_WEIGHTS)
    _refuse_option("--with-state", with_state, target, _OF_WEIGHTS)
    if layers and target.endswith(".weights.h5"):
        raise click.UsageError("--layer is not for .weights.h5, which Keras loads whole.")
    if with_state and target.endswith(".h5") and not layers:
        raise click.UsageError("--with-state of .h5 is for --layer.")
    _refuse_option("--repaired", repaired and not is_index(target), target, (".json",))
    _refuse_option("--shard-size", shard_size, target, (".weights.json",))
    if target.endswith(".onnx"):
        _write_onnx(absolute(file), absolute(output), force=force, as_json=as_json)
        return
    made = _request(
        absolute(file),
        absolute(output),
        layers,
        shard_size,
        is_repaired=repaired,
        with_state=with_state,
    )
    write(made, force=force, as_json=as_json)


def _write_onnx(document: str, target: str, *, force: bool, as_json: bool) -> None:
    def run() -> Exported:
        from h5viewer.terminal.onnx import require_exporter, write_onnx

        require_exporter()
        with network_worker() as pool:
            return write_onnx(pool, document, target, may_replace=force)

    tell(target, run, as_json=as_json)


def _refuse_option(option: str, value: object, target: str, endings: tuple[str, ...]) -> None:
    if value and not target.endswith(endings):
        raise click.UsageError(f"{option} is for {' and '.join(endings)}.")


def _request(
    document: str,
    target: str,
    layers: tuple[str, ...],
    shard_size: int | None,
    *,
    is_repaired: bool,
    with_state: bool,
) -> Export:
    name = target.lower()
    if name.endswith((".npz", ".safetensors")) or layers:
        return SaveWeights(document=document, target=target, layers=layers, with_state=with_state)
    if is_index(name) and shard_size:
        return ConvertNetwork(document=document, target=target, shard_size=shard_size)
    if is_index(name) or name.endswith((".h5", ".hdf5", ".keras")):
        return ConvertNetwork(document=document, target=target)
    if name.endswith(".json"):
        return SaveArchitecture(document=document, target=target, is_repaired=is_repaired)
    raise click.UsageError(f"OUT says by its ending what is to be written: {_ENDINGS}.")

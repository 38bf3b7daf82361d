"""A network as an ONNX model, from the terminal."""

from __future__ import annotations

from pathlib import Path

from h5viewer.nodes import Exported
from h5viewer.onnx_exporting import OnnxExport, export_onnx
from h5viewer.onnx_exporting import require_exporter as require_exporter
from h5viewer.terminal import screen
from h5viewer.terminal.architecture import architecture_for
from h5viewer.terminal.consent import consent_for
from h5viewer.terminal.export import require_free
from h5viewer.workers.pool import Pool


def write_onnx(pool: Pool, source: str, target: str, *, may_replace: bool) -> Exported:
    """Write the file whole or not at all.

    Raises:
        H5ViewerError: the target is the source or exists, or the network cannot be converted.
    """
    path = Path(target)
    require_free(path, may_replace=may_replace)
    consent = consent_for(pool, source, architecture=architecture_for(pool, source, ""))
    wanted = OnnxExport(source, target, consent)
    with screen.progress("Converting") as show:
        return export_onnx(pool, wanted, may_replace=may_replace, on_progress=show)

"""Being a worker process: of which kind."""

from __future__ import annotations


def serve(kind: str = "files", scratch: str = "") -> None:
    """Serve until the program is gone; `--worker KIND [SCRATCH]` of a frozen program.

    Args:
        kind: "files", "network" or "export".
        scratch: of the last: the descriptor (on Windows the handle) it may write to.
    """
    if kind == "network":
        from h5viewer.workers import network_child

        network_child.main()
    elif kind == "export":
        from h5viewer.workers import export_child

        export_child.main(int(scratch))
    else:
        from h5viewer.workers import child

        child.main()

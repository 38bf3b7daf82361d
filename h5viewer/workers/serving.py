"""Being a worker process: of which kind."""

from __future__ import annotations


def serve(kind: str = "files", number: str = "") -> None:
    """Serve until the program is gone; `--worker KIND [NUMBER]` of a frozen program.

    Args:
        kind: "files", "network" or "export".
        number: of "network": the descriptor through which files are lent; of "export": the
            descriptor (on Windows the handle) it may write to.
    """
    if kind == "network":
        from h5viewer.workers import network_child

        network_child.main(number)
    elif kind == "export":
        from h5viewer.workers import export_child

        export_child.main(int(number))
    else:
        from h5viewer.workers import child

        child.main()

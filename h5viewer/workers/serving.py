"""Being a worker process: which of the two kinds."""

from __future__ import annotations


def serve(kind: str = "files") -> None:
    """Serve until the program is gone; `--worker KIND` of a frozen program.

    Args:
        kind: "files" or "network".
    """
    if kind == "network":
        from h5viewer.workers import network_child

        network_child.main()
    else:
        from h5viewer.workers import child

        child.main()

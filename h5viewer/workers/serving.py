"""Being a worker process: of which kind."""

from __future__ import annotations

import gc


def serve(kind: str = "files", number: str = "") -> None:
    """Serve until the program is gone; `--worker KIND [NUMBER]` of a frozen program.

    Args:
        kind: the value of a `Kind`.
        number: of "network": the descriptor through which files are lent; of "export", "build"
            and "loose-export": the descriptor (on Windows the handle) it may write to.
    """
    gc.disable()  # of what is imported nothing is garbage; `preloading` is the end of it
    if kind == "network":
        from h5viewer.workers import network_child

        network_child.main(number)
    elif kind == "export":
        from h5viewer.workers import export_child

        export_child.main(int(number))
    elif kind in ("pictures", "build"):
        from h5viewer.workers import pictures_child

        pictures_child.main(number)
    elif kind in ("loose", "loose-export"):
        from h5viewer.workers import loose_child

        loose_child.main(number)
    else:
        from h5viewer.workers import child

        child.main()

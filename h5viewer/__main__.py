"""`h5viewer`: the window. Its first worker process starts before Qt is imported."""

from __future__ import annotations

import argparse
import os
import sys

import h5viewer


def main(arguments: list[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["--worker"]:  # the frozen program is its own worker
        from h5viewer.workers.serving import serve

        serve(*arguments[1:3])
        return 0
    chosen = _parser().parse_args(arguments)
    has_display = _has_display()
    if not has_display and not chosen.screenshot:
        print(
            "There is no display to open a window on. "
            "h5viewer --screenshot FILE draws it into a picture instead.",
            file=sys.stderr,
        )
        return 1
    if not has_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from h5viewer.workers.pool import Pool

    pool = Pool()
    pool.warm()
    try:
        from h5viewer.gui import app

        options = app.Options(
            files=tuple(chosen.files),
            screenshot=chosen.screenshot,
            theme=chosen.theme,
            size=chosen.size,
            select=chosen.select,
            panel=chosen.panel,
        )
        return app.run(options, pool)
    finally:
        pool.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="h5viewer", description="Look into Keras and HDF5 model files."
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="files to open")
    parser.add_argument("--screenshot", default="", metavar="PNG", help="draw the window and end")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="this time only")
    parser.add_argument("--size", type=_size, metavar="WxH", help="size of the window, in pixels")
    parser.add_argument("--select", default="", metavar="PATH", help="with --screenshot: go there")
    parser.add_argument(
        "--panel", default="", metavar="NAME", help="with --screenshot: Architecture, Array, …"
    )
    parser.add_argument("--version", action="version", version=h5viewer.__version__)
    return parser


def _size(text: str) -> tuple[int, int]:
    width, height = text.lower().split("x")
    return int(width), int(height)


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())

"""The commands of `h5v` that write a file, by family; their printing is in `terminal`."""

from __future__ import annotations

import click

from h5viewer.export_commands.altering import cut, edit, freeze, rename
from h5viewer.export_commands.convert import convert
from h5viewer.export_commands.dataset import export
from h5viewer.export_commands.merge import merge
from h5viewer.export_commands.salvage import salvage
from h5viewer.export_commands.strip import strip

EXPORT_COMMANDS: tuple[click.Command, ...] = (
    strip, merge, cut, freeze, rename, edit, convert, export, salvage,
)  # fmt: skip
"""What the group of `h5v` adds to its own commands."""

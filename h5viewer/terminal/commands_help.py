"""Help that lists commands with all of their first sentence."""

from __future__ import annotations

import click

_ENOUGH = 1000  # letters: no first sentence is as long


class Commands(click.Group):
    """Commands whose list wraps sentences, where click cuts each off at the end of its line."""

    # click overrides

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what each command does."""
        rows = [
            (name, command.get_short_help_str(_ENOUGH))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

"""The commands of `h5v` that ask a network: each a function here, its printing in `terminal`."""

from __future__ import annotations

import click

from h5viewer.terminal.files import absolute, network_worker


@click.command()
@click.argument("file")
@click.option("-o", "--output", required=True, metavar="NEW.keras", help="The file to write.")
@click.option("--force", is_flag=True, help="Replace NEW.keras when it exists.")
def repair(file: str, output: str, force: bool) -> None:
    """Write the network in FILE as a .keras file that today's Keras opens."""
    with network_worker() as pool:
        from h5viewer.terminal.repair import write_repaired

        click.echo(write_repaired(pool, absolute(file), absolute(output), may_replace=force))


NETWORK_COMMANDS: tuple[click.Command, ...] = (repair,)
"""What the group of `h5v` adds to its own commands."""

"""What a stop, a hold or a release did, in words."""

from typing import Any

import click


def print_stopped(result: dict[str, Any], did: str = "are held") -> None:
    """Messages that wait, that were ended, and those that nobody can stop any more."""
    if result["cancelled"]:
        click.echo(f"{result['cancelled']} messages ended; their holds were released")
    else:
        click.echo(f"{result['waiting']} messages {did}")
    if result["at_smsc"]:
        click.echo(f"{result['at_smsc']} messages are at the SMSC already; their end comes from there")

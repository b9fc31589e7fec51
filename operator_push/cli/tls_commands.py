"""operator-push tls: the certificates of the running server, shown and read again without a restart."""

from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup


@click.group(cls=SubjectGroup)
def tls() -> None:
    """Certificates of the listener and the links: show, reload."""


@tls.command()
@json_option
@through_server
def show(server: ControlClient, as_json: bool) -> None:
    """Show the certificates that the listener shows to clients, by the name that they ask for."""
    _print(server.call("tls.show")["certificates"], as_json)


@tls.command()
@json_option
@through_server
def reload(server: ControlClient, as_json: bool) -> None:
    """Read every certificate, key and CA file again; the signal HUP does the same.

    New connections use what the files hold now; binds that are up stay as they are. Where one file is not
    good nothing is changed, and the message names it.
    """
    _print(server.call("tls.reload")["certificates"], as_json)


def _print(certificates: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(certificates)
        return
    rows = ((each["server_name"], ", ".join(each["names"]), each["not_after"]) for each in certificates)
    print_table(("ASKED FOR", "NAMES", "NOT AFTER"), rows)

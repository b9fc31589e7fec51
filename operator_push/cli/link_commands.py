"""operator-push link: the binds to SMSCs, changed through the running server.

The configuration's [[smsc]] tables fill the store with links that it does not know; from then on these
commands count. Settings are words KEY=VALUE, the same keys as in the configuration.
"""

import sys
import time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.config.link_settings import link_keys, values_of_text
from operator_push.domain.message import MessageState
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import day_of, iso
from operator_push.store.proof_rows import link_names
from operator_push.store.stray_rows import Stray, unclaimed

KEYS = "\n".join(f"  {key}: {what}" for key, what in link_keys())
SETTINGS_HELP = f"\n\nSettings (a list is parted by commas; an empty value is the default):\n\n\b\n{KEYS}"

password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File whose first line is our password at the SMSC; - is standard input. Kept in the store, "
    "never shown.",
)


@click.group(cls=SubjectGroup)
def link() -> None:
    """Binds to SMSCs: list, show, add, set, stop, start, remove.

    The [[smsc]] tables of the configuration fill the store with links that it does not know yet; afterwards
    the store counts, and changes are made here, in force at once.
    """


@link.command("list")
@json_option
@through_server
def list_links(server: ControlClient, as_json: bool) -> None:
    """List all links with their state and what waits."""
    links = server.call("link.list")["links"]
    if as_json:
        print_json(links)
        return
    print_table(("NAME", "STATE", "ADDRESS", "AS", "WAITING", "IN FLIGHT", "PREFIXES"), map(_row, links))


@link.command()
@click.option("--days", type=click.IntRange(1, 366), default=2, show_default=True, help="How far back.")
@click.option("--limit", type=click.IntRange(min=1), default=1_000, show_default=True)
@json_option
@with_settings
def strays(settings: Settings, as_json: bool, days: int, limit: int) -> None:
    """List receipts that belong to no message of any server: who else sends under our name there?

    A receipt for a message of another server of the same store is not among them; that server has it. What an
    SMSC writes in another form than its answers (`link show`) may be.
    """
    from_day = day_of(time.time_ns() // 1000) - days + 1

    def read(connection: Connection) -> tuple[list[Stray], dict[int, str]]:
        return unclaimed(connection, from_day, limit), link_names(connection)

    found, names = read_store(settings, read)
    rows = [
        {
            "at": iso(each.at_us),
            "shard": each.shard,
            "link": names.get(each.smsc_no, f"SMSC {each.smsc_no}"),
            "smsc_message_id": each.smsc_message_id,
            "state": MessageState(each.state).name.lower(),
        }
        for each in found
    ]
    if as_json:
        print_json(rows)
        return
    print_table(("AT", "SHARD", "LINK", "ID", "STATE"), (tuple(map(str, row.values())) for row in rows))


@link.command()
@click.argument("name")
@json_option
@through_server
def show(server: ControlClient, as_json: bool, name: str) -> None:
    """Show NAME: every setting, its bind, and what waits there."""
    shown = server.call("link.show", name=name)["link"]
    if as_json:
        print_json(shown)
    else:
        _print_link(shown)


@link.command(help=f"Add the link NAME and bind it, such as host=10.0.0.7 system_id=acme.{SETTINGS_HELP}")
@click.argument("name")
@click.argument("settings", metavar="KEY=VALUE...", nargs=-1)
@password_option
@json_option
@through_server
def add(
    server: ControlClient,
    as_json: bool,
    name: str,
    settings: tuple[str, ...],
    password_file: Path | None,
) -> None:
    """Add a link."""
    asked = {"settings": values_of_text(settings), "password": _password(password_file)}
    _print_done(server.call("link.add", name=name, by=who_asks(), **asked), as_json)


@link.command(
    "set",
    help="Change settings of the link NAME, such as window=200.\n\n"
    "Window, rate, prefixes, priorities and cuts of texts change in place; with anything else the link "
    "finishes what is on its way, unbinds, and binds anew." + SETTINGS_HELP,
)
@click.argument("name")
@click.argument("settings", metavar="KEY=VALUE...", nargs=-1)
@password_option
@json_option
@through_server
def set_link(
    server: ControlClient,
    as_json: bool,
    name: str,
    settings: tuple[str, ...],
    password_file: Path | None,
) -> None:
    """Change a link."""
    asked = {"settings": values_of_text(settings), "password": _password(password_file)}
    _print_done(server.call("link.set", name=name, by=who_asks(), **asked), as_json)


@link.command()
@click.argument("name")
@click.option("--cancel", is_flag=True, help="End what then waits at it and release its holds.")
@json_option
@through_server
def stop(server: ControlClient, as_json: bool, name: str, cancel: bool) -> None:
    """Let nothing more leave through NAME, and unbind it; also after a restart.

    What waits goes through another link that reaches it, or waits for the start of this one. What is on its
    way gets some seconds for its answer.
    """
    _print_done(server.call("link.stop", name=name, cancel=cancel, by=who_asks()), as_json)


@link.command()
@click.argument("name")
@json_option
@through_server
def start(server: ControlClient, as_json: bool, name: str) -> None:
    """Bind NAME again after a stop."""
    _print_done(server.call("link.start", name=name, by=who_asks()), as_json)


@link.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@through_server
def remove(server: ControlClient, as_json: bool, name: str, yes: bool) -> None:
    """Stop NAME for good.

    What waits goes through another link that reaches it; where none does it ends as REJECTED and its hold is
    released. Receipts of what it has sent come only through another link to the same SMSC; without one,
    reconcile tells what became of it.
    """
    if not yes:
        shown = server.call("link.show", name=name)["link"]
        click.confirm(f"{name} has {shown['waiting']} segments waiting; remove it?", abort=True, err=True)
    _print_done(server.call("link.remove", name=name, by=who_asks()), as_json)


def _password(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
    password = text.partition("\n")[0].strip()
    if not password:
        raise OperatorError("the first line, the password, is empty", file=str(file))
    return password


def _print_done(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    shown = result["link"]
    click.echo(f"link {shown['name']} is {_state(shown, result['reconnects'])}")
    for key, words in (
        ("moved", "messages that waited go another way"),
        ("ended", "messages ended and their holds were released"),
        ("at_smsc", "messages are at its SMSC, their end still open"),
    ):
        if result[key]:
            click.echo(f"{result[key]} {words}")
    if shown["waiting"]:
        click.echo(f"{shown['waiting']} segments wait at it")


def _print_link(shown: dict[str, Any]) -> None:
    settings = [(key, _value(value)) for key, value in shown["settings"].items()]
    print_fields(
        [
            ("name", shown["name"]),
            ("state", _state(shown)),
            ("waiting", f"{shown['waiting']} segments"),
            ("in flight", f"{shown['in_flight']} segments"),
            *settings,
            ("password", _PASSWORDS[shown["password"]]),
            ("changed", f"{shown['changed_at']} by {shown['changed_by']}"),
        ]
    )


_PASSWORDS = {
    "store": "in the store",
    "configuration": "in the configuration or its file",
    "environment": "in the environment",
    "missing": "MISSING: give one with link set --password-file",
}


def _row(shown: dict[str, Any]) -> tuple[Any, ...]:
    settings = shown["settings"]
    address = f"{settings['host']}:{settings['port']}"
    prefixes = ",".join(settings["prefixes"]) or '""'
    return (
        shown["name"],
        _state(shown),
        address,
        settings["system_id"],
        shown["waiting"],
        shown["in_flight"],
        prefixes,
    )


def _state(shown: dict[str, Any], reconnects: bool = False) -> str:
    if shown["state"] != "active":
        return "removed" if shown["state"] == "retired" else str(shown["state"])
    if reconnects:
        return "active, binding"
    # Nothing is sent through a receiver, so the server does not count its bind.
    receiver = shown["settings"]["bind_type"] == "receiver"
    return "bound" if shown["bound"] else "active" if receiver else "active, not bound"


def _value(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, list):
        return ", ".join(str(each) or '""' for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)

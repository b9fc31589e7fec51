"""operator-push dnd: the national do-not-disturb register."""

from pathlib import Path

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.row_import import import_rows, print_count
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.dnd_register import parse_entry
from operator_push.kernel.instants import iso
from operator_push.store.dnd_rows import dnd_entry_of

REQUIRED = ("msisdn", "blocked")
COLUMNS = (*REQUIRED, "channels", "days", "bands")


@click.group(cls=SubjectGroup)
def dnd() -> None:
    """The national do-not-disturb register."""


@dnd.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rejects", type=click.Path(path_type=Path), help="Write rejected rows (line, reason) here.")
@json_option
@through_server
def import_command(server: ControlClient, as_json: bool, file: Path, rejects: Path | None) -> None:
    """Import entries of the register from FILE, a CSV file whose first line names its columns.

    msisdn; blocked: * for every promotion, categories such as 1;4, or nothing; and where there are any
    channels (sms;voice, nothing: all), days (sat;sun) and bands (10:00-12:00;21:00-24:00) in which
    promotions wait on the person's own clock. A row stands in the place of what the number had: one with
    nothing blocked takes it out. Numbers need not be subscribers.
    """
    count = import_rows(server, "dnd.import", file, REQUIRED, COLUMNS)
    print_count(count, file, "entries", rejects, as_json)


@dnd.command("show")
@click.option("--to", "number", required=True, metavar="MSISDN", help="Whose entry.")
@json_option
@with_settings
def show_command(settings: Settings, as_json: bool, number: str) -> None:
    """Show what a number has registered; who asked is written down by the running server first."""
    with server_of(settings) as server:
        msisdn = str(server.call("dnd.look_up", number=number, by=who_asks())["msisdn"])
    found = read_store(settings, lambda connection: dnd_entry_of(connection, settings.shard, msisdn))
    registered = found is not None and not parse_entry(found.blocked, "", found.days, found.bands).is_empty
    told = {
        "registered": registered,
        "blocked": found.blocked if found else "",
        "channels": (found.channels or "*") if found else "",
        "days": found.days if found else "",
        "bands": found.bands if found else "",
        "changed_at": iso(found.changed_us) if found else None,
    }
    if as_json:
        print_json(told)
    else:
        print_fields([(name.replace("_", " "), str(value)) for name, value in told.items()])

"""operator-push subscriber: who is one. Only numbers go to the vault; attributes go to cdr-ingest."""

from pathlib import Path

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option
from operator_push.cli.row_import import import_rows, print_count
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup

REQUIRED = ("msisdn",)
COLUMNS = (*REQUIRED, "home_zone", "serving_network")


@click.group(cls=SubjectGroup)
def subscriber() -> None:
    """Subscribers of the operator."""


@subscriber.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rejects", type=click.Path(path_type=Path), help="Write rejected rows (line, reason) here.")
@json_option
@through_server
def import_file(server: ControlClient, as_json: bool, file: Path, rejects: Path | None) -> None:
    """Import subscribers from FILE, a CSV file whose first line names a column msisdn.

    Each new number gets a subscriber number in the vault; one that is known already is unchanged. By whose
    time a subscriber lives is told by two further columns, if there are any: home_zone (IANA, such as
    Asia/Kolkata) and serving_network (PLMN, such as 404-45); an empty value leaves what is known, "-" forgets
    it. They serve quiet hours and daily caps alone. Other columns stay in the file: cdr-ingest reads them, of
    those subscribers who permit it.
    """
    count = import_rows(server, "subscriber.import", file, REQUIRED, COLUMNS)
    print_count(count, file, "subscribers", rejects, as_json)

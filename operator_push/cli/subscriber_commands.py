"""operator-push subscriber: who is one. Only numbers go to the vault; attributes go to cdr-ingest."""

from pathlib import Path

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.row_import import import_rows, print_count
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks

REQUIRED = ("msisdn",)
COLUMNS = (*REQUIRED, "home_zone", "serving_network")
CHANGE_REQUIRED = ("change", "at")
CHANGE_COLUMNS = ("msisdn", "subscriber_no", *CHANGE_REQUIRED, "evidence")


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


@subscriber.command("change")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rejects", type=click.Path(path_type=Path), help="Write rejected rows (line, reason) here.")
@json_option
@through_server
def change_file(server: ControlClient, as_json: bool, file: Path, rejects: Path | None) -> None:
    """Tell that numbers changed hands, from FILE, a CSV file whose first line names its columns.

    \b
    msisdn     international number; in its place subscriber_no, as OUT/owner-changes.csv of cdr-ingest has it
    change     recycled or new_owner: what was permitted is void at once, history stays with the former owner
               ported_out: what the operator was granted ends, what brands hold by their own evidence stays
    at         the moment of the change with its zone
    evidence   where the subscriber record tells it; may be left out

    A number that nobody is known by is unchanged, and so is one whose change was told before.
    """
    count = import_rows(server, "subscriber.change", file, CHANGE_REQUIRED, CHANGE_COLUMNS)
    print_count(count, file, "changes", rejects, as_json)


@subscriber.command("erase")
@click.option("--msisdn", required=True, help="International number of who is to be forgotten.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@through_server
def erase_command(server: ControlClient, as_json: bool, msisdn: str, yes: bool) -> None:
    """Erase somebody: acts of consent with their salts, texts they sent, what they declared, who they are.

    The chain of consent stays whole (operator-push consent verify). A keyed digest of the number stays, so
    that it is silent when it comes again, and so do rows of sent messages, as the record of what was charged.
    """
    if not yes:
        click.confirm("This cannot be undone. Erase?", abort=True, err=True)
    told = server.call("subscriber.erase", number=msisdn, by=who_asks())
    if as_json:
        print_json(told)
    else:
        known = f"Erased; {told['acts']} acts of consent were emptied."
        click.echo(known if told["erased"] else "Nobody is known by this number.")

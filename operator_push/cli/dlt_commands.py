"""operator-push dlt: the register of entities, headers and templates of India."""

from pathlib import Path

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option
from operator_push.cli.row_import import import_rows, print_count
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup

REQUIRED = ("kind", "code")
COLUMNS = (*REQUIRED, "entity", "brand", "kinds", "text")


@click.group(cls=SubjectGroup)
def dlt() -> None:
    """The DLT register: entities, headers, templates."""


@dlt.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--rejects", type=click.Path(path_type=Path), help="Write rejected rows (line, reason) here.")
@json_option
@through_server
def import_command(server: ControlClient, as_json: bool, file: Path, rejects: Path | None) -> None:
    """Import rows of the register from FILE, a CSV file whose first line names its columns.

    kind and code; then of an entity (code: its id) brand; of a header (code: the sender without prefix and
    suffix) entity and kinds; of a template (code: its id) entity, kinds and text. kinds are suffixes: P
    promotional, S service, T transactional, G government, such as S;T. A row stands in the place of the one
    with its kind and code. They are asked where policy.dlt.enabled says so.
    """
    count = import_rows(server, "dlt.import", file, REQUIRED, COLUMNS)
    print_count(count, file, "rows", rejects, as_json)

"""operator-push permission: what subscribers permit, for the programs that must ask before they learn."""

from pathlib import Path

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.permission_explain import explain_command
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup


@click.group(cls=SubjectGroup)
def permission() -> None:
    """What subscribers permit."""


permission.add_command(explain_command)


@permission.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Parquet file to write."
)
@json_option
@through_server
def snapshot(server: ControlClient, as_json: bool, out: Path) -> None:
    """Write who permits the use of which records, under pseudonyms, for `cdr-ingest run --snapshot`.

    The file holds no number. The key of the pseudonyms is DATA_DIR/secrets/pseudonym.key, which cdr-ingest
    needs too.
    """
    result = server.call("permission.snapshot", out=str(out.resolve()))
    if as_json:
        print_json(result)
    else:
        click.echo(
            f"{out}: {result['subscribers']} subscribers, {result['permitting']} of them permit something; "
            f"permissions as of sequence {result['sequence']}"
        )

"""operator-push notice: the texts that people are shown when they are asked for consent."""

from contextlib import suppress
from pathlib import Path

import click

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.kernel.instants import iso
from operator_push.store.notice_rows import Notice, add_notice, notices


@click.group(cls=SubjectGroup)
def notice() -> None:
    """Notices: the texts that people are shown, each version once and for good."""


@notice.command("add")
@click.argument("notice_id")
@click.option("--version", required=True, help="As acts of consent name it in notice_version.")
@click.option("--language", required=True, help="ISO 639-1.")
@click.option(
    "--text", "file", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A UTF-8 file."
)
@json_option
@with_settings
def add_command(
    settings: Settings, as_json: bool, notice_id: str, version: str, language: str, file: Path
) -> None:
    """Keep a text under an id, a version and a language, and print its SHA-256.

    A version that stands is never changed: people were shown it.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
    at_us, by = now_us(), who_asks()
    with open_store(settings) as database:
        kept = database.run(
            lambda connection: add_notice(connection, notice_id, version, language, text, at_us, by)
        )
    with (
        suppress(OperatorError, ResourceError),
        server_of(settings) as server,
    ):  # one that does not run reads it at its start
        server.call("notice.refresh")
    if as_json:
        print_json(_shown(kept))
    else:
        click.echo(kept.sha256)


@notice.command("show")
@click.argument("notice_id", required=False)
@json_option
@with_settings
def show_command(settings: Settings, as_json: bool, notice_id: str | None) -> None:
    """Show the versions of a notice with their texts, or list all notices."""
    found = read_store(settings, lambda connection: notices(connection, notice_id))
    if notice_id is not None and not found:
        raise OperatorError(f"no notice is called {notice_id!r}; operator-push notice show lists them")
    if as_json:
        print_json([_shown(each) for each in found])
    elif notice_id is None:
        rows = [(each.notice_id, each.version, each.language, each.sha256) for each in found]
        print_table(("NOTICE", "VERSION", "LANGUAGE", "SHA256"), rows)
    else:
        for each in found:
            click.echo(f"{each.notice_id} {each.version} {each.language} {each.sha256}\n{each.text}")


def _shown(each: Notice) -> dict[str, str]:
    return {
        "notice_id": each.notice_id,
        "version": each.version,
        "language": each.language,
        "sha256": each.sha256,
        "text": each.text,
        "added_at": iso(each.added_us),
        "added_by": each.added_by,
    }

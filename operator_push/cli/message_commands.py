"""operator-push message: the whole story of one message, from its rows.

Reads the database beside the running server. The recipient is shown masked and the text not at all: this is
a page for people who help, not for people who read.
"""

from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.message_find import find
from operator_push.cli.message_story import story_json, story_lines
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import day_of
from operator_push.store.client_names import could_be_id, ids_meant
from operator_push.store.stories import Story, story_of
from operator_push.store.story_octets import KeptPdu, documents_with, kept_pdus

page_option = click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the message's whole story as one page of HTML, with PDUs, postings and invoice.",
)
page_files_option = click.option(
    "--cdr",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --page: a closed CDR file of the SMSC, to show its rows of the message; repeat for more.",
)


@click.group(cls=SubjectGroup)
def message() -> None:
    """Messages: find one, and tell what became of it."""


message.add_command(find)


@message.command()
@click.argument("message_id", metavar="ID")
@click.option("--account", metavar="NAME", help="Whose message it is, where several have the same short id.")
@page_option
@page_files_option
@json_option
@with_settings
def show(
    settings: Settings,
    as_json: bool,
    message_id: str,
    account: str | None,
    page: Path | None,
    files: tuple[Path, ...],
) -> None:
    """Tell the story of the message ID (the message_id of our submit_sm_resp, submission_id of an export).

    Without an id, look for it with `operator-push message find`.

    An SMPP 3.3 client was told a short id of eight hexadecimal characters; it is found by that too, and by
    any id in its other spelling, decimal for hexadecimal, as the client's own system may have kept it.

    What was asked, which rules decided and how, price and hold, every send attempt and its answer, the end of
    each segment and who told it, what the hold became, and the receipts that its client was sent.
    """
    story = story_named(settings, message_id, account)
    if page is not None:
        write_story_page(settings, story, page, files)
    if as_json:
        print_json(story_json(story))
        return
    fields: list[tuple[str, Any]] = []
    for name, lines in story_lines(story):
        fields += [(name if place == 0 else "", line) for place, line in enumerate(lines)]
    print_fields(fields)


def write_story_page(settings: Settings, story: Story, page: Path, files: tuple[Path, ...]) -> None:
    """Write a story as one page of HTML, with the rows of the SMSC's closed CDR files about it.

    Raises:
        OperatorError: the page cannot be written, or a file cannot be read.
    """
    from operator_push.cli.smsc_cdr_files import smsc_records
    from operator_push.cli.story_page.page import records_of, story_page  # the template engine with it

    row = story.stored.row

    def work(connection: Connection) -> tuple[list[KeptPdu], list[str]]:
        pdus = kept_pdus(connection, settings.shard, row.day, row.message_id)
        return pdus, documents_with(connection, row.message_id, story.stored.transfers)

    pdus, documents = read_store(settings, work)
    records = records_of(story, smsc_records(files, None)) if files else None
    text = story_page(story, pdus, documents, records, now_us())
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"cannot be written: {error.strerror}", file=str(page)) from error


def story_named(settings: Settings, text: str, account: str | None) -> Story:
    """The story of the message with an id, ours or the short one of an SMPP 3.3 client.

    Raises:
        OperatorError: there is none, or several accounts have the short id and none was named.
    """
    story = read_store(settings, lambda connection: _story_of(connection, settings.shard, text, account))
    if story is None:
        raise OperatorError(f"no message has the id {text} here; it is the message_id of our submit_sm_resp")
    return story


def _story_of(connection: Connection, shard: int, text: str, account: str | None) -> Story | None:
    if not could_be_id(text):
        raise OperatorError(f"{text!r} is no id: no decimal number and no eight hexadecimal characters")
    stories = [
        story
        for _, message_id in ids_meant(connection, shard, text, day_of(now_us()))
        if (story := story_of(connection, shard, message_id)) and account in (None, story.account)
    ]
    if len(stories) > 1:
        told = [f"{story.account} ({story.client_message_id})" for story in stories]
        raise OperatorError(
            f"several messages may be meant by {text}; say --account, or the id in full: {', '.join(told)}"
        )
    return stories[0] if stories else None

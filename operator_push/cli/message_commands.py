"""operator-push message: the whole story of one message, from its rows.

Reads the database beside the running server. The recipient is shown masked and the text not at all: this is
a page for people who help, not for people who read.
"""

from typing import Any

import click

from operator_push.cli.message_story import story_json, story_lines
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.store.stories import Story, story_of


@click.group()
def message() -> None:
    """Messages: what became of one."""


@message.command()
@click.argument("message_id", metavar="ID", type=int)
@json_option
@with_settings
def show(settings: Settings, as_json: bool, message_id: int) -> None:
    """Tell the story of the message ID (the message_id of our submit_sm_resp, submission_id of an export).

    What was asked, which rules decided and how, price and hold, every send attempt and its answer, the end of
    each segment and who told it, what the hold became, and the receipts that its client was sent.
    """
    story = _read(settings, message_id)
    if as_json:
        print_json(story_json(story))
        return
    fields: list[tuple[str, Any]] = []
    for name, lines in story_lines(story):
        fields += [(name if place == 0 else "", line) for place, line in enumerate(lines)]
    print_fields(fields)


def _read(settings: Settings, message_id: int) -> Story:
    story = read_store(settings, lambda connection: story_of(connection, settings.shard, message_id))
    if story is None:
        raise OperatorError(
            f"no message has the id {message_id} here; it is the message_id of our submit_sm_resp"
        )
    return story

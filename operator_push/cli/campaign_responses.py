"""operator-push campaign responses: how people answered earlier messages, for `cdr-ingest run --responses`.

Read from the store beside the server, of people who permit the use of call data at this moment.
"""

from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import Connection

from operator_push.cli.audience_answering import pseudonym_key
from operator_push.cli.audience_counting import permitting
from operator_push.cli.campaign_variants import HOUR_US, REPLY_WINDOW_H
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import day_of, to_epoch_us
from operator_push.store.message_responses import responses_by_day

DAYS = 90  # what the longest window of features looks back


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Parquet file to write."
)
@json_option
@with_settings
def responses(settings: Settings, as_json: bool, out: Path) -> None:
    """Write how people answered the messages of campaigns, for `cdr-ingest run --responses`.

    Of the last 90 days, of every brand, day by day: how many messages arrived, and how many of them were
    replied to within 72 hours, had their link followed, or were followed by a withdrawal. Only of people who
    permit the use of call data, by subscriber number: the file holds neither a number nor a text.
    """
    from operator_push.profiles.response_file import write_responses  # pyarrow: no other command waits for it

    now_us = to_epoch_us(datetime.now(UTC))
    key = pseudonym_key(settings)
    with server_of(settings) as server:
        people = permitting(server, "use_call_data")

    def write(rows: Connection) -> int:
        asked = settings.shard, day_of(now_us) - DAYS, REPLY_WINDOW_H * HOUR_US, people
        return write_responses(out, key, responses_by_day(rows, *asked), now_us)

    try:
        written = read_store(settings, write)
    except OSError as error:
        raise OperatorError(f"the file cannot be written ({error.strerror})", file=str(out)) from None
    if as_json:
        print_json({"permitting": len(people), "rows": written})
    else:
        click.echo(f"{out}: {written:,} days of people, of {len(people):,} who permit the use of call data")

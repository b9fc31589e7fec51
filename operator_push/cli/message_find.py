"""operator-push message find: the messages that somebody may mean who has no message_id of ours."""

from datetime import datetime
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_day, id_epoch_us
from operator_push.kernel.instants import day_of, iso, to_epoch_us
from operator_push.kernel.numbering import mask_number
from operator_push.store.client_names import could_be_id, ids_meant, members_of
from operator_push.store.message_search import (
    FOUND_MAX,
    FoundMessage,
    Wanted,
    find_messages,
    forms_of_smsc_id,
    state_name,
)

DAYS = 7
MEANT_MAX = 1_000  # Ours: messages under one id that are looked up; of these FOUND_MAX are shown.


@click.command()
@click.option(
    "--id", "client_id", metavar="ID", help="What its client calls it; short or long, decimal or hexadecimal."
)
@click.option("--smsc-id", metavar="ID", help="What the SMSC calls it; decimal or hexadecimal, either case.")
@click.option("--reference", type=click.IntRange(0, 0xFFFF), help="The client's own user_message_reference.")
@click.option(
    "--to", "number", metavar="NUMBER", help="Its recipient; the look-up is written down in the vault."
)
@click.option("--account", metavar="NAME", help="Only messages of this client.")
@click.option(
    "--at", metavar="MOMENT", help="About when, such as 2026-04-01T09:00+05:30: that day and its neighbours."
)
@click.option("--days", type=click.IntRange(1, 3660), default=DAYS, show_default=True, help="How far back.")
@json_option
@with_settings
def find(
    settings: Settings,
    as_json: bool,
    client_id: str | None,
    smsc_id: str | None,
    reference: int | None,
    number: str | None,
    account: str | None,
    at: str | None,
    days: int,
) -> None:
    """Find messages by the client's id or reference, by the SMSC's id, or by recipient and time.

    A client's id may stand for several messages: the recipients of one submit_multi, or a text and the
    one that replaced it. It tells its day, so that --days and --at do not count with it.

    Prints one line a message, newest first; `operator-push message show ID` then tells its whole story. A
    recipient is looked for through the running server, which notes who asked before anything is shown.
    """
    if client_id is None and smsc_id is None and reference is None and number is None:
        raise OperatorError("give at least one of --id, --smsc-id, --reference and --to")
    if client_id is not None and not could_be_id(client_id):
        raise OperatorError(f"--id {client_id!r} is no id: neither decimal nor hexadecimal digits")
    if number is not None:
        with server_of(settings) as server:
            number = str(server.call("message.look_up", number=number, by=who_asks())["number"])
    forms = forms_of_smsc_id(smsc_id) if smsc_id is not None else None
    wanted = Wanted(smsc_ids=forms, client_reference=reference, destination=number, account=account)
    from_day, to_day = _days(at, days)
    found = read_store(
        settings, lambda connection: _found(connection, settings.shard, wanted, client_id, (from_day, to_day))
    )
    if as_json:
        print_json([_shown(each) for each in found])
        return
    if not found:
        raise OperatorError("no message fits; without --id, --days N looks further back")
    rows = [tuple(_shown(each).values()) for each in found]
    print_table(("ID", "ACCEPTED", "ACCOUNT", "SENDER", "RECIPIENT", "STATE"), rows)
    if len(found) == FOUND_MAX:
        click.echo(f"only the newest {FOUND_MAX} are shown; say more about it", err=True)


def _found(
    connection: Connection, shard: int, wanted: Wanted, client_id: str | None, days: tuple[int, int]
) -> list[FoundMessage]:
    if client_id is None:
        return find_messages(connection, shard, wanted, *days)
    meant = [
        message_id
        for _, shown_id in ids_meant(connection, shard, client_id, day_of(now_us()))
        for message_id in members_of(connection, shard, shown_id)
    ][-MEANT_MAX:]
    if not meant:
        return []
    told = msgspec.structs.replace(wanted, message_ids=tuple(meant))
    return find_messages(connection, shard, told, min(map(id_day, meant)), max(map(id_day, meant)))


def _days(at: str | None, days: int) -> tuple[int, int]:
    if at is None:
        today = day_of(now_us())
        return today - days, today
    try:
        middle = day_of(to_epoch_us(datetime.fromisoformat(at)))
    except ValueError as error:
        raise OperatorError(
            f"--at {at!r} is not a moment with its zone, such as 2026-04-01T09:00Z"
        ) from error
    return middle - 1, middle + 1


def _shown(found: FoundMessage) -> dict[str, Any]:
    return {
        "message_id": str(found.message_id),
        "accepted_at": iso(id_epoch_us(found.message_id)),
        "account": found.account,
        "source": found.source,
        "recipient": mask_number(found.destination),
        "state": state_name(found),
    }

"""operator-push reward: what people were rewarded for and paid, and paying out for them."""

from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.incentives import Award, AwardState
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.services.pay_rewards import HOW, Payout, PayoutState
from operator_push.store.incentive_rows import awards, payouts

SHOWN_MAX = 200  # Ours: of the newest, on a screen; --json has all


@click.group(cls=SubjectGroup)
def reward() -> None:
    """Rewards: awards of the offers in [[incentive]], and payouts to people."""


@reward.command("awards")
@click.option("--offer", help="Only of this offer.")
@json_option
@with_settings
def awards_command(settings: Settings, as_json: bool, offer: str | None) -> None:
    """List awards, newest last: who (as a subscriber's number) earned what, and whether it was taken back."""

    def work(connection: Connection) -> list[Award]:
        return [each for each in awards(connection, settings.shard) if offer in (None, each.offer)]

    rows = [
        {
            "offer": each.offer,
            "subscriber_no": each.subscriber_no,
            "amount_micros": each.amount_micros,
            "state": AwardState(each.state).name.lower(),
            "at": iso(each.at_us),
            "keeps_until": iso(each.keeps_until_us),
            "event_id": str(each.event_id),
        }
        for each in read_store(settings, work)
    ]
    _print(rows, as_json)


@reward.command("payouts")
@json_option
@with_settings
def payouts_command(settings: Settings, as_json: bool) -> None:
    """List payouts, newest last, with what became of them. A voucher's code is not shown."""

    def work(connection: Connection) -> list[Payout]:
        return payouts(connection, settings.shard)

    rows = [
        {
            "payout_id": str(each.payout_id),
            "subscriber_no": each.subscriber_no,
            "how": each.how,
            "amount_micros": each.amount_micros,
            "state": PayoutState(each.state).name.lower(),
            "asked_by": each.asked_by,
            "at": iso(each.asked_us),
        }
        for each in read_store(settings, work)
    ]
    _print(rows, as_json)


@reward.command("pay-out")
@click.argument("msisdn")
@click.option("--how", type=click.Choice(HOW), default="airtime", show_default=True)
@json_option
@with_settings
def pay_out_command(settings: Settings, as_json: bool, msisdn: str, how: str) -> None:
    """Pay out what MSISDN is owed and may have now, through the payer of [payouts]."""
    with server_of(settings) as server:
        told = server.call("reward.pay_out", number=msisdn, how=how, by=who_asks())
    if as_json:
        print_json(told)
    else:
        click.echo(
            f"{format_micros(told['amount_micros'])} as {how}: payout {told['payout_id']} is asked for"
        )


def _print(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    shown = [
        [format_micros(value) if name == "amount_micros" else str(value) for name, value in row.items()]
        for row in rows[-SHOWN_MAX:]
    ]
    names = [name.removesuffix("_micros").replace("_", " ").upper() for name in rows[0]] if rows else []
    if names:
        print_table(tuple(names), shown)
    else:
        click.echo("There are none.")

"""operator-push channel slot, sponsor, decide, sponsors: the last line of a channel's issues, for sale."""

from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.audience_counting import Server
from operator_push.cli.money_options import AmountType
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.audience.counting import disclose_cell
from operator_push.domain.message import MessageState
from operator_push.kernel.money import format_micros
from operator_push.store.campaign_rows import CampaignCount, count_campaign


@click.command()
@click.argument("name")
@click.option("--characters", type=click.IntRange(0, 160), required=True, help="At most; 0: none any more.")
@click.option("--price", "price_micros", type=AmountType(), required=True, help="Of each issue with a line.")
@json_option
@through_server
def slot(server: Server, as_json: bool, name: str, **asked: Any) -> None:
    """Offer the last line of the channel NAME's issues to sponsors."""
    told = server.call("channel.slot", name=name, by=who_asks(), **asked)["slot"]
    if as_json:
        print_json(told)
        return
    price = format_micros(told["price_micros"])
    print_fields([("channel", name), ("slot", f"{told['characters']} characters at {price} an issue")])


@click.command()
@click.argument("name")
@click.option("--account", required=True, help="The sponsor, who pays.")
@click.option("--line", required=True, help="What stands at the end of an issue; links as agreed with it.")
@click.option(
    "--issues", type=click.IntRange(1, 1_000), required=True, help="So many; all are set aside now."
)
@click.option("--by", help="Who asks [default: you]; somebody else agrees.")
@json_option
@through_server
def sponsor(server: Server, as_json: bool, name: str, by: str | None, **asked: Any) -> None:
    """Buy the last line of the next issues of the channel NAME; it waits for `channel decide`."""
    _print(server.call("channel.sponsor", name=name, by=by or who_asks(), **asked), as_json)


@click.command()
@click.argument("sponsorship", type=int)
@click.option("--yes/--no", "agrees", required=True, default=None, help="Agree, or refuse; no also ends one.")
@click.option("--by", required=True, help="Who decides; not who asked.")
@json_option
@through_server
def decide(server: Server, as_json: bool, sponsorship: int, agrees: bool, by: str) -> None:
    """Agree to the line of SPONSORSHIP, or refuse it; what was set aside and not used is free again."""
    told = server.call("channel.decide_sponsor", sponsorship=sponsorship, agrees=agrees, by=by)
    _print(told, as_json)


@click.command()
@click.argument("name")
@json_option
@with_settings
def sponsors(settings: Settings, as_json: bool, name: str) -> None:
    """Report who sponsors the channel NAME: lines, issues that carried them, charges, how many were reached.

    People are told in tens, and <10 for fewer.
    """
    with server_of(settings) as server:
        told = server.call("channel.sponsors", name=name)
    rows = [{**each, **_reached(settings, each["carried"])} for each in told["sponsorships"]]
    for each in rows:
        each["carried"] = len(each["carried"])
    if as_json:
        print_json({"slot": told["slot"], "sponsorships": rows})
        return
    header = ("NO", "SPONSOR", "STATE", "ISSUES", "CARRIED", "CHARGED", "DELIVERED", "LINE")
    keys = ("sponsorship", "account", "state", "issues", "carried")
    print_table(
        header,
        (
            [
                *(each[key] for key in keys),
                format_micros(each["charged_micros"]),
                " ".join(str(cell) for cell in each["delivered"]),
                each["line"],
            ]
            for each in rows
        ),
    )


def _reached(settings: Settings, campaign_nos: list[int]) -> dict[str, Any]:
    """Deliveries of each issue, as a client may read them."""

    def read(rows: Connection) -> list[CampaignCount]:
        return [count_campaign(rows, settings.shard, number) for number in campaign_nos]

    delivered = MessageState.DELIVERED.name
    counts = read_store(settings, read)
    return {"delivered": [disclose_cell(count.ended.get(delivered, 0)) for count in counts]}


def _print(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(told)
        return
    price = format_micros(told["price_micros"])
    print_fields(
        [
            ("sponsorship", told["sponsorship"]),
            ("sponsor", told["account"]),
            ("line", told["line"]),
            ("issues", f"{told['issues']} at {price}, {len(told['carried'])} carried"),
            ("state", told["state"]),
        ]
    )

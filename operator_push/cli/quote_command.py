"""operator-push quote: what a text to an audience costs at most, at today's tariff."""

from typing import Any

import click

from operator_push.cli.audience_answering import count_for
from operator_push.cli.audience_commands import audience_json
from operator_push.cli.audience_counting import Audience, Server, encode_subscribers
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.config import Settings
from operator_push.domain.audience.counting import COUNT_STEP, Disclosed
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros


@click.command()
@click.option("--rule", required=True, help="Audience rule; see `operator-push audience --help`.")
@click.option("--account", required=True, help="The client who would pay.")
@click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list).")
@click.option("--source", required=True, help="Sender address.")
@click.option("--text", required=True, help="The text; it decides the number of segments.")
@json_option
@with_settings
def quote(
    settings: Settings, as_json: bool, rule: str, account: str, category: int, source: str, text: str
) -> None:
    """Price a text for an audience.

    The total is a bound on what will be held; only delivered segments are charged. Nothing is ordered.
    """
    with server_of(settings) as server:
        found = count_for(settings, server, rule, account, category)
        asked = quote_for(server, found, source, text)
        currency = str(server.call("account.show", name=account)["account"]["currency"])
    if as_json:
        print_json({**asked, "currency": currency})
        return
    print_fields(
        [
            ("people", f"{found.disclosed}: {found.rule.words()}"),
            ("segments", f"{asked['segments']} each"),
            ("price", f"{format_micros(asked['price_micros'])} {currency} per segment"),
            ("at most", f"{format_micros(asked['at_most_micros'])} {currency}"),
            ("valid until", asked["valid_until"]),
        ]
    )


def quote_for(server: Server, found: Audience, source: str, text: str) -> dict[str, Any]:
    """The server's quote with the count that may be told.

    Raises:
        OperatorError: there are too few people, or nothing prices part of the audience.
    """
    told = found.require_disclosed()
    answer = server.call(
        "campaign.quote",
        account=found.account,
        source=source,
        text=text,
        rule=found.rule.text,
        audience=encode_subscribers(found.subscribers),
    )
    return {
        **audience_json(found),
        "segments": answer["segments"],
        "price_micros": answer["price_micros"],
        "at_most_micros": at_most_micros(told, answer["segments"], answer["price_micros"]),
        "valid_until": iso(answer["valid_until_us"]),
    }


def at_most_micros(people: Disclosed, segments: int, price_micros: int) -> int:
    """What a told count can cost at most: an exact total would tell the exact count."""
    return (people.count + COUNT_STEP - 1) * segments * price_micros

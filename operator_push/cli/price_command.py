"""operator-push price: what one message costs, line by line, with every rule that had a say.

With --tariff the files alone decide, without a server; else the tariff in force in the running server does.
Nothing is sent, held or counted.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from operator_push.cli.control_client import ControlClient
from operator_push.cli.moments import moment_of
from operator_push.cli.number_country import country_of
from operator_push.cli.ported_file import read_ported
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.rating_file import documents_of, server_document
from operator_push.cli.server_option import server_data_dir, server_options
from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.values import (
    NO_USAGE,
    Rating,
    RatingRequest,
    Unpriced,
    Usage,
    sender_kind_of,
)
from operator_push.domain.rating.versions import version_at
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.text.segmentation import SegmentOptions, plan_text
from operator_push.text.shift_tables import language_of_code

CLASSES = tuple(member.name.lower() for member in TrafficClass)
STATES = tuple(member.name.lower() for member in MessageState)


@click.command()
@click.option("--account", required=True, help="Who would pay.")
@click.option("--to", "destination", required=True, metavar="MSISDN", help="International number.")
@click.option("--text", required=True, help="The text; it decides alphabet and segments.")
@click.option("--at", metavar="MOMENT", help="When, such as 2026-04-01T00:00:00+05:30 [default: now].")
@click.option(
    "--class", "class_name", type=click.Choice(CLASSES), help="[default: the account's; promotional]"
)
@click.option("--channel", default="sms", show_default=True, help="As tariffs name it.")
@click.option("--sender", default="SENDER", help="Sender address; it decides the sender kind.")
@click.option("--attribute", "attributes", multiple=True, help="Attribute of the audience rule; repeatable.")
@click.option("--state", type=click.Choice(STATES), help="What became of it [default: what makes it owed].")
@click.option(
    "--tariff",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tariff document or [[tariff]] rows; repeat it for several versions. No server is asked.",
)
@click.option("--usage", metavar="JSON", help='The month so far: {"segments": {"NAME": 999}, …}.')
@click.option(
    "--ported", type=click.Path(path_type=Path, dir_okay=False), help="CSV of ported numbers: msisdn,network."
)
@click.option("--explain", is_flag=True, help="Tell every rule that applied.")
@json_option
@server_options
def price(
    account: str,
    destination: str,
    text: str,
    at: str | None,
    files: tuple[Path, ...],
    usage: str | None,
    explain: bool,
    as_json: bool,
    config: Path | None,
    data_dir: Path | None,
    **asked: Any,
) -> None:
    """Price one message and tell why.

    The longest way to a price is written in docs/rating.md: bundle, contact's month, segment price with its
    tiers and minimum, surcharges, discounts, credit, taxes, rounding.
    """
    at_us = to_epoch_us(moment_of(at) if at else datetime.now(UTC))
    options = SegmentOptions()
    if files:
        tariff = version_at(documents_of(files), at_us)
    else:
        with ControlClient(server_data_dir(config, data_dir)) as server:
            tariff = server_document(server)
            shown = server.call("account.show", name=account)["account"]
        terms = shown["terms"]
        class_of_header = (terms["headers"] or {}).get(asked["sender"])
        asked["class_name"] = asked["class_name"] or class_of_header or shown["traffic_class"]
        options = SegmentOptions(shift_tables=tuple(map(language_of_code, terms["shift_tables"] or ())))
    rating = rate(_request(account, destination, text, at_us, options, asked), tariff, _usage(usage))
    if isinstance(rating, Unpriced):
        raise OperatorError(f"{rating.reason}; a message there is refused with NO_ROUTE")
    if as_json:
        print_json(rating_json(rating, explain))
    else:
        _print(rating, tariff, explain)


def rating_json(rating: Rating, explain: bool) -> dict[str, Any]:
    """The document that --json prints; `rules` only where they are asked for."""
    lines = [
        {
            "what": line.what,
            "units": line.units,
            "unit_price_micros": line.unit_price_micros,
            "amount_micros": line.amount_micros,
        }
        for line in rating.lines
    ]
    found: dict[str, Any] = {
        "segments": rating.segments,
        "lines": lines,
        "total_micros": rating.total_micros,
        "currency": rating.currency,
        "tariff": rating.tariff,
        "version": rating.version,
    }
    if explain:
        found["rules"] = [{"rule": each.rule, "says": each.sentence} for each in rating.applied]
    return found


def _request(
    account: str, destination: str, text: str, at_us: int, options: SegmentOptions, asked: dict[str, Any]
) -> RatingRequest:
    msisdn = normalise_msisdn(destination)
    if msisdn is None:
        raise OperatorError("--to is not an international number such as +919812345678")
    plan = plan_text(text, options)
    state, class_name = asked["state"], asked["class_name"] or "promotional"
    return RatingRequest(
        account=account,
        destination=msisdn,
        segments=len(plan.cuts),
        at_us=at_us,
        traffic_class=TrafficClass[class_name.upper()],
        encoding=plan.encoding,
        sender_kind=sender_kind_of(asked["sender"]),
        channel=asked["channel"],
        country=country_of(msisdn),
        ported_network=read_ported(asked["ported"]).network_of(msisdn, at_us) if asked["ported"] else None,
        attributes=tuple(asked["attributes"]),
        state=MessageState[state.upper()] if state else None,
    )


def _usage(text: str | None) -> Usage:
    if text is None:
        return NO_USAGE
    try:
        return msgspec.convert(json.loads(text), Usage)
    except (json.JSONDecodeError, msgspec.ValidationError) as error:
        raise OperatorError(
            f"--usage: {error}; give a JSON object with segments, contact_segments and credit_micros,"
            ' each by name, such as {"segments": {"own network": 999}}'
        ) from error


def _print(rating: Rating, tariff: TariffDocument, explain: bool) -> None:
    rows = [
        (line.what, line.units, format_micros(line.unit_price_micros), format_micros(line.amount_micros))
        for line in rating.lines
    ]
    print_table(("WHAT", "UNITS", "PRICE", "AMOUNT"), rows)
    count = f"{rating.segments} segment{'s' if rating.segments > 1 else ''}"
    click.echo(
        f"{format_micros(rating.total_micros)} {rating.currency} for {count}"
        f" by {tariff.tariff} version {tariff.version}"
    )
    if explain:
        click.echo()
        print_table(("RULE", "SAYS"), [(each.rule, each.sentence) for each in rating.applied])

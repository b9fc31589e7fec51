"""operator-push price: what one message costs, line by line, with every rule that had a say.

With --tariff the files alone decide, without a server; else the tariff in force in the running server does.
Nothing is sent, held or counted.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from operator_push.cli.control_client import ControlClient
from operator_push.cli.moments import moment_of
from operator_push.cli.ported_file import read_ported
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.rating_file import read_document
from operator_push.cli.server_option import server_data_dir, server_options
from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.rating.pricing import rate
from operator_push.domain.rating.rating_json import rating_json
from operator_push.domain.rating.values import RatingRequest, Unpriced, Usage, sender_kind_of
from operator_push.domain.rating.versions import version_at
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.number_country import country_of
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
    asked |= {"account": account, "destination": destination, "text": text}
    asked["at"], used = moment_of(at) if at else None, _usage(usage)
    if files:
        rating = _by_files(files, asked, used)
    else:
        rating = _by_server(server_data_dir(config, data_dir), asked, used)
    if not explain:
        del rating["rules"]
    if as_json:
        print_json(rating)
    else:
        _print(rating)


def _by_files(files: Iterable[Path], asked: Mapping[str, Any], used: dict[str, Any] | None) -> dict[str, Any]:
    """The price by files alone."""
    at_us = to_epoch_us(asked["at"] or datetime.now(UTC))
    tariff = version_at(map(read_document, files), at_us)
    plan = plan_text(asked["text"], SegmentOptions())
    msisdn, state = _msisdn(asked["destination"]), asked["state"]
    request = RatingRequest(
        account=asked["account"],
        destination=msisdn,
        segments=len(plan.cuts),
        at_us=at_us,
        traffic_class=TrafficClass[(asked["class_name"] or "promotional").upper()],
        encoding=plan.encoding,
        sender_kind=sender_kind_of(asked["sender"]),
        channel=asked["channel"],
        country=country_of(msisdn),
        ported_network=_ported(asked["ported"], msisdn, at_us),
        attributes=tuple(asked["attributes"]),
        state=MessageState[state.upper()] if state else None,
    )
    rating = rate(request, tariff, msgspec.convert(used or {}, Usage))
    if isinstance(rating, Unpriced):
        raise OperatorError(f"{rating.reason}; a message there is refused with NO_ROUTE")
    return rating_json(rating)


def _by_server(data_dir: Path, asked: Mapping[str, Any], used: dict[str, Any] | None) -> dict[str, Any]:
    """The price that the running server would hold now: by the account's tariff and all it has used."""
    at: datetime | None = asked["at"]
    msisdn = _msisdn(asked["destination"])
    with ControlClient(data_dir) as server:
        shown = server.call("account.show", name=asked["account"])["account"]
        terms = shown["terms"]
        tables = tuple(map(language_of_code, terms["shift_tables"] or ()))
        plan = plan_text(asked["text"], SegmentOptions(shift_tables=tables))
        class_of_header = (terms["headers"] or {}).get(asked["sender"])
        return server.call(
            "tariff.quote",
            account=asked["account"],
            destination=msisdn,
            segments=len(plan.cuts),
            encoding=plan.encoding.value,
            sender=asked["sender"],
            traffic_class=asked["class_name"] or class_of_header or shown["traffic_class"],
            channel=asked["channel"],
            attributes=list(asked["attributes"]),
            at=at.isoformat() if at else None,
            state=asked["state"],
            usage=used,
            ported_network=_ported(asked["ported"], msisdn, to_epoch_us(at or datetime.now(UTC))),
        )


def _msisdn(destination: str) -> str:
    msisdn = normalise_msisdn(destination)
    if msisdn is None:
        raise OperatorError("--to is not an international number such as +919812345678")
    return msisdn


def _ported(file: Path | None, msisdn: str, at_us: int) -> str | None:
    return read_ported(file).network_of(msisdn, at_us) if file else None


def _usage(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        used = json.loads(text)
        msgspec.convert(used, Usage)
    except (json.JSONDecodeError, msgspec.ValidationError) as error:
        raise OperatorError(
            f"--usage: {error}; give a JSON object with segments, contact_segments and credit_micros,"
            ' each by name, such as {"segments": {"own network": 999}}'
        ) from error
    return dict(used)


def _print(rating: Mapping[str, Any]) -> None:
    rows = [
        (
            line["what"],
            line["units"],
            format_micros(line["unit_price_micros"]),
            format_micros(line["amount_micros"]),
        )
        for line in rating["lines"]
    ]
    print_table(("WHAT", "UNITS", "PRICE", "AMOUNT"), rows)
    count = f"{rating['segments']} segment{'s' if rating['segments'] > 1 else ''}"
    click.echo(
        f"{format_micros(rating['total_micros'])} {rating['currency']} for {count}"
        f" by {rating['tariff']} version {rating['version']}"
    )
    if "rules" in rating:
        click.echo()
        print_table(("RULE", "SAYS"), [(each["rule"], each["says"]) for each in rating["rules"]])

"""operator-push quote: what a text to an audience costs at most, at today's tariff."""

from collections.abc import Iterator
from typing import Any

import click

from operator_push.cli.audience_answering import count_for
from operator_push.cli.audience_commands import audience_json
from operator_push.cli.audience_counting import Audience, Server, encode_subscribers
from operator_push.cli.personal_values import checked_texts, values_argument, values_for, with_own_columns
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.quote_outlook import alternatives as other_rules
from operator_push.cli.quote_outlook import expected
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import open_store
from operator_push.cli.text_options import offer_options, text_or_variants, text_terms
from operator_push.config import Settings
from operator_push.domain.audience.counting import COUNT_STEP, Disclosed
from operator_push.domain.consent import SMS
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros

SHARE_STEP_PERCENT = 5
LINES_MAX = 5  # Ours: nearly every audience comes to one or two.


@click.command()
@offer_options
@click.option(
    "--alternatives/--no-alternatives",
    default=True,
    help="What leaving a condition out would change; each of at most three is a question of the day.",
)
@json_option
@with_settings
def quote(
    settings: Settings,
    as_json: bool,
    rule: str,
    account: str,
    category: int,
    source: str,
    text: str | None,
    alternatives: bool,
    **options: Any,
) -> None:
    """Price a text for an audience, and tell what to expect of it.

    The total is a bound on what will be held; only delivered segments are charged. Nothing is ordered. Who
    can be reached when is told by the quiet hours, caps and registers of now, what comes of it by the
    campaigns of the last 90 days: the account's own where there are enough, else all, else nothing.
    """
    terms = with_own_columns(settings, account, rule, text_terms(options))
    said = text_or_variants(text, terms)
    asked = {"account": account, "category": category, "source": source, "text": said}
    channel = terms.get("channel") or SMS
    with server_of(settings) as server, open_store(settings) as store:
        texts = checked_texts(settings, server, asked, terms)

        def priced(audience: Audience) -> dict[str, Any]:
            values = values_for(settings, server, texts, audience, audience.shown)
            return quote_for(server, audience, source, said, terms=terms, **values_argument(values))

        found = count_for(settings, server, rule, account, category, channel)
        told = priced(found)
        told["currency"] = str(server.call("account.show", name=account)["account"]["currency"])
        told["reach"] = _reach(server, found, source, channel)
        told["expected"] = expected(settings, store, account, told["reach"]["people"])
        told["alternatives"] = other_rules(settings, server, found, priced, channel) if alternatives else []
    if as_json:
        print_json(told)
        return
    print_fields([("people", f"{found.disclosed}: {found.rule.words()}"), *_fields(told)])


def _fields(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A quote as people read it."""
    currency = told["currency"]
    yield "segments", f"{told['segments']} each"
    yield "price", f"{format_micros(told['price_micros'])} {currency} per segment"
    yield from message_fields(told)
    yield "at most", f"{format_micros(told['at_most_micros'])} {currency}"
    yield "valid until", told["valid_until"]
    reach = told["reach"]
    capped = f", {reach['capped_percent']} % had enough today" if reach["capped_percent"] else ""
    yield "within a day", f"about {reach['people']:,} ({reach['percent']} %{capped})"
    for name, percents in _stretches(reach["by_hour"]):
        yield "  can be sent", f"{name}: {percents} %"
    outcome = told["expected"]
    if outcome is None:
        yield "expected", "no history yet"
    else:
        whose = "this account's" if outcome["by"] == "account" else "all"
        yield (
            "expected",
            f"{outcome['delivered']:,} delivered, {outcome['replies']:,} replies, "
            f"{outcome['opt_outs']:,} stop (by {whose} campaigns of 90 days)",
        )
        hours = ", ".join(f"{hour}:00" for hour in outcome["best_hours"])
        yield "best hours", hours or "no history yet"
    for each in told["alternatives"]:
        yield (
            "without",
            f"{each['drop']}: {each['people']:,} people ({each['reach_percent']:+} %), "
            f"{each['price_percent']:+} % a message",
        )


def message_fields(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a message comes to, and for which part of the people."""
    for line in told["lines"]:
        charged = " + ".join(
            f"{each['what']} {each['units']} × {format_micros(each['each_micros'], 4)}"
            for each in line["charged"]
        )
        yield "  a message", f"{format_micros(line['message_micros'], 4)} for {line['percent']} %: {charged}"


def _stretches(by_hour: list[dict[str, Any]]) -> Iterator[tuple[str, int]]:
    """Hours of one share together, as "09:00 to 20:00"."""
    if len({each["percent"] for each in by_hour}) == 1:
        yield "at any hour", by_hour[0]["percent"]
        return
    begins = by_hour[0]["hour"] if by_hour else ""
    for here, after in zip(by_hour, [*by_hour[1:], None], strict=True):
        if after is None or after["percent"] != here["percent"]:
            yield f"{begins[11:16]} to {here['hour'][11:13]}:59Z", here["percent"]
            begins = after["hour"] if after else ""


def _reach(server: Server, found: Audience, source: str, channel: str) -> dict[str, Any]:
    """The server's forecast, with people as they may be told."""
    told = found.require_disclosed()
    forecast = server.call(
        "campaign.forecast",
        account=found.account,
        source=source,
        category=found.category,
        audience=encode_subscribers(found.shown),
        channel=channel,
    )
    people = told.count * int(forecast["percent"]) // 100
    return {"people": people - people % COUNT_STEP, **forecast}


def quote_for(server: Server, found: Audience, source: str, text: str, **said: Any) -> dict[str, Any]:
    """The server's quote with the count that may be told; `said`: the terms and values of texts with places.

    What its lines tell of who gets which is told in steps, and of no fewer people than are counted, but for
    the line of most.

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
        category=found.category,
        audience=encode_subscribers(found.shown),
        **said,
    )
    return {
        **audience_json(found),
        "segments": answer["segments"],
        "price_micros": answer["price_micros"],
        "at_most_micros": at_most_micros(told, answer["segments"], answer["price_micros"]),
        "valid_until": iso(answer["valid_until_us"]),
        "lines": [
            {
                "percent": share_percent(line["people"], answer["audience"]),
                **{name: line[name] for name in ("segments", "message_micros", "charged")},
            }
            for place, line in enumerate(answer["lines"][:LINES_MAX])
            if place == 0 or line["people"] >= found.floor
        ],
        **({"texts": answer["texts"]} if "texts" in answer else {}),
    }


def share_percent(part: int, whole: int) -> int:
    """A share as it is told: to the nearest step."""
    step = SHARE_STEP_PERCENT
    return step * ((200 * part + step * whole) // (2 * step * whole))


def at_most_micros(people: Disclosed, segments: int, price_micros: int) -> int:
    """What a told count can cost at most: an exact total would tell the exact count."""
    return (people.count + COUNT_STEP - 1) * segments * price_micros

"""operator-push campaign create and change: what an order says, and what becomes of it in a call."""

from collections.abc import Callable
from typing import Any

import click

from operator_push.cli.audience_answering import count_for, find_for
from operator_push.cli.audience_counting import Server, brand_of, encode_subscribers
from operator_push.cli.campaign_own_hour import other_hours
from operator_push.cli.money_options import AmountType
from operator_push.cli.personal_values import checked_texts, values_argument, values_for, with_own_columns
from operator_push.cli.store_reading import open_store
from operator_push.cli.text_options import TEXT_OPTIONS, text_terms
from operator_push.cli.trigger_judging import checked_when
from operator_push.config import Settings
from operator_push.domain.audience.counting import COUNT_STEP
from operator_push.domain.audience.sales_rules import Sale
from operator_push.domain.campaign_terms import CONTROL_PERCENT_MAX, HOURS_OF_A_DAY, ONCE
from operator_push.domain.consent import SMS
from operator_push.domain.pacing import Pace
from operator_push.domain.variants import WonBy
from operator_push.kernel.errors import OperatorError

_TERMS = (
    *TEXT_OPTIONS,
    click.option("--starts", help="Not launched before, such as 2026-04-01T09:00+05:30."),
    click.option("--ends", help="Nothing leaves at or after this moment; what still waits expires."),
    click.option("--budget", "budget_micros", type=AmountType(), help="The most that it may cost."),
    click.option(
        "--pace",
        type=click.Choice([pace.value for pace in Pace]),
        help="fast: as its link allows; even: spread until --ends; hours: by --hour; own: each person in the "
        "busiest hour of the own records, where that is permitted [default: fast].",
    ),
    click.option(
        "--hour",
        "hours",
        multiple=True,
        metavar="HOUR=PARTS",
        help="How many parts of the people leave in an hour of the day, such as 9=20; repeat.",
    ),
    click.option("--zone", metavar="ZONE", help="Whose clock --hour and --every mean [default: UTC]."),
    click.option("--rate", "rate_per_s", type=click.IntRange(min=1), help="People a second at most."),
    click.option(
        "--test",
        "test_percent",
        type=click.IntRange(1, 99),
        metavar="PERCENT",
        help="Of the people who get their variant first; the others get the one that did best.",
    ),
    click.option("--winner-after", type=click.IntRange(min=1), help="Deliveries of each variant."),
    click.option(
        "--winner-by",
        type=click.Choice([by.value for by in WonBy]),
        help="What makes a text the best; clicks and conversions by its --link [default: replied].",
    ),
    click.option("--winner-after-hours", "winner_after_h", type=click.IntRange(min=1), help="Or hours."),
    click.option(
        "--once",
        type=click.Choice(ONCE),
        help="Once a handset, or once a person, who may be known to have several numbers [default: handset].",
    ),
    click.option("--standing", is_flag=True, default=None, help="Takes people in as they come to fit."),
    click.option(
        "--every",
        metavar="TIMES",
        help="Recurs: 'daily 09:00', 'weekly mon,thu 18:30', 'monthly 1,15 10:00', by --zone.",
    ),
    click.option("--after", metavar="CAMPAIGN", help="A step: for who received CAMPAIGN and did not answer."),
    click.option("--days", "after_days", type=click.IntRange(min=0), help="So many days after --after."),
    click.option(
        "--on",
        "trigger",
        metavar="EVENT",
        help="For whom it fits, at the moment when EVENT happens to them; see `operator-push trigger list`.",
    ),
    click.option(
        "--when",
        metavar="RULE",
        help="Only where this is true of the EVENT and the person, such as 'event.amount >= 200.0'.",
    ),
    click.option(
        "--control",
        "control_percent",
        type=click.IntRange(1, CONTROL_PERCENT_MAX),
        metavar="PERCENT",
        help="Of the people, drawn by a keyed hash, who get nothing of it, so that its report can compare.",
    ),
    click.option(
        "--prefer",
        metavar="RULE",
        help="For whom it is worth twice as much, where another campaign wants the same slot.",
    ),
    click.option(
        "--reply-window",
        "reply_window_h",
        type=click.IntRange(min=1),
        metavar="HOURS",
        help="Until when an answer counts as one to this campaign [default: 72].",
    ),
)
TERM_NAMES = (
    "starts",
    "ends",
    "budget_micros",
    "pace",
    "hours",
    "zone",
    "rate_per_s",
    "prefer",
    "test_percent",
    "winner_after",
    "winner_by",
    "winner_after_h",
    "standing",
    "once",
    "every",
    "after",
    "after_days",
    "trigger",
    "when",
    "reply_window_h",
    "control_percent",
)


def terms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a campaign's terms."""
    for option in reversed(_TERMS):
        command = option(command)
    return command


def terms_of(options: dict[str, Any]) -> dict[str, Any]:
    """The terms of a call for the options that were given; takes them out of `options`.

    Raises:
        OperatorError: an hour without its parts.
    """
    asked = {name: options.pop(name) for name in TERM_NAMES}
    texts = text_terms(options)
    hours = dict(_hour(text) for text in asked["hours"])
    asked["hours"] = hours or None
    if hours and asked["pace"] is None:
        asked["pace"] = Pace.HOURS.value
    return {name: value for name, value in asked.items() if value is not None} | texts


def put_order(
    settings: Settings, server: Server, call: str, asked: dict[str, Any], terms: dict[str, Any]
) -> dict[str, Any]:
    """Count for the client, and order or change what is asked for; returns the campaign."""
    if when := terms.get("when"):
        sale = Sale(asked["account"], brand_of(server, asked["account"]), asked["category"])
        checked_when(settings, terms.get("trigger", ""), when, sale)
    terms = with_own_columns(settings, asked["account"], asked["rule"], terms)
    channel, of_it = terms.get("channel") or SMS, (asked["account"], asked["category"])
    found = count_for(settings, server, asked["rule"], *of_it, channel)
    told = found.require_disclosed()
    texts = checked_texts(settings, server, {**asked, "rule": found.rule.text}, terms)
    values = values_for(settings, server, texts, found, found.subscribers)
    asked_later = [terms["prefer"]] if terms.get("prefer") else []
    asked_later += [other_hours(0)] if terms.get("pace") == Pace.OWN.value else []
    for later in asked_later:
        with open_store(settings) as store:  # what is wrong with it is told now, and not when it is launched
            rule = f"({found.rule.text}) && ({later})"
            find_for(settings, server, store, rule, *of_it, channel=channel)
    return server.call(
        call,
        **{**asked, "rule": found.rule.text},
        people_max=told.count + COUNT_STEP - 1,
        audience=encode_subscribers(found.subscribers),
        terms=terms,
        **values_argument(values),
    )


def _hour(text: str) -> tuple[str, int]:
    hour, sign, parts = text.partition("=")
    if not sign or not hour.isdecimal() or int(hour) >= HOURS_OF_A_DAY or not parts.isdecimal():
        raise OperatorError(f"--hour {text!r} is not HOUR=PARTS, such as 9=20")
    return str(int(hour)), int(parts)

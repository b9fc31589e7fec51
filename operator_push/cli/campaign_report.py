"""operator-push campaign report: what became of a campaign, as text, JSON or a page with charts.

Reads the store beside the server. A client's report has cells in tens and "<10" below ten, judged together
with its other reports and counts; the operator's has what there is.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from pyroaring import BitMap

from operator_push.cli.audience_answering import answer_parts, answers_to, find_for
from operator_push.cli.audience_counting import Server
from operator_push.cli.campaign_lookup import channel_of_campaign, find_campaign
from operator_push.cli.campaign_printing import terms_json
from operator_push.cli.campaign_variants import REPLY_WINDOW_H, tallies_of
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.report_page.page import report_page
from operator_push.cli.report_words import cell_words, compared_words, percent
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.domain.arbitration import TIRED_DAYS, TIRED_LEVELS
from operator_push.domain.campaign_funnel import Funnel, Step
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import MICROS_PER_DAY, day_of, iso, to_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.services.report_campaign import (
    Cell,
    CellTeller,
    ExactCells,
    cells_of,
    report_campaign,
    standing_cells,
    tired_rows,
)
from operator_push.store.campaign_funnel import FunnelAsked, read_funnel
from operator_push.store.campaign_history import campaign_history
from operator_push.store.database import Database
from operator_push.store.near_campaigns import near_campaigns

Campaign = dict[str, Any]
HOUR_US = 3_600_000_000
HISTORY_DAYS = 90  # as quotes look back


@click.command()
@click.argument("name")
@click.option(
    "--html", "page", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with charts here."
)
@click.option("--zone", help="Whose hours [default: the campaign's, else the operator's].")
@click.option(
    "--outcome",
    "outcomes",
    multiple=True,
    metavar="NAME=RULE",
    help="Who did what was hoped for, as an audience rule, such as bought='in_list(\"buyers\")'; repeat.",
)
@click.option("--for-operator", is_flag=True, help="Every number as it is; not for the client's eyes.")
@json_option
@with_settings
def report(
    settings: Settings,
    as_json: bool,
    name: str,
    page: Path | None,
    zone: str | None,
    outcomes: tuple[str, ...],
    for_operator: bool,
) -> None:
    """Report the campaign NAME: its funnel by the hour, its control group, its price, who is tired of it.

    As its client may read it: numbers in tens, <10 for fewer, and what two reports together would tell of few
    people is not told. What an --outcome finds is a question like `audience count`, and costs the client's
    budget of the day; whoever has withdrawn since is not found by it.
    """
    asked = dict(_outcome(text) for text in outcomes)
    with server_of(settings) as server:
        found = find_campaign(server, name)
        whose = _zone(zone or found.get("terms", {}).get("zone") or settings.policy.quiet_hours.zone)
        told = _told(settings, server, found, whose, asked, for_operator)
    if page is not None:
        page.write_text(report_page(told), encoding="utf-8")
    if as_json:
        print_json(told)
    elif page is None:
        _print(told)
    else:
        click.echo(f"{page} is written.")


def _told(
    settings: Settings,
    server: Server,
    found: Campaign,
    zone: str,
    asked: Mapping[str, str],
    for_operator: bool,
) -> dict[str, Any]:
    """The whole report as one JSON object."""
    now_us = to_epoch_us(datetime.now(UTC))
    with open_store(settings) as store:
        funnel = _funnel(settings, store, found)
        teller = ExactCells() if for_operator else _client_teller(settings, server, store, found, cells_of)
        outcomes = {
            name: _outcome_cells(settings, server, store, found, funnel, rule, for_operator)
            for name, rule in asked.items()
        }
        body = report_campaign(funnel, teller, zone, outcomes)
        since_day, brand_no = day_of(now_us) - HISTORY_DAYS, found["brand_no"]
        asked_of = settings.shard, since_day, window_us(found)
        history = store.read(lambda rows: campaign_history(rows, *asked_of, brand_no=brand_no))
    delivered = [each[:4] for each in history.delivered]
    tired = tired_rows(delivered, teller.count, TIRED_DAYS * MICROS_PER_DAY, TIRED_LEVELS)
    launched_us = found.get("progress", {}).get("launched_us", 0)
    return {
        "campaign": found["name"],
        "state": found["state"],
        "account": found["account"],
        "brand": found["brand"],
        "category": found["category"],
        "rule": found["rule"],
        "sender": found["source"],
        "terms": terms_json(found.get("terms", {})),
        "launched_at": iso(launched_us) if launched_us else None,
        "made_at": iso(now_us),
        "for": "operator" if for_operator else "client",
        **body,
        "variants": [
            {
                "name": each.name,
                "delivered": teller.count(each.delivered),
                "replied": teller.count(each.replies),
                "clicked": teller.count(each.clicks),
                "converted": teller.count(each.conversions),
            }
            for each in tallies_of(settings, found)
        ],
        "fatigue": {"days": TIRED_DAYS, "rows": tired},
    }


def standing_for_client(settings: Settings, server: Server, found: Campaign) -> dict[str, Cell]:
    """What a client may be told of what has become of a campaign's messages: see standing_cells."""
    with open_store(settings) as store:
        teller = _client_teller(settings, server, store, found, standing_cells)
        return teller.people(standing_cells(_funnel(settings, store, found)))


def _client_teller(
    settings: Settings,
    server: Server,
    store: Database,
    found: Campaign,
    cells_of: Callable[[Funnel], dict[str, BitMap]],
) -> CellTeller:
    """What a client may be told beside its counts and the cells of its earlier campaigns that are near."""
    floor = settings.audience.floor
    teller = CellTeller(floor, answers_to(settings, server, store, found["account"]))
    number, brand_no = found["campaign_no"], found["brand_no"]
    for near in store.read(lambda rows: near_campaigns(rows, number, brand_no, floor)):
        teller.people(cells_of(_funnel(settings, store, {**found, **near._asdict()})))
    return teller


def _funnel(settings: Settings, store: Database, found: Campaign) -> Funnel:
    asked = FunnelAsked(
        settings.shard,
        found["campaign_no"],
        found["brand_no"],
        found["source"],
        day_of(found["created_us"]),
        window_us(found),
    )
    return store.read(lambda rows: read_funnel(rows, asked))


def window_us(found: Campaign) -> int:
    """Until how long after a message arrived an answer is one to it."""
    return int(found.get("terms", {}).get("reply_window_h") or REPLY_WINDOW_H) * HOUR_US


def _outcome_cells(
    settings: Settings,
    server: Server,
    store: Database,
    found: Campaign,
    funnel: Funnel,
    rule: str,
    for_operator: bool,
) -> tuple[Cell | None, Cell | None]:
    """How many of the treated and of the controls a rule finds now."""
    asked = rule, found["account"], found["category"]
    by = channel_of_campaign(found)
    # They have had a message: this one.
    audience = find_for(settings, server, store, *asked, leaves_out=False, channel=by)
    groups: tuple[BitMap, BitMap] = funnel.treated, funnel.control_group
    if for_operator:
        treated, controls = (len(audience.subscribers & group) for group in groups)
        return treated, controls
    of = ("treated", "controls")
    parts = {f"{which} of {found['name']}": group for which, group in zip(of, groups, strict=True)}
    told = answer_parts(settings, audience, parts)
    first, second = told.values()
    return first, second


def _outcome(text: str) -> tuple[str, str]:
    name, sign, rule = text.partition("=")
    if not sign or not name.strip() or not rule.strip():
        raise OperatorError(f"--outcome {text!r} is not NAME=RULE, such as bought='in_list(\"buyers\")'")
    return name.strip(), rule


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise OperatorError(f"zone {name!r} is none of the tz database, such as Asia/Kolkata") from None
    return name


def _visited(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """What people did by the short link, where the campaign has one."""
    people = told["people"]
    if "link" not in told["terms"]:
        return []
    worth = format_micros(told["converted_micros"])
    return [
        ("clicked", people[Step.CLICKED.value]),
        ("converted", f"{people[Step.CONVERTED.value]}, worth {worth} by the client's word"),
    ]


def _beside_controls(told: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The control group, and what the campaign did beside it."""
    groups = told["groups"]
    if not groups["controls"]:
        return [("control group", "none, so nobody can tell what it did: order with --control")]
    return [
        ("control group", f"{groups['controls']} beside {groups['treated']}"),
        *((each["outcome"].replace("_", " "), compared_words(each)) for each in told["compared"]),
    ]


def _print(told: Mapping[str, Any]) -> None:
    people = told["people"]
    charged = told["charged_micros"]
    print_fields(
        [
            ("campaign", f"{told['campaign']}, {told['state']}"),
            ("for", f"{told['account']}, {told['brand']}, category {told['category']}"),
            ("handed in", people[Step.HANDED_IN.value]),
            ("never sent", cell_words(told["never_sent"])),
            ("submitted", people[Step.SUBMITTED.value]),
            ("delivered", people[Step.DELIVERED.value]),
            ("failed", cell_words(told["failed"])),
            ("replied", people[Step.REPLIED.value]),
            *_visited(told),
            ("opted out", people[Step.OPTED_OUT.value]),
            ("charged", "not told" if charged is None else format_micros(charged)),
            *(
                (f"variant {each['name']}", f"{each['delivered']} delivered, {each['replied']} replied")
                for each in told["variants"]
            ),
            *(
                (
                    f"by {each['channel']}",
                    ", ".join(f"{each[step]} {step}" for step in ("submitted", "delivered", "replied")),
                )
                for each in told["channels"]
            ),
            *_beside_controls(told),
        ]
    )
    if told["hours"]:
        click.echo(f"\nBy the hour, {told['zone']}:")
        header = tuple(told["hours"][0])
        print_table(
            tuple(name.replace("_", " ").upper() for name in header),
            ([each[name] for name in header] for each in told["hours"]),
        )
    days = told["fatigue"]["days"]
    click.echo(f"\nOf the brand's messages, by how many others a person had in the {days} days before:")
    print_table(
        ("BEFORE", "DELIVERED", "REPLIED", "OPTED OUT"),
        (
            (
                each["before"],
                each["delivered"],
                percent(each["replied"], each["delivered"]),
                percent(each["opted_out"], each["delivered"]),
            )
            for each in told["fatigue"]["rows"]
        ),
    )

"""operator-push campaign list, show, explain: what was agreed, what became of it, who gets whose slots."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import click
import msgspec

from operator_push.cli.audience_counting import Server, encode_subscribers
from operator_push.cli.campaign_channels import answering_on_screen
from operator_push.cli.campaign_lookup import find_campaign
from operator_push.cli.campaign_printing import (
    at_most_words,
    campaign_json,
    forecast_of,
    forecast_words,
    people_told,
    print_campaign,
    told_counts,
)
from operator_push.cli.campaign_report import standing_for_client
from operator_push.cli.campaign_variants import tallies_of
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.report_words import cell_words, number_words
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.arbitration import PPM
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.services.report_campaign import Cell
from operator_push.store.campaign_rows import count_campaign

Campaign = dict[str, Any]
# As `show` says it to the operator, too.
_SAID_AS: Final = {"handed_in": "handed in", "suppressed": "never sent", "open": "on the way"}


@click.command("list")
@json_option
@through_server
def list_campaigns(server: Server, as_json: bool) -> None:
    """List all campaigns."""
    campaigns = server.call("campaign.list")["campaigns"]
    if as_json:
        print_json([campaign_json(each) for each in campaigns])
        return
    header = ("NAME", "STATE", "ACCOUNT", "BRAND", "CATEGORY", "PEOPLE", "AT MOST")
    print_table(
        header,
        (
            (
                each["name"],
                each["state"],
                each["account"],
                each["brand"],
                each["category"],
                people_told(each),
                at_most_words(each),
            )
            for each in campaigns
        ),
    )


@click.command()
@click.argument("name")
@click.option("--for-client", is_flag=True, help="As the client may read it: in tens, and <10 for fewer.")
@json_option
@with_settings
def show(settings: Settings, as_json: bool, name: str, for_client: bool) -> None:
    """Show the campaign NAME: what was agreed, and what became of everybody handed in."""
    with server_of(settings) as server:
        found = find_campaign(server, name)
        goes_on = found["state"] in ("running", "paused")
        left = server.call("campaign.rest", name=name) if goes_on else {}
        standing = standing_for_client(settings, server, found) if for_client else None
    if standing is not None:
        _print_for_client(found, standing, as_json)
        return
    number = found["campaign_no"]
    count = read_store(settings, lambda connection: count_campaign(connection, settings.shard, number))
    forecast = forecast_of(found, left, count.handed_in, count.waits_until_us, to_epoch_us(datetime.now(UTC)))
    tallies = tallies_of(settings, found)
    if as_json:
        counts = msgspec.to_builtins(count)
        del counts["waits_until_us"]  # the forecast says when
        told = {"handed_in": count.handed_in, **counts, "forecast": forecast}
        variants = [each._asdict() for each in tallies]
        print_json({**campaign_json(found), **told, "variants": variants})
        return
    print_campaign(found, False)
    print_fields(
        [
            ("handed in", f"{count.handed_in:,}"),
            ("never sent", told_counts(Counter(count.suppressed))),
            ("ended", told_counts(Counter(count.ended))),
            ("on the way", f"{count.open:,}"),
            ("charged", format_micros(count.settled_micros)),
            ("given back", format_micros(count.released_micros)),
            *forecast_words(forecast, found),
            *(
                (f"variant {each.name}", f"{each.delivered} delivered, {each.replies} replies")
                for each in tallies
            ),
        ]
    )


def _print_for_client(found: Campaign, standing: Mapping[str, Cell], as_json: bool) -> None:
    """Every cell as a client may read it; the money is its own and stands on its invoice."""

    def cells(prefix: str) -> dict[str, Cell]:
        return {
            name.removeprefix(prefix): cell
            for name, cell in standing.items()
            if cell and name.startswith(prefix)
        }

    told: dict[str, Any] = {
        "handed_in": standing["handed_in"],
        "suppressed": cells("suppressed:"),
        "ended": cells("ended:"),
        "open": standing["open"],
    }
    if as_json:
        print_json({**campaign_json(found), **told})
        return
    print_campaign(found, False)
    print_fields(
        (_SAID_AS.get(name, name), cell_words(cell) if isinstance(cell, dict) else number_words(cell))
        for name, cell in told.items()
    )


@click.command()
@click.argument("name")
@click.option("--to", "number", required=True, metavar="MSISDN", help="Whose slots; is audited.")
@json_option
@with_settings
def explain(settings: Settings, as_json: bool, name: str, number: str) -> None:
    """Tell who gets a person's slots, NAME and every campaign that wants them, best first.

    Priority decides, then the score (value × relevance × fatigue), then the earlier approval. By which
    channel NAME comes to them is told, too. For the operator: a client hears that a message was capped, and
    no more.
    """
    with server_of(settings) as server:
        on_screen = answering_on_screen(settings, server, find_campaign(server, name))
        known = {"on_screen": encode_subscribers(on_screen)} if on_screen else {}
        told = server.call("campaign.explain", name=name, number=number, by=who_asks(), **known)
    if as_json:
        print_json(told)
        return
    print_fields([("channel", f"{told['channel']}: {told['channel_why']}")])
    header = ("CAMPAIGN", "PRIORITY", "VALUE", "RELEVANCE", "FATIGUE", "SCORE", "APPROVED", "OUTCOME")
    print_table(
        header,
        (
            (
                each["campaign"],
                each["priority"],
                format_micros(each["value_micros"], 4),
                f"{each['relevance_ppm'] / PPM:.2f}",
                f"{each['fatigue_ppm'] / PPM:.2f}",
                format_micros(each["score"], 4),
                each["approved_at"] or "not yet",
                each["outcome"],
            )
            for each in told["contestants"]
        ),
    )

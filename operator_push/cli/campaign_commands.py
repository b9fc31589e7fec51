"""operator-push campaign: from an order to the last recipient handed in, all through the running server.

Who orders and who approves are two people. The audience is counted again at the launch, by the permissions of
that moment; the server asks for permission once more before each message leaves.
"""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from operator_push.cli.audience_counting import Server
from operator_push.cli.campaign_launch import launch_campaign
from operator_push.cli.campaign_lookup import find_campaign
from operator_push.cli.campaign_ordering import put_order, terms_of, terms_options
from operator_push.cli.campaign_printing import (
    at_most_words,
    campaign_json,
    forecast_of,
    forecast_words,
    print_campaign,
    terms_json,
    told_counts,
)
from operator_push.cli.campaign_report import report
from operator_push.cli.campaign_run import run_round
from operator_push.cli.campaign_variants import tallies_of
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.queue_words import print_stopped
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.arbitration import PPM, PRIORITY, PRIORITY_MAX
from operator_push.domain.audience.counting import disclose, disclose_cell
from operator_push.kernel.instants import to_epoch_us
from operator_push.kernel.money import format_micros
from operator_push.services.order_campaign import SIDES
from operator_push.services.report_campaign import TOLD_AS
from operator_push.store.campaign_rows import CampaignCount, count_campaign

Campaign = dict[str, Any]


@click.group(cls=SubjectGroup)
def campaign() -> None:
    """Campaigns: create, approve, launch, watch.

    \b
    create   by the client: rule, text and price are fixed, and its money is set aside
    approve  by somebody else for the client, and by a third person for the operator
    launch   hands everybody in whom the rule finds then; may be broken off and begun again
    """


@campaign.command()
@click.argument("name")
@click.option("--rule", required=True, help="Audience rule; see `operator-push audience --help`.")
@click.option("--account", required=True, help="The client who pays.")
@click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list).")
@click.option("--source", required=True, help="Sender address.")
@click.option("--text", required=True, help="The text, the same for everybody.")
@terms_options
@click.option("--by", "ordered_by", default="", help="Who orders [default: the account].")
@json_option
@with_settings
def create(settings: Settings, as_json: bool, **asked: Any) -> None:
    """Order the campaign NAME at today's quote; it then waits for approval by both sides.

    What it may cost is set aside: nothing else of the account can spend it until the campaign ends.
    """
    terms = terms_of(asked)
    with server_of(settings) as server:
        print_campaign(put_order(settings, server, "campaign.order", asked, terms), as_json)


@campaign.command()
@click.argument("name")
@click.option("--rule", help="Another audience rule.")
@click.option("--category", type=click.IntRange(1, 8), help="Another category.")
@click.option("--source", help="Another sender address.")
@click.option("--text", help="Another text.")
@terms_options
@click.option("--by", "ordered_by", default="", help="Who changes it [default: the account].")
@json_option
@with_settings
def change(settings: Settings, as_json: bool, name: str, **asked: Any) -> None:
    """Change the campaign NAME before its launch: it is quoted anew, and waits for both approvals again.

    What is not given stays; terms are given anew, all of them or none.
    """
    terms = terms_of(asked)
    with server_of(settings) as server:
        found = find_campaign(server, name)
        kept = {key: found[key] for key in ("name", "account", "rule", "category", "source", "text")}
        given = {key: value for key, value in asked.items() if value is not None}
        again = terms or terms_json(found.get("terms", {}))
        print_campaign(put_order(settings, server, "campaign.change", kept | given, again), as_json)


@campaign.command()
@click.argument("name")
@click.option("--by", "approver", required=True, help="Who approves; nobody who ordered or approved it.")
@click.option(
    "--as", "side", type=click.Choice(SIDES), default="operator", show_default=True, help="For whom."
)
@click.option(
    "--priority",
    type=click.IntRange(0, PRIORITY_MAX),
    help=f"Declared by the operator; higher ones get a person's last slot [default: {PRIORITY}].",
)
@json_option
@through_server
def approve(server: Server, as_json: bool, name: str, approver: str, side: str, priority: int | None) -> None:
    """Approve the campaign NAME: once for the client, once for the operator, by different people."""
    declared = {} if priority is None else {"priority": priority}
    print_campaign(
        server.call("campaign.approve", name=name, approver=approver, side=side, **declared), as_json
    )


@campaign.command()
@click.argument("name")
@json_option
@through_server
def reject(server: Server, as_json: bool, name: str) -> None:
    """Say no to the campaign NAME; what is set aside for it is free again, and it may be changed."""
    print_campaign(server.call("campaign.reject", name=name), as_json)


@campaign.command()
@click.argument("name")
@json_option
@with_settings
def launch(settings: Settings, as_json: bool, name: str) -> None:
    """Send the campaign NAME: count its audience again, and hand everybody in.

    May be stopped with Ctrl-C and launched again: it goes on with the same people, and who was handed in is
    not handed in twice. The campaign is finished once everybody is; what is on its way then still arrives and
    is charged. Where more people than were quoted are found now, as many as were quoted get it. Where the
    money ends before the people do, it goes on running: top up, and launch it again.
    """
    with server_of(settings) as server:
        launched, outcomes = launch_campaign(settings, server, find_campaign(server, name))
    if as_json:
        print_json({**campaign_json(launched), "outcomes": dict(outcomes)})
        return
    print_campaign(launched, False)
    print_fields([("handed in", told_counts(outcomes))])


@campaign.command()
@click.argument("name")
@json_option
@through_server
def pause(server: Server, as_json: bool, name: str) -> None:
    """Take no more recipients of NAME for now; what was handed in goes on."""
    print_campaign(server.call("campaign.pause", name=name), as_json)


@campaign.command()
@click.argument("name")
@click.option(
    "--cancel", is_flag=True, help="End what is queued and release its holds; give the campaign up."
)
@json_option
@through_server
def stop(server: Server, as_json: bool, name: str, cancel: bool) -> None:
    """Emergency stop: pause the campaign NAME, and let nothing of it leave that is queued already.

    What is queued is held, its money too, until `campaign resume`, also over a restart.
    """
    result = server.call("campaign.stop", name=name, cancel=cancel, by=who_asks())
    print_campaign(result, as_json)
    if not as_json:
        print_stopped(result)


@campaign.command()
@click.argument("name")
@json_option
@through_server
def resume(server: Server, as_json: bool, name: str) -> None:
    """Let the paused campaign NAME run again; then launch it again to hand in the rest."""
    print_campaign(server.call("campaign.resume", name=name, by=who_asks()), as_json)


@campaign.command()
@click.argument("name")
@json_option
@through_server
def finish(server: Server, as_json: bool, name: str) -> None:
    """End the campaign NAME with those who have been handed in."""
    print_campaign(server.call("campaign.finish", name=name), as_json)


@campaign.command()
@click.argument("name")
@json_option
@through_server
def cancel(server: Server, as_json: bool, name: str) -> None:
    """Give the campaign NAME up; what was handed in goes on."""
    print_campaign(server.call("campaign.cancel", name=name), as_json)


@campaign.command()
@click.argument("name")
@click.option("--to", "number", required=True, metavar="MSISDN", help="Whose slots; is audited.")
@json_option
@through_server
def explain(server: Server, as_json: bool, name: str, number: str) -> None:
    """Tell who gets a person's slots, NAME and every campaign that wants them, best first.

    Priority decides, then the score (value × relevance × fatigue), then the earlier approval. For the
    operator: a client hears that a message was capped, and no more.
    """
    told = server.call("campaign.explain", name=name, number=number, by=who_asks())
    if as_json:
        print_json(told)
        return
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


@campaign.command()
@click.option("--once", is_flag=True, help="One round, and no more.")
@click.option(
    "--every", "every_s", type=click.IntRange(1, 3_600), default=30, show_default=True, metavar="SECONDS"
)
@json_option
@with_settings
def run(settings: Settings, as_json: bool, once: bool, every_s: int) -> None:
    """Carry out what is due, round after round: starts, times of recurring campaigns, new people, paces.

    Runs beside `serve` until Ctrl-C, or from cron with --once.
    """
    while True:
        with server_of(settings) as server:
            handed_in = run_round(settings, server, to_epoch_us(datetime.now(UTC)))
        for name, outcomes in handed_in.items():
            if as_json:
                print_json({"campaign": name, "outcomes": dict(outcomes)})
            else:
                click.echo(f"{name}: {told_counts(outcomes)}")
        if once:
            return
        time.sleep(every_s)


@campaign.command()
@click.argument("event")
@click.option("--to", "number", required=True, metavar="MSISDN", help="To whom it happened.")
@json_option
@through_server
def trigger(server: Server, as_json: bool, event: str, number: str) -> None:
    """Tell that EVENT happened to somebody: every running campaign that waits for it, and fits, writes."""
    told = server.call("campaign.trigger", event=event, number=number)
    if as_json:
        print_json(told)
        return
    for name, outcome in told["campaigns"].items():
        click.echo(f"{name}: {outcome.lower().replace('_', ' ')}")


@campaign.command("list")
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
                disclose(each["audience"]),
                at_most_words(each),
            )
            for each in campaigns
        ),
    )


@campaign.command()
@click.argument("name")
@click.option("--for-client", is_flag=True, help="As the client may read it: in tens, and <10 for fewer.")
@json_option
@with_settings
def show(settings: Settings, as_json: bool, name: str, for_client: bool) -> None:
    """Show the campaign NAME: what was agreed, and what became of everybody handed in."""
    with server_of(settings) as server:
        found = find_campaign(server, name)
        running = found["state"] == "running"
        people = int(server.call("campaign.rest", name=name)["people"]) if running else 0
    number = found["campaign_no"]
    count = read_store(settings, lambda connection: count_campaign(connection, settings.shard, number))
    if for_client:
        _print_for_client(found, count, as_json)
        return
    forecast = forecast_of(found, people, count.handed_in, to_epoch_us(datetime.now(UTC)))
    tallies = tallies_of(settings, found)
    if as_json:
        told = {"handed_in": count.handed_in, **msgspec.to_builtins(count), "forecast": forecast}
        variants = [each._asdict() for each in tallies]
        print_json({**campaign_json(found), **told, "variants": variants})
        return
    print_campaign(found, False)
    print_fields(
        [
            ("handed in", count.handed_in),
            ("never sent", told_counts(Counter(count.suppressed))),
            ("ended", told_counts(Counter(count.ended))),
            ("on the way", count.open),
            ("charged", format_micros(count.settled_micros)),
            ("given back", format_micros(count.released_micros)),
            *forecast_words(forecast),
            *(
                (f"variant {each.name}", f"{each.delivered} delivered, {each.replies} replies")
                for each in tallies
            ),
        ]
    )


def _print_for_client(found: Campaign, count: CampaignCount, as_json: bool) -> None:
    """Every cell as a client may read it; the money is its own and stands on its invoice."""

    def cells(counts: Mapping[str, int]) -> dict[str, int | str]:
        return {TOLD_AS.get(name, name): disclose_cell(number) for name, number in counts.items()}

    told: dict[str, Any] = {
        "handed_in": disclose_cell(count.handed_in),
        "suppressed": cells(count.suppressed),
        "ended": cells(count.ended),
        "open": disclose_cell(count.open),
    }
    if as_json:
        print_json({**campaign_json(found), **told})
        return
    print_campaign(found, False)
    print_fields(
        (name.replace("_", " "), _told_cells(cell) if isinstance(cell, dict) else cell)
        for name, cell in told.items()
    )


def _told_cells(cells: Mapping[str, int | str]) -> str:
    """Cells as words, "<10 expired, 220 delivered"."""
    return ", ".join(f"{cell} {name.lower().replace('_', ' ')}" for name, cell in cells.items()) or "none"


campaign.add_command(click.Command("order", callback=create.callback, params=create.params, hidden=True))
campaign.add_command(report)

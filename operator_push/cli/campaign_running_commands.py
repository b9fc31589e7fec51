"""operator-push campaign launch, pause, stop, resume, finish, cancel, run, trigger: what a running one does.

The audience is counted again at the launch, by the permissions of that moment; the server asks for permission
once more before each message leaves.
"""

import time
from datetime import UTC, datetime

import click

from operator_push.cli.audience_counting import Server
from operator_push.cli.campaign_launch import launch_campaign
from operator_push.cli.campaign_lookup import find_campaign
from operator_push.cli.campaign_printing import campaign_json, print_campaign, told_counts
from operator_push.cli.campaign_run import run_round
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.queue_words import print_stopped
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.kernel.instants import to_epoch_us

ROUND_S, CALLED_S = 30, 3_600
COUNTING_S = 60  # Ours: what a round with much to count may take


@click.command()
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


@click.command()
@click.argument("name")
@json_option
@through_server
def pause(server: Server, as_json: bool, name: str) -> None:
    """Take no more recipients of NAME for now; what was handed in goes on."""
    print_campaign(server.call("campaign.pause", name=name), as_json)


@click.command()
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


@click.command()
@click.argument("name")
@json_option
@through_server
def resume(server: Server, as_json: bool, name: str) -> None:
    """Let the paused campaign NAME run again; then launch it again to hand in the rest."""
    print_campaign(server.call("campaign.resume", name=name, by=who_asks()), as_json)


@click.command()
@click.argument("name")
@json_option
@through_server
def finish(server: Server, as_json: bool, name: str) -> None:
    """End the campaign NAME with those who have been handed in."""
    print_campaign(server.call("campaign.finish", name=name), as_json)


@click.command()
@click.argument("name")
@json_option
@through_server
def cancel(server: Server, as_json: bool, name: str) -> None:
    """Give the campaign NAME up; what was handed in goes on."""
    print_campaign(server.call("campaign.cancel", name=name), as_json)


@click.command()
@click.option("--once", is_flag=True, help="One round, and no more.")
@click.option(
    "--every",
    "every_s",
    type=click.IntRange(1, 3_600),
    metavar="SECONDS",
    help="How long from round to round; with --once, how often you call it [default: 30; with --once 3600].",
)
@json_option
@with_settings
def run(settings: Settings, as_json: bool, once: bool, every_s: int | None) -> None:
    """Carry out what is due, round after round: starts, times of recurring campaigns, new people, paces.

    Runs beside `serve` until Ctrl-C, or from cron with --once.
    """
    wait_s = every_s or (CALLED_S if once else ROUND_S)
    while True:
        with server_of(settings) as server:
            handed_in = run_round(settings, server, to_epoch_us(datetime.now(UTC)), wait_s + COUNTING_S)
        for name, outcomes in handed_in.items():
            if as_json:
                print_json({"campaign": name, "outcomes": dict(outcomes)})
            else:
                click.echo(f"{name}: {told_counts(outcomes)}")
        if once:
            return
        time.sleep(wait_s)


@click.command()
@click.argument("event")
@click.option("--to", "number", required=True, metavar="MSISDN", help="To whom it happened.")
@json_option
@through_server
def trigger(server: Server, as_json: bool, event: str, number: str) -> None:
    """Tell that EVENT happened to somebody: every running campaign that waits for it, and fits, writes.

    A campaign with a condition on the event (--when) does not: nobody says here what the event was about.
    """
    told = server.call("campaign.trigger", event=event, number=number)
    if as_json:
        print_json(told)
        return
    for name, outcome in told["campaigns"].items():
        click.echo(f"{name}: {outcome.lower().replace('_', ' ')}")

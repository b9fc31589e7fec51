"""operator-push channel: content that people subscribe to, and what is published in it."""

import time
from typing import Any

import click

from operator_push.cli.audience_counting import Server
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.sponsor_commands import decide, slot, sponsor, sponsors
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.services.take_opt_ins import DOORS

LOOK_AGAIN_S = 0.2
_RUNNING = "running"


@click.group(cls=SubjectGroup)
def channel() -> None:
    """Channels: content that people subscribe to.

    \b
    create       a channel of a client: a sender with a brand of its own
    subscribe    people text its keyword, or come through another door and are asked by SMS
    unsubscribe  people text STOP to its code, or say so elsewhere
    publish      a text to everybody who is subscribed then; each gets an issue once
    slot         its last line for sale: sponsor, decide, sponsors
    """


@channel.command()
@click.argument("name")
@click.option("--account", required=True, help="The client who pays.")
@click.option("--short-code", required=True, help="Where it writes from and people answer; of short_codes.")
@click.option("--brand", default="", help="What people know it as [default: NAME]; nobody else's.")
@click.option("--keyword", default="", help="What people text to the code to subscribe.")
@click.option("--category", type=click.IntRange(0, 8), default=0, help="1..8 (TRAI's list) [default: none].")
@click.option("--single-opt-in", is_flag=True, help="Take the keyword itself for the consent; ask no more.")
@click.option("--notice", default="", help="Id of the registered text that is shown where people subscribe.")
@json_option
@through_server
def create(server: Server, as_json: bool, name: str, single_opt_in: bool, **asked: Any) -> None:
    """Make the channel NAME; its keyword is heard at once."""
    made = server.call("channel.create", name=name, double=not single_opt_in, by=who_asks(), **asked)
    _print_channel(made["channel"], as_json)


@channel.command("list")
@json_option
@through_server
def list_channels(server: Server, as_json: bool) -> None:
    """List all channels."""
    channels = server.call("channel.list")["channels"]
    if as_json:
        print_json(channels)
        return
    header = ("NAME", "STATE", "ACCOUNT", "BRAND", "CODE", "KEYWORD", "SUBSCRIBERS")
    keys = ("name", "state", "account", "brand", "short_code", "keyword")
    print_table(header, ([*(each[key] for key in keys), _people(each)] for each in channels))


@channel.command()
@click.argument("name")
@json_option
@through_server
def show(server: Server, as_json: bool, name: str) -> None:
    """Show the channel NAME and its latest issues; `campaign show "NAME #1"` tells what became of one."""
    found = server.call("channel.show", name=name)
    if as_json:
        print_json({**found["channel"], "issues": found["issues"]})
        return
    _print_channel(found["channel"], False)
    rows = ((each["campaign"], each["state"], each["published_at"]) for each in found["issues"])
    print_table(("ISSUE", "STATE", "PUBLISHED"), rows)


@channel.command()
@click.argument("name")
@click.option("--msisdn", required=True, help="International number of who wants to subscribe.")
@click.option("--method", type=click.Choice(DOORS), required=True, help="The door at which they said so.")
@json_option
@through_server
def subscribe(server: Server, as_json: bool, name: str, msisdn: str, method: str) -> None:
    """Have a number asked by SMS whether it subscribes to NAME; nothing holds before it answers YES."""
    server.call("channel.show", name=name)
    told = server.call("opt_in.request", name=name, msisdn=msisdn, method=method)
    if as_json:
        print_json(told)
    else:
        click.echo(f"{told['outcome']}.")


@channel.command()
@click.argument("name")
@click.option("--msisdn", required=True, help="International number of who leaves.")
@click.option("--method", type=click.Choice(DOORS), default="call_centre", help="The door.")
@click.option("--evidence", default="", help="What proves it: a ticket, a recording.")
@json_option
@through_server
def unsubscribe(server: Server, as_json: bool, name: str, msisdn: str, method: str, evidence: str) -> None:
    """Let a number leave NAME: holds at once, as STOP does, for what is queued too."""
    told = server.call(
        "channel.unsubscribe", name=name, msisdn=msisdn, method=method, evidence=evidence, by=who_asks()
    )
    if as_json:
        print_json(told)
    else:
        click.echo("left." if told["unsubscribed"] else "had left already.")


@channel.command()
@click.argument("name")
@click.option("--text", required=True, help="The text, the same for everybody.")
@click.option("--no-wait", is_flag=True, help="Come back at once; the server goes on by itself.")
@json_option
@through_server
def publish(server: Server, as_json: bool, name: str, text: str, no_wait: bool) -> None:
    """Publish a text in the channel NAME, to everybody who is subscribed and permits it now.

    The server hands it in; Ctrl-C ends only the waiting, and a restart goes on where it stopped. Where money
    or room did not last, the issue is paused: `operator-push campaign resume "NAME #1"` goes on.
    """
    issue = server.call("channel.publish", name=name, text=text, by=who_asks())
    told: dict[str, Any] = {"state": issue["state"], "done_percent": 0, "outcomes": {}}
    while not no_wait:
        told = server.call("channel.progress", name=name, issue=issue["issue"])
        if told["state"] != _RUNNING:
            break
        if not as_json:
            click.echo(f"handed in {told['done_percent']} %", err=True)
        time.sleep(LOOK_AGAIN_S)
    if as_json:
        print_json({**issue, **told})
        return
    words = (f"{count} {what.lower().replace('_', ' ')}" for what, count in told["outcomes"].items())
    handed_in = ", ".join(words) or "nobody yet"
    print_fields([("issue", issue["campaign"]), ("state", told["state"]), ("handed in", handed_in)])


@channel.command()
@click.argument("name")
@json_option
@through_server
def close(server: Server, as_json: bool, name: str) -> None:
    """Close the channel NAME for good: no more issues, its keyword is heard no more."""
    _print_channel(server.call("channel.close", name=name)["channel"], as_json)


def _people(found: dict[str, Any]) -> str:
    told = found["subscribers"]
    return f"fewer than {found['floor']}" if told is None else f"{told:,}"


def _print_channel(found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    opened = f"{found['keyword']} to {found['short_code']}" if found["keyword"] else "no keyword"
    print_fields(
        [
            ("channel", found["name"]),
            ("state", found["state"]),
            ("account", found["account"]),
            ("brand", f"{found['brand']}, category {found['category'] or 'none'}"),
            ("subscribe by", f"{opened}, {'asked once more' if found['double'] else 'not asked again'}"),
            ("subscribers", _people(found)),
        ]
    )


for command in (slot, sponsor, decide, sponsors):
    channel.add_command(command)

"""operator-push route and network: what goes through which links, changed through the running server.

The configuration's [[route]] and [[network]] tables fill a store that never had one; from then on these
commands count. Settings are words KEY=VALUE, the same keys as in the configuration.
"""

from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import NetworkSettings, RouteSettings
from operator_push.config.link_settings import values_of_text
from operator_push.config.routing_settings import route_values_of_words, routing_keys


def _keys(model: Any) -> str:
    lines = "\n".join(f"  {key}: {what}" for key, what in routing_keys(model))
    return f"\n\nSettings (a list is parted by commas):\n\n\b\n{lines}"


@click.group(cls=SubjectGroup)
def route() -> None:
    """Routes, before the links' own prefixes: list, add, remove, show.

    The [[route]] tables of the configuration fill a store that never had a route; afterwards the store
    counts, and changes are made here, in force at once.
    """


@click.group(cls=SubjectGroup)
def network() -> None:
    """Networks of numbers, for routes with plmn: list, add, remove.

    The [[network]] tables of the configuration fill a store that never had a network; afterwards the store
    counts, and changes are made here, in force at once.
    """


@route.command("list")
@json_option
@through_server
def list_routes(server: ControlClient, as_json: bool) -> None:
    """List the routes in force with their numbers."""
    rows = server.call("route.list")["routes"]
    if as_json:
        print_json(rows)
        return
    print_table(("NUMBER", "LINKS", "TAKES", "PRIORITY", "WEIGHT", "BY"), map(_route_cells, rows))


@route.command(
    help="Add a route, such as links=north prefix=91 priority=10. Messages that wait go by it at once."
    + _keys(RouteSettings)
)
@click.argument("settings", metavar="KEY=VALUE...", nargs=-1, required=True)
@json_option
@through_server
def add(server: ControlClient, as_json: bool, settings: tuple[str, ...]) -> None:
    """Add a route."""
    values = route_values_of_words(values_of_text(settings))
    _print_done(server.call("route.add", settings=values, by=who_asks()), "route", "added", as_json)


@route.command()
@click.argument("number", type=int)
@json_option
@through_server
def remove(server: ControlClient, as_json: bool, number: int) -> None:
    """Remove the route NUMBER; what waits goes as the others say."""
    _print_done(server.call("route.remove", number=number, by=who_asks()), "route", "removed", as_json)


@route.command()
@click.option("--to", required=True, metavar="MSISDN", help="The recipient, an international number.")
@click.option("--sender", default="", help="Its sender address; else only routes for every sender fit.")
@click.option("--account", default="", help="The client; else only routes for every account fit.")
@click.option("--class", "traffic_class", default="", help="Class of traffic [default: the account's].")
@json_option
@through_server
def show(
    server: ControlClient, as_json: bool, to: str, sender: str, account: str, traffic_class: str
) -> None:
    """Show which links a message to --to may go through, best first, and which it would take now."""
    told = server.call("route.show", to=to, sender=sender, account=account, traffic_class=traffic_class)
    if as_json:
        print_json(told)
        return
    click.echo(f"network {told['network'] or 'not known'}")
    if not told["links"]:
        click.echo("no link reaches it")
        return
    click.echo(f"goes through {told['link']} now")
    print_table(("LINK", "STATE"), ((each["name"], "up" if each["up"] else "down") for each in told["links"]))


@network.command("list")
@json_option
@through_server
def list_networks(server: ControlClient, as_json: bool) -> None:
    """List the networks with their numbers."""
    rows = server.call("network.list")["networks"]
    if as_json:
        print_json(rows)
        return
    print_table(("NUMBER", "PREFIX", "PLMN", "BY"), map(_network_cells, rows))


@network.command(
    "add", help="Give a network its numbers: prefix=9198 mcc=404 mnc=45." + _keys(NetworkSettings)
)
@click.argument("settings", metavar="KEY=VALUE...", nargs=-1, required=True)
@json_option
@through_server
def add_network(server: ControlClient, as_json: bool, settings: tuple[str, ...]) -> None:
    """Add a network."""
    done = server.call("network.add", settings=values_of_text(settings), by=who_asks())
    _print_done(done, "network", "added", as_json)


@network.command("remove")
@click.argument("number", type=int)
@json_option
@through_server
def remove_network(server: ControlClient, as_json: bool, number: int) -> None:
    """Remove the network NUMBER; refused while a route needs it."""
    _print_done(server.call("network.remove", number=number, by=who_asks()), "network", "removed", as_json)


def _print_done(result: dict[str, Any], kind: str, done: str, as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    click.echo(f"{kind} {result[kind]['number']} is {done}")
    if result["moved"]:
        click.echo(f"{result['moved']} messages that waited go another way")


def _route_cells(row: dict[str, Any]) -> tuple[Any, ...]:
    settings = {"priority": 50, "weight": 1, **row["settings"]}
    takes = [f"{key}={settings[key]}" for key in _TAKES if key in settings]
    links = ",".join(settings["links"])
    return row["number"], links, " ".join(takes) or "all", settings["priority"], settings["weight"], _by(row)


_TAKES = ("prefix", "plmn", "sender", "account", "traffic_class")


def _network_cells(row: dict[str, Any]) -> tuple[Any, ...]:
    settings = row["settings"]
    return row["number"], settings["prefix"], f"{settings['mcc']}-{settings['mnc']}", _by(row)


def _by(row: dict[str, Any]) -> str:
    return f"{row['added_by']} at {row['added_at']}"

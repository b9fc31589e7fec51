"""operator-push database: the four ways in which a client comes to people whom it may write to."""

from collections.abc import Iterator
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.audience_answering import count_for
from operator_push.cli.audience_counting import Server
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.audience.counting import Disclosed, disclose
from operator_push.domain.databases import DatabaseKind
from operator_push.store.audience_sets import account_no_of, read_set, set_keys
from operator_push.store.saved_rule_rows import readable_rules

Row = dict[str, Any]
_LIST = "list:"


@click.group(cls=SubjectGroup)
def database() -> None:
    """A client's databases: existing customers, opt-ins, rules, channels."""


@database.command("list")
@click.option("--account", required=True, help="The client whose databases they are.")
@click.option(
    "--category",
    type=click.IntRange(1, 8),
    help="Count its rules, too, for this category (1..8).",
)
@json_option
@with_settings
def list_command(settings: Settings, as_json: bool, account: str, category: int | None) -> None:
    """List the databases of a client with how many people are in each, in tens, none below the floor.

    \b
    existing  customers whom its lists brought (consent import, method import), and its distribution lists
    opt-in    people who opted in to its brand themselves: keyword, missed call, web, QR code, API
    dynamic   saved rules; the client never holds a number: campaign create --rule @NAME
    media     its channels; see operator-push channel

    Counting a rule is a question of the client's, within its budget of the day: only with --category.
    """
    with server_of(settings) as server:
        rows = [
            *_by_consent(settings, server, account),
            *_lists(settings, account),
            *_rules(settings, server, account, category),
            *_channels(server, account),
        ]
    if as_json:
        print_json(rows)
        return
    shown = ([row["kind"], row["name"], _people(row), row["use"]] for row in rows)
    print_table(("KIND", "NAME", "PEOPLE", "USED BY"), shown)


def _by_consent(settings: Settings, server: Server, account: str) -> Iterator[Row]:
    told = server.call("database.counts", account=account)
    points = [each.name for each in settings.opt_in if each.brand == told["brand"]]
    ways = f"touchpoints: {', '.join(points)}" if points else "no touchpoint yet"
    for kind, use in ((DatabaseKind.EXISTING, "consent import"), (DatabaseKind.OPT_IN, ways)):
        yield _row(kind, told["brand"], told[kind.value], told["floor"], use)


def _lists(settings: Settings, account: str) -> Iterator[Row]:
    def work(connection: Connection) -> dict[str, int]:
        number = account_no_of(connection, account)
        keys = sorted(key for key in set_keys(connection, number) if key.startswith(_LIST))
        return {key: len(read_set(connection, number, key)) for key in keys}

    for key, size in read_store(settings, work).items():
        told, floor = disclose(size, settings.audience.floor), settings.audience.floor
        name = key.removeprefix(_LIST)
        count = told.count if isinstance(told, Disclosed) else None
        yield _row(DatabaseKind.EXISTING, f"list {name}", count, floor, f'in_list("{name}"), submit_multi')


def _rules(settings: Settings, server: Server, account: str, category: int | None) -> Iterator[Row]:
    found = read_store(settings, lambda connection: readable_rules(connection, account))
    for rule in {(each.account, each.name): each for each in found}.values():
        name = rule.name if rule.account == account else f"{rule.account}:{rule.name}"
        row = _row(DatabaseKind.DYNAMIC, f"@{name}", None, settings.audience.floor, rule.text)
        if category is None:
            yield {**row, "counted": False}
            continue
        told = count_for(settings, server, f"@{name}", account, category)
        count = told.disclosed.count if isinstance(told.disclosed, Disclosed) else None
        yield {**row, "people": count, "floor": told.floor}


def _channels(server: Server, account: str) -> Iterator[Row]:
    for each in server.call("channel.list")["channels"]:
        if each["account"] == account and each["state"] == "open":
            use = f"keyword {each['keyword']} to {each['short_code']}" if each["keyword"] else "its doors"
            yield _row(DatabaseKind.MEDIA, each["name"], each["subscribers"], each["floor"], use)


def _row(kind: DatabaseKind, name: str, people: int | None, floor: int, use: str) -> Row:
    return {"kind": kind.value, "name": name, "people": people, "floor": floor, "use": use, "counted": True}


def _people(row: Row) -> str:
    if not row["counted"]:
        return "not counted"
    return f"fewer than {row['floor']}" if row["people"] is None else f"{row['people']:,}"

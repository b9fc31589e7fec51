"""operator-push review: texts that hold a word for stopping and leave open what is meant.

Works on the store beside a running server. Nothing here changes a permission.
"""

import time

import click
from sqlalchemy import Connection

from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.kernel.instants import iso
from operator_push.services.review_items import HOW, ReviewEvent, ReviewItem, resolve
from operator_push.store.review_rows import add_review_event, review_item_of, review_items

_item_id = click.argument("item_id", type=int, metavar="ID")


@click.group(cls=SubjectGroup)
def review() -> None:
    """Texts of subscribers that a person must understand: list, show, resolve."""


@review.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are resolved, too.")
@json_option
@with_settings
def list_items(settings: Settings, as_json: bool, everything: bool) -> None:
    """Show the items that wait, oldest first."""
    found = read_store(settings, lambda connection: review_items(connection, settings.shard))
    shown = [item for item in found if everything or item.is_open]
    if as_json:
        print_json([_as_json(item) for item in shown])
        return
    print_table(
        ("ITEM", "SINCE", "SHORT CODE", "SUBSCRIBER", "MATCHED", "STATE", "TEXT"),
        (
            (
                item.mo_id,
                iso(item.at_us)[:19] + "Z",
                item.short_code,
                item.subscriber_no or "-",
                item.matched,
                "open" if item.is_open else item.events[-1].how,
                repr(item.text),
            )
            for item in shown
        ),
    )


@review.command()
@_item_id
@json_option
@with_settings
def show(settings: Settings, as_json: bool, item_id: int) -> None:
    """Show an item, its text, and what was decided."""
    item = read_store(settings, lambda connection: review_item_of(connection, settings.shard, item_id))
    if as_json:
        print_json(_as_json(item))
        return
    print_fields(
        [
            ("item", item.mo_id),
            ("since", iso(item.at_us)[:19] + "Z"),
            ("short code", item.short_code),
            ("subscriber", item.subscriber_no or "unknown"),
            ("matched", item.matched),
            ("text", repr(item.text)),
        ]
    )
    for event in item.events:
        told = ", ".join(word for word in (HOW[event.how], event.note) if word)
        click.echo(f"  {iso(event.at_us)[:19]}Z {event.who}: {told}")


@review.command("resolve")
@_item_id
@click.option("--how", required=True, type=click.Choice(list(HOW)), help="What was found or done.")
@click.option("--note", default="", help="Why, in words.")
@json_option
@with_settings
def resolve_item(settings: Settings, as_json: bool, item_id: int, how: str, note: str) -> None:
    """Say what was meant; where a stop was, record it first with `consent record`."""
    event = ReviewEvent(how, who_asks(), note, time.time_ns() // 1000)

    def work(connection: Connection) -> ReviewItem:
        item = resolve(review_item_of(connection, settings.shard, item_id), event)
        add_review_event(connection, settings.shard, item)
        return item

    with open_store(settings) as database:
        item = database.run(work)
    if as_json:
        print_json(_as_json(item))
    else:
        click.echo(f"review item {item_id}: {HOW[how]}")


def _as_json(item: ReviewItem) -> dict[str, object]:
    return {
        "item_id": item.mo_id,
        "state": "open" if item.is_open else "resolved",
        "subscriber_no": item.subscriber_no,
        "short_code": item.short_code,
        "matched": item.matched,
        "text": item.text,
        "at": iso(item.at_us),
        "events": [
            {"how": event.how, "who": event.who, "note": event.note, "at": iso(event.at_us)}
            for event in item.events
        ],
    }

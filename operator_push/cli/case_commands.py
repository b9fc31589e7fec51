"""operator-push case: the queue of what reconciliation could not decide, and what people make of it.

Works on the store beside a running server. A resolution that moves money has the running server make the
posting, under the case's id as its reference, or names one that was made already.
"""

import time
from collections.abc import Mapping

import click
from sqlalchemy import Connection

from operator_push.cli.case_postings import post_for
from operator_push.cli.money_options import AMOUNT
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.services.reconciliation_cases import (
    HOW,
    Case,
    CaseEvent,
    CaseState,
    is_resolved_so,
    step,
)
from operator_push.services.resolve_case import MOVING
from operator_push.store.case_rows import add_event, case_of, cases, postings_of

_STATES = [state.value for state in CaseState]
_case_id = click.argument("case_id", type=int, metavar="ID")
_note = click.option("--note", default="", help="Why, in words.")


@click.group(cls=SubjectGroup)
def case() -> None:
    """What reconciliation left for people: list, show, assign, resolve, dismiss."""


@case.command("list")
@click.option("--state", "wanted", multiple=True, type=click.Choice([*_STATES, "all"]), help="Only those.")
@click.option("--assignee", help="Only those that this person has.")
@json_option
@with_settings
def list_cases(settings: Settings, as_json: bool, wanted: tuple[str, ...], assignee: str | None) -> None:
    """Show cases, oldest first; by default those that are open or assigned."""
    names = wanted or ("open", "assigned")
    states = [] if "all" in names else [CaseState(name) for name in names]
    found = read_store(settings, lambda connection: cases(connection, settings.shard, states))
    if assignee is not None:
        found = [each for each in found if each.assignee == assignee]
    if as_json:
        print_json([_as_json(each) for each in found])
        return
    header = ("CASE", "CLASS", "STATE", "ASSIGNEE", "AT RISK", "SINCE", "MESSAGE", "DETAIL")
    print_table(
        header,
        (
            (
                each.case_id,
                each.found,
                each.state.value,
                each.assignee or "-",
                format_micros(each.at_risk_micros),
                iso(each.at_us)[:19] + "Z",
                f"{each.message_id}/{each.segment_no}",
                each.detail,
            )
            for each in found
        ),
    )


@case.command()
@_case_id
@json_option
@with_settings
def show(settings: Settings, as_json: bool, case_id: int) -> None:
    """Show a case and everything that was done about it; `message show` tells its message's story."""
    found = read_store(settings, lambda connection: case_of(connection, settings.shard, case_id))
    if as_json:
        print_json(_as_json(found))
        return
    print_fields(
        [
            ("case", str(found.case_id)),
            ("class", found.found),
            ("message", f"{found.message_id} segment {found.segment_no}"),
            ("state", found.state.value),
            ("detail", found.detail),
        ]
    )
    for event in found.events:
        words = [
            event.state.value,
            event.how,
            f"posting {event.posting}" if event.posting else "",
            event.note,
        ]
        whom = f"to {event.assignee}" if event.assignee else ""
        told = ", ".join(word for word in (*words, whom) if word)
        click.echo(f"  {iso(event.at_us)[:19]}Z {event.who or 'reconciliation'}: {told}")


@case.command()
@_case_id
@click.option("--to", "assignee", required=True, help="Who looks into it.")
@_note
@json_option
@with_settings
def assign(settings: Settings, as_json: bool, case_id: int, assignee: str, note: str) -> None:
    """Give a case to a person."""
    _do(settings, as_json, case_id, CaseState.ASSIGNED, assignee=assignee, note=note)


@case.command()
@_case_id
@click.option("--how", required=True, type=click.Choice(list(HOW)), help="What was found or done.")
@click.option("--posting", type=int, default=0, metavar="REFERENCE", help="A posting that was made already.")
@click.option("--amount", type=AMOUNT, default=0, help="Other than what the two sides differ by.")
@_note
@json_option
@with_settings
def resolve(
    settings: Settings, as_json: bool, case_id: int, how: str, posting: int, amount: int, note: str
) -> None:
    """End a case: say how; where that moves money, the running server posts it, once.

    credit_note gives back what was charged above what is due (with its part of the tax); charged_after_all
    charges what is due and was not charged, or settles a hold that is open; released gives an open hold back.
    The reference of the posting is the case, so that asking again posts nothing. With --posting nothing is
    posted: the ledger must have that posting, of the right kind. written_off needs it.
    """
    shard = settings.shard
    found = read_store(settings, lambda connection: case_of(connection, shard, case_id))
    if is_resolved_so(found, how, posting):
        _print_case(found, as_json)
        return
    if how in MOVING and not posting:
        event = CaseEvent(CaseState.RESOLVED, who_asks(), time.time_ns() // 1000, "", how, note)
        posting = post_for(settings, case_id, event, amount)
    _do(settings, as_json, case_id, CaseState.RESOLVED, how=how, posting=posting, note=note)


@case.command()
@_case_id
@_note
@json_option
@with_settings
def dismiss(settings: Settings, as_json: bool, case_id: int, note: str) -> None:
    """End a case that needs nothing; the same finding opens no second one."""
    _do(settings, as_json, case_id, CaseState.DISMISSED, note=note)


@case.command()
@_case_id
@_note
@json_option
@with_settings
def reopen(settings: Settings, as_json: bool, case_id: int, note: str) -> None:
    """Open a case again that was resolved or dismissed."""
    _do(settings, as_json, case_id, CaseState.OPEN, note=note)


def _do(
    settings: Settings,
    as_json: bool,
    case_id: int,
    state: CaseState,
    *,
    assignee: str = "",
    how: str = "",
    note: str = "",
    posting: int = 0,
) -> None:
    event = CaseEvent(state, who_asks(), time.time_ns() // 1000, assignee, how, note, posting)
    shard = settings.shard
    with open_store(settings) as database:

        def work(connection: Connection) -> Case:
            found = case_of(connection, shard, case_id)
            postings: Mapping[TransferKind, int] = {}
            if posting:
                postings = postings_of(connection, shard, posting)
            add_event(connection, shard, found, step(found, event, postings))
            return case_of(connection, shard, case_id)

        now = database.run(work)
    _print_case(now, as_json)


def _print_case(now: Case, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(now))
        return
    posting = now.events[-1].posting if now.events else 0
    click.echo(f"case {now.case_id} is {now.state.value}" + (f" by posting {posting}" if posting else ""))


def _as_json(found: Case) -> dict[str, object]:
    return {
        "case_id": found.case_id,
        "class": found.found,
        "state": found.state.value,
        "assignee": found.assignee,
        "message_id": found.message_id,
        "segment_no": found.segment_no,
        "detail": found.detail,
        "at_risk_micros": found.at_risk_micros,
        "at": iso(found.at_us),
        "events": [
            {
                "state": event.state.value,
                "who": event.who,
                "assignee": event.assignee,
                "how": event.how,
                "note": event.note,
                "posting": event.posting,
                "charged_micros": event.charged_micros,
                "due_micros": event.due_micros,
                "at": iso(event.at_us),
            }
            for event in found.events
        ],
    }

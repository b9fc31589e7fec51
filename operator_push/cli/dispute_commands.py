"""operator-push dispute: a client or the operator says that a message was charged wrongly; somebody decides.

Works on the store beside a running server. What an upheld dispute gives back, the running server posts, under
the dispute as its reference, and where the charge is on an invoice, a credit note is issued on it.
"""

import time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from operator_push.cli.dispute_postings import DisputeFacts, check_nothing_posted, facts_of, uphold
from operator_push.cli.message_commands import page_files_option, page_option, story_named, write_story_page
from operator_push.cli.money_options import AMOUNT
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.services.disputes import (
    SIDES,
    Dispute,
    DisputeEvent,
    DisputeState,
    check_words,
)
from operator_push.store.dispute_rows import add_dispute, add_dispute_event, disputes
from operator_push.store.invoice_rows import billed_account
from operator_push.store.proof_rows import account_names

_STATES = [state.value for state in DisputeState]
_number = click.argument("dispute_no", type=int, metavar="NUMBER")
_reason = click.option("--reason", required=True, help="Why, in words.")


@click.group(cls=SubjectGroup)
def dispute() -> None:
    """Disputes about messages: open, list, show, review, resolve, withdraw."""


@dispute.command("open")
@click.argument("message_id", metavar="MESSAGE")
@click.option("--account", metavar="NAME", help="Whose message it is, where several have the same short id.")
@click.option("--by", "raised_by", type=click.Choice(SIDES), default="client", show_default=True)
@click.option("--reference", default="", help="The client's own name for it; the same again opens nothing.")
@_reason
@json_option
@with_settings
def open_dispute(
    settings: Settings,
    as_json: bool,
    message_id: str,
    account: str | None,
    raised_by: str,
    reference: str,
    reason: str,
) -> None:
    """Open a dispute about the message MESSAGE (the message_id of our submit_sm_resp).

    A message has one dispute at a time; after its end it can be disputed anew.
    """
    check_words("reason", reason)
    if reference:
        check_words("reference", reference)
    row = story_named(settings, message_id, account).stored.row
    asked = Dispute(0, row.shard, row.message_id, 0, row.account_no, raised_by, reference, reason, _now_us())
    first = DisputeEvent(DisputeState.OPEN, who_asks(), "", asked.at_us)
    with open_store(settings) as database:
        opened = database.run(lambda connection: add_dispute(connection, asked, first))
    _print_state(opened, as_json)


@dispute.command("list")
@click.option("--state", "wanted", multiple=True, type=click.Choice([*_STATES, "all"]), help="Only those.")
@click.option("--account", metavar="NAME", help="Only those of this account.")
@json_option
@with_settings
def list_disputes(settings: Settings, as_json: bool, wanted: tuple[str, ...], account: str | None) -> None:
    """Show disputes, oldest first; by default those that have not ended."""
    names = wanted or tuple(state.value for state in DisputeState if not state.is_end)
    states = [] if "all" in names else [DisputeState(name) for name in names]

    def work(connection: Connection) -> tuple[list[Dispute], dict[int, str]]:
        number = None if account is None else billed_account(connection, account).account_no
        return disputes(connection, states, account_no=number), account_names(connection)

    found, accounts = read_store(settings, work)
    if as_json:
        print_json([_as_json(each, accounts) for each in found])
        return
    header = ("DISPUTE", "STATE", "ACCOUNT", "BY", "SINCE", "MESSAGE", "REASON")
    print_table(
        header,
        (
            (
                each.dispute_no,
                _word(each.state),
                accounts.get(each.account_no, each.account_no),
                each.raised_by,
                iso(each.at_us)[:19] + "Z",
                each.message_id,
                each.reason,
            )
            for each in found
        ),
    )


@dispute.command()
@_number
@page_option
@page_files_option
@json_option
@with_settings
def show(
    settings: Settings, as_json: bool, dispute_no: int, page: Path | None, files: tuple[Path, ...]
) -> None:
    """Show a dispute, its steps, and what its message has cost."""
    facts, accounts = read_store(
        settings, lambda connection: (facts_of(connection, dispute_no), account_names(connection))
    )
    if page is not None:
        write_story_page(settings, story_named(settings, str(facts.dispute.message_id), None), page, files)
    if as_json:
        print_json(_as_json(facts.dispute, accounts) | _money_json(facts))
        return
    found = facts.dispute
    print_fields(
        [
            ("dispute", str(found.dispute_no)),
            ("message", str(found.message_id)),
            ("account", accounts.get(found.account_no, str(found.account_no))),
            (
                "by",
                found.raised_by + (f", reference {found.client_reference}" if found.client_reference else ""),
            ),
            ("reason", found.reason),
            ("state", _word(found.state)),
            ("charged", format_micros(facts.money.charged_micros if facts.money else 0)),
            ("invoice", ", ".join(facts.invoices) or "none yet"),
        ]
    )
    for event in found.events:
        given = f"{format_micros(event.amount_micros)} given back" if event.amount_micros else ""
        by = f"posting {event.posting}" if event.posting else ""
        told = ", ".join(word for word in (_word(event.state), event.note, given, by, event.document) if word)
        click.echo(f"  {iso(event.at_us)[:19]}Z {event.who}: {told}")


@dispute.command()
@_number
@click.option("--note", default="", help="What is looked into, or was found so far.")
@json_option
@with_settings
def review(settings: Settings, as_json: bool, dispute_no: int, note: str) -> None:
    """Say that somebody looks into a dispute; again with a --note, to keep what was found."""
    event = DisputeEvent(DisputeState.UNDER_REVIEW, who_asks(), note, _now_us())
    with open_store(settings) as database:
        now = database.run(lambda connection: add_dispute_event(connection, dispute_no, event))
    _print_state(now, as_json)


@dispute.command()
@_number
@click.argument("result", type=click.Choice(["upheld", "rejected"]))
@_reason
@click.option("--amount", type=AMOUNT, help="Upheld: give back so much [default: all it was charged].")
@click.option("--line", type=int, help="The invoice's line whose taxes are in it, where lines bear others.")
@json_option
@with_settings
def resolve(
    settings: Settings,
    as_json: bool,
    dispute_no: int,
    result: str,
    reason: str,
    amount: int | None,
    line: int | None,
) -> None:
    """End a dispute: upheld, which gives the money back, or rejected.

    The running server posts a credit note, with its part of the tax, under the dispute as its reference:
    asking again, also after a crash half-way, posts nothing twice. Where the charge is on an invoice, a
    numbered credit note is issued on it; otherwise it is issued with the invoice. Where nothing was charged,
    nothing is posted.
    """
    check_words("reason", reason)
    if result == "upheld":
        event = DisputeEvent(DisputeState.UPHELD, who_asks(), reason, _now_us())
        _print_state(uphold(settings, dispute_no, event, amount, line), as_json)
        return
    if amount is not None or line is not None:
        raise OperatorError("a dispute that is rejected gives nothing back; leave out --amount and --line")
    _end(settings, as_json, dispute_no, DisputeState.REJECTED, reason)


@dispute.command()
@_number
@_reason
@json_option
@with_settings
def withdraw(settings: Settings, as_json: bool, dispute_no: int, reason: str) -> None:
    """End a dispute because whoever opened it does not keep it up."""
    check_words("reason", reason)
    _end(settings, as_json, dispute_no, DisputeState.WITHDRAWN, reason)


def _end(settings: Settings, as_json: bool, dispute_no: int, state: DisputeState, reason: str) -> None:
    event = DisputeEvent(state, who_asks(), reason, _now_us())

    def work(connection: Connection) -> Dispute:
        check_nothing_posted(facts_of(connection, dispute_no))
        return add_dispute_event(connection, dispute_no, event)

    with open_store(settings) as database:
        now = database.run(work)
    _print_state(now, as_json)


def _print_state(now: Dispute, as_json: bool) -> None:
    if as_json:
        print_json(_as_json(now))
        return
    told = f"dispute {now.dispute_no} about message {now.message_id} is {_word(now.state)}"
    last = now.events[-1] if now.events else None
    if last is not None and last.amount_micros:
        told += f": {format_micros(last.amount_micros)} given back by posting {last.posting}"
        told += f", {last.document}" if last.document else "; its credit note comes with the invoice"
    click.echo(told)


def _as_json(found: Dispute, accounts: dict[int, str] | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "dispute": found.dispute_no,
        "message_id": found.message_id,
        "state": found.state.value,
        "by": found.raised_by,
        "reference": found.client_reference or None,
        "reason": found.reason,
        "at": iso(found.at_us),
        "events": [
            {
                "state": event.state.value,
                "who": event.who,
                "note": event.note,
                "at": iso(event.at_us),
                "amount_micros": event.amount_micros,
                "posting": event.posting or None,
                "document": event.document or None,
            }
            for event in found.events
        ],
    }
    if accounts is not None:
        told["account"] = accounts.get(found.account_no, str(found.account_no))
    return told


def _money_json(facts: DisputeFacts) -> dict[str, Any]:
    money = facts.money
    return {
        "charged_micros": money.charged_micros if money else 0,
        "credited_otherwise_micros": money.credited_micros if money else 0,
        "invoices": list(facts.invoices),
    }


def _word(state: DisputeState) -> str:
    return state.value.replace("_", " ")


def _now_us() -> int:
    return time.time_ns() // 1000

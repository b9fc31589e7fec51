"""operator-push ledger: holds, and the postings that people make, each with its reason and its author.

Nothing that is posted is changed by any of these; each adds a posting. The reference is your own name for it,
so that a retry changes nothing.
"""

from collections.abc import Callable
from typing import Any

import click

from operator_push.cli.control_client import ControlClient
from operator_push.cli.money_options import AMOUNT
from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.server_option import through_server
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.transfers import TransferKind
from operator_push.kernel.instants import iso
from operator_push.kernel.money import format_micros
from operator_push.store.correction_rows import corrections
from operator_push.store.held_rows import expired_holds, open_holds
from operator_push.store.proof_rows import account_names
from operator_push.store.settled_days import settled_days

_WORDS = {
    "credit-note": "Give back AMOUNT of what was earned from ACCOUNT: it is available to it again.",
    "write-off": "Give up AMOUNT of what the postpaid ACCOUNT owes.",
    "payment": "Note that the postpaid ACCOUNT has paid AMOUNT.",
    "refund": "Pay AMOUNT of the unused money of ACCOUNT back to it.",
    "charge": "Charge ACCOUNT an AMOUNT that belongs to no message, such as a monthly fee.",
    "use-earnings": "Let ACCOUNT spend AMOUNT of its shares on messages.",
}


def _posting(name: str, words: str) -> click.Command:
    """One command of the kinds that take an account."""

    @click.argument("account")
    @_reasoned
    def command(
        server: ControlClient,
        as_json: bool,
        account: str,
        amount: int,
        reference: str,
        reason: str,
        message: int,
        tax: int,
    ) -> None:
        asked = {"account": account, "amount_micros": amount, "reference": reference, "reason": reason}
        asked |= {"message_id": message, "tax_micros": tax}
        _print_posting(server.call("ledger.post", kind=name, by=who_asks(), **asked), as_json)

    command.__doc__ = words
    return click.command(name)(command)


def _reasoned(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that every posting by hand has."""
    for option in (
        through_server,
        json_option,
        click.option(
            "--tax", type=AMOUNT, default=0, help="Of a credit note: beside AMOUNT; of a charge: within it."
        ),
        click.option("--message", type=int, default=0, metavar="ID", help="The message that it is about."),
        click.option("--reason", required=True, help="Why, for whoever reads the ledger later."),
        click.option("--reference", required=True, help="Your own name for it; the same again does nothing."),
        click.argument("amount", type=AMOUNT),
    ):
        command = option(command)
    return command


@click.command("pay-out")
@click.option("--account", help="A parent account, for its shares.")
@click.option("--subscriber", "msisdn", metavar="MSISDN", help="A subscriber, for its rewards.")
@_reasoned
def pay_out(
    server: ControlClient,
    as_json: bool,
    account: str | None,
    msisdn: str | None,
    amount: int,
    reference: str,
    reason: str,
    message: int,
    tax: int,
) -> None:
    """Pay AMOUNT of shares or rewards out of the house."""
    if (account is None) == (msisdn is None):
        raise click.UsageError("give one of --account and --subscriber")
    asked = {"account": account, "msisdn": msisdn, "amount_micros": amount, "reference": reference}
    asked |= {"reason": reason, "message_id": message, "tax_micros": tax}
    _print_posting(server.call("ledger.post", kind="pay-out", by=who_asks(), **asked), as_json)


@click.command("balance")
@click.option("--account", help="An account by its name.")
@click.option("--subscriber", "msisdn", metavar="MSISDN", help="A subscriber, for its rewards.")
@json_option
@through_server
def balance(server: ControlClient, as_json: bool, account: str | None, msisdn: str | None) -> None:
    """Show every side of one account, or what a subscriber has earned."""
    if (account is None) == (msisdn is None):
        raise click.UsageError("give one of --account and --subscriber")
    sides = server.call("ledger.sides", account=account, msisdn=msisdn)
    if as_json:
        print_json(sides)
        return
    print_table(("SIDE", "AMOUNT"), ((side, format_micros(micros)) for side, micros in sides.items()))


@click.command("reclaim")
@click.argument("shard", type=click.IntRange(0, 255))
@click.option("--owner-is-gone", is_flag=True, required=True, help="You made sure that it does not run.")
@json_option
@through_server
def reclaim(server: ControlClient, as_json: bool, shard: int, owner_is_gone: bool) -> None:
    """Put the unused leased money of SHARD, whose server is gone for good, where other shards can spend it.

    A server that only restarts has its slices again and needs no such thing.
    """
    result = server.call("ledger.reclaim", shard=shard, by=who_asks())
    if as_json:
        print_json(result)
        return
    rows = ((name, format_micros(micros)) for name, micros in result["reclaimed"].items())
    print_table(("ACCOUNT", "RECLAIMED"), rows)


@click.command("settle-doubt")
@click.argument("account")
@click.option(
    "--counted/--not-counted", "was_counted", required=True, default=None, help="What its records say."
)
@json_option
@through_server
def settle_doubt(server: ControlClient, as_json: bool, account: str, was_counted: bool) -> None:
    """Say whether the charging system had counted what ACCOUNT has in doubt (`account show`).

    A report was repeated because its answer was lost, and its session was closed meanwhile. With --counted it
    is taken as reported; with --not-counted the next report has it once more.
    """
    result = server.call("ledger.settle_doubt", account=account, was_counted=was_counted, by=who_asks())
    if as_json:
        print_json(result)
        return
    done = "counted" if was_counted else "to be reported again"
    click.echo(f"{format_micros(result['settled_micros'])} of {account}: {done}")


@click.command("charge-late")
@click.argument("message_id", type=int)
@json_option
@through_server
def charge_late(server: ControlClient, as_json: bool, message_id: int) -> None:
    """Charge what was delivered of MESSAGE_ID after its hold had expired; it is never charged twice."""
    result = server.call("ledger.charge_late", message_id=message_id, by=who_asks())
    if as_json:
        print_json(result)
        return
    click.echo(f"{format_micros(result['charged_micros'])} charged for {message_id}")


@click.command("holds")
@click.option("--expired", is_flag=True, help="Those that nothing resolved in time, and what came of them.")
@click.option("--limit", type=click.IntRange(min=1), default=1_000, show_default=True)
@json_option
@with_settings
def holds(settings: Settings, as_json: bool, expired: bool, limit: int) -> None:
    """List the holds of messages that are not over, oldest first; or those that have expired."""
    shard = settings.shard
    if expired:
        rows, names = read_store(
            settings, lambda connection: (expired_holds(connection, shard), account_names(connection))
        )
        found = [
            {
                "message_id": hold.message_id,
                "account": names.get(hold.account_no, ""),
                "expired_micros": hold.expired_micros,
                "expired_at": iso(hold.expired_us),
                "late_segments": hold.late_segments,
                "chargeable_micros": hold.chargeable_micros,
                "charged_micros": hold.charged_micros,
            }
            for hold in rows[-limit:]
        ]
    else:
        still_open = read_store(
            settings,
            lambda connection: open_holds(
                connection, shard, settled_days(connection, shard).until_day, limit
            ),
        )
        found = [
            {
                "message_id": hold.message_id,
                "account": hold.account,
                "held_micros": hold.held_micros,
                "attempted_at": iso(hold.attempted_us) if hold.attempted_us else None,
            }
            for hold in still_open
        ]
    _print_rows(found, as_json)


@click.command("corrections")
@click.option("--account", help="Only those of this account.")
@click.option("--limit", type=click.IntRange(min=1), default=1_000, show_default=True)
@json_option
@with_settings
def list_corrections(settings: Settings, as_json: bool, account: str | None, limit: int) -> None:
    """List the postings that people made, newest first: what, why and who."""
    names = read_store(settings, account_names)
    number = next((number for number, name in names.items() if name == account), None)
    if account is not None and number is None:
        raise click.UsageError(f"no account is called {account!r}")
    found = read_store(settings, lambda connection: corrections(connection, number, limit))
    rows = [
        {
            "at": iso(each.at_us),
            "account": names.get(each.account_no, str(each.account_no)),
            "kind": TransferKind(each.kind).name.lower(),
            "amount_micros": each.amount_micros,
            "tax_micros": each.tax_micros,
            "taken_back_micros": each.taken_back_micros,
            "short_micros": each.short_micros,
            "reference": each.client_reference,
            "reason": each.reason,
            "message_id": each.message_id or None,
            "by": each.changed_by,
        }
        for each in found
    ]
    _print_rows(rows, as_json)


def _print_posting(result: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(result)
        return
    done = "was posted already" if result["duplicate"] else "posted"
    words = result["kind"].replace("_", " ")
    click.echo(f"{words} of {format_micros(result['amount_micros'])} {done}, number {result['posting']}")
    if taken := result["taken_back_micros"]:
        click.echo(f"{format_micros(taken)} of it came back from shares and rewards")
    if short := result["short_micros"]:
        click.echo(
            f"{format_micros(short)} of shares and rewards was paid out already: the operator bears it"
        )


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("There are none.")
        return
    header = [name.removesuffix("_micros").replace("_", " ").upper() for name in rows[0]]
    print_table(tuple(header), (tuple(_cell(*item) for item in row.items()) for row in rows))


def _cell(name: str, value: Any) -> Any:
    if name.endswith("_micros"):
        return format_micros(value)
    return "" if value is None else value


COMMANDS = (
    holds,
    charge_late,
    *(_posting(name, words) for name, words in _WORDS.items()),
    pay_out,
    balance,
    list_corrections,
    reclaim,
    settle_doubt,
)

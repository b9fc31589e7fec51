"""operator-push ledger: the proof that money is where the rows say it is."""

from typing import Any

import click

from operator_push.cli.ledger_corrections import COMMANDS
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.ledger import LedgerAccount, LedgerProof
from operator_push.kernel.money import format_micros
from operator_push.store.database_errors import DamagedStoreError
from operator_push.store.ledger_audit import unreadable, verify_ledger

DOES_NOT_HOLD = 1  # exit status, see `operator-push --help`


@click.group(cls=SubjectGroup)
def ledger() -> None:
    """The double-entry ledger."""


for _command in COMMANDS:
    ledger.add_command(_command)


@ledger.command("verify")
@json_option
@with_settings
def verify_command(settings: Settings, as_json: bool) -> None:
    """Rebuild every balance and every hold from the postings, and hold every row against its seal.

    Each posting is as it was sealed, and each seal follows from the one before it; debits equal credits,
    every hold is resolved at most once and as a whole, no client is below zero, stored balances are the sums
    of their postings, and messages say the same as the ledger. Reads one moment of the database, beside a
    running server. Exit status 1 where something does not hold; the first error names table, key and what.
    """
    try:
        proof = read_store(settings, lambda connection: verify_ledger(connection, settings.shard))
    except DamagedStoreError as damage:
        proof = unreadable(str(damage))
    if as_json:
        print_json(proof_json(proof))
    else:
        _print(proof)
    if not proof.ok:
        raise SystemExit(DOES_NOT_HOLD)


def proof_json(proof: LedgerProof) -> dict[str, Any]:
    """The proof as JSON values; amounts in micros."""
    return {
        "ok": proof.ok,
        "postings": proof.postings,
        "accounts": proof.accounts,
        "imbalance_micros": proof.imbalance_micros,
        "open_holds": len(proof.open_holds),
        "first_error": proof.first_error,
        "errors": proof.errors,
        "open_holds_micros": proof.open_holds_micros,
        "balances_micros": {side.name.lower(): proof.total(side) for side in LedgerAccount},
    }


def _print(proof: LedgerProof) -> None:
    click.echo("The ledger balances." if proof.ok else "The ledger does NOT balance.")
    print_fields(
        [
            ("postings", f"{proof.postings:,} on {proof.accounts:,} accounts"),
            *(
                (side.name.lower(), format_micros(proof.total(side)))
                for side in LedgerAccount
                if side <= LedgerAccount.FUNDING or any(found == side for _, found in proof.balances)
            ),
            ("open holds", f"{len(proof.open_holds):,} of {format_micros(proof.open_holds_micros)}"),
            ("imbalance", format_micros(proof.imbalance_micros)),
        ]
    )
    if proof.first_error is not None:
        click.echo(f"{proof.errors:,} errors, the first: {proof.first_error}")

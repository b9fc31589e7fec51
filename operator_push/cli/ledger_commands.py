"""operator-push ledger: the proof that money is where the rows say it is, for who does not trust us."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from sqlalchemy import Connection

from operator_push.bootstrap.ledger_key import public_key, public_key_text, signing_key
from operator_push.bootstrap.ledger_sealing import given_away, publish_file, seal_days
from operator_push.cli.ledger_corrections import COMMANDS
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.ledger import LedgerAccount, LedgerProof
from operator_push.domain.ledger_heads import LedgerHead, head_of_line, key_id
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.services.ledger_journal import BY, FORMATS, LedgerJournal
from operator_push.services.sign_heads import check_lines
from operator_push.store import facts, migrate
from operator_push.store.database import Database
from operator_push.store.database_errors import DamagedStoreError
from operator_push.store.head_rows import misplaced_head, signed_heads
from operator_push.store.installation_audit import verify_installation
from operator_push.store.lease_rows import TREASURY_SHARD
from operator_push.store.ledger_audit import unreadable, verify_ledger
from operator_push.store.proof_rows import account_names

DOES_NOT_HOLD = 1  # exit status, see `operator-push --help`
_File = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=SubjectGroup)
def ledger() -> None:
    """The double-entry ledger."""


for _command in COMMANDS:
    ledger.add_command(_command)


@ledger.command("verify")
@click.option("--heads", type=_File, help="Also hold the chain against this file of published heads.")
@click.option(
    "--public-key",
    "keys",
    type=_File,
    multiple=True,
    help="Whose heads they are; several where the key was changed.",
)
@click.option(
    "--shard",
    type=click.IntRange(0, TREASURY_SHARD),
    help=f"Only this shard's books; {TREASURY_SHARD}: the treasury's.",
)
@json_option
@with_settings
def verify_command(
    settings: Settings, heads: Path | None, keys: tuple[Path, ...], shard: int | None, as_json: bool
) -> None:
    """Rebuild every balance and every hold from the postings, and hold every row against its seal.

    All shards of the database and the treasury of shared money are proved together: what is leased from the
    treasury must be on the books of a shard, and on no second one.

    Each posting is as it was sealed, each seal follows from the one before it, and each signed head is one of
    theirs; debits equal credits, every hold is resolved at most once and as a whole, no client is below zero,
    stored balances are the sums of their postings, and messages say the same as the ledger. Reads one moment
    of the database, beside a running server. Exit status 1 where something does not hold; the first error
    names table, key and what is wrong.
    """
    published = _published(heads, keys) if heads is not None else []
    try:
        proof, shards = read_store(
            settings,
            lambda connection: verify_installation(
                connection,
                lambda connection, number: _proof(connection, settings, number, published),
                None if shard is None else [shard],
                {settings.shard, *(head.shard for head in published)},
            ),
        )
    except DamagedStoreError as damage:
        proof, shards = unreadable(str(damage)), []
    if as_json:
        print_json({**proof_json(proof), "shards": shards})
    else:
        _print(proof, shards)
    if not proof.ok:
        raise SystemExit(DOES_NOT_HOLD)


@ledger.command("check-heads")
@click.argument("file", type=_File)
@click.option("--public-key", "keys", type=_File, multiple=True, required=True, help="Whose heads they are.")
@json_option
def check_heads_command(file: Path, keys: tuple[Path, ...], as_json: bool) -> None:
    """Check a file of published heads by itself, without configuration or store.

    Every line must be signed by the key and follow from the line before it.
    """
    found = _published(file, keys)
    told = {"lines": len(found), "last": msgspec.to_builtins(found[-1]) if found else None}
    if as_json:
        print_json(told)
        return
    click.echo(f"{len(found)} heads, each signed and following from the one before it.")
    if found:
        click.echo(f"The last is {found[-1].name}.")


@ledger.command("seal")
@click.option("--now", "today_too", is_flag=True, help="Also sign where the chain ends now.")
@json_option
@with_settings
def seal_command(settings: Settings, today_too: bool, as_json: bool) -> None:
    """Sign the heads of days that have closed, and add them to the file of heads.

    The server does so by itself; this is for who does not want to wait. With --now the signature covers every
    posting up to this moment.
    """
    migrate.check(settings.database_url)
    database = Database.open(settings.database_url)
    try:
        lines = seal_days(database, settings, time.time_ns() // 1000, today_too)
        publish_file(database, settings)
    finally:
        database.close()
    if as_json:
        print_json([msgspec.to_builtins(head_of_line(line)) for line in lines])
        return
    for line in lines:
        click.echo(line)
    click.echo(f"{len(lines)} heads signed; all of them are in {settings.heads_file}", err=True)


@ledger.group("key", cls=SubjectGroup)
def key_group() -> None:
    """The key that signs heads."""


@key_group.command("show")
@json_option
@with_settings
def key_show_command(settings: Settings, as_json: bool) -> None:
    """Print the public key (PEM), for whoever checks heads; made here where there is none yet."""
    key = signing_key(settings.signing_key_file)
    if as_json:
        name = key_id(key.public_key().public_bytes_raw())
        print_json({"key": name, "public_key": public_key_text(key)})
        return
    click.echo(public_key_text(key), nl=False)


@ledger.command("export")
@click.option("--format", "style", type=click.Choice(FORMATS), default="beancount", show_default=True)
@click.option(
    "--by",
    type=click.Choice(BY),
    default="transfer",
    show_default=True,
    help="An entry each, or sums of a day.",
)
@click.option("--out", type=click.File("w"), default="-", help="A file; standard output where left out.")
@json_option
@with_settings
def export_command(settings: Settings, style: str, by: str, out: Any, as_json: bool) -> None:
    """Write the whole ledger as plain-text accounting, with every stored balance asserted at its end.

    beancount is read by bean-check, ledger by both ledger and hledger; csv has one posting or sum a line.
    """

    if as_json and out.name == "<stdout>":
        raise OperatorError("is missing: --json tells of a file that was written", key="--out")

    def write(connection: Connection) -> int:
        journal = LedgerJournal(account_names(connection), style, by)
        postings = facts.transfers(connection, settings.shard)
        count = 0
        for line in journal.lines(postings, facts.balances(connection, settings.shard)):
            out.write(line + "\n")
            count += 1
        return count

    count = read_store(settings, write)
    if as_json:
        print_json({"file": out.name, "format": style, "by": by, "lines": count})


def proof_json(proof: LedgerProof) -> dict[str, Any]:
    """The proof as JSON values; amounts in micros. Sums are told for each currency, and once more by
    themselves where there is only one."""
    by_currency = {
        currency: {
            "open_holds_micros": proof.open_micros(currency),
            "balances_micros": {side.name.lower(): proof.total(side, currency) for side in LedgerAccount},
        }
        for currency in _currencies(proof)
    }
    mixed = len(by_currency) > 1  # what is of several currencies has no sum
    return {
        "ok": proof.ok,
        "postings": proof.postings,
        "accounts": proof.accounts,
        "imbalance_micros": proof.imbalance_micros,
        "open_holds": len(proof.open_holds),
        "first_error": proof.first_error,
        "errors": proof.errors,
        "open_holds_micros": None if mixed else proof.open_holds_micros,
        "balances_micros": None
        if mixed
        else {side.name.lower(): proof.total(side) for side in LedgerAccount},
        "currencies": by_currency,
    }


def _proof(
    connection: Connection, settings: Settings, shard: int, published: list[LedgerHead]
) -> LedgerProof:
    lines = [head.line for head in signed_heads(connection, shard)]
    own = [signing_key(settings.signing_key_file).public_key()] if settings.signing_key_file.exists() else []
    wrong = None
    try:
        signed = given_away(check_lines(lines, own, "ledger_head", other_keys=True))
        wrong = misplaced_head(connection, shard)
    except OperatorError as error:
        signed, wrong = {}, str(error)
    signed |= given_away([head for head in published if head.shard == shard])
    proof = verify_ledger(connection, shard, signed, _tell_progress)
    if wrong is None:
        return proof
    return msgspec.structs.replace(
        proof, ok=False, errors=proof.errors + 1, first_error=proof.first_error or wrong
    )


def _published(file: Path, keys: tuple[Path, ...]) -> list[LedgerHead]:
    if not keys:
        raise OperatorError(
            "is missing: whose heads these are (operator-push ledger key show)", key="--public-key"
        )
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
    return check_lines(lines, [public_key(key) for key in keys], str(file))


def _tell_progress(postings: int) -> None:
    click.echo(f"{postings:,} postings", err=True)


def _currencies(proof: LedgerProof) -> list[str]:
    return sorted(set(proof.currencies.values()))


def _print(proof: LedgerProof, shards: Sequence[int]) -> None:
    click.echo("The ledger balances." if proof.ok else "The ledger does NOT balance.")
    fields = [("postings", f"{proof.postings:,} on {proof.accounts:,} accounts")]
    if len(shards) > 1:
        named = ("the treasury" if shard == TREASURY_SHARD else str(shard) for shard in shards)
        fields.append(("shards", ", ".join(named)))
    currencies = _currencies(proof) or [""]
    for currency in currencies:
        unit = f" {currency}" if len(currencies) > 1 else ""
        fields += [
            (side.name.lower(), format_micros(proof.total(side, currency or None)) + unit)
            for side in LedgerAccount
            if side <= LedgerAccount.FUNDING or any(found == side for _, found in proof.balances)
        ]
        held = proof.open_micros(currency)
        fields.append(("open holds", f"{len(proof.open_holds):,} of {format_micros(held)}{unit}"))
    fields.append(("imbalance", format_micros(proof.imbalance_micros)))
    print_fields(fields)
    if proof.first_error is not None:
        click.echo(f"{proof.errors:,} errors, the first: {proof.first_error}")

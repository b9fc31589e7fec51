"""operator-push consent verify, head, receipt, key: what a stranger needs to check what people have said."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from cryptography.exceptions import InvalidSignature
from sqlalchemy import Connection

from operator_push.bootstrap.ledger_key import signing_key
from operator_push.cli.printing import json_option, print_json
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.config import Settings
from operator_push.domain.consent_receipt import (
    HEAD_TYPE,
    RECEIPT_TYPE,
    public_jwk,
    read_compact,
    receipt_of,
    sign_compact,
)
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso, to_epoch_us
from operator_push.store.consent_rows import act_of, keep_receipt, kept_receipt, subject_ref
from operator_push.store.consent_seal_rows import chain_end, verify_consents
from operator_push.store.small_rows import brands

DOES_NOT_HOLD = 1  # exit status, see `operator-push --help`


@click.command("verify")
@click.option(
    "--heads",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Heads that were given away (consent-heads.jws), one a line: hold the chain against them too.",
)
@json_option
@with_settings
def verify_command(settings: Settings, as_json: bool, heads: Path | None) -> None:
    """Hold every act of consent against its commitment, and every seal against the one before it.

    Reads one moment of the store beside a running server. Exit status 1 where something does not hold; the
    first error names the table, the key and what is wrong.
    """
    given = _heads_of(heads, settings) if heads is not None else {}
    proof = read_store(settings, lambda connection: verify_consents(connection, settings.shard, given))
    if as_json:
        names = ("events", "erased", "seals", "errors", "first_error", "head")
        print_json({"ok": not proof.errors, **{name: getattr(proof, name) for name in names}})
    else:
        click.echo(f"{proof.events:,} acts ({proof.erased:,} erased) in {proof.seals:,} seals")
        click.echo("The chain holds." if not proof.errors else f"It does NOT hold: {proof.first_error}")
    if proof.errors:
        raise SystemExit(DOES_NOT_HOLD)


@click.command("head")
@json_option
@with_settings
def head_command(settings: Settings, as_json: bool) -> None:
    """Print the signed end of the chain (a JWS), to be kept by somebody else.

    Whoever keeps it can tell later whether an act before it was changed, added or taken away.
    """
    end = read_store(settings, lambda connection: chain_end(connection, settings.shard))
    told = {
        "shard": settings.shard,
        "seal_no": end.seal_no,
        "head": bytes(end.head).hex(),
        "sealed_at": iso(end.at_us),
    }
    signed = _sign(settings, told, HEAD_TYPE)
    print_json({**told, "jws": signed}) if as_json else click.echo(signed)


@click.command("receipt")
@click.argument("event_id", type=click.IntRange(min=1))
@json_option
@with_settings
def receipt_command(settings: Settings, as_json: bool, event_id: int) -> None:
    """Print the signed receipt of an act (a JWS), made when it is first asked for.

    Anybody checks it offline with the key of `operator-push consent key` and any JOSE tool. It names the
    person by a pseudonym. An act that was erased has none.
    """

    def fetch(connection: Connection) -> str:
        kept = kept_receipt(connection, settings.shard, event_id)
        if kept is not None:
            return kept
        act = act_of(connection, settings.shard, event_id)
        if act is None:
            raise OperatorError(f"no act has the id {event_id}, or it was erased")
        names = {**dict(brands(connection)), 0: "*"}
        person = subject_ref(connection, settings.shard, act.event.subscriber_no)
        payload = receipt_of(event_id, act.event, names.get(act.event.brand_no, ""), person)
        signed = _sign(settings, payload, RECEIPT_TYPE)
        keep_receipt(connection, settings.shard, event_id, signed, to_epoch_us(datetime.now(UTC)))
        return signed

    with open_store(settings) as database:
        signed = database.run(fetch)
    print_json({"event_id": str(event_id), "jws": signed}) if as_json else click.echo(signed)


@click.command("key")
@json_option
@with_settings
def key_command(settings: Settings, as_json: bool) -> None:
    """Print the public key of receipts and heads as a JSON Web Key set, to be published."""
    del as_json  # a key set is JSON
    print_json({"keys": [public_jwk(_public_octets(settings))]})


def _heads_of(path: Path, settings: Settings) -> dict[int, str]:
    """seal_no → head of a file of heads, each signed by this installation's key and of its shard."""
    key = signing_key(settings.signing_key_file).public_key()
    found: dict[int, str] = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot be read: {error}", file=str(path)) from error
    for number, line in enumerate(lines, 1):
        try:
            told = read_compact(line, HEAD_TYPE, key.verify)
            if told["shard"] != settings.shard:
                raise ValueError(f"is of shard {told['shard']}, not of {settings.shard}")
            found[int(told["seal_no"])] = str(told["head"])
        except InvalidSignature as error:
            raise OperatorError("has a signature of another key", file=str(path), line=number) from error
        except (ValueError, KeyError) as error:
            raise OperatorError(f"this line {error}", file=str(path), line=number) from error
    return found


def _public_octets(settings: Settings) -> bytes:
    return signing_key(settings.signing_key_file).public_key().public_bytes_raw()


def _sign(settings: Settings, payload: dict[str, Any], kind: str) -> str:
    return sign_compact(payload, kind, _public_octets(settings), signing_key(settings.signing_key_file).sign)


COMMANDS = (verify_command, head_command, receipt_command, key_command)

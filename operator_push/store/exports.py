"""Exports: messages.csv, ledger.csv and smsc_cdr.csv, from which an outsider can join the proof again.

Join: messages.csv to smsc_cdr.csv by smsc_message_id (where it is empty, by recipient's
user_message_reference), messages.csv to ledger.csv by submission_id = reference. Laws: sums over the segments
of a submission are its amounts in the ledger; a recipient is a pseudonym under a key of the export, never
the number. CSV as in RFC 4180, UTF-8, lines end with LF, moments ISO 8601 in UTC, amounts integer micros.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from operator_push.domain.message import MessageState, RefusalReason, TrafficClass, Verdict
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso
from operator_push.kernel.pseudonym import lookup_value
from operator_push.services.reconciliation_rules import charge_shares
from operator_push.services.smsc_cdr import SMSC_CDR_COLUMNS
from operator_push.store import facts, schema
from operator_push.store.proof_rows import account_names, brand_names, link_names
from operator_push.store.stored_messages import (
    StoredMessage,
    segment_state_of,
    smsc_message_id_of,
    stored_messages,
)

__all__ = [
    "LEDGER_COLUMNS",
    "MESSAGES_COLUMNS",
    "SMSC_CDR_COLUMNS",
    "export_ledger",
    "export_messages",
    "join_smsc_cdr",
]

# Name → meaning, in the order of the file.
MESSAGES_COLUMNS: Mapping[str, str] = {
    "submission_id": "Our id of the message; `reference` of its rows in ledger.csv.",
    "segment_no": "Number of this segment, from 1. One row per segment, refused messages included.",
    "segment_count": "Number of segments of the message.",
    "account": "The client's account.",
    "campaign": "Name of the campaign; empty for messages of an ESME.",
    "brand": "The brand whose permission was asked for.",
    "traffic_class": "transactional, service or promotional.",
    "recipient": "Pseudonym of the recipient: equal within this export, worth nothing outside it.",
    "source": "Sender address.",
    "accepted_at": "When the message was decided on: ISO 8601, UTC, to the millisecond.",
    "verdict": "ADMIT, DEFER (admitted, to be sent later) or REFUSE.",
    "reason": "Why it was refused or deferred; empty where it was neither.",
    "price_micros": "Price of this segment; 0 where the message was refused.",
    "held_micros": "This segment's share of the hold; the shares of a submission add up to its HOLD.",
    "attempts": "Send attempts whose octets may have left us.",
    "link": "The SMSC link of the last attempt; empty without one.",
    "user_message_reference": "Our correlation key of the attempts, 0..65535; empty without one.",
    "smsc_message_id": "The SMSC's id of the segment; empty where it never told one, "
    "the same for all that left in one submit_sm.",
    "state": "ACCEPTED, SENT, UNKNOWN, DELIVERED, EXPIRED, DELETED, UNDELIVERABLE, REJECTED or WITHDRAWN; "
    "empty where the message was refused.",
    "final_at": "When that state became final; empty while it is not.",
    "settled_micros": "What was charged for this segment; the shares of a submission add up to its SETTLE.",
}
LEDGER_COLUMNS: Mapping[str, str] = {
    "reference": "submission_id of the message, or the id of the top-up; with `kind` the key of the row.",
    "kind": "TOP_UP, HOLD, SETTLE or RELEASE.",
    "account": "The client's account.",
    "debit": "The side that the amount leaves: AVAILABLE, HELD, REVENUE or FUNDING.",
    "credit": "The side that it enters.",
    "amount_micros": "The amount, never negative; a micro is a millionth of the currency's unit.",
    "currency": "ISO 4217.",
    "at": "When it was posted: ISO 8601, UTC, microseconds.",
}


def export_messages(connection: Connection, shard: int, path: Path, recipient_key: bytes) -> int:
    """Write messages.csv and return the number of rows (segments), refused messages included.

    `recipient_key`: at least 32 octets made for this export and thrown away with it.
    """
    names = _Names(connection)
    pseudonyms: dict[str, str] = {}

    def rows() -> Iterator[Sequence[Any]]:
        for stored in stored_messages(connection, shard, refused=True):
            destination = stored.row.destination
            if destination not in pseudonyms:
                pseudonyms[destination] = lookup_value(recipient_key, "export", destination).hex()
            yield from _message_rows(stored, names, pseudonyms[destination])

    return _write(path, MESSAGES_COLUMNS, rows())


def export_ledger(connection: Connection, shard: int, path: Path) -> int:
    """Write ledger.csv, every transfer in the order of reference and kind, and return the number of rows."""
    accounts = account_names(connection)

    def rows() -> Iterator[Sequence[Any]]:
        for row in facts.transfers(connection, shard):
            yield (
                row.reference,
                row.kind.name,
                accounts.get(row.account_no, f"account {row.account_no}"),
                row.debit.name,
                row.credit.name,
                row.amount_micros,
                row.currency,
                iso(row.at_us),
            )

    return _write(path, LEDGER_COLUMNS, rows())


def join_smsc_cdr(files: Iterable[Path], path: Path) -> int:
    """Write the SMSC's closed files one after the other under one header; returns the number of rows.

    Lines are copied as the SMSC wrote them.

    Raises:
        OperatorError: a file is still open, cannot be read, or has another header than the first.
    """
    header = ",".join(SMSC_CDR_COLUMNS) + "\n"
    first: str | None = None
    rows = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        for file in files:
            if file.suffix == ".open":
                raise OperatorError("is still being written; close the period first", file=str(file))
            try:
                with file.open(encoding="utf-8", newline="") as lines:
                    own = next(lines, "")
                    if first is None:
                        first = own
                        out.write(own)
                    elif own != first:
                        raise OperatorError("has another first line than the files before it", file=str(file))
                    for line in lines:
                        out.write(line if line.endswith("\n") else line + "\n")
                        rows += 1
            except (OSError, UnicodeDecodeError) as error:
                raise OperatorError(f"cannot be read: {error}", file=str(file)) from error
        if first is None:
            out.write(header)
    return rows


class _Names:
    """Names for numbers, read once."""

    def __init__(self, connection: Connection) -> None:
        row = schema.campaign.c
        campaigns = connection.execute(select(row.campaign_no, row.name))
        self.accounts = account_names(connection)
        self.brands = brand_names(connection)
        self.links = link_names(connection)
        self.campaigns = {found.campaign_no: found.name for found in campaigns}


def _message_rows(stored: StoredMessage, names: _Names, recipient: str) -> Iterator[Sequence[Any]]:
    row = stored.row
    refused = row.verdict == Verdict.REFUSE
    numbers = range(1, max(row.segment_count, 1) + 1)
    states = [segment_state_of(stored, number) for number in numbers]
    settled = stored.final.settled_micros if stored.final else 0
    held, rest = divmod(row.held_micros, len(numbers))
    charged = [state == MessageState.DELIVERED for state in states]
    shares = charge_shares(row.price_micros, settled, charged)
    for number, state, share in zip(numbers, states, shares, strict=True):
        left = [attempt for attempt in stored.attempts_of(number) if attempt.left_us]
        outcome = stored.outcome_of(number)
        yield (
            row.message_id,
            number,
            row.segment_count,
            names.accounts.get(row.account_no, f"account {row.account_no}"),
            names.campaigns.get(row.campaign_no, ""),
            names.brands.get(row.brand_no, "*"),
            TrafficClass(row.traffic_class).name.lower(),
            recipient,
            row.source,
            iso(id_epoch_us(row.message_id)),
            Verdict(row.verdict).name,
            RefusalReason(row.reason).name if row.reason else "",
            row.price_micros,
            held + (rest if number == 1 else 0),
            len(left),
            names.links.get(left[-1].link_no, f"link {left[-1].link_no}") if left else "",
            left[-1].user_message_reference if left else "",
            smsc_message_id_of(stored, number),
            "" if refused else state.name,
            iso(outcome.at_us) if outcome else "",
            share,
        )


def _write(path: Path, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count

"""Messages by number: what the witness and the CDR rows of the last while say of one handset or address.

The rows are those that went to the files (or would have, without a folder), the newest `rows_max` of each.
One look-up reads them all, about 10 ms per 100,000; nothing is indexed while messages flow.
"""

import csv
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from smsc_sim.cdr_files import HEADER

_COLUMNS = HEADER.strip().split(",")
_NO_STATE = "ENROUTE"  # Accepted and without a CDR row yet.


class RowTail:
    """The newest rows of one kind of file; `LineFile` hands them over to `kept` when it flushes."""

    def __init__(self, rows_max: int, unflushed: Callable[[], Sequence[str]] = tuple) -> None:
        self.kept: deque[str] = deque(maxlen=rows_max)
        self._unflushed = unflushed

    def with_text(self, text: str) -> list[str]:
        """Rows that contain `text`, oldest first, with those that are not flushed yet."""
        found = [row for row in self.kept if text in row]
        return found + [row for row in self._unflushed() if text in row]


class SmscRows:
    """The newest rows of one virtual SMSC, and the messages that they tell of."""

    def __init__(self, smsc: str, witness: RowTail, cdr: RowTail) -> None:
        self.smsc = smsc
        self.witness = witness
        self.cdr = cdr

    def of_number(self, number: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(messages, other rows), oldest first.

        A message has its addresses, its state and its witness `rows`; what ended also `error_code`,
        `submit_time`, `final_time`. Other rows are messages from the handset, refused requests and whatever
        else names the number without an smsc_message_id.
        """
        messages: dict[str, dict[str, Any]] = {}
        other: list[dict[str, Any]] = []
        for row in _witness_rows(number, self.witness):
            identifier = row.get("smsc_message_id")
            if not identifier:
                other.append({"smsc": self.smsc} | row)
            else:
                message = messages.setdefault(identifier, self._message(identifier, row))
                message["rows"].append(row)
        for final in _finals(number, self.cdr):
            identifier = final["smsc_message_id"]
            unseen = {"source": final["source_addr"], "destination": final["destination_addr"]}
            message = messages.setdefault(identifier, self._message(identifier, unseen))
            message.update(
                state=final["state"],
                error_code=int(final["error_code"]),
                system_id=final["system_id"],
                submit_time=final["submit_time"],
                final_time=final["final_time"],
            )
        return list(messages.values()), other

    def _message(self, identifier: str, first: dict[str, Any]) -> dict[str, Any]:
        # A receipt's addresses are turned round: the message went the other way.
        turned = first.get("kind") not in (None, "mo_answer", "mo_script")
        source, destination = ("destination", "source") if turned else ("source", "destination")
        return {
            "smsc": self.smsc,
            "smsc_message_id": identifier,
            "source": first.get(source, ""),
            "destination": first.get(destination, ""),
            "user_message_reference": first.get("user_message_reference"),
            "service_type": first.get("service_type", ""),
            "state": _NO_STATE,
            "rows": [],
        }


def messages_of(number: str, kept: Iterable[SmscRows], limit: int) -> dict[str, Any]:
    """`messages` and `other` rows of an address in all virtual SMSCs, newest first, and their numbers."""
    messages: list[dict[str, Any]] = []
    other: list[dict[str, Any]] = []
    for rows in kept:
        own_messages, own_other = rows.of_number(number)
        messages += own_messages
        other += own_other
    return {
        "number": number,
        "messages": messages[::-1][:limit],
        "messages_found": len(messages),
        "other": other[::-1][:limit],
        "other_found": len(other),
    }


def _witness_rows(number: str, witness: RowTail) -> Iterable[dict[str, Any]]:
    for line in witness.with_text(json.dumps(number)):
        row = json.loads(line)
        if number in (row.get("source"), row.get("destination")):
            yield row


def _finals(number: str, cdr: RowTail) -> Iterable[dict[str, str]]:
    """CDR rows of this address."""
    for row in csv.reader(line for line in cdr.with_text(number) if line != HEADER):
        if len(row) == len(_COLUMNS):
            final = dict(zip(_COLUMNS, row, strict=True))
            if number in (final["source_addr"], final["destination_addr"]):
                yield final

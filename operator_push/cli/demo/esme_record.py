"""The record of an ESME: every answer and receipt that it saw, as JSON lines, and the reading of it.

Rows: {"event": "answered", "order", "part", "kind", "destination", "status", "message_id", "sent_us", "t"},
{"event": "unacknowledged", …the same…}, {"event": "receipt", "message_id", "stat", "t"}, {"event": "bound"
| "lost" | "bind_refused" | "inbound", "t"}. `t` is microseconds since 1970.
"""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from operator_push.cli.demo.esme_submits import Submit

ACCEPTED = "ESME_ROK"
_encode = msgspec.json.Encoder().encode


class EsmeRow(msgspec.Struct, omit_defaults=True):
    """One line of the record."""

    event: str
    t: int
    order: int = 0
    part: int = 0
    kind: str = ""
    destination: str = ""
    status: str = ""
    message_id: str = ""
    stat: str = ""
    sent_us: int = 0


class EsmeStatus(msgspec.Struct):
    """The counters in the status file."""

    bound: bool
    waiting: int
    submitted: int
    accepted: int
    refused: int
    unacknowledged: int
    receipts: int
    binds: int = 0

    @property
    def unanswered(self) -> int:
        """Submitted, and neither answered nor lost with their bind."""
        return self.submitted - self.accepted - self.refused - self.unacknowledged

    def write(self, path: Path) -> None:
        """Replace the status file as a whole."""
        beside = path.with_suffix(".new")
        beside.write_bytes(_encode(self))
        beside.replace(path)


class EsmeRecord:
    """Writes the rows and counts them."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._submitted = self._accepted = self._refused = self._unacknowledged = self._receipts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def submitted(self) -> None:
        """A submit_sm left."""
        self._submitted += 1

    def answered(self, submit: Submit, status: str, message_id: str) -> None:
        """Its submit_sm_resp came."""
        if status == ACCEPTED:
            self._accepted += 1
        else:
            self._refused += 1
        self._write_submit("answered", submit, status, message_id)

    def unacknowledged(self, submit: Submit) -> None:
        """Its submit_sm_resp will not come."""
        self._unacknowledged += 1
        self._write_submit("unacknowledged", submit, "", "")

    def receipt(self, message_id: str, stat: str) -> None:
        """A deliver_sm with a receipt."""
        self._receipts += 1
        self._write(EsmeRow("receipt", _now_us(), message_id=message_id, stat=stat))

    def bound(self) -> None:
        """The server let us in."""
        self._write(EsmeRow("bound", _now_us()))

    def lost(self) -> None:
        """The bind is gone."""
        self._write(EsmeRow("lost", _now_us()))

    def bind_refused(self, status: str) -> None:
        """The server did not let us in."""
        self._write(EsmeRow("bind_refused", _now_us(), status=status))

    def inbound(self) -> None:
        """A deliver_sm that is no receipt."""
        self._write(EsmeRow("inbound", _now_us()))

    def flush(self) -> None:
        """Hand the rows to the operating system."""
        self._file.flush()

    def status(self, binds: int, waiting: int) -> EsmeStatus:
        """The counters now; `binds` are up."""
        return EsmeStatus(
            binds > 0,
            waiting,
            self._submitted,
            self._accepted,
            self._refused,
            self._unacknowledged,
            self._receipts,
            binds,
        )

    def _write_submit(self, event: str, submit: Submit, status: str, message_id: str) -> None:
        order = submit.order
        self._write(
            EsmeRow(
                event,
                _now_us(),
                order.number,
                submit.part,
                order.kind,
                order.destination,
                status,
                message_id,
                "",
                submit.at_us,
            )
        )

    def _write(self, row: EsmeRow) -> None:
        self._file.write(_encode(row) + b"\n")


class EsmeSeen(msgspec.Struct):
    """What a record comes to."""

    answered: list[EsmeRow]
    unacknowledged: list[EsmeRow]
    receipts: list[EsmeRow]
    binds: int

    @property
    def submitted(self) -> int:
        """Every submit_sm that left."""
        return len(self.answered) + len(self.unacknowledged)

    @property
    def accepted(self) -> list[EsmeRow]:
        """Acknowledged messages."""
        return [row for row in self.answered if row.status == ACCEPTED]

    def refused(self) -> dict[str, int]:
        """Refusals by command_status."""
        counts = Counter(row.status for row in self.answered if row.status != ACCEPTED)
        return dict(sorted(counts.items()))


def read_record(*paths: Path) -> EsmeSeen:
    """The record of one or more ESMEs."""
    seen = EsmeSeen([], [], [], 0)
    for path in paths:
        for row in _rows(path):
            match row.event:
                case "answered":
                    seen.answered.append(row)
                case "unacknowledged":
                    seen.unacknowledged.append(row)
                case "receipt":
                    seen.receipts.append(row)
                case "bound":
                    seen.binds += 1
                case _:
                    pass
    return seen


def read_status(path: Path) -> EsmeStatus | None:
    """The status file, or None before there is one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=EsmeStatus)
    except FileNotFoundError:
        return None


def _rows(path: Path) -> Iterator[EsmeRow]:
    decoder = msgspec.json.Decoder(EsmeRow)
    with path.open("rb") as lines:
        for line in lines:
            yield decoder.decode(line)


def _now_us() -> int:
    return time.time_ns() // 1000

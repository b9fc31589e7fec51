"""Witness facts: what the rows of one virtual SMSC's witness and CDR files tell, counted as they are flushed.

The rows themselves are the source, so that an assertion says no more than what anybody can read in the files
afterwards. `sent_after_stop`: a message from a handset whose first word is STOP counts from the moment in
which the ESME acknowledged it, for that handset and that sender; START takes it back.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from smsc_sim.assertions.latencies import Latencies

_STOP_WORDS = frozenset({"STOP"})
_START_WORDS = frozenset({"START", "UNSTOP"})
_SUBMITS = frozenset({"submit_sm", "data_sm", "submit_multi"})
_CDR_COLUMNS_AFTER_STATE = 6


class _Row(msgspec.Struct, gc=False):
    t: int
    bind: str
    command: str
    decision: str
    sequence_number: int = -1
    source: str = ""
    destination: str = ""
    user_message_reference: int | None = None
    status: str = ""
    kind: str = ""
    state: str = ""
    text: str = ""


_decoder = msgspec.json.Decoder(_Row)


class WitnessFacts:
    """Counts, by the names of `figures.FACTS`."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()
        self.receipts: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.sent_after_stop = 0
        self.repeated_submits = 0
        self.deliveries_unanswered = 0
        self.violations = 0
        self.binds_made = 0
        self.binds_lost = 0
        self.response_us = Latencies()
        self.esme_response_us = Latencies()
        self._bound: set[str] = set()
        self._submitted_at: dict[tuple[str, int], int] = {}
        self._delivered_at: dict[tuple[str, int], int] = {}
        self._stopped: set[tuple[str, str]] = set()  # (number, sender)
        self._references: set[tuple[str, str, int]] = set()

    def take_cdr(self, lines: Iterable[str]) -> None:
        """Rows of the CDR files; headers are passed over."""
        for line in lines:
            state = line.rsplit(",", _CDR_COLUMNS_AFTER_STATE + 1)[1]
            if state != "state":
                self.messages[state] += 1

    def take_witness(self, lines: Iterable[str]) -> None:
        """Rows of the witness."""
        for row in _decoder.decode_lines("".join(lines)):
            match row.decision:
                case "accepted" if row.command in _SUBMITS:
                    self._submitted_at[row.bind, row.sequence_number] = row.t
                    self._submitted(row)
                case "refused" if row.command in _SUBMITS:
                    self.refusals[row.status] += 1
                    self._submitted(row)
                case "answered":
                    self._took(self.response_us, self._submitted_at, row)
                case "sent" | "sent_again":
                    self._delivered_at[row.bind, row.sequence_number] = row.t
                    if row.kind == "receipt" and row.decision == "sent":
                        self.receipts[row.state] += 1
                case "acknowledged" | "try_again" | "dropped":
                    self._took(self.esme_response_us, self._delivered_at, row)
                    if row.decision == "acknowledged" and row.kind.startswith("mo_"):
                        self._heard(row)
                case _:
                    self._other(row)

    def _other(self, row: _Row) -> None:
        match row.decision:
            case "unanswered":
                self.deliveries_unanswered += 1
                self._delivered_at.pop((row.bind, row.sequence_number), None)
            case "violation":
                self.violations += 1
            case "accepted" if row.command.startswith("bind_"):
                self.binds_made += 1
                self._bound.add(row.bind)
            case "unbound":
                self._bound.discard(row.bind)
            case "closed" if row.bind in self._bound:
                self._bound.discard(row.bind)
                self.binds_lost += 1

    def _submitted(self, row: _Row) -> None:
        if (row.destination, row.source) in self._stopped:
            self.sent_after_stop += 1
        if row.user_message_reference is not None and row.decision == "accepted":
            key = (row.source, row.destination, row.user_message_reference)
            self.repeated_submits += key in self._references
            self._references.add(key)

    def _took(self, latencies: Latencies, since: dict[tuple[str, int], int], row: _Row) -> None:
        began = since.pop((row.bind, row.sequence_number), None)
        if began is not None:
            latencies.record(row.t - began)

    def _heard(self, row: _Row) -> None:
        """The ESME has taken a message from a handset."""
        word = row.text.split(maxsplit=1)[0].upper() if row.text.strip() else ""
        if word in _STOP_WORDS:
            self._stopped.add((row.source, row.destination))
        elif word in _START_WORDS:
            self._stopped.discard((row.source, row.destination))

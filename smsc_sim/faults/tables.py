"""Fault tables: the kinds of `[[fault]]` that concern requests and receipts, and the list of all kinds.

One frozen class per kind; its keys are those of `table.Fault` (when it strikes) and its own (what it does).
Delays are those of `delays`. What values must be together is checked by `checks`.
"""

from typing import ClassVar, Literal

from smsc_sim.delays import Delay
from smsc_sim.faults.pdu_tables import (
    BadLength,
    Cut,
    Dribble,
    HalfOpen,
    IdForm,
    Latency,
    ReceiptBeforeResponse,
    ResponseDoubled,
    ResponseId,
    ResponseLost,
    ResponseOutOfOrder,
    ResponseSequence,
    ResponseStatus,
    Stall,
    TlvOmitted,
    UnknownPdu,
    UnknownTlv,
)
from smsc_sim.faults.table import SUBMITS, Commands, Fault, Phase, Status, kind_of
from smsc_sim.scenario_section import PositiveCount, Rate

# Requests: decided when they arrive; the message is not accepted.


class Refuse(Fault, frozen=True, tag="refuse"):
    """Answered with a command_status by name or number; of several one is drawn."""

    phase: ClassVar[Phase] = "request"

    status: Status | tuple[Status, ...] = "ESME_RSYSERR"
    commands: Commands = SUBMITS


class Throttle(Fault, frozen=True, tag="throttle"):
    """Refused as too many.

    Beyond `per_s` requests a second on the bind (in bursts of up to `burst`), or beyond `outstanding_max`
    unanswered ones; with neither, every one that is hit.
    """

    phase: ClassVar[Phase] = "request"

    per_s: Rate | None = None
    burst: PositiveCount = 1
    outstanding_max: PositiveCount | None = None
    status: Status = "ESME_RTHROTTLED"
    commands: Commands = SUBMITS


class Ignore(Fault, frozen=True, tag="ignore"):
    """Never answered and never accepted, as if the request had not arrived."""

    phase: ClassVar[Phase] = "request"

    commands: Commands = SUBMITS


class Nack(Fault, frozen=True, tag="nack"):
    """Answered with generic_nack."""

    phase: ClassVar[Phase] = "request"

    status: Status = "ESME_RINVCMDID"
    commands: Commands = SUBMITS


# Receipts.


class ReceiptLost(Fault, frozen=True, tag="receipt_lost"):
    """Is never sent."""

    phase: ClassVar[Phase] = "receipt"


class ReceiptDoubled(Fault, frozen=True, tag="receipt_doubled"):
    """Comes `times` times more, each `after_ms` after the one before."""

    phase: ClassVar[Phase] = "receipt"

    times: PositiveCount = 1
    after_ms: Delay = 0.0


class ReceiptContradicted(Fault, frozen=True, tag="receipt_contradicted"):
    """Is followed, `after_ms` later, by one that tells another end; the first and the CDR tell the truth."""

    phase: ClassVar[Phase] = "receipt"

    state: Literal["DELIVERED", "EXPIRED", "UNDELIVERABLE", "REJECTED"] = "UNDELIVERABLE"
    after_ms: Delay = 1000.0


class ReceiptLate(Fault, frozen=True, tag="receipt_late"):
    """Comes later than it would."""

    phase: ClassVar[Phase] = "receipt"

    by_ms: Delay = (1000.0, 5000.0)


class ReceiptOutOfOrder(Fault, frozen=True, tag="receipt_out_of_order"):
    """Comes after the next `behind` receipts of its account, or `max_ms` after its time."""

    phase: ClassVar[Phase] = "receipt"

    behind: PositiveCount = 1
    max_ms: Delay = 5000.0


class ReceiptId(Fault, frozen=True, tag="receipt_id"):
    """Writes the id in another form than the submit_sm_resp had it: in the text, in the TLV or in both."""

    phase: ClassVar[Phase] = "receipt"

    form: IdForm = "hex"
    where: Literal["text", "tlv", "both"] = "both"


class ReceiptText(Fault, frozen=True, tag="receipt_text"):
    """Is written as some operator writes it; `vendor` is a name of `vendor_texts`."""

    phase: ClassVar[Phase] = "receipt"

    vendor: str = "seconds"
    final_after_ms: Delay = 1000.0


class ReceiptOnDataSm(Fault, frozen=True, tag="receipt_on_data_sm"):
    """Comes as a data_sm with its text in message_payload."""

    phase: ClassVar[Phase] = "receipt"


AnyFault = (
    Refuse
    | Throttle
    | Ignore
    | Nack
    | Latency
    | ResponseLost
    | ResponseDoubled
    | ResponseOutOfOrder
    | ResponseStatus
    | ResponseId
    | ResponseSequence
    | ReceiptBeforeResponse
    | UnknownTlv
    | TlvOmitted
    | UnknownPdu
    | BadLength
    | Cut
    | HalfOpen
    | Stall
    | Dribble
    | ReceiptLost
    | ReceiptDoubled
    | ReceiptContradicted
    | ReceiptLate
    | ReceiptOutOfOrder
    | ReceiptId
    | ReceiptText
    | ReceiptOnDataSm
)


def fault_names(faults: tuple[AnyFault, ...]) -> tuple[str, ...]:
    """What each fault is called: its name, or its kind, numbered where that is taken ("cut", "cut 2")."""
    names: list[str] = []
    for fault in faults:
        wanted = name = fault.name or kind_of(fault)
        number = 2
        while name in names and not fault.name:
            name = f"{wanted} {number}"
            number += 1
        names.append(name)
    return tuple(names)

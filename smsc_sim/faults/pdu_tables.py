"""Fault tables of PDUs that leave, and of the stream that carries them.

The decision of the SMSC stands; what the ESME sees of it is wrong. `commands` names the PDUs that are hit.
"""

from typing import Annotated, Literal

from msgspec import Meta

from smsc_sim.delays import Delay
from smsc_sim.faults.table import BIND_RESPONSES, MESSAGE_PDUS, SUBMIT_RESPONSES, Commands, Fault, Status
from smsc_sim.scenario_section import Count, PositiveCount, Section, Share


class LogNormal(Section, frozen=True):
    """`{median = 20, p99 = 400}`: most are near the median, few are much later, as in a busy SMSC."""

    median: Annotated[float, Meta(gt=0)]
    p99: Annotated[float, Meta(gt=0)]


class Latency(Fault, frozen=True, tag="latency"):
    """Leaves later, by one of three forms of distribution. `keep_order` lets none overtake another.

    A receipt waits for a response that is late by this fault, unless `receipts_may_overtake`.
    """

    delay_ms: Delay | None = None
    lognormal_ms: LogNormal | None = None
    percentiles_ms: dict[str, Annotated[float, Meta(ge=0)]] = {}  # noqa: RUF012 - msgspec copies it.
    keep_order: bool = False
    receipts_may_overtake: bool = False
    commands: Commands = SUBMIT_RESPONSES


class ResponseLost(Fault, frozen=True, tag="response_lost"):
    """Does not leave at all. With deliver_sm among `commands` the SMSC waits in vain for its answer."""

    commands: Commands = SUBMIT_RESPONSES


class ResponseDoubled(Fault, frozen=True, tag="response_doubled"):
    """Leaves `times` times more, each `after_ms` after the one before."""

    times: PositiveCount = 1
    after_ms: Delay = 0.0
    commands: Commands = SUBMIT_RESPONSES


class ResponseOutOfOrder(Fault, frozen=True, tag="response_out_of_order"):
    """Leaves after the next `behind` PDUs of these commands on its bind, or `max_ms` after its time."""

    behind: PositiveCount = 1
    max_ms: Delay = 1000.0
    commands: Commands = SUBMIT_RESPONSES


class ResponseStatus(Fault, frozen=True, tag="response_status"):
    """Tells of an error though the message was accepted and goes on to its handset."""

    status: Status | tuple[Status, ...] = "ESME_RSYSERR"
    commands: Commands = SUBMIT_RESPONSES


IdForm = Literal["decimal", "hex", "HEX", "zeros", "no_zeros", "upper", "foreign", "empty"]


class ResponseId(Fault, frozen=True, tag="response_id"):
    """Writes the message_id in another form than receipts and CDRs have it.

    `form`: "decimal", "hex" and "HEX" (another base), "zeros" (filled up to 24 digits), "no_zeros", "upper",
    "foreign" (an id that nobody was given) or "empty".
    `only_first_segment` leaves the id in the first segment of a long message and empties the others.
    """

    form: IdForm = "hex"
    only_first_segment: bool = False
    commands: Commands = SUBMIT_RESPONSES


class ResponseSequence(Fault, frozen=True, tag="response_sequence"):
    """Answers with a sequence_number that is `by_numbers` too high."""

    by_numbers: Annotated[int, Meta(ge=-0x7FFFFFFF, le=0x7FFFFFFF)] = 1
    commands: Commands = SUBMIT_RESPONSES


class ReceiptBeforeResponse(Fault, frozen=True, tag="receipt_before_response"):
    """The response waits until its message's receipt has left, then `by_ms`; at most `max_ms`."""

    by_ms: Delay = 5.0
    max_ms: Delay = 10_000.0
    commands: Commands = ("submit_sm_resp", "data_sm_resp")


class UnknownTlv(Fault, frozen=True, tag="unknown_tlv"):
    """Carries a TLV that the specification does not know: `tag`, and `value_hex` as its value."""

    tag: Annotated[int, Meta(ge=0, le=0xFFFF)] = 0x1400
    value_hex: str = "0102"
    commands: Commands = MESSAGE_PDUS


class TlvOmitted(Fault, frozen=True, tag="tlv_omitted"):
    """Leaves out TLVs, by name: sc_interface_version in bind responses unless told otherwise."""

    tlvs: tuple[str, ...] = ("sc_interface_version",)
    commands: Commands = BIND_RESPONSES


class UnknownPdu(Fault, frozen=True, tag="unknown_pdu"):
    """Is preceded by a PDU with a command_id that nobody knows."""

    command_id: Annotated[int, Meta(ge=0, le=0xFFFFFFFF)] = 0x00010200
    body_hex: str = "00112233"
    commands: Commands = MESSAGE_PDUS


LengthForm = Literal["short", "long", "huge", "tiny", "truncated", "trailing", "sm_length", "tlv_length"]


class BadLength(Fault, frozen=True, tag="bad_length"):
    """Has a length that is not true.

    "short" and "long": command_length off by `by_octets`; "huge" and "tiny": 0x7fffffff and 8;
    "truncated": the body ends early and command_length agrees; "trailing": octets after the last field;
    "sm_length": off by `by_octets` (deliver_sm); "tlv_length": the last TLV claims more than there is.
    """

    form: LengthForm = "long"
    by_octets: Annotated[int, Meta(ge=1, le=255)] = 1
    commands: Commands = MESSAGE_PDUS


# The stream itself, from the PDU that is hit on.


class Cut(Fault, frozen=True, tag="cut"):
    """The connection ends in mid-PDU: after `octets` octets of it, or after this `part` of it (its half
    unless given).

    `how`: "close" ends the stream in order (FIN), "reset" with an error (RST).
    """

    octets: Count | None = None
    part: Share | None = None
    how: Literal["close", "reset"] = "close"
    commands: Commands = MESSAGE_PDUS

    def octets_of(self, length_octets: int) -> int:
        """How many octets still leave of a PDU of this length."""
        if self.octets is not None:
            return self.octets
        return int(length_octets * (0.5 if self.part is None else self.part))


class HalfOpen(Fault, frozen=True, tag="half_open"):
    """Stops answering and keeps the socket: nothing leaves or is heard, until `close_after_s` where given."""

    close_after_s: Annotated[float, Meta(gt=0)] | None = None
    commands: Commands = MESSAGE_PDUS


class Stall(Fault, frozen=True, tag="stall"):
    """Stands still for `for_ms`, then goes on where it was: nothing is lost, everything is late."""

    for_ms: Delay = 1000.0
    commands: Commands = MESSAGE_PDUS


class Dribble(Fault, frozen=True, tag="dribble"):
    """Leaves in pieces of `octets`, one every `every_ms`; what follows waits until it has left."""

    octets: PositiveCount = 1
    every_ms: Annotated[float, Meta(ge=1, le=60_000)] = 1.0
    commands: Commands = MESSAGE_PDUS

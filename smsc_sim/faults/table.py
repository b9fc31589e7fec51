"""The fault table: what all `[[fault]]` entries of a scenario have, whatever their kind."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from smsc_sim.scenario_section import Count, MomentSeconds, Pattern, PositiveCount, Section, Share

Status = str | Annotated[int, Meta(ge=1, le=0xFFFFFFFF)]
Commands = tuple[str, ...]
Phase = Literal["request", "pdu", "receipt"]

SUBMITS: Commands = ("submit_sm", "data_sm", "submit_multi")
SUBMIT_RESPONSES: Commands = ("submit_sm_resp", "data_sm_resp", "submit_multi_resp")
BIND_RESPONSES: Commands = ("bind_transceiver_resp", "bind_receiver_resp", "bind_transmitter_resp")
MESSAGE_PDUS: Commands = ("deliver_sm", *SUBMIT_RESPONSES)


class Fault(Section, frozen=True, tag_field="kind"):
    """When a fault strikes; all conditions must hold.

    `name` is what the switch and the witness call it (the kind unless given). `account` is a pattern over
    the system_id; `prefix` one or more beginnings of the subscriber's number. `share` is drawn per message,
    or per number with `by = "number"` (then a number is always hit or never). Of what is left, the first
    `after` are spared, then every `every`-th is hit, `count` times: counted per bind, for receipts per
    account; `in_all` bounds the whole run. `from_s` and `to_s` are seconds of the run's clock.
    """

    phase: ClassVar[Phase] = "pdu"

    name: str = ""
    on: bool = True
    account: Pattern = "*"
    prefix: str | tuple[str, ...] = ()
    share: Share = 1.0
    by: Literal["message", "number"] = "message"
    after: Count = 0
    every: PositiveCount = 1
    count: PositiveCount | None = None
    in_all: PositiveCount | None = None
    from_s: MomentSeconds = 0.0
    to_s: MomentSeconds | None = None


def kind_of(fault: Fault) -> str:
    """The `kind` that a scenario writes."""
    return str(fault.__struct_config__.tag)

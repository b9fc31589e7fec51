"""The engine as the control sees it: what it may ask of a run, as a type; `run_door` is a real one."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec


class HandsetView(msgspec.Struct, frozen=True):
    """The handset behind a number: its state now, and whether somebody set it by hand."""

    smsc: str
    number: str
    state: str
    set_by_hand: bool


class FaultView(msgspec.Struct, frozen=True):
    """One fault of the scenario: its name, what it does, whether it is on, how often it has struck."""

    smsc: str
    name: str
    kind: str
    told: str
    on: bool
    hits: int


class Engine(Protocol):
    """One run of the simulator. What cannot be done is an OperatorError with a sentence for a person.

    `smsc` is the name of a virtual SMSC; "" is the only one, or the first.
    """

    @property
    def seed(self) -> int: ...

    @property
    def ports(self) -> Mapping[str, int]:
        """The listening port of every virtual SMSC by its name."""

    def counters(self) -> Mapping[str, Mapping[str, int]]:
        """Counters by virtual SMSC."""

    def unfinished(self) -> int:
        """Messages, receipts and answers that are still on their way."""

    def send_mo(self, smsc: str, system_id: str, source: str, destination: str, text: str) -> int:
        """Put a handset's message into an account's mailbox; how many segments it became."""

    def send_alert(self, smsc: str, system_id: str, number: str, esme_addr: str) -> None:
        """Tell an account by alert_notification that a handset is available (SMPP v3.4 section 4.12.1)."""

    def handset(self, smsc: str, number: str) -> HandsetView:
        """The handset behind a number."""

    def set_handset(self, smsc: str, number: str, state: str | None) -> HandsetView:
        """Give a handset a state by hand; None gives it back to the scenario."""

    def handset_states(self) -> Sequence[str]:
        """The states that there are."""

    def faults(self) -> Sequence[FaultView]:
        """The faults of the scenario."""

    def set_fault(self, smsc: str, name: str, on: bool) -> FaultView:
        """Switch a fault."""

    def close_cdr_period(self) -> Sequence[str]:
        """Close the current CDR period; the names of the files that are closed now."""

    def reload(self) -> str:
        """Read the scenario again; a sentence that tells what changed."""

    def stop(self) -> None:
        """End the run in order."""

    def status(self) -> Mapping[str, Any]:
        """What status.json holds."""

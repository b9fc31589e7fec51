"""Ports: what the use cases ask of the world outside, as protocols, and the values that cross.

Whoever implements one (an adapter reached by entry point, a room of the rim, a double in a test) imports
this page; this page imports no technology. A recipient never crosses a port towards a client as a number.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from operator_push.domain.rating.portability import NumberPortability


class Enrolment(Protocol):
    """What an enrolment gave: numbers in the order asked, and rows of vault_subscriber for the new ones."""

    @property
    def numbers(self) -> Sequence[int]: ...

    @property
    def rows(self) -> Sequence[tuple[Any, ...]]: ...


class VaultPort(Protocol):
    """Who is who, as far as the doors may ask."""

    def number_of(self, msisdn: str) -> int:
        """The subscriber number, 0 where the vault does not know the msisdn."""
        ...

    def enrol(self, msisdns: Sequence[str], at_us: int) -> Enrolment:
        """Give numbers to those who have none; the rows must be committed before the numbers are used."""
        ...


class DeliveryEvent(msgspec.Struct, frozen=True, gc=False):
    """The end of one message as its client may hear it. There is no recipient: a client knows its own.

    `sequence` ascends by commit within the shard; `state` is the name of a final domain.message.MessageState;
    `client_reference` is the client's own user_message_reference (SMPP v3.4 section 5.3.2.17), -1 where it
    gave none; `campaign` is the campaign's name, empty for messages that an ESME submitted.
    """

    sequence: int
    message_id: int
    account: str
    state: str
    smsc_message_id: str
    segments: int
    charged_micros: int
    final_at_us: int
    client_reference: int = -1
    campaign: str = ""


class DeliveryEventSink(Protocol):
    """Somewhere to tell of delivery events, in order and at least once.

    The caller keeps a cursor per sink, moves it when `publish` has succeeded, and publishes one batch of a
    sink at a time; the receiver drops what it has by `sequence`.
    """

    def publish(self, events: Sequence[DeliveryEvent]) -> Awaitable[None]:
        """Hand over a batch, ascending by `sequence`; an empty batch is done at once.

        Raises (when awaited):
            ResourceError: not taken after all attempts; the cursor stays and the same batch comes again.
        """
        ...

    def close(self) -> Awaitable[None]:
        """Give connections back; a batch on its way fails with ResourceError."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryEventSinkSettings:
    """What a sink is told at its making; `name` is also the name of its cursor.

    `options` are the keys that only this kind of sink knows.
    """

    name: str
    url: str
    secret: bytes = field(repr=False)
    timeout_s: float = 10.0
    attempts_max: int = 8
    backoff_min_s: float = 0.5
    backoff_max_s: float = 60.0
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NumberPortabilitySettings:
    """What whoever knows of ported numbers is told at its making.

    `options` are the keys that only this kind knows.
    """

    numbers_file: Path | None = None
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)


class NumberPortabilityFactory(Protocol):
    """What an entry point of the group `operator_push.number_portability` names: a class or function.

    Raises:
        OperatorError: settings that this kind cannot work with.
    """

    def __call__(self, settings: NumberPortabilitySettings, reactor: object) -> NumberPortability: ...


class DeliveryEventSinkFactory(Protocol):
    """What an entry point of the group `operator_push.delivery_events` names: a class or function.

    Raises:
        OperatorError: settings that this kind of sink cannot work with.
    """

    def __call__(self, settings: DeliveryEventSinkSettings, reactor: object) -> DeliveryEventSink: ...


class LedgerHeadReceiver(Protocol):
    """Takes signed heads of the ledger, a line at a time, in order; in a thread, may block.

    Raises:
        ResourceError: it did not take the line; it will be offered again.
    """

    def __call__(self, line: str) -> None: ...


class LedgerHeadReceiverFactory(Protocol):
    """What an entry point of the group `operator_push.ledger_heads` names: a class or function."""

    def __call__(self, url: str) -> LedgerHeadReceiver: ...

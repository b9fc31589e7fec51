"""Ports: what the use cases ask of the world outside, as protocols, and the values that cross.

Whoever implements one (an adapter reached by entry point, a room of the rim, a double in a test) imports
this page; this page imports no technology. A recipient never crosses a port towards a client as a number.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
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
    gave none; `campaign` is the campaign's name, empty for messages that an ESME submitted;
    `client_message_id` is the id that its client was told: the short name of an SMPP 3.3 peer, or the decimal
    id of the first message where this one replaced it or is another recipient of its submit_multi.
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
    client_message_id: str = ""


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


class ChargingStep(IntEnum):
    """What a credit-control request asks for; the numbers stand in rows."""

    OPEN = 1  # reserve a first slice: CCR INITIAL
    UPDATE = 2  # commit what was used and reserve the next slice: CCR UPDATE
    TERMINATE = 3  # commit what was used and give the rest back: CCR TERMINATION
    REFUND = 4  # what was committed is given back: CCR EVENT, REFUND_ACCOUNT
    DEBIT = 5  # commit what was used where no session is open: CCR EVENT, DIRECT_DEBITING


class ChargingRequest(msgspec.Struct, frozen=True, gc=False):
    """One credit-control request (RFC 8506 section 3.1); it is in the store before it leaves.

    (`session_id`, `number`) names it for ever: a copy has the same content and `is_copy` (the T bit of
    RFC 6733 section 3). `requested_micros` of OPEN and UPDATE; `used_micros` since the last report, of a
    REFUND what is given back. `subscription` is the account's name in the charging system.
    """

    step: ChargingStep
    session_id: str
    number: int
    account_no: int
    subscription: str
    currency: str
    requested_micros: int
    used_micros: int
    is_copy: bool = False


class ChargingAnswer(msgspec.Struct, frozen=True, gc=False):
    """What the charging system said (RFC 8506 section 3.2), in the currency that was asked in.

    `result_code` a Diameter Result-Code, that of the units where the command's own is a success;
    `granted_micros` takes the place of what was granted before; `validity_s` 0 without a limit;
    `failure_handling` "terminate", "continue" or "" where it says nothing.
    """

    result_code: int
    granted_micros: int = 0
    validity_s: int = 0
    is_final: bool = False
    failure_handling: str = ""


class OnlineCharging(Protocol):
    """The operator's online charging system. Called in threads, several at once, and may block."""

    def ask(self, request: ChargingRequest) -> ChargingAnswer:
        """Send one request and wait for its answer, Tx seconds at most.

        Raises:
            ResourceError: no connection, no answer, or an answer that cannot be read. The request may have
                been carried out; the caller sends a copy of it later.
        """
        ...

    def close(self) -> None:
        """Disconnect from the peers; whoever still waits gets a ResourceError."""
        ...


@dataclass(frozen=True, slots=True)
class OnlineChargingSettings:
    """What an online charging adapter is told at its making.

    `origin_host` and `origin_realm` our Diameter identity; `peers` URIs such as
    aaa://relay.example:3868;transport=tcp; `tx_s` the timer Tx of RFC 8506 section 13. `options` are the keys
    that only this kind knows.
    """

    origin_host: str
    origin_realm: str
    destination_realm: str
    peers: Sequence[str]
    tx_s: float = 10.0
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)


class OnlineChargingFactory(Protocol):
    """What an entry point of the group `operator_push.online_charging` names: a class or function.

    Raises:
        OperatorError: settings that this kind cannot work with.
    """

    def __call__(self, settings: OnlineChargingSettings) -> OnlineCharging: ...


class RewardPayment(msgspec.Struct, frozen=True):
    """What is to be paid to one person: `amount_micros` of `currency`, as airtime, voucher or money. The
    `payout_id` names it for ever: whoever pays, pays it once."""

    payout_id: int
    msisdn: str
    how: str
    amount_micros: int
    currency: str


class RewardPaymentAnswer(msgspec.Struct, frozen=True):
    """The final word of whoever pays. `told`: a receipt, a voucher's code, or why it was refused."""

    is_paid: bool
    told: str


class RewardPayer(Protocol):
    """Pays rewards to people, in a thread; may block.

    Raises:
        ResourceError: no final answer now; the same payment is asked for again later.
    """

    def __call__(self, payment: RewardPayment) -> RewardPaymentAnswer: ...


class RewardPayerFactory(Protocol):
    """What an entry point of the group `operator_push.reward_payouts` names: a class or function.

    Raises:
        OperatorError: settings that this kind cannot work with.
    """

    def __call__(self, settings: "RewardPayerSettings") -> RewardPayer: ...


@dataclass(frozen=True, slots=True)
class RewardPayerSettings:
    """What whoever pays rewards is told at its making; `options` are the keys that only this kind knows."""

    url: str = ""
    secret: bytes = field(default=b"", repr=False)
    vouchers_file: Path | None = None
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)


class Email(msgspec.Struct, frozen=True):
    """A text to one address; nothing of it belongs into a log."""

    to: str
    subject: str
    text: str


class EmailSender(Protocol):
    """Sends e-mail, in a thread; may block.

    Raises:
        ResourceError: it was not taken; the reason holds neither address nor text.
    """

    def __call__(self, email: Email) -> None: ...


class EmailSenderFactory(Protocol):
    """What an entry point of the group `operator_push.email` names: a class or function.

    Raises:
        OperatorError: settings that this kind cannot work with.
    """

    def __call__(self, settings: "EmailSenderSettings") -> EmailSender: ...


@dataclass(frozen=True, slots=True)
class EmailSenderSettings:
    """What whoever sends e-mail is told at its making. `security`: "tls" from the first octet, "starttls", or
    "none"; `options` are the keys that only this kind knows."""

    sender: str
    host: str = "localhost"
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout_s: float = 15.0
    options: Mapping[str, str | int | float | bool] = field(default_factory=dict)

"""The desk: what the pages ask of the house. One over store and control socket is in cli.selfcare."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from operator_push.domain.contact_wishes import Wish
from operator_push.kernel.contracts import DataPurpose
from operator_push.services.enter_selfcare import Person
from operator_push.services.history_of_person import Told
from operator_push.services.permission_overview import Overview


class Attribute(msgspec.Struct, frozen=True):
    """What was learnt: its value as text, the purpose that it needs (where it came from), what it means in
    English, and up to when records were read."""

    name: str
    value: str
    unit: str
    purpose: DataPurpose
    meaning: str
    known_at: datetime


class Own(Protocol):
    """What a person declared (store.person_rows.Declared)."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def declared_us(self) -> int: ...


class Profile(msgspec.Struct, frozen=True):
    """What is known of a person: learnt from records that they permit, and declared by themselves."""

    learnt: Sequence[Attribute]
    declared: Sequence[Own]


class Reward(msgspec.Struct, frozen=True):
    """One movement of rewards: `kind` in words of the ledger; negative where it left."""

    at_us: int
    kind: str
    amount_micros: int
    currency: str


class Offered(msgspec.Struct, frozen=True):
    """A reward that the person could still earn, with the terms to be shown. `earned_by` opt_in (to `brand`)
    or profile (`needs`)."""

    name: str
    earned_by: str
    brand: str
    needs: Sequence[str]
    terms: str


class PaidOut(msgspec.Struct, frozen=True):
    """A payout: `state` asked, paid or refused; `told` by whoever pays, such as a voucher's code."""

    at_us: int
    how: str
    amount_micros: int
    state: str
    told: str


class Rewards(msgspec.Struct, frozen=True):
    """What is owed to a person, what of it may still be taken back, and how it came to be."""

    owed_micros: int
    held_back_micros: int
    currency: str
    postings: Sequence[Reward]
    payouts: Sequence[PaidOut]


class Wished(msgspec.Struct, frozen=True):
    """A wish with what it is about: a brand's name or *, a category (0: all), a channel or *."""

    brand: str
    category: int
    channel: str
    wish: Wish


class JoinTouchpoint(msgspec.Struct, frozen=True):
    """Where people opt in: `notice` is the text to be shown, "" where none is registered, and `evidence`
    names its version; `origins`: the sites whose pages may show its form."""

    name: str
    brand: str
    notice: str
    evidence: Mapping[str, str]
    origins: Sequence[str] = ()


class Linked(msgspec.Struct, frozen=True):
    """What is linked to a person's number with a client (`account`, "" where `is_own`: with the operator), or
    waits for its code (`linked_us` 0)."""

    account: str
    brand: str
    customer_code: str
    email: str
    linked_us: int

    @property
    def is_own(self) -> bool:
        """The person's own address, which no client brought."""
        return not self.account


class Desk(Protocol):
    """Every call may raise ResourceError: the server or the store cannot be asked now."""

    def find(self, typed: str) -> tuple[str, Person | None]:
        """The digits of a number as it was typed, and who holds it; None where nobody does. It is audited.

        Raises:
            ValueError: this is no number.
        """
        ...

    def send(self, person: Person, text: str, valid_s: int) -> None:
        """Send a text to a person; what goes wrong is logged and nobody waits for it."""
        ...

    def overview(self, person: Person, now_us: int) -> Overview:
        """Where the person stands with every brand."""
        ...

    def brand_names(self) -> Sequence[str]:
        """The brands that can be chosen, by name."""
        ...

    def record(self, person: Person, act: Mapping[str, str]) -> str:
        """Have an act of consent recorded (columns of consents.csv without msisdn); "" or why it was refused.

        It holds, and is on disk, when this returns.
        """
        ...

    def profile(self, person: Person, now_us: int) -> Profile:
        """What is known of the person, as far as they permit that it is looked at."""
        ...

    def declare(self, person: Person, values: Mapping[str, str], offer: Offered | None) -> str:
        """Keep what the person says of themselves, having been shown an offer; "" or why it was refused."""
        ...

    def history(self, person: Person, now_us: int) -> Sequence[Told]:
        """Who sent or wanted to send what, and why, newest first."""
        ...

    def rewards(self, person: Person, now_us: int) -> Rewards:
        """What the person has earned."""
        ...

    def offers(self, person: Person) -> Sequence[Offered]:
        """The rewards that the person could still earn."""
        ...

    def pay_out(self, person: Person, how: str) -> str:
        """Have all rewards paid out that may be; "" or why it was refused."""
        ...

    def erase(self, person: Person) -> str:
        """Erase what is kept about the person; "" once it is gone, or why it was refused."""
        ...

    def touchpoint(self, name: str, language: str) -> JoinTouchpoint | None:
        """The touchpoint of this name, with its notice in this language where it has one."""
        ...

    def ask_to_join(self, name: str, msisdn: str, method: str, evidence: Mapping[str, str]) -> None:
        """Have a number asked by SMS whether it opts in; what goes wrong is logged."""
        ...

    def wishes(self, person: Person) -> Sequence[Wished]:
        """When and how often the person wants promotions, of whom."""
        ...

    def set_wish(self, person: Person, wished: Wished) -> str:
        """Keep it in the place of what was wished of the same scope; it holds when this returns. "" or why it
        was refused."""
        ...

    def links(self, person: Person) -> Sequence[Linked]:
        """What is linked to the number, and what waits for its code."""
        ...

    def link_email(self, person: Person, email: str, language: str) -> str:
        """Have a code sent to an address of the person's; "" or why it was refused."""
        ...

    def confirm_email(self, person: Person, code: str) -> str:
        """Link the address to which this code was sent; "" or why it was refused."""
        ...

    def unlink(self, person: Person, account: str) -> str:
        """Delete what is linked with an account; "" or why it was refused."""
        ...

    def everything(self, person: Person, now_us: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """All that is kept about the person: tables of flat rows by name."""
        ...

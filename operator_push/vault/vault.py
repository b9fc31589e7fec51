"""The vault: which msisdn is which subscriber number, and who asked.

Laws: outside this room a person is a subscriber number; every look-up back to an msisdn is audited, sends
by sums and people's look-ups one by one. Both maps are in memory: 130 octets a subscriber, 2.6 GB for 20
million. What comes later behind the same calls: for 100 million, sorted arrays of msisdns and numbers with a
bisection in place of the dict (2 GB in all); msisdns encrypted at rest under a key of the operator (today
they are text in vault_subscriber beside their keyed look-up value, so that table must be guarded). No
permission is known here.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import id_day
from operator_push.kernel.lookup_keys import FIRST_VERSION, LookupKeys
from operator_push.kernel.numbering import is_msisdn, mask_number
from operator_push.kernel.pseudonym import lookup_value
from operator_push.vault.rows import VAULT_SUBSCRIBER_COLUMNS, Row, subscribers

if TYPE_CHECKING:
    from operator_push.vault.snapshot import KnowsDataPurposes

UNKNOWN = 0
ACTOR_PRODUCT = "operator-push"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`numbers` in the order of the msisdns that were given; `rows` of vault_subscriber for the new ones."""

    numbers: list[int]
    rows: list[Row]


class Forgotten(NamedTuple):
    """Who was forgotten, 0 where nobody had the number; the look-up value that stays, and its key."""

    subscriber_no: int
    lookup: bytes
    key_version: int


class Vault:
    """Who is who in one shard; belongs to one thread. Subscriber numbers are dense from 1."""

    def __init__(self, key: bytes | LookupKeys, shard: int = 0) -> None:
        self.keys = key if isinstance(key, LookupKeys) else LookupKeys({FIRST_VERSION: key})
        self.is_behind = False  # some look-up values are of an older key than the current one
        self._shard = shard
        self._numbers: dict[int, int] = {}
        self._msisdns = array("Q", [0])  # by subscriber_no; 0: nobody
        self._since: dict[int, int] = {}  # subscriber_no → since_us, of those who got another's number
        self._lookups: Counter[str] = Counter()
        self.suppressed: dict[int, set[bytes]] = {}  # by key version, look-up values of who was erased
        # Told where one of them is enrolled again: (subscriber_no, at_us).
        self.on_suppressed: Callable[[int, int], object] = lambda subscriber_no, at_us: None

    def __len__(self) -> int:
        return len(self._numbers)

    def load(self, connection: Connection) -> int:
        """Read everybody in, in place of what was known; returns how many.

        Raises:
            OperatorError: a key is not the one by which these rows were written, or it is not there.
        """
        self._numbers.clear()
        self.is_behind = False
        checked: set[int] = set()
        self._since.clear()
        self._msisdns = array("Q", [0])
        for subscriber_no, lookup, msisdn, since_us, version in subscribers(connection, self._shard):
            if not msisdn:  # given up: the number is another's now, or its owner was erased
                self._msisdns.extend([0] * (subscriber_no + 1 - len(self._msisdns)))
                continue
            if version not in checked:
                self._check_key(version, msisdn, bytes(lookup))
                checked.add(version)
            self._msisdns.extend([0] * (subscriber_no - len(self._msisdns)))
            self._msisdns.append(int(msisdn))
            self._numbers[int(msisdn)] = subscriber_no
            if since_us:
                self._since[subscriber_no] = since_us
        return len(self._numbers)

    def know_suppressed(self, by_version: dict[int, set[bytes]]) -> None:
        """Look-up values of everybody who was erased, by the version of their key.

        Raises:
            OperatorError: a key is not there, so that who was erased would not be known again.
        """
        for version in by_version:
            if version not in self.keys.by_version:
                raise OperatorError(f"people were erased under a key that is gone; put {_file(version)} back")
        self.suppressed = by_version

    def _check_key(self, version: int, msisdn: str, lookup: bytes) -> None:
        self.is_behind |= version != self.keys.current
        if version not in self.keys.by_version or self.keys.value(msisdn, version) != lookup:
            raise OperatorError(
                "the pseudonym key is not the one by which the vault was filled; "
                f"put the former {_file(version)} back"
            )

    def enrol(self, msisdns: Iterable[str], at_us: int) -> Enrolment:
        """Give numbers to people; who has one keeps it.

        The numbers hold in memory at once, and are to be used once the rows are committed. Where that commit
        fails for good, load the vault again.

        Raises:
            ValueError: not an msisdn; nobody was enrolled.
        """
        wanted = list(msisdns)
        for msisdn in wanted:
            if not is_msisdn(msisdn):
                raise ValueError(f"{mask_number(msisdn)!r} is not an international number of digits")
        enrolment = Enrolment([], [])
        for msisdn in wanted:
            digits = int(msisdn)
            number = self._numbers.get(digits)
            if number is None:
                number = len(self._msisdns)
                self._numbers[digits] = number
                self._msisdns.append(digits)
                keys = self.keys
                row = (self._shard, number, keys.value(msisdn), msisdn, at_us, 0, keys.current)
                enrolment.rows.append(row)
                if self._is_suppressed(msisdn):
                    self.on_suppressed(number, at_us)
            enrolment.numbers.append(number)
        return enrolment

    def _is_suppressed(self, msisdn: str) -> bool:
        return any(
            self.keys.value(msisdn, version) in erased
            for version, erased in self.suppressed.items()
            if erased
        )

    def owner_since_us(self, subscriber_no: int) -> int:
        """From when the number is this person's, where it was somebody else's before; else 0."""
        return self._since.get(subscriber_no, 0)

    def hand_over(self, msisdn: str, since_us: int, at_us: int) -> tuple[int, list[dict[str, object]]]:
        """Give a number that has a new owner since a moment a new subscriber number, which is returned with
        the rows of vault_subscriber to write, in this order: the former owner's without the number, the new
        one's. `at_us` is now.

        Raises:
            LookupError: nobody has this number.
        """
        digits = int(msisdn)
        former = self._numbers.get(digits, UNKNOWN)
        if not former:
            raise LookupError(f"nobody has the number {mask_number(msisdn)}")
        number = len(self._msisdns)
        self._msisdns[former] = 0
        self._msisdns.append(digits)
        self._numbers[digits] = number
        self._since[number] = since_us
        self._since.pop(former, None)
        unlinked = lookup_value(self.keys.by_version[self.keys.current], "former", f"{former}:{msisdn}")
        lookup = self.keys.value(msisdn)
        return number, [
            self._named_row(former, unlinked, "", at_us, 0),
            self._named_row(number, lookup, msisdn, at_us, since_us),
        ]

    def forget(self, msisdn: str) -> Forgotten:
        """Forget who has a number, who was to be erased; from now on the number is suppressed."""
        lookup, version = self.keys.value(msisdn), self.keys.current
        number = self._numbers.pop(int(msisdn), UNKNOWN) if is_msisdn(msisdn) else UNKNOWN
        if number:
            self._msisdns[number] = 0
            self.suppressed.setdefault(version, set()).add(lookup)
        return Forgotten(number, lookup, version)

    def number_of(self, msisdn: str) -> int:
        """The subscriber number of these digits, 0 (UNKNOWN) where nobody has them."""
        return self._numbers.get(int(msisdn), UNKNOWN) if is_msisdn(msisdn) else UNKNOWN

    def msisdn_of(self, subscriber_no: int, reason: str) -> str:
        """The digits, for the product's own use; `reason` ("send", "quote") is counted for the audit.

        Raises:
            LookupError: nobody has this number.
        """
        msisdn = self._find(subscriber_no)
        self._lookups[reason] += 1
        return msisdn

    def count_lookups(self, reason: str, lookups: int) -> None:
        """Look-ups for a reason that a process made on our behalf which had a picture of this vault."""
        if lookups:
            self._lookups[reason] += lookups

    def take_audit_rows(self, next_id: Callable[[], int], at_us: int) -> list[Row]:
        """Rows of vault_audit for the look-ups since the last call, one per reason; write them with the
        changes that the look-ups led to."""
        if not self._lookups:
            return []
        counted, self._lookups = self._lookups, Counter()
        return [
            self._audit_row(next_id(), ACTOR_PRODUCT, reason, UNKNOWN, lookups, at_us)
            for reason, lookups in sorted(counted.items())
        ]

    def reveal(
        self, subscriber_no: int, *, actor: str, purpose: str, audit_id: int, at_us: int
    ) -> tuple[str, Row]:
        """The digits for a person's eyes, and the row of vault_audit: commit it before you show them.

        Raises:
            LookupError: nobody has this number.
            ValueError: the actor or the purpose is empty.
        """
        if not actor or not purpose:
            raise ValueError("a look-up needs an actor and a purpose")
        msisdn = self._find(subscriber_no)
        return msisdn, self._audit_row(audit_id, actor, purpose, subscriber_no, 1, at_us)

    def rotated(self, *, actor: str, audit_id: int, at_us: int) -> Row:
        """The row of vault_audit that tells of a new look-up key."""
        return self._audit_row(audit_id, actor, f"look-up key {self.keys.current}", UNKNOWN, 0, at_us)

    def asked_for(self, msisdn: str, *, actor: str, purpose: str, audit_id: int, at_us: int) -> Row:
        """The row of vault_audit for a person who looks for somebody by number: commit it before you answer.

        Raises:
            ValueError: the actor or the purpose is empty.
        """
        if not actor or not purpose:
            raise ValueError("a look-up needs an actor and a purpose")
        return self._audit_row(audit_id, actor, purpose, self.number_of(msisdn), 1, at_us)

    def export_snapshot(
        self, path: Path, key: bytes, permission_book: "KnowsDataPurposes", *, taken_at_us: int
    ) -> int:
        """Write the permission snapshot of kernel.contracts: everybody here, in a file without a number.

        Returns how many rows; the file appears whole or not at all.
        """
        since = self._since
        people = (
            (number, str(digits), since.get(number, 0))
            for number, digits in enumerate(self._msisdns)
            if digits
        )
        from operator_push.vault.snapshot import (
            write_snapshot,  # with pyarrow, which no start should wait for
        )

        return write_snapshot(path, key, people, permission_book, taken_at_us)

    def _find(self, subscriber_no: int) -> str:
        if 0 < subscriber_no < len(self._msisdns) and (digits := self._msisdns[subscriber_no]):
            return str(digits)
        raise LookupError(f"subscriber {subscriber_no} is not in the vault")

    def _named_row(
        self, number: int, lookup: bytes, msisdn: str, at_us: int, since_us: int
    ) -> dict[str, object]:
        values = (self._shard, number, lookup, msisdn, at_us, since_us, self.keys.current)
        return dict(zip(VAULT_SUBSCRIBER_COLUMNS, values, strict=True))

    def _audit_row(
        self, audit_id: int, actor: str, purpose: str, subscriber_no: int, lookups: int, at_us: int
    ) -> Row:
        # Its place in the chain is given where it is written.
        return (
            self._shard,
            id_day(audit_id),
            audit_id,
            actor,
            purpose,
            subscriber_no,
            lookups,
            at_us,
            0,
            b"",
        )


def _file(version: int) -> str:
    name = "pseudonym.key" if version == FIRST_VERSION else f"vault-lookup-{version}.key"
    return f"secrets/{name}"

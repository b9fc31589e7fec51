"""Change of owner: a number that was given to somebody else, taken to another network, or is to be forgotten.

Laws: what the former owner permitted is void at once, and nothing that is dated before the change revives it;
history and points stay with the former owner, who is a subscriber number without an msisdn from then on. Who
takes the number along is the same person: what the operator was granted ends, what a brand holds by evidence
of its own stays. Who is erased leaves a keyed digest, so that the number stays silent when it comes again.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from operator_push.domain.consent import (
    EVERY,
    EVERY_CHANNEL,
    ConsentAction,
    ConsentEvent,
    Evidence,
    Purpose,
)
from operator_push.domain.permission import PermissionBook
from operator_push.kernel.ids import IdSequence
from operator_push.kernel.instants import parse_iso
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import CLOCK_TOLERANCE_US, consent_row

RECYCLED = ("recycled", "new_owner")
PORTED_OUT = "ported_out"
CHANGES = (*RECYCLED, PORTED_OUT)
STOPPED_PURPOSES = (Purpose.MARKETING, Purpose.SERVICE)


class HandsOver(Protocol):
    """What is asked of the vault."""

    def number_of(self, msisdn: str) -> int: ...

    def msisdn_of(self, subscriber_no: int, reason: str) -> str: ...

    def owner_since_us(self, subscriber_no: int) -> int: ...

    def hand_over(self, msisdn: str, since_us: int, at_us: int) -> tuple[int, list[dict[str, object]]]: ...


class ChangeOwner:
    """The use case for one shard."""

    def __init__(self, shard: int, ids: IdSequence, permission: PermissionBook, vault: HandsOver) -> None:
        self._shard = shard
        self._ids = ids
        self._permission = permission
        self._vault = vault
        # Told of everybody who is no longer who they were: (subscriber_no, changes).
        self.on_gone: list[Callable[[int, Changes], object]] = []

    def change(self, row: Mapping[str, Any], now_us: int, changes: Changes) -> bool:
        """Apply {"msisdn" or "subscriber_no", "change", "at", "evidence"}; False where nobody has that
        number, or it has changed hands since: the same change told twice happens once.

        Raises:
            ValueError: a value that cannot be; it says what is allowed.
            KeyError: a column is missing.
        """
        number, msisdn = self._whose(row)
        kind = str(row["change"])
        if kind not in CHANGES:
            raise ValueError(f"change {kind!r} is not one of {', '.join(CHANGES)}")
        at_us = parse_iso(str(row["at"]))
        if at_us > now_us + CLOCK_TOLERANCE_US:
            raise ValueError(f"at {row['at']!r} is in the future; a change is told when it has happened")
        if not number or at_us <= self._vault.owner_since_us(number):
            return False
        evidence = Evidence("import", f"subscriber record: {kind}", reference=str(row.get("evidence") or ""))
        if kind == PORTED_OUT:
            self._record(number, ConsentAction.END, evidence, at_us, now_us, changes)
            return True
        self._record(number, ConsentAction.VOID, evidence, at_us, now_us, changes)
        new_number, rows = self._vault.hand_over(msisdn, at_us, now_us)
        changes.upserts.extend(("vault_subscriber", stored) for stored in rows)
        # The number begins anew, and acts that are dated before the change are not the new owner's.
        self._record(new_number, ConsentAction.VOID, evidence, at_us, now_us, changes)
        for told in self.on_gone:
            told(number, changes)
        return True

    def _whose(self, row: Mapping[str, Any]) -> tuple[int, str]:
        """(subscriber_no, msisdn), 0 where nobody has the number."""
        if not row.get("msisdn") and (named := str(row.get("subscriber_no") or "")):
            if not named.isdecimal():
                raise ValueError("subscriber_no is not a whole number")
            try:
                return int(named), self._vault.msisdn_of(int(named), "change of owner")
            except LookupError:
                return 0, ""
        msisdn = normalise_msisdn(str(row["msisdn"]))
        if msisdn is None:
            raise ValueError("msisdn is not an international number")
        return self._vault.number_of(msisdn), msisdn

    def forget(self, subscriber_no: int, now_us: int) -> None:
        """Let the book forget somebody who is erased: their acts are emptied in the store, none is added."""
        for purpose in Purpose:
            self._permission.apply(
                _act(subscriber_no, purpose, ConsentAction.VOID, now_us, Evidence("erased"))
            )

    def suppress(self, subscriber_no: int, now_us: int, changes: Changes) -> None:
        """A number that was erased has come again: it stays silent until its holder opts in."""
        evidence = Evidence("import", "this number was erased, and stays suppressed")
        for purpose in STOPPED_PURPOSES:
            self._stage(
                _act(subscriber_no, purpose, ConsentAction.WITHDRAW, now_us, evidence), now_us, changes
            )

    def _record(
        self,
        number: int,
        action: ConsentAction,
        evidence: Evidence,
        at_us: int,
        now_us: int,
        changes: Changes,
    ) -> None:
        for purpose in Purpose:
            self._stage(_act(number, purpose, action, at_us, evidence), now_us, changes)

    def _stage(self, event: ConsentEvent, now_us: int, changes: Changes) -> None:
        self._permission.apply(event)
        changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))


def _act(
    number: int, purpose: Purpose, action: ConsentAction, at_us: int, evidence: Evidence
) -> ConsentEvent:
    return ConsentEvent(number, EVERY, EVERY, purpose, EVERY_CHANNEL, action, at_us, evidence)

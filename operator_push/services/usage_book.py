"""The usage book: what accounts have used of tiers, bundles, contacts' months and credit, in memory and rows.

A message takes its part when it is accepted, in the transaction of its hold, and gives back what it was not
charged for in the transaction of its settlement. Rows hold what stands, not steps: written twice they say the
same. A month that is neither this nor the one before is closed here; nothing in it moves any more.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

from operator_push.domain.rating.document import TariffDocument
from operator_push.domain.rating.matching import local_time
from operator_push.domain.rating.values import Usage
from operator_push.services.changes import Changes, UsageKey

FOR_EVER: Final = 0  # the month of what counts over its whole life

_Place = tuple[int, int, int, int, str]  # the same without the rule


class UsageKind(IntEnum):
    """What is counted; the numbers stand in rows."""

    SEGMENTS = 1  # of a price or a bundle, in a month
    CONTACT = 2  # segments that a contact's month has covered
    CREDIT = 3  # micros of a promotional credit


def month_of(tariff: TariffDocument, at_us: int) -> int:
    """The month of a moment in the tariff's zone, as 202605."""
    local = local_time(at_us, tariff.zone)
    return local.year * 100 + local.month


def month_before(month: int) -> int:
    """202512 for 202601."""
    return month - 1 if month % 100 > 1 else month - 89


class UsageBook:
    """What stands, of one shard; `oldest_month` is the first that is known here."""

    def __init__(self, rows: Iterable[tuple[UsageKey, int]] = (), oldest_month: int = 0) -> None:
        self._found: dict[_Place, dict[str, int]] = {}
        self._oldest = self._newest = oldest_month
        for key, amount in rows:
            self._found.setdefault(key[:5], {})[key[5]] = amount
            self._newest = max(self._newest, key[1])

    def usage(self, account_no: int, tariff: str, month: int, subscriber_no: int) -> Usage:
        """What an account has used in a month, and one contact of it (0: nobody that is known)."""
        found = self._found
        none: dict[str, int] = {}
        contact = (account_no, month, int(UsageKind.CONTACT), subscriber_no, tariff)
        return Usage(
            segments=found.get((account_no, month, int(UsageKind.SEGMENTS), 0, tariff), none),
            contact_segments=found.get(contact, none) if subscriber_no else none,
            credit_micros=found.get((account_no, FOR_EVER, int(UsageKind.CREDIT), 0, tariff), none),
        )

    def take(
        self, account_no: int, tariff: str, month: int, subscriber_no: int, used: Usage, changes: Changes
    ) -> None:
        """Count what a message uses."""
        self._turn(month)
        self._move(account_no, tariff, month, subscriber_no, used, 1, changes)

    def give_back(
        self, account_no: int, tariff: str, month: int, subscriber_no: int, used: Usage, changes: Changes
    ) -> None:
        """Count no longer what a message was not charged for in the end."""
        self._move(account_no, tariff, month, subscriber_no, used, -1, changes)

    def _move(
        self,
        account_no: int,
        tariff: str,
        month: int,
        subscriber_no: int,
        used: Usage,
        sign: int,
        changes: Changes,
    ) -> None:
        counted: tuple[tuple[int, UsageKind, int, Mapping[str, int]], ...] = (
            (month, UsageKind.SEGMENTS, 0, used.segments),
            (month, UsageKind.CONTACT, subscriber_no, used.contact_segments if subscriber_no else {}),
            (FOR_EVER, UsageKind.CREDIT, 0, used.credit_micros),
        )
        for in_month, kind, subject, by_rule in counted:
            if not by_rule or (in_month and in_month < self._oldest):
                continue
            place = (account_no, in_month, int(kind), subject, tariff)
            found = self._found.setdefault(place, {})
            for rule, amount in by_rule.items():
                stands = max(0, found.get(rule, 0) + sign * amount)
                if stands:
                    found[rule] = stands
                else:
                    found.pop(rule, None)  # a contact whose month nobody has used is not paid either
                changes.usage[(*place, rule)] = stands

    def _turn(self, month: int) -> None:
        """Forget what was before last month, where a month begins."""
        if month <= self._newest:
            return
        self._newest, self._oldest = month, month_before(month)
        self._found = {
            place: by_rule
            for place, by_rule in self._found.items()
            if place[1] >= self._oldest or place[1] == FOR_EVER
        }

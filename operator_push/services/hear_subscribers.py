"""Hear subscribers: an MO message is read for STOP first, and what it says holds at once.

The stop takes effect in memory before it is on disk, so that nothing that is decided from now on passes;
the deliver_sm_resp that promises it to the SMSC waits for the commit (law 1).
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.permission import (
    ConsentAction,
    ConsentEvent,
    Evidence,
    PermissionBook,
    Purpose,
)
from operator_push.domain.words import Heard, reader_for
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row

STOPPED_PURPOSES = (Purpose.MARKETING, Purpose.SERVICE)
EVIDENCE_TEXT_MAX = 200


class Inbound(msgspec.Struct, frozen=True, gc=False):
    """One MO message: `source` the subscriber's msisdn, `destination` our short code or sender address;
    `part` its place in a long message, None where it is whole."""

    source: str
    destination: str
    text: str
    body: bytes
    part: Part | None = None


# Where a whole message, or a part that found no others, goes on: (inbound, mo_id, now_us, changes).
Route = Callable[[Inbound, int, int, Changes], object]


class Reassembly(Protocol):
    """What is asked of services.reassemble_mo."""

    def add(self, mo_id: int, inbound: Inbound, now_us: int) -> list[tuple[int, Inbound]] | None: ...

    def overdue(self, now_us: int) -> list[list[tuple[int, Inbound]]]: ...


class HearSubscribers:
    """The use case for one shard. `route` gives what is no word for us to an ESME's queue; `reassembly` and
    `join` make one message of the parts of a long one: without them each part goes on alone."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        permission: PermissionBook,
        number_of: Callable[[str], int],
        meters: Meters,
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._permission = permission
        self._number_of = number_of
        self._meters = meters
        # What a text asks for; the words of the default pack until the settings name another.
        self.read: Callable[[str], Heard] = reader_for("default", date.max).read
        # Gives a number to somebody whom nobody has written to yet: (msisdn, now_us, changes) → number, or 0.
        self.enrol: Callable[[str, int, Changes], int] = lambda msisdn, now_us, changes: 0
        self.route: Route = lambda inbound, mo_id, now_us, changes: None
        # Told of every stop, once it holds: (msisdn, now_us, changes).
        self.on_stopped: list[Callable[[str, int, Changes], object]] = []
        self.reassembly: Reassembly | None = None
        self.join: Callable[[Sequence[Inbound]], Inbound] = lambda parts: parts[0]

    def hear(self, link_no: int, inbound: Inbound, now_us: int, changes: Changes) -> InboundAction:
        """Act on one MO message; rows go into `changes`, the acknowledgement after their commit.

        STOP and its kin are heard first: in every part as it comes, and in the whole once it is whole.
        """
        mo_id = self._ids.next_id(now_us)
        subscriber_no = self._number_of(inbound.source)
        action, subscriber_no, stops = self._act(subscriber_no, inbound, now_us, changes)
        whole: Inbound | None = inbound
        if inbound.part is not None and self.reassembly is not None:
            parts = self.reassembly.add(mo_id, inbound, now_us)
            whole = self.join([part for _, part in parts]) if parts else None
            if parts == []:
                self._meters.count("mo.repeated_parts")
            if whole is not None and not action.is_for_us:
                action, subscriber_no, stops = self._act(subscriber_no, whole, now_us, changes)
        if whole is not None and not action.is_for_us:
            self.route(whole, mo_id, now_us, changes)
        self._meters.count("mo.received")
        changes.mo_message.append(
            (
                self._shard,
                id_day(mo_id),
                mo_id,
                link_no,
                subscriber_no,
                inbound.source,
                inbound.destination,
                int(action),
                stops,
                inbound.body,
                now_us,
            )
        )
        return action

    def expire(self, now_us: int, changes: Changes) -> int:
        """Send on the parts of messages that are not whole in time; returns how many parts."""
        count = 0
        for parts in self.reassembly.overdue(now_us) if self.reassembly is not None else ():
            for mo_id, inbound in parts:
                count += 1
                if not self.read(inbound.text).action.is_for_us:
                    self.route(inbound, mo_id, now_us, changes)
        if count:
            self._meters.count("mo.parts_overdue", count)
        return count

    def _act(
        self, subscriber_no: int, inbound: Inbound, now_us: int, changes: Changes
    ) -> tuple[InboundAction, int, int]:
        """What the text means, whose it is, and how many permissions it ended."""
        action = self.read(inbound.text).action
        stops = 0
        if action.is_stop:
            # A stop must hold against what is learnt later, so whoever says it is known from now on.
            subscriber_no = subscriber_no or self.enrol(inbound.source, now_us, changes)
            if subscriber_no:
                stops = self._stop(subscriber_no, inbound, now_us, changes)
                self._meters.count("mo.stop")
                for told in self.on_stopped:
                    told(inbound.source, now_us, changes)
        return action, subscriber_no, stops

    def _stop(self, subscriber_no: int, inbound: Inbound, now_us: int, changes: Changes) -> int:
        """Withdraw everything that needs permission, for all brands: which brand was meant is not known."""
        stops = 0
        evidence = Evidence(
            method="sms",
            detail=f"{inbound.text[:EVIDENCE_TEXT_MAX]!r} to {inbound.destination}",
            notice_version="",
            language="",
            reference="",
        )
        for purpose in STOPPED_PURPOSES:
            event = ConsentEvent(
                subscriber_no=subscriber_no,
                brand_no=0,
                category=0,
                purpose=purpose,
                channel="*",
                action=ConsentAction.WITHDRAW,
                at_us=now_us,
                evidence=evidence,
            )
            stops += self._permission.apply(event)
            changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))
        return stops

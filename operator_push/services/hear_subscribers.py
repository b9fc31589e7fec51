"""Hear subscribers: an MO message is read for STOP first, and what it says holds at once.

The stop takes effect in memory before it is on disk, so that nothing that is decided from now on passes;
the deliver_sm_resp that promises it to the SMSC waits for the commit (law 1).
"""

from collections.abc import Callable

import msgspec

from operator_push.domain.permission import (
    ConsentAction,
    ConsentEvent,
    Evidence,
    InboundAction,
    PermissionBook,
    Purpose,
    inbound_action,
)
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row

STOPPED_PURPOSES = (Purpose.MARKETING, Purpose.SERVICE)
EVIDENCE_TEXT_MAX = 200


class Inbound(msgspec.Struct, frozen=True, gc=False):
    """One MO message: `source` the subscriber's msisdn, `destination` our short code or sender address."""

    source: str
    destination: str
    text: str
    body: bytes


class HearSubscribers:
    """The use case for one shard; `route` gives MO that is not for us to an ESME's queue."""

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
        self.route: Callable[[Inbound, int, Changes], None] = lambda inbound, now_us, changes: None

    def hear(self, link_no: int, inbound: Inbound, now_us: int, changes: Changes) -> InboundAction:
        """Act on one MO message; rows go into `changes`, the acknowledgement after their commit."""
        action = inbound_action(inbound.text)
        subscriber_no = self._number_of(inbound.source)
        stops = 0
        if action is InboundAction.STOP and subscriber_no:
            stops = self._stop(subscriber_no, inbound, now_us, changes)
            self._meters.count("mo.stop")
        elif action is InboundAction.NONE:
            self.route(inbound, now_us, changes)
        self._meters.count("mo.received")
        mo_id = self._ids.next_id(now_us)
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

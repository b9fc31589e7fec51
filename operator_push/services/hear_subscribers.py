"""Hear subscribers: an MO message is read for STOP first, and what it says holds at once.

The stop takes effect in memory before it is on disk, so that nothing that is decided from now on passes;
the deliver_sm_resp that promises it to the SMSC waits for the commit (law 1).

STOP ends what the brand may send whose message the short code last carried to this person, every brand's
where that is not known; STOP ALL every brand's. START takes the latest back, and permits nothing new.
A stop is heard before any dialogue sees the text, so it can be no choice in one. What merely holds a word for
stopping changes nothing and becomes a review item.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Protocol

import msgspec

from operator_push.domain.concatenated_parts import Part
from operator_push.domain.consent import EVERY, EVERY_CHANNEL, Scope
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.permission import (
    ConsentAction,
    ConsentEvent,
    Evidence,
    PermissionBook,
    Purpose,
)
from operator_push.domain.words import NOTHING, Heard, reader_for
from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.meters import Meters
from operator_push.services.changes import Changes
from operator_push.services.manage_permission import consent_row

STOPPED_PURPOSES = (Purpose.MARKETING, Purpose.SERVICE)
EVIDENCE_TEXT_MAX = 200
CONFIRMED_ONCE_US = 24 * 3_600_000_000  # Ours: who repeats a stop on the same day is not told again.


class Inbound(msgspec.Struct, frozen=True, gc=False):
    """One MO message: `source` the subscriber's msisdn, `destination` our short code or sender address;
    `part` its place in a long message, None where it is whole."""

    source: str
    destination: str
    text: str
    body: bytes
    part: Part | None = None


class Said(msgspec.Struct, frozen=True):
    """What was heard and done, for whoever answers it: `brand_no` the scope of the act, or the brand that is
    answered (0: all, or not known); `has_changed`: the stop is new, or the start took one back; `language`
    of the words, "" where they do not tell."""

    action: InboundAction
    subscriber_no: int
    brand_no: int
    has_changed: bool
    language: str = ""


# Where a whole message, or a part that found no others, goes on: (inbound, mo_id, now_us, changes).
Route = Callable[[Inbound, int, int, Changes], object]


class Reassembly(Protocol):
    """What is asked of services.reassemble_mo."""

    def add(self, mo_id: int, inbound: Inbound, now_us: int) -> list[tuple[int, Inbound]] | None: ...

    def overdue(self, now_us: int) -> list[list[tuple[int, Inbound]]]: ...


Dialogue = Callable[[Inbound, int, int, Changes], bool]
Tell = Callable[[Said, Inbound, int, Changes], object]


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
        self.read: Callable[[str, Sequence[str]], Heard] = reader_for("default", date.max).read
        # Names that may stand beside a word ("STOP Acme"): (inbound, now_us) → names.
        self.names_of: Callable[[Inbound, int], Sequence[str]] = lambda inbound, now_us: ()
        # The brand whose message this code last carried to this person: (inbound, now_us) → number, or 0.
        self.brand_of: Callable[[Inbound, int], int] = lambda inbound, now_us: EVERY
        # Gives a number to somebody whom nobody has written to yet: (msisdn, now_us, changes) → number, or 0.
        self.enrol: Callable[[str, int, Changes], int] = lambda msisdn, now_us, changes: 0
        self.route: Route = lambda inbound, mo_id, now_us, changes: None
        # Told of every stop, once it holds: (msisdn, now_us, changes).
        self.on_stopped: list[Callable[[str, int, Changes], object]] = []
        # Told of every word that was acted on: (said, inbound, now_us, changes).
        self.answer: Tell = lambda said, inbound, now_us, changes: None
        # Takes what is no word but answers a question of ours: (inbound, subscriber_no, now_us, changes).
        self.dialogue: Dialogue = lambda inbound, subscriber_no, now_us, changes: False
        # The brands whose question waits for this person's answer: a stop is an answer to each.
        self.brands_in_dialogue: Callable[[int, int], Iterable[int]] = lambda subscriber_no, now_us: ()
        self.reassembly: Reassembly | None = None
        self.join: Callable[[Sequence[Inbound]], Inbound] = lambda parts: parts[0]

    def hear(self, link_no: int, inbound: Inbound, now_us: int, changes: Changes) -> InboundAction:
        """Act on one MO message; rows go into `changes`, the acknowledgement after their commit.

        STOP and its kin are heard first: in every part as it comes, and in the whole once it is whole. Every
        other word counts in a whole message only.
        """
        mo_id = self._ids.next_id(now_us)
        subscriber_no = self._number_of(inbound.source)
        names = self.names_of(inbound, now_us)
        heard = self.read(inbound.text, names)
        whole: Inbound | None = inbound
        if inbound.part is not None and self.reassembly is not None:
            whole = self._whole(mo_id, inbound, now_us)
            if not heard.action.is_stop:
                heard = self.read(whole.text, names) if whole is not None else NOTHING
        subscriber_no, stops = self._act(heard, subscriber_no, whole or inbound, now_us, changes)
        if (
            heard.action is InboundAction.NONE
            and whole is not None
            and self.dialogue(whole, subscriber_no, now_us, changes)
        ):
            heard = Heard(InboundAction.DIALOGUE, "")
            subscriber_no = subscriber_no or self._number_of(inbound.source)
        if whole is not None and not heard.action.is_for_us:
            self._pass_on(heard, mo_id, subscriber_no, whole, now_us, changes)
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
                int(heard.action),
                stops,
                inbound.body,
                now_us,
            )
        )
        return heard.action

    def expire(self, now_us: int, changes: Changes, patient_us: int | None = None) -> int:
        """Send on the parts of messages that are not whole in time; returns how many parts.

        `patient_us`: by what their wait is measured, where the wall clock may have been stepped.
        """
        count, until_us = 0, now_us if patient_us is None else patient_us
        for parts in self.reassembly.overdue(until_us) if self.reassembly is not None else ():
            for mo_id, inbound in parts:
                count += 1
                heard = self.read(inbound.text, ())
                if not heard.action.is_for_us:
                    subscriber_no = self._number_of(inbound.source)
                    self._pass_on(heard, mo_id, subscriber_no, inbound, now_us, changes)
        if count:
            self._meters.count("mo.parts_overdue", count)
        return count

    def _whole(self, mo_id: int, inbound: Inbound, now_us: int) -> Inbound | None:
        """The message that this part completes, None where there is none yet or it went on already."""
        parts = self.reassembly.add(mo_id, inbound, now_us) if self.reassembly is not None else None
        if parts == []:
            self._meters.count("mo.repeated_parts")
        return self.join([part for _, part in parts]) if parts else None

    def _pass_on(
        self, heard: Heard, mo_id: int, subscriber_no: int, inbound: Inbound, now_us: int, changes: Changes
    ) -> None:
        """What is no word for us goes to its client; where it holds a stop word, a person looks too."""
        if heard.action is InboundAction.REVIEW:
            text = inbound.text[:EVIDENCE_TEXT_MAX].replace("\0", "")
            changes.review_item.append(
                (
                    self._shard,
                    id_day(mo_id),
                    mo_id,
                    subscriber_no,
                    inbound.destination,
                    heard.matched,
                    text,
                    now_us,
                )
            )
            self._meters.count("mo.review")
        self.route(inbound, mo_id, now_us, changes)

    def _act(
        self, heard: Heard, subscriber_no: int, inbound: Inbound, now_us: int, changes: Changes
    ) -> tuple[int, int]:
        """Do what was asked; returns whose text it is, and how many permissions it ended."""
        action = heard.action
        if not action.is_for_us:
            return subscriber_no, 0
        brand_no = EVERY if action is InboundAction.STOP_ALL else self.brand_of(inbound, now_us)
        stops, has_changed = 0, False
        if action.is_stop:
            # A stop must hold against what is learnt later, so whoever says it is known from now on.
            subscriber_no = subscriber_no or self.enrol(inbound.source, now_us, changes)
            if not subscriber_no:
                return 0, 0
            self._meters.count("mo.stop")
            has_changed = not self._is_confirmed(subscriber_no, brand_no, now_us)
            stops = 0
            waiting = () if brand_no == EVERY else self.brands_in_dialogue(subscriber_no, now_us)
            for each in dict.fromkeys((brand_no, *waiting)):
                stops += self._record(subscriber_no, each, ConsentAction.WITHDRAW, inbound, now_us, changes)
            for told in self.on_stopped:
                told(inbound.source, now_us, changes)
        elif action is InboundAction.START and subscriber_no:
            started = self._start(subscriber_no, brand_no, inbound, now_us, changes)
            has_changed = started is not None
            brand_no = brand_no if started is None else started
        said = Said(action, subscriber_no, brand_no, has_changed, heard.language)
        self.answer(said, inbound, now_us, changes)
        return subscriber_no, stops

    def _is_confirmed(self, subscriber_no: int, brand_no: int, now_us: int) -> bool:
        """Was just this stopped a short while ago? Then it was confirmed, and once is enough."""
        stopped_us = self._withdrawn_us(subscriber_no, Purpose.MARKETING, brand_no)
        return stopped_us is not None and now_us - stopped_us < CONFIRMED_ONCE_US

    def _start(
        self, subscriber_no: int, brand_no: int, inbound: Inbound, now_us: int, changes: Changes
    ) -> int | None:
        """Take the latest withdrawal back: this brand's or that of all; returns whose, None without one."""
        withdrawn = [
            (at_us, each)
            for each in dict.fromkeys((EVERY, brand_no))
            for purpose in STOPPED_PURPOSES
            if (at_us := self._withdrawn_us(subscriber_no, purpose, each)) is not None
        ]
        if not withdrawn:
            return None
        _, brand_no = max(withdrawn)
        self._record(subscriber_no, brand_no, ConsentAction.RESUME, inbound, now_us, changes)
        self._meters.count("mo.start")
        return brand_no

    def _withdrawn_us(self, subscriber_no: int, purpose: Purpose, brand_no: int) -> int | None:
        return self._permission.withdrawn_us(subscriber_no, Scope(purpose, brand_no, EVERY, EVERY_CHANNEL))

    def _record(
        self,
        subscriber_no: int,
        brand_no: int,
        action: ConsentAction,
        inbound: Inbound,
        now_us: int,
        changes: Changes,
    ) -> int:
        """An act on everything that needs permission, of a brand or (0) of all; returns how many counted."""
        counted = 0
        evidence = Evidence(
            method="sms", detail=f"{inbound.text[:EVIDENCE_TEXT_MAX]!r} to {inbound.destination}"
        )
        for purpose in STOPPED_PURPOSES:
            event = ConsentEvent(
                subscriber_no=subscriber_no,
                brand_no=brand_no,
                category=EVERY,
                purpose=purpose,
                channel=EVERY_CHANNEL,
                action=action,
                at_us=now_us,
                evidence=evidence,
            )
            counted += self._permission.apply(event)
            changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))
        return counted

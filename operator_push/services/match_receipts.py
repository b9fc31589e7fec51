"""Match receipts: which open segment a receipt speaks of, where its id alone does not tell.

In this order: the id in every form in which this SMSC may have written it, our correlation key
(user_message_reference), and, for an SMSC that does not echo it, sender, recipient and time, against segments
that nobody has answered for. Law: one candidate is a match, two are a doubt, and a doubt is never resolved by
chance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from operator_push.domain.message import MessageState, is_final
from operator_push.services.open_messages import OpenMessage, OpenMessages, OpenSegment

Found = tuple[OpenMessage, OpenSegment]
# The dates of appendix B are whole minutes of the SMSC's clock, which is not ours.
TIME_TOLERANCE_US = 120_000_000
NUMBER_TAIL = 7  # Ours: national and international forms of one number end alike in so many digits.


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """What a delivery receipt means. `smsc_message_id` as the SMSC wrote it; `recipient` the msisdn that it
    speaks of; `user_message_reference` -1 where the SMSC does not echo it; `sender` the address that sent the
    message, "" where it is not told; `text_id` the id in the text where the TLV has another one;
    `submitted_us` when the SMSC says that it got the message, 0 where it does not. `wire` is what the last
    three can still be read from (SmscHabits.explain)."""

    smsc_message_id: str
    state: MessageState
    error_code: str
    recipient: str
    user_message_reference: int
    sender: str = ""
    text_id: str = ""
    submitted_us: int = 0
    wire: object = None


class IdForms(Protocol):
    """How one SMSC writes its ids; see gateway.message_id_forms."""

    @property
    def are_stated(self) -> bool: ...
    @property
    def are_texts(self) -> bool: ...
    def ids(self, receipt_id: str) -> tuple[str, ...]: ...
    def guesses(self, receipt_id: str) -> tuple[str, ...]: ...
    def readings(self, identifier: str) -> tuple[str, ...]: ...
    def learn(self, response_id: str, receipt_id: str) -> None: ...
    def note(self, response_id: str) -> None: ...


class PlainIds:
    """Ids that are the same text everywhere."""

    are_stated = False
    are_texts = True

    def ids(self, receipt_id: str) -> tuple[str, ...]:
        """The id as it stands."""
        return (receipt_id,)

    def guesses(self, receipt_id: str) -> tuple[str, ...]:
        """None."""
        return ()

    def readings(self, identifier: str) -> tuple[str, ...]:
        """The id as it stands."""
        return (identifier,)

    def learn(self, response_id: str, receipt_id: str) -> None:
        """Nothing."""

    def note(self, response_id: str) -> None:
        """Nothing."""


@dataclass(slots=True)
class SmscHabits:
    """What is known of one SMSC. `by_time`: it does not echo user_message_reference; `explain(wire)` reads
    (sender, text_id, submitted_us) of a receipt."""

    forms: IdForms = field(default_factory=PlainIds)
    by_time: bool = False
    explain: Callable[[object], tuple[str, str, int]] = lambda wire: ("", "", 0)


@dataclass(slots=True)
class Match:
    """`found` is the open segment, or `finished` the state of one that has ended, or `doubt` has several.

    `smsc_message_id` is the receipt's id as the submit_sm_resp wrote it; `early`: nobody had told us the id.
    """

    smsc_message_id: str
    found: Found | None = None
    finished: int | None = None
    early: bool = False
    doubt: Sequence[Found] = ()


class MatchReceipts:
    """One shard's; `habits` by the number of the SMSC, usual ones where there is none."""

    def __init__(self, messages: OpenMessages) -> None:
        self._messages = messages
        self.habits: dict[int, SmscHabits] = {}
        self._without_id: dict[tuple[int, str], list[Found]] = {}

    def habits_of(self, smsc_no: int) -> SmscHabits:
        """What is known of an SMSC."""
        found = self.habits.get(smsc_no)
        if found is None:
            found = self.habits[smsc_no] = SmscHabits()
        return found

    def explained(self, smsc_no: int, receipt: Receipt) -> Receipt:
        """The receipt with everything that it says."""
        if receipt.wire is None:
            return receipt
        sender, text_id, submitted_us = self.habits_of(smsc_no).explain(receipt.wire)
        return msgspec.structs.replace(
            receipt, sender=sender, text_id=text_id, submitted_us=submitted_us, wire=None
        )

    def left_without_id(self, smsc_no: int, message: OpenMessage, segment: OpenSegment) -> None:
        """No id of this segment will come: its answer is lost, or had none."""
        if self.habits_of(smsc_no).by_time:
            self._without_id.setdefault((smsc_no, message.destination), []).append((message, segment))

    def match(self, smsc_no: int, receipt: Receipt) -> Match:
        """The segment that a receipt speaks of, by everything that may tell."""
        habits = self.habits_of(smsc_no)
        ids = [each for each in (receipt.smsc_message_id, receipt.text_id) if each]
        known = list(dict.fromkeys(each for identifier in ids for each in habits.forms.ids(identifier)))
        match: Match | None = self._by_ids(smsc_no, receipt, known, sure=habits.forms.are_stated)
        match = match or self._finished(smsc_no, known)
        if match is None:
            guesses = dict.fromkeys(each for identifier in ids for each in habits.forms.guesses(identifier))
            match = self._by_ids(smsc_no, receipt, [*guesses], sure=False)
            if match is not None and match.found is not None:
                for identifier in ids:
                    habits.forms.learn(match.smsc_message_id, identifier)
        if match is None:
            match = self._by_reference(receipt)
            if match is not None and known and match.early:
                match.smsc_message_id = known[0]  # as its response will name it, where the form is known
        if match is None and habits.by_time:
            match = self._by_time(smsc_no, receipt)
        return match or Match(known[0] if known else receipt.smsc_message_id)

    def _by_ids(self, smsc_no: int, receipt: Receipt, ids: Sequence[str], *, sure: bool) -> Match | None:
        hits: dict[tuple[int, int], tuple[str, Found]] = {}
        for identifier in ids:
            found = self._messages.find_by_smsc_id(smsc_no, identifier)
            if found is not None and (sure or _agrees(receipt, *found)):
                hits.setdefault((found[0].message_id, found[1].segment_no), (identifier, found))
        if len(hits) > 1:
            return Match(receipt.smsc_message_id, doubt=[found for _, found in hits.values()])
        for identifier, found in hits.values():
            return Match(identifier, found)
        return None

    def _finished(self, smsc_no: int, ids: Sequence[str]) -> Match | None:
        """One that has ended. Not looked for by guesses: nothing but the id is left of it to agree with."""
        for identifier in ids:
            finished = self._messages.finished_state(smsc_no, identifier)
            if finished is not None:
                return Match(identifier, finished=finished)
        return None

    def _by_reference(self, receipt: Receipt) -> Match | None:
        """A segment that waits for its id; by recipient, or by sender where the SMSC has swapped them."""
        if receipt.user_message_reference < 0:
            return None
        for number in (receipt.recipient, receipt.sender):
            found = self._messages.find_by_reference(number, receipt.user_message_reference)
            if found is not None and (_waits_for_id(found[1]) or not receipt.smsc_message_id):
                return Match(receipt.smsc_message_id, found, early=bool(receipt.smsc_message_id))
        return None

    def _by_time(self, smsc_no: int, receipt: Receipt) -> Match | None:
        place = (smsc_no, receipt.recipient)
        waiting = [found for found in self._without_id.get(place, ()) if not is_final(found[1].state)]
        if not waiting:
            self._without_id.pop(place, None)
            return None
        self._without_id[place] = waiting
        fitting = [found for found in waiting if _waits_for_id(found[1]) and _fits_in_time(receipt, *found)]
        if len(fitting) > 1:
            return Match(receipt.smsc_message_id, doubt=fitting)
        return Match(receipt.smsc_message_id, fitting[0], early=True) if fitting else None


def same_number(one: str, other: str) -> bool:
    """True where two addresses may be one number: equal, or alike at the end, or one of them is no number."""
    if one == other or not (one.isdigit() and other.isdigit()):
        return True
    return len(one) >= NUMBER_TAIL <= len(other) and one[-NUMBER_TAIL:] == other[-NUMBER_TAIL:]


def _agrees(receipt: Receipt, message: OpenMessage, segment: OpenSegment) -> bool:
    """What else the receipt says does not speak against this segment."""
    if receipt.user_message_reference >= 0:
        return receipt.user_message_reference == segment.user_message_reference
    if same_number(receipt.recipient, message.destination):
        return True
    return receipt.sender.isdigit() and same_number(receipt.sender, message.destination)


def _waits_for_id(segment: OpenSegment) -> bool:
    return segment.state in (MessageState.SENT, MessageState.UNKNOWN) and not segment.smsc_message_id


def _fits_in_time(receipt: Receipt, message: OpenMessage, segment: OpenSegment) -> bool:
    if receipt.sender and receipt.sender != message.source:
        return False
    if not receipt.submitted_us or not segment.attempted_us:
        return True
    return abs(receipt.submitted_us - segment.attempted_us) <= TIME_TOLERANCE_US

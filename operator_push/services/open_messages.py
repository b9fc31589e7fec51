"""Open messages: everything accepted and not yet final, held in memory and rebuilt from rows at start.

Four look-ups over one set: by message id, by the SMSC's id, by correlation key, and the queue of what waits
to be sent. Rows are the truth; this is the index that spares the hot tables one.
"""

from collections.abc import Iterator

import msgspec

from operator_push.domain.consent import SMS
from operator_push.domain.message import MessageState, Submission
from operator_push.domain.rating.charge import Charge

WHOLE = 0  # The segment_no, also in rows, of all segments of a message that leaves in one message_payload.
# Ours: how many ids of finished segments each of two generations holds; late copies of a receipt arrive
# within minutes. Generations are dropped as a whole, so the memory is bounded from the first full one on: a
# dict from which the oldest is taken at each insertion was seen to grow by a step much later.
FINISHED_REMEMBERED = 100_000


class OpenSegment(msgspec.Struct, gc=False):
    """One submit_sm on its way: a segment, or a WHOLE message. `attempt_no` 0: never attempted;
    `attempted_us`: the last time that it was; `answered_us`: when the SMSC took it, 0 while it has not;
    `silent`: nobody has told its end, so that its hold expired."""

    segment_no: int
    state: int = MessageState.ACCEPTED
    attempt_no: int = 0
    user_message_reference: int = -1
    smsc_message_id: str = ""
    retry_at_us: int = 0
    attempted_us: int = 0
    answered_us: int = 0
    silent: bool = False


class OpenMessage(msgspec.Struct, gc=False):
    """One accepted message. `wire` is the gateway's decoded form of `body`; services never look inside.
    `takes_slot` is False for a part that follows another's decision: the caps count its message once.
    `smsc_no`: of the SMSC to which it was attempted last, 0 where it never was.
    `standing`: domain.policy's number of the last decision that let it leave, -1 where there is none.
    `expires_us`: when it ends if it has not left by then; 0: not known yet, the outbox then gives it ours.
    `segments` are numbered from 1, or there is one that is WHOLE and stands for all `segment_count`.
    `charge`: by what it is charged, where that is more than `price_micros` for each delivered segment.
    `channel`: one of domain.contact_channels."""

    message_id: int
    day: int
    account_no: int
    origin: int
    campaign_no: int
    brand_no: int
    category: int
    traffic_class: int
    subscriber_no: int
    source: str
    destination: str
    segment_count: int
    price_micros: int
    held_micros: int
    registered_delivery: int
    client_reference: int
    not_before_us: int
    body: bytes
    segments: list[OpenSegment]
    wire: object = None
    takes_slot: bool = True
    smsc_no: int = 0
    expires_us: int = 0
    standing: int = -1
    charge: Charge | None = None
    channel: str = SMS

    def segment(self, segment_no: int) -> OpenSegment | None:
        """That of a number in rows (WHOLE or from 1); None where it has none of this number."""
        if self.segments[0].segment_no == WHOLE:
            return self.segments[0] if segment_no == WHOLE else None
        return self.segments[segment_no - 1] if 1 <= segment_no <= len(self.segments) else None

    def count_in(self, state: int) -> int:
        """How many of its segments, as they are billed, are in a state."""
        found = sum(segment.state == state for segment in self.segments)
        return found * (self.segment_count // len(self.segments))


def new_segments(segment_count: int, is_whole: bool) -> list[OpenSegment]:
    """The segments of a new message, none attempted."""
    return [OpenSegment(WHOLE)] if is_whole else [OpenSegment(no) for no in range(1, segment_count + 1)]


class OpenMessages:
    """The set and its look-ups; one per shard, owned by the gateway's loop."""

    def __init__(self, last_reference: int = 0) -> None:
        """`last_reference`: that of the newest attempt before a restart, so that keys do not start over."""
        self.by_id: dict[int, OpenMessage] = {}
        self.of_campaign: dict[int, int] = {}  # campaign_no → how many of its messages are open
        self._by_smsc_id: dict[tuple[int, str], tuple[OpenMessage, OpenSegment]] = {}
        self._by_key: dict[tuple[str, int], tuple[OpenMessage, OpenSegment]] = {}
        self._finished: dict[int, dict[str, int]] = {}  # smsc_no → its ids, with their final states
        self._finished_before: dict[int, dict[str, int]] = {}
        self._finished_count = 0
        self._last_reference = last_reference
        # Made when it is first asked for: only cancelling and replacing by address need it.
        self._by_destination: dict[str, dict[int, OpenMessage]] | None = None

    def __len__(self) -> int:
        return len(self.by_id)

    def __iter__(self) -> Iterator[OpenMessage]:
        return iter(self.by_id.values())

    def add(self, message: OpenMessage) -> None:
        """Remember an accepted message."""
        self.by_id[message.message_id] = message
        if message.campaign_no:
            self.of_campaign[message.campaign_no] = self.of_campaign.get(message.campaign_no, 0) + 1
        if self._by_destination is not None:
            self._by_destination.setdefault(message.destination, {})[message.message_id] = message

    def to_destination(self, destination: str) -> list[OpenMessage]:
        """The open messages to one number, oldest first."""
        if self._by_destination is None:
            self._by_destination = {}
            for message in self.by_id.values():
                self._by_destination.setdefault(message.destination, {})[message.message_id] = message
        return list(self._by_destination.get(destination, {}).values())

    def assign_reference(self, message: OpenMessage, segment: OpenSegment) -> int:
        """Give a segment the correlation key of its attempt: a reference of 16 bits, unique per recipient.

        A segment that is tried again keeps its key, so that both attempts are one in the SMSC's record.
        """
        if segment.user_message_reference >= 0:
            return segment.user_message_reference
        reference = (self._last_reference + 1) & 0xFFFF
        key = (message.destination, reference)
        if key in self._by_key:
            reference = self._free_reference(message.destination)
            key = (message.destination, reference)
        self._last_reference = segment.user_message_reference = reference
        self._by_key[key] = (message, segment)
        return reference

    def _free_reference(self, destination: str) -> int:
        """The next that is not in use for this recipient; where all are, the last."""
        reference = self._last_reference
        for _ in range(0x10000):
            reference = (reference + 1) & 0xFFFF
            if (destination, reference) not in self._by_key:
                break
        return reference

    def bind_reference(self, message: OpenMessage, segment: OpenSegment, reference: int) -> None:
        """Index a segment by its correlation key (also at start, from its attempt row)."""
        segment.user_message_reference = reference
        self._by_key[(message.destination, reference)] = (message, segment)

    def bind_smsc_id(self, smsc_no: int, message: OpenMessage, segment: OpenSegment, smsc_id: str) -> None:
        """Index a segment by the id that the SMSC gave it (canonical form)."""
        segment.smsc_message_id = smsc_id
        self._by_smsc_id[(smsc_no, smsc_id)] = (message, segment)

    def find_by_smsc_id(self, smsc_no: int, smsc_id: str) -> tuple[OpenMessage, OpenSegment] | None:
        """The open segment that the SMSC calls `smsc_id`."""
        return self._by_smsc_id.get((smsc_no, smsc_id))

    def find_by_reference(self, destination: str, reference: int) -> tuple[OpenMessage, OpenSegment] | None:
        """The open segment with this correlation key."""
        return self._by_key.get((destination, reference))

    def finished_state(self, smsc_no: int, smsc_id: str) -> int | None:
        """The final state under which a finished segment's id is remembered, or None."""
        for generation in (self._finished, self._finished_before):
            ids = generation.get(smsc_no)
            if ids is not None and smsc_id in ids:
                return ids[smsc_id]
        return None

    def remember_finished(self, smsc_no: int, smsc_id: str, state: int) -> None:
        """Keep a finished segment's id for a while, so that a second receipt is known as a duplicate."""
        if not smsc_id:
            return
        ids = self._finished.get(smsc_no)
        if ids is None:
            ids = self._finished[smsc_no] = {}
        ids[smsc_id] = state
        self._finished_count += 1
        if self._finished_count >= FINISHED_REMEMBERED:
            self._finished_before, self._finished, self._finished_count = self._finished, {}, 0

    def remove(self, smsc_no: int, message: OpenMessage) -> None:
        """Forget a message that has become final; its segments' ids stay known as finished."""
        known = self.by_id.pop(message.message_id, None)
        if message.campaign_no and known is not None:
            left = self.of_campaign[message.campaign_no] - 1
            if left:
                self.of_campaign[message.campaign_no] = left
            else:
                del self.of_campaign[message.campaign_no]
        if self._by_destination is not None:
            self._forget_destination(message)
        for segment in message.segments:
            self._by_key.pop((message.destination, segment.user_message_reference), None)
            if segment.smsc_message_id:
                self._by_smsc_id.pop((smsc_no, segment.smsc_message_id), None)
                self.remember_finished(smsc_no, segment.smsc_message_id, segment.state)

    def _forget_destination(self, message: OpenMessage) -> None:
        index = self._by_destination or {}
        same = index.get(message.destination, {})
        same.pop(message.message_id, None)
        if not same:
            index.pop(message.destination, None)


def submission_of(message: OpenMessage) -> Submission:
    """An open message as the rules see it."""
    return Submission(
        account_no=message.account_no,
        brand_no=message.brand_no,
        category=message.category,
        traffic_class=message.traffic_class,  # type: ignore[arg-type]
        origin=message.origin,  # type: ignore[arg-type]
        subscriber_no=message.subscriber_no,
        destination=message.destination,
        source=message.source,
        segment_count=message.segment_count,
        campaign_no=message.campaign_no,
        client_reference=message.client_reference,
        channel=message.channel,
    )

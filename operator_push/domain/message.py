"""Messages: what is submitted, what becomes of it, and how a decision about it is written down.

The numbers of every enumeration here stand in rows for years: they are never reused or renumbered.
A `Submission` is what the rules see of a message; its text, PDU and row live elsewhere.
"""

from enum import IntEnum

import msgspec

from operator_push.domain.consent import SMS


class TrafficClass(IntEnum):
    """What kind of message it is; a smaller number needs less permission."""

    TRANSACTIONAL = 1  # asked for by the person's own act: a one-time password, a receipt
    SERVICE = 2  # about something that the person has with the sender
    PROMOTIONAL = 3  # wants to sell


class Origin(IntEnum):
    """Through which door it came; all doors lead to the same decision (law 6)."""

    ESME = 1
    CAMPAIGN = 2
    API = 3
    ANSWER = 4  # the operator's own, to a text of the subscriber


class MessageState(IntEnum):
    """Our state of a message or of one of its segments."""

    ACCEPTED = 1  # held, not yet sent
    SENT = 2  # a send attempt is on disk
    UNKNOWN = 3  # attempted, and only the SMSC can say what became of it
    DELIVERED = 4
    EXPIRED = 5
    DELETED = 6
    UNDELIVERABLE = 7
    REJECTED = 8
    WITHDRAWN = 9  # permission was gone before it was sent


FINAL_STATES = frozenset(
    {
        MessageState.DELIVERED,
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIVERABLE,
        MessageState.REJECTED,
        MessageState.WITHDRAWN,
    }
)


def is_final(state: int) -> bool:
    """True where nothing can follow; UNKNOWN is not final, since the SMSC may still speak (law 3)."""
    return state in FINAL_STATES


class Submission(msgspec.Struct, frozen=True, gc=False):
    """One message as the rules see it.

    `category` 1..8 (TRAI's list), 0 for none; `subscriber_no` 0 where the vault does not know the number;
    `destination` the msisdn as digits; `client_reference` the client's own, for finding it again; `channel`
    one of domain.contact_channels.
    """

    account_no: int
    brand_no: int
    category: int
    traffic_class: TrafficClass
    origin: Origin
    subscriber_no: int
    destination: str
    source: str
    segment_count: int
    campaign_no: int = 0
    client_reference: int = 0
    channel: str = SMS


class RefusalReason(IntEnum):
    """Why a message was refused or deferred; stored with the message, so the numbers are for ever."""

    NONE = 0  # it was not
    BAD_DESTINATION = 1  # not the digits of an international number
    BAD_SOURCE = 2  # not a sender that this account may use
    NO_ROUTE = 3  # no link or no price reaches the destination
    NO_PERMISSION = 4  # the person never said yes (unknown is no)
    WITHDRAWN = 5  # the person said stop, or no
    QUIET_HOURS = 6
    FREQUENCY_CAP = 7
    NO_CREDIT = 8
    OVER_RATE = 9
    QUEUE_FULL = 10
    ACCOUNT_SUSPENDED = 11  # or no account of this number
    DUPLICATE = 12  # a retry of a message that is accepted already
    CLASS_NOT_ALLOWED = 13  # claims a class of traffic that its account was not given
    BAD_MESSAGE = 14  # text, data_coding or user data header cannot be sent as they are
    OVER_QUOTA = 15  # the account's segments of the day are used up
    BAD_SCHEDULE = 16  # the moment of delivery is no time
    BAD_VALIDITY = 17  # the validity period is no time, or over before the message may leave
    OVER_CAP = 18  # the money agreed for the month is spent, the account's or a parent's
    DO_NOT_DISTURB = 19  # the national register blocks promotions of this category to this number
    HOLDOUT = 20  # the number is in the control group that gets no promotions
    BAD_HEADER = 21  # the sender is not a registered header of the brand's entity
    BAD_TEMPLATE = 22  # the text fits no registered template of the brand's entity
    NO_WAY_OUT = 23  # how to end these messages must be said, and cannot be added to this one
    CONTROL_GROUP = 24  # the number is in the control group of this campaign


# What another try may bring: money comes, queues drain. Everything else is about the person or the message.
RETRYABLE_REFUSALS = frozenset(
    {
        RefusalReason.NO_CREDIT,
        RefusalReason.OVER_RATE,
        RefusalReason.OVER_QUOTA,
        RefusalReason.OVER_CAP,
        RefusalReason.QUEUE_FULL,
        RefusalReason.ACCOUNT_SUSPENDED,
    }
)


class Verdict(IntEnum):
    """What a decision comes to."""

    ADMIT = 1
    DEFER = 2  # admitted, and not to be sent before `defer_until_us`
    REFUSE = 3


class Decision(msgspec.Struct, frozen=True, gc=False):
    """A decision with its trail (law 8).

    `reason` is NONE where admitted. `trail` holds two octets per rule asked, in order: the rule's number and
    its outcome; `domain.policy.read_trail` spells it out.
    """

    verdict: Verdict
    reason: RefusalReason
    defer_until_us: int
    trail: bytes

"""Consent acts: who said what about which kind of message, and the proof of it.

The numbers of the enumerations stand in rows and are never reused. Acts are only ever added; what they come
to is `domain.permission`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

EVERY = 0  # as a brand or a category: all of them
EVERY_CHANNEL = "*"
SMS = "sms"
CATEGORY_MAX = 8  # TRAI's preference categories, TCCCPR 2018 (India); 0 is none or all


class ConsentAction(IntEnum):
    """What the act does."""

    GRANT = 1  # an explicit opt-in; the only act that lifts a stop
    WITHDRAW = 2  # STOP in any form
    DENY = 3  # asked, and answered no
    OBJECT = 4  # opted out of what needed no opt-in (GDPR article 21)
    VOID = 5  # the number has a new owner: grants and stops of the old one end, unknown is left


class Purpose(IntEnum):
    """What is permitted: two kinds of messages, four kinds of data."""

    MARKETING = 1  # dpv:DirectMarketing
    SERVICE = 2  # dpv:ServiceProvision
    USE_SUBSCRIBER_RECORD = 3
    USE_CALL_DATA = 4  # ePrivacy Directive article 6
    USE_LOCATION = 5  # ePrivacy Directive article 9
    USE_TOP_UP = 6


PURPOSE_BY_NAME: Mapping[str, Purpose] = {purpose.name.lower(): purpose for purpose in Purpose}
ACTION_BY_NAME: Mapping[str, ConsentAction] = {action.name.lower(): action for action in ConsentAction}


@dataclass(frozen=True, slots=True)
class Evidence:
    """The proof of an act: how it came (sms, web, shop, ivr, import …), what exactly was said or signed, the
    version and language of the notice that was shown, and where the original lies."""

    method: str
    detail: str = ""
    notice_version: str = ""
    language: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One act. `brand_no` and `category` 0 mean all; `channel` "sms", or "*" for all; `at_us` when the
    person acted, not when we heard of it."""

    subscriber_no: int
    brand_no: int
    category: int
    purpose: Purpose
    channel: str
    action: ConsentAction
    at_us: int
    evidence: Evidence


class Scope(NamedTuple):
    """What an act is about."""

    purpose: Purpose
    brand_no: int
    category: int
    channel: str

    def covers(self, other: "Scope") -> bool:
        """True where this scope is the same or broader."""
        return (
            self.purpose == other.purpose
            and self.brand_no in (EVERY, other.brand_no)
            and self.category in (EVERY, other.category)
            and self.channel in (EVERY_CHANNEL, other.channel)
        )

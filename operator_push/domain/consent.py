"""Consent acts: who said what about which kind of message, on what basis, and the proof of it.

The numbers of the enumerations stand in rows and are never reused. Acts are only ever added; what they come
to is `domain.permission`, which act may follow which is `domain.consent_states`.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

import msgspec

EVERY = 0  # as a brand or a category: all of them
EVERY_CHANNEL = "*"
EVERYWHERE = "*"
SMS = "sms"
USSD = "ussd"
# Of scopes; what is sent here is domain.contact_channels.
CHANNELS = (SMS, "email", "voice", "mms", "rcs", USSD, "push", "post")
_CHANNELS_KNOWN = frozenset((*CHANNELS, EVERY_CHANNEL))
_CHANNEL_OTHERWISE = {"": EVERY_CHANNEL, "e-mail": "email", "mail": "email", "call": "voice", "text": SMS}
CATEGORY_MAX = 8  # TRAI's preference categories, TCCCPR 2018 (India); 0 is none or all
IMPORTED = "import"  # the method of an act that a client's list tells of: no act of the person's that we saw
WITHOUT_END = 0  # expires_us of an act that holds until another one ends it


def channel_of(text: str) -> str:
    """The channel that a row or a person names, in any case; "*" and nothing are all.

    Raises:
        ValueError: none is called so. It would stand for a scope that nothing is sent by, and a stop of it
            would go unheard.
    """
    if text in _CHANNELS_KNOWN:  # a file of a million rows
        return text
    named = text.strip().lower()
    named = _CHANNEL_OTHERWISE.get(named, named)
    if named not in _CHANNELS_KNOWN:
        raise ValueError(f"channel {text!r} is not one of {', '.join(CHANNELS)}, nor {EVERY_CHANNEL} for all")
    return named


class ConsentAction(IntEnum):
    """What the act does."""

    GRANT = 1  # an explicit opt-in; the only act that lifts a stop (with CONFIRM), save that of a list
    WITHDRAW = 2  # STOP in any form
    DENY = 3  # asked, and answered no
    OBJECT = 4  # opted out of what needed no opt-in (GDPR article 21)
    VOID = 5  # the number has a new owner: grants and stops of the old one end, unknown is left
    REQUEST = 6  # the person was asked
    CHALLENGE = 7  # opted in, and was sent something to answer (double opt-in)
    CONFIRM = 8  # answered the challenge in time: from now on it is a grant
    RESUME = 9  # START: the person takes a withdrawal of this very scope back; what it had ended holds again
    END = 10  # ported out: what was granted to just this brand, or to the operator (brand 0), is over


class Basis(IntEnum):
    """What the permission rests on (GDPR article 6); bases other than consent never lift a stop."""

    CONSENT = 1
    SOFT_OPT_IN = 2  # own customer, similar goods (ePrivacy Directive article 13(2)); one brand's alone
    SERVICE = 3  # needed for a service that the person ordered: dpv:ServiceProvision only
    LEGAL = 4  # the operator must tell: dpv:ServiceProvision only


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
BASIS_BY_NAME: Mapping[str, Basis] = {basis.name.lower(): basis for basis in Basis}


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """The proof of an act: how it came (sms, web, shop, ivr, import …), what exactly was said or signed, the
    version and language of the notice that was shown, and where the original lies. `more` is a JSON object
    of what else is known, by names of `domain.consent_record`; empty for nothing."""

    method: str
    detail: str = ""
    notice_version: str = ""
    language: str = ""
    reference: str = ""
    more: str = ""


class ConsentEvent(msgspec.Struct, frozen=True, gc=False):
    """One act. `brand_no` and `category` 0 mean all; `channel` "sms", or "*" for all; `at_us` when the
    person acted, not when we heard of it; `expires_us` the first moment at which a grant does not hold any
    more, or a challenge can no longer be answered (0: no end); `jurisdiction` ISO 3166-1 alpha-2 or a name
    of `domain.jurisdictions` in small letters, or "*"."""

    subscriber_no: int
    brand_no: int
    category: int
    purpose: Purpose
    channel: str
    action: ConsentAction
    at_us: int
    evidence: Evidence
    basis: Basis = Basis.CONSENT
    expires_us: int = WITHOUT_END
    jurisdiction: str = EVERYWHERE


class Scope(NamedTuple):
    """What an act is about. Jurisdictions stand apart: the book of a shard holds the acts that count where
    each subscriber's number is from (`domain.jurisdictions`)."""

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


def scope_of(event: ConsentEvent) -> Scope:
    """The scope of an act."""
    return Scope(event.purpose, event.brand_no, event.category, event.channel)

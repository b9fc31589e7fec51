"""Inbound words: what a person's short answer means. STOP is heard in its plain forms; a sentence that
merely holds the word ("bus stop") changes nothing. More languages and wordings come with the packs."""

import re
import unicodedata
from enum import IntEnum


class InboundAction(IntEnum):
    """What the person wants; stored with the MO message, so numbers stay."""

    NONE = 0
    STOP = 1
    START = 2
    HELP = 3


# The whole text must be one of these, after case, punctuation and spacing are taken away. The stop words are
# those of 47 CFR 64.1200(a)(10); "revoke" is among them.
_WORDS: dict[str, InboundAction] = {
    "stop": InboundAction.STOP,
    "stop all": InboundAction.STOP,
    "stopall": InboundAction.STOP,
    "end": InboundAction.STOP,
    "cancel": InboundAction.STOP,
    "unsubscribe": InboundAction.STOP,
    "unsubscribe all": InboundAction.STOP,
    "quit": InboundAction.STOP,
    "revoke": InboundAction.STOP,
    "opt out": InboundAction.STOP,
    "optout": InboundAction.STOP,
    "start": InboundAction.START,
    "help": InboundAction.HELP,
}
_NOT_LETTERS = re.compile(r"[\W_]+")
_MARKS = re.compile(r"[^\w\s]+|_+")  # as in S.T.O.P
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_TEXT_MAX = 64  # Ours: no plain form is longer, so nothing longer is looked at.


def inbound_action(text: str) -> InboundAction:
    """The meaning of an MO text; NONE where it is not plainly one of the words.

    Full-width letters count as plain ones (Unicode NFKC) and zero-width characters as nothing.
    """
    if len(text) > _TEXT_MAX:
        return InboundAction.NONE
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    action = _WORDS.get(_NOT_LETTERS.sub(" ", plain).strip(), InboundAction.NONE)
    return action or _WORDS.get(_MARKS.sub("", plain).strip(), InboundAction.NONE)

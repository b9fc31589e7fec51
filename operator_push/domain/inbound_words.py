"""Inbound actions: what a person's text to a short code can ask for. The words are in `domain.words`."""

from enum import IntEnum


class InboundAction(IntEnum):
    """What the person wants; stored with the MO message, so numbers stay."""

    NONE = 0
    STOP = 1
    START = 2
    HELP = 3
    STOP_ALL = 4
    INFO = 5
    WHY = 6
    MENU = 7
    REVIEW = 8  # holds a stop word, and what is meant is for a person to say
    DIALOGUE = 9  # a keyword of an opt-in, or an answer to a question of ours; no word of the lists

    @property
    def is_stop(self) -> bool:
        """Does it end permissions?"""
        return self in (InboundAction.STOP, InboundAction.STOP_ALL)

    @property
    def is_for_us(self) -> bool:
        """Is it a word that the operator acts on, so that no client gets it?"""
        return self not in (InboundAction.NONE, InboundAction.REVIEW)

"""Answer rules: which handsets answer a delivered message, with which words, and after how long.

Who answers, what and when is a keyed hash of (seed, rule, number).
"""

import json
from bisect import bisect_right
from itertools import accumulate

from operator_push.smpp.constants import EsmClass
from operator_push.text.data_coding import decode_text, encoding_of
from operator_push.text.user_data_header import split_user_data
from smsc_sim.concatenation import concat_part
from smsc_sim.delays import delay_drawer
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.message import SimMessage, user_data
from smsc_sim.mo_parcels import Segments, mo_segments
from smsc_sim.patterns import Patterns
from smsc_sim.scenario_handsets import Answer

_UDHI = int(EsmClass.UDHI)


class Reply:
    """One text that handsets send."""

    def __init__(self, text: str) -> None:
        self.segments: Segments = mo_segments(text)
        self.witness_part = f',"kind":"mo_answer","text":{json.dumps(text)}'


class AnswerRule:
    """One `[[mo.answers]]` entry at work."""

    def __init__(self, rule: Answer, seed: int, index: int, speed: float = 1.0) -> None:
        self.rule = rule
        self._chance = KeyedChance(seed, f"answer {index}")
        self._choice_chance = KeyedChance(seed, f"choice {index}")
        self._draw_delay_s = delay_drawer(rule.after_ms, speed)
        self._sources = Patterns((rule.to_source_like,))
        self._texts = Patterns((rule.to_text_like,))
        self._answered: dict[str, int] = {}  # Number: how often
        self._replies = [Reply(text) for text in _texts(rule)]
        self._bounds = list(accumulate(choice.share for choice in rule.choices))

    def take_answered(self, other: "AnswerRule") -> None:
        """Go on where the same rule of an earlier scenario stood."""
        self._answered = other._answered

    def delay_s(self, message: SimMessage) -> float | None:
        """Real seconds until this handset answers this message, or None where it does not."""
        pdu = message.pdu
        if not self._sources.fits(pdu.source_addr):
            return None
        number = pdu.destination_addr
        answered = self._answered
        who, when = self._chance.two_units(number)
        if who >= self.rule.share and len(answered) >= self.rule.at_least:
            return None
        times = answered.get(number, 0)
        if times >= self.rule.times_max or not self._text_fits(message):
            return None
        answered[number] = times + 1
        return self._draw_delay_s(when)

    def reply_of(self, number: str) -> Reply:
        """What this handset says."""
        if not self._bounds:
            return self._replies[0]
        unit = self._choice_chance.two_units(number)[0]
        return self._replies[min(bisect_right(self._bounds, unit), len(self._replies) - 1)]

    def _text_fits(self, message: SimMessage) -> bool:
        octets = user_data(message.pdu)
        concat = concat_part(message.pdu, octets)
        if concat is not None and concat[1] != concat[2]:
            return False  # A person answers when the whole text is there.
        return self._texts.is_any or self._texts.fits(message_text(message))


def message_text(message: SimMessage) -> str:
    """What the handset shows of a segment; binary content gives what can be read of it."""
    octets = user_data(message.pdu)
    if message.pdu.esm_class & _UDHI:
        try:
            octets = split_user_data(octets)[1]
        except ValueError:
            return ""
    try:
        return decode_text(octets, encoding_of(message.pdu.data_coding))
    except ValueError:
        return octets.decode("latin-1")


def _texts(rule: Answer) -> list[str]:
    return [choice.text for choice in rule.choices] if rule.choices else [rule.text or ""]

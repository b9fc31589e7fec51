"""Messages from handsets: answers to what was delivered (STOP and the like), and the scenario's script.

Who answers, and after how long, is a keyed hash of (seed, rule, number); each handset answers a rule once.
The deliver_sm has the handset's number as its source and the message's source address as its destination.
"""

import json
from collections.abc import Sequence
from fnmatch import fnmatchcase

from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import DeliverSm
from operator_push.text.data_coding import choose_encoding, data_coding_of, encode_text
from operator_push.text.segmentation import segment_user_data
from smsc_sim.account import Accounts
from smsc_sim.delays import delay_drawer
from smsc_sim.keyed_chance import KeyedChance
from smsc_sim.mailbox import Mailbox
from smsc_sim.message import SimMessage
from smsc_sim.parcel import Parcel
from smsc_sim.scenario import Answer, ScriptedMo
from smsc_sim.time_wheel import TimeWheel
from smsc_sim.witness import address_part

_PATTERNS_KEPT = 10_000  # Source addresses are few; this bounds those of a client that makes them up.


class AnswerRule:
    """One `[[mo.answers]]` entry at work."""

    def __init__(self, rule: Answer, seed: int, index: int) -> None:
        self._rule = rule
        self._chance = KeyedChance(seed, f"answer {index}")
        self._draw_delay_s = delay_drawer(rule.after_ms)
        self._matching: dict[str, bool] = {}
        self._answered: set[str] = set()
        self.segments = mo_segments(rule.text)
        self.witness_part = f',"kind":"mo_answer","text":{json.dumps(rule.text)}'

    def delay_s(self, message: SimMessage) -> float | None:
        """Seconds until this handset answers this message, or None where it does not."""
        pdu = message.pdu
        if not self._matches(pdu.source_addr):
            return None
        number = pdu.destination_addr
        answered = self._answered
        who, when = self._chance.two_units(number)
        if who >= self._rule.share and len(answered) >= self._rule.at_least:
            return None
        if number in answered:
            return None
        answered.add(number)
        return self._draw_delay_s(when)

    def _matches(self, source_addr: str) -> bool:
        known = self._matching.get(source_addr)
        if known is None:
            if len(self._matching) >= _PATTERNS_KEPT:
                self._matching.clear()
            known = self._matching[source_addr] = fnmatchcase(source_addr, self._rule.to_source_like)
        return known


class HandsetMessages:
    """All messages that handsets of this run send. `scheduled` counts those whose time has not come."""

    def __init__(self, answers: Sequence[Answer], seed: int, wheel: TimeWheel) -> None:
        self._rules = [AnswerRule(rule, seed, index) for index, rule in enumerate(answers)]
        self._wheel = wheel
        self.scheduled = 0

    def on_delivered(self, now: float, message: SimMessage) -> None:
        """A message reached its handset: let the rules answer it."""
        for rule in self._rules:
            delay_s = rule.delay_s(message)
            if delay_s is not None:
                self.scheduled += 1
                self._wheel.add(now + delay_s, (self._answer, rule, message))

    def schedule_script(self, script: Sequence[ScriptedMo], accounts: Accounts, start: float) -> None:
        """Put the script's messages into the time wheel, counted from `start`."""
        for entry in script:
            account = accounts.account(entry.system_id)
            if account is not None:
                self.scheduled += 1
                self._wheel.add(start + entry.at_s, (self._play, entry, account.mailbox))

    def _answer(self, now: float, t: int, rule: AnswerRule, message: SimMessage) -> None:
        self.scheduled -= 1
        pdu = message.pdu
        addresses = address_part(pdu.destination_addr, pdu.source_addr)
        for segment, esm_class, data_coding in rule.segments:
            answer = DeliverSm(
                source_addr_ton=pdu.dest_addr_ton,
                source_addr_npi=pdu.dest_addr_npi,
                source_addr=pdu.destination_addr,
                dest_addr_ton=pdu.source_addr_ton,
                dest_addr_npi=pdu.source_addr_npi,
                destination_addr=pdu.source_addr,
                esm_class=esm_class,
                data_coding=data_coding,
                short_message=segment,
            )
            message.account.mailbox.post(Parcel(answer, False, addresses + rule.witness_part))

    def _play(self, now: float, t: int, entry: ScriptedMo, mailbox: Mailbox) -> None:
        self.scheduled -= 1
        addresses = address_part(entry.source, entry.destination)
        witness_part = f'{addresses},"kind":"mo_script","text":{json.dumps(entry.text)}'
        for segment, esm_class, data_coding in mo_segments(entry.text):
            message = DeliverSm(
                source_addr_ton=Ton.INTERNATIONAL,
                source_addr_npi=Npi.ISDN,
                source_addr=entry.source,
                destination_addr=entry.destination,
                esm_class=esm_class,
                data_coding=data_coding,
                short_message=segment,
            )
            mailbox.post(Parcel(message, False, witness_part))


def mo_segments(text: str) -> list[tuple[bytes, int, int]]:
    """(short_message, esm_class, data_coding) of each segment of a handset's text.

    The concatenation reference is always 1: a simulated handset sends one long text at a time.
    """
    encoding = choose_encoding(text)
    segments = segment_user_data(encode_text(text, encoding), encoding, 1)
    esm_class = int(EsmClass.UDHI) if len(segments) > 1 else 0
    return [(segment, esm_class, data_coding_of(encoding)) for segment in segments]

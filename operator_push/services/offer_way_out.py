"""Offer the way out: a brand's first promotional message to an imported customer tells how to end them.

Words are added before segments are counted, priced and held, so the price is true; where the text tells it
already nothing is added; where it cannot be told the message is refused. Decided at the one door by the owner
of the shard, so of two messages at once exactly one carries it.
"""

from collections.abc import Callable, Collection

import msgspec

from operator_push.domain.consent import SMS
from operator_push.domain.message import MessageState, TrafficClass
from operator_push.domain.way_outs import MARK_ADDED, MARK_REFUSED, MARK_SAID, WayOuts
from operator_push.domain.words.way_out import says_way_out, way_out_words
from operator_push.services.accept_submissions import Offered
from operator_push.services.changes import Changes
from operator_push.services.open_messages import OpenMessage
from operator_push.text.gsm7 import is_gsm7

CanWrite = Callable[[str], bool]
# What a text becomes; told whether its alphabet can write other words.
Change = Callable[[str, CanWrite], str]
# The offer with its text changed (the same offer where the text stays), None where that cannot be done:
# (offer, change, now_us).
Rewrite = Callable[[Offered, Change, int], Offered | None]
_PROMOTIONAL = TrafficClass.PROMOTIONAL


class WayOutTerms(msgspec.Struct, frozen=True):
    """`codes`: where STOP is heard, the one to name first; `language` of the words; `languages` whose stop
    words count where a text says them."""

    codes: tuple[str, ...] = ()
    language: str = "en"
    languages: Collection[str] = ()

    def code_for(self, sender: str) -> str:
        """Where to send STOP: the sender, where it can be replied to, else the first code; "" for nowhere."""
        if sender in self.codes or (not self.codes and sender.isdigit()):
            return sender
        return self.codes[0] if self.codes else ""


class OfferWayOut:
    """The use case for one shard."""

    def __init__(self, shard: int, outs: WayOuts, rewrite: Rewrite, terms: WayOutTerms) -> None:
        self._shard = shard
        self._outs = outs
        self._rewrite = rewrite
        self._terms = terms
        # Told where a message names another code than its sender: (code, message).
        self.on_told: Callable[[str, OpenMessage], object] = lambda code, message: None

    def is_due(self, offer: Offered) -> bool:
        """Must this very message tell it?"""
        submission = offer.submission
        if submission.traffic_class != _PROMOTIONAL:
            return False
        subscriber_no, brand_no = submission.subscriber_no, submission.brand_no
        if offer.replaces and self._outs.carrier_of(subscriber_no, brand_no):
            return True  # it may take the place of the one that would have told it
        return self._outs.is_due(subscriber_no, brand_no, submission.category, submission.channel)

    def told(self, offer: Offered, now_us: int) -> tuple[Offered, bytes]:
        """The offer with the words in it, and the mark for its trail: MARK_REFUSED where there is no room."""
        code = self._terms.code_for(offer.submission.source)
        if not code:
            return offer, MARK_REFUSED
        source = _answered_at(offer.submission.source, offer.submission.channel)

        def change(text: str, can_write: CanWrite) -> str:
            return self._with_words(text, source, code, can_write)

        found = self._rewrite(offer, change, now_us)
        if found is None:
            return offer, MARK_REFUSED
        return found, MARK_SAID if found is offer else MARK_ADDED

    def text_for(self, asked: tuple[int, int, int], source: str, text: str, channel: str = SMS) -> str:
        """What a promotional text would become, for whoever quotes it; `asked`: (subscriber_no, brand_no,
        category)."""
        code = self._terms.code_for(source)
        if not code or not self._outs.is_due(*asked, channel):
            return text
        is_narrow, answered_at = is_gsm7(text), _answered_at(source, channel)
        return self._with_words(text, answered_at, code, lambda words: not is_narrow or is_gsm7(words))

    def admitted(self, message: OpenMessage, changes: Changes) -> None:
        """The message that tells it was admitted; an answer to the code that it names is one to its brand."""
        code = self._terms.code_for(message.source)
        if code != message.source:
            self.on_told(code, message)
        self._outs.put(message.brand_no, message.subscriber_no, message.message_id)
        self._note(message, message.message_id, changes)

    def message_final(self, message: OpenMessage, state: int, now_us: int, changes: Changes) -> None:
        """The end of any message: where it should have told it and never arrived, the next one does."""
        if not self._outs.carriers:
            return
        arrived = state == MessageState.DELIVERED
        if self._outs.ended(message.message_id, message.subscriber_no, message.brand_no, has_arrived=arrived):
            self._note(message, 0, changes)

    def give_place(self, message: OpenMessage) -> bool:
        """Another text is to take the place of this message; True where that one must tell it then."""
        return self._outs.ended(
            message.message_id, message.subscriber_no, message.brand_no, has_arrived=False
        )

    def take_place_again(self, message: OpenMessage) -> None:
        """The other text was refused, and this message stays."""
        self._outs.put(message.brand_no, message.subscriber_no, message.message_id)

    def _with_words(self, text: str, source: str, code: str, can_write: CanWrite) -> str:
        terms = self._terms
        if says_way_out(text, terms.codes or (code,), source, terms.languages):
            return text
        words = way_out_words(terms.language, code, can_write)
        return f"{text}{words}" if not text or text[-1].isspace() else f"{text} {words}"

    def _note(self, message: OpenMessage, carrier: int, changes: Changes) -> None:
        row: dict[str, object] = {
            "shard": self._shard,
            "brand_no": message.brand_no,
            "subscriber_no": message.subscriber_no,
            "message_id": carrier,
        }
        changes.upserts.append(("way_out", row))


def _answered_at(source: str, channel: str) -> str:
    """Where an answer to a message goes, "" where it has none: then "reply STOP" is no way out."""
    return source if channel == SMS else ""

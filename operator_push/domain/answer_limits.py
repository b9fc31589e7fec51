"""Answer limits: how often one number is answered, so that two machines that answer each other fall silent.

Laws: at most so many answers an hour and a day to one number; the same text again is answered twice and then
no more within the hour; what we said ourselves is never answered. Silence never undoes what was asked for.
"""

from collections import OrderedDict, deque
from hashlib import blake2b

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
SAME_TEXT_MAX = 2  # Ours: a person who gets no answer tries once more; a machine goes on.
NUMBERS_MAX = (
    200_000  # Ours: people answered within a day; beyond it the one answered longest ago is forgotten.
)


class _Talk:
    """What was answered to one number within a day: moments, and the texts of both sides as digests."""

    __slots__ = ("at_us", "heard", "said")

    def __init__(self) -> None:
        self.at_us: deque[int] = deque()
        self.heard: deque[tuple[int, bytes]] = deque()
        self.said: deque[bytes] = deque(maxlen=4)


class AnswerLimits:
    """The limits of one shard; owned by the loop."""

    def __init__(self, per_hour: int, per_day: int) -> None:
        self._per_hour = per_hour
        self._per_day = per_day
        self._talks: OrderedDict[str, _Talk] = OrderedDict()

    def __len__(self) -> int:
        return len(self._talks)

    def why_silent(self, msisdn: str, text: str, now_us: int) -> str | None:
        """Why this text is not answered ("echo", "repeated", "often"); None where it is."""
        talk = self._talks.get(msisdn)
        if talk is None:
            return None
        digest = _digest(text)
        if digest in talk.said:
            return "echo"
        while talk.at_us and now_us - talk.at_us[0] >= DAY_US:
            talk.at_us.popleft()
        while talk.heard and now_us - talk.heard[0][0] >= HOUR_US:
            talk.heard.popleft()
        if sum(heard == digest for _, heard in talk.heard) >= SAME_TEXT_MAX:
            return "repeated"
        within_hour = sum(now_us - at_us < HOUR_US for at_us in talk.at_us)
        if len(talk.at_us) >= self._per_day or within_hour >= self._per_hour:
            return "often"
        return None

    def answered(self, msisdn: str, heard: str, said: str, now_us: int) -> None:
        """Count an answer `said` to a text `heard`; also for the answers of the last day at a start, with
        both texts empty."""
        talk = self._talks.get(msisdn)
        if talk is None:
            talk = self._talks[msisdn] = _Talk()
            if len(self._talks) > NUMBERS_MAX:
                self._talks.popitem(last=False)
        else:
            self._talks.move_to_end(msisdn)
        talk.at_us.append(now_us)
        if heard:
            talk.heard.append((now_us, _digest(heard)))
        if said:
            talk.said.append(_digest(said))


def _digest(text: str) -> bytes:
    """Of a text without its case and spacing: people's words are not kept here."""
    return blake2b("".join(text.casefold().split()).encode("utf-8", "replace"), digest_size=8).digest()

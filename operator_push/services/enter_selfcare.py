"""Enter self-care: only the holder of a number gets in, by a code or a one-time link that was sent to it.

Laws: a code is bound to its number and to the browser that asked for it, a link to its number; both end after
a while, after one use, after too many wrong guesses, and when a newer one is sent. Whoever asks is answered
alike whether a number is known or not. Secrets are kept as hashes and compared in constant time. Codes that
wait are in memory of one process, and a restart ends them; how often a number was sent one is noted elsewhere
(`Noted`) and counts on, and so are open sessions (`Kept`). Not here: how a code is sent, what is shown.
"""

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from enum import Enum
from typing import Protocol

import msgspec

from operator_push.services.rate_windows import SECOND_US, RateWindow, RateWindows

CODE_DIGITS = 6
LINK_OCTETS = 9  # 70 bits in 12 characters, so that the SMS stays one segment
SECRET_OCTETS = 32
GUESSES_MAX = 5
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789"  # none that end a link in an SMS
WAITING_MAX = 100_000  # Ours: bounds memory; the one that waits longest gives way
SESSIONS_MAX = 100_000
SESSION_WHOLE_US = 12 * 3_600 * SECOND_US  # Ours: the longest that one code opens the door, however busy

Chance = Callable[[int], bytes]  # so many random octets, secrets.token_bytes outside of tests


class Person(msgspec.Struct, frozen=True):
    """Whoever holds a number. `country` of it (ISO 3166), None unknown."""

    msisdn: str
    subscriber_no: int
    country: str | None


class Session(msgspec.Struct):
    """One browser that has proved to hold a number. `csrf` stands in every form of its pages."""

    person: Person
    csrf: str
    proof: str  # what was sent and answered, in words for the evidence of acts
    began_us: int
    used_us: int


class Sent(msgspec.Struct, frozen=True):
    """What is to be sent to a number now."""

    code: str
    link: str


class Refusal(Enum):
    """Why somebody does not get in."""

    WRONG = "wrong"  # not the code; there may be another try
    OVER = "over"  # ended, used, guessed at too often, or replaced: a new code is needed
    TOO_MANY = "too_many"  # a rate limit; see `wait_s`


class NotIn(msgspec.Struct, frozen=True):
    """The answer to whoever does not get in."""

    why: Refusal
    wait_s: int = 0


class _Waiting(msgspec.Struct):
    person: Person | None  # None: nobody we know; it is waited for all the same, and nothing fits
    code_hash: bytes
    link_hash: bytes
    browser_hash: bytes
    sent_us: int
    guesses: int = 0


class Limits(msgspec.Struct, frozen=True):
    """How often (times, within seconds) codes are sent and guesses heard, and how long things hold."""

    code_lifetime_s: int = 600
    idle_s: int = 900
    codes_per_number: tuple[tuple[int, int], ...] = ((3, 900), (10, 86_400))
    codes_per_address: tuple[tuple[int, int], ...] = ((20, 3_600),)
    guesses_per_address: tuple[tuple[int, int], ...] = ((30, 600),)


class Noted(Protocol):
    """Where it is noted that a code was asked for: a number under a name that tells nobody who it is."""

    def name_of(self, msisdn: str) -> str: ...

    def lately(self, now_us: int) -> Iterable[tuple[str, int]]:
        """(name, moment) of the last day, oldest first."""
        ...

    def note(self, name: str, now_us: int) -> None: ...


class Kept(Protocol):
    """Where open sessions outlive the process: nobody but who has the secret gets one out."""

    def open(self, secret: str, session: Session) -> None: ...

    def use(self, secret: str, now_us: int) -> None: ...

    def end(self, secret: str) -> None: ...

    def end_all_of(self, msisdn: str) -> None: ...

    def revive(self, secret: str) -> Session | None:
        """The session that was open when the process ended, once."""
        ...


class EnterSelfcare:
    """Codes that wait for their answer, and open sessions; several threads may call it."""

    def __init__(
        self,
        limits: Limits,
        chance: Chance,
        noted: Noted | None = None,
        now_us: int = 0,
        kept: Kept | None = None,
    ) -> None:
        """`noted`, `kept`: what a restart must not forget, as of `now_us`."""
        self._limits = limits
        self._chance = chance
        self._lock = threading.Lock()
        self._waiting: OrderedDict[bytes, _Waiting] = OrderedDict()  # by hash of the number
        self._by_link: dict[bytes, bytes] = {}
        self._by_browser: dict[bytes, bytes] = {}
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()
        self._codes_per_number = _windows(limits.codes_per_number)
        self._codes_per_address = _windows(limits.codes_per_address)
        self._guesses = _windows(limits.guesses_per_address)
        self._noted = noted
        self._kept = kept
        for name, at_us in noted.lately(now_us) if noted is not None else ():
            self._codes_per_number.count(name, at_us)

    def may_ask(self, msisdn: str, address: str, now_us: int) -> NotIn | None:
        """Count that this browser's address asks for a code to this number; what to answer where it may not.

        Known and unknown numbers are counted alike.
        """
        name = self._noted.name_of(msisdn) if self._noted is not None else msisdn
        with self._lock:
            wait = max(
                self._codes_per_number.wait_s(name, now_us),
                self._codes_per_address.wait_s(address, now_us),
            )
            if wait:
                return NotIn(Refusal.TOO_MANY, wait)
            self._codes_per_number.count(name, now_us)
            self._codes_per_address.count(address, now_us)
            if self._noted is not None:
                self._noted.note(name, now_us)
        return None

    def begin(self, msisdn: str, person: Person | None, browser: str, now_us: int) -> Sent | None:
        """Wait for a new code of this number; what to send, None where nobody has the number.

        `browser` is a secret of the browser that asked, "" where a person of the operator had it sent: then
        only the link opens. What was sent to the number before ends.
        """
        code = f"{int.from_bytes(self._chance(8), 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"
        link = _text(self._chance(LINK_OCTETS))
        number = _hash(msisdn)
        with self._lock:
            self._forget(number)
            waiting = _Waiting(person, _hash(code), _hash(link), _hash(browser) if browser else b"", now_us)
            self._waiting[number] = waiting
            self._by_link[waiting.link_hash] = number
            if browser:
                self._by_browser[waiting.browser_hash] = number
            while len(self._waiting) > WAITING_MAX:
                self._forget(next(iter(self._waiting)))
        return Sent(code, link) if person is not None else None

    def answer_code(self, code: str, browser: str, address: str, now_us: int) -> tuple[str, Session] | NotIn:
        """The session's secret and the session for the right code, from the browser that asked for it."""
        with self._lock:
            if wait := self._guesses.wait_s(address, now_us):
                return NotIn(Refusal.TOO_MANY, wait)
            self._guesses.count(address, now_us)
            number = self._by_browser.get(_hash(browser))
            waiting = self._waiting.get(number) if number is not None else None
            if number is None or waiting is None or self._is_over(waiting, now_us):
                return NotIn(Refusal.OVER)
            waiting.guesses += 1
            fits = hmac.compare_digest(waiting.code_hash, _hash(code))
            if waiting.person is None or not fits:
                over = waiting.guesses >= GUESSES_MAX
                return NotIn(Refusal.OVER if over else Refusal.WRONG)
            return self._enter(number, waiting.person, "code by SMS, typed on the page", now_us)

    def answer_link(self, link: str, address: str, now_us: int) -> tuple[str, Session] | NotIn:
        """The session's secret and the session for a one-time link that was sent."""
        with self._lock:
            if wait := self._guesses.wait_s(address, now_us):
                return NotIn(Refusal.TOO_MANY, wait)
            self._guesses.count(address, now_us)
            number = self._by_link.get(_hash(link))
            waiting = self._waiting.get(number) if number is not None else None
            if number is None or waiting is None or waiting.person is None or self._is_over(waiting, now_us):
                return NotIn(Refusal.OVER)
            return self._enter(number, waiting.person, "one-time link by SMS, opened", now_us)

    def session(self, secret: str, now_us: int) -> Session | None:
        """The open session of a browser's cookie; None where there is none or it has ended."""
        key = _hash(secret)
        with self._lock:
            session = self._sessions.get(key)
            if session is None:
                session = self._kept.revive(secret) if self._kept is not None else None
                if session is None:
                    return None
                self._sessions[key] = session
                self._bound_sessions()
            idle = session.used_us + self._limits.idle_s * SECOND_US <= now_us
            if idle or session.began_us + SESSION_WHOLE_US <= now_us:
                self._end(secret)
                return None
            session.used_us = now_us
            self._sessions.move_to_end(key)
            if self._kept is not None:
                self._kept.use(secret, now_us)
            return session

    def leave(self, secret: str) -> None:
        """End a session."""
        with self._lock:
            self._end(secret)

    def leave_everywhere(self, person: Person) -> None:
        """End every session of a person, and what waits for them."""
        with self._lock:
            if self._kept is not None:
                self._kept.end_all_of(person.msisdn)
            self._forget(_hash(person.msisdn))
            for key in [key for key, each in self._sessions.items() if each.person.msisdn == person.msisdn]:
                del self._sessions[key]

    def new_secret(self) -> str:
        """A secret for a cookie or a form."""
        return _text(self._chance(SECRET_OCTETS))

    def _enter(self, number: bytes, person: Person, proof: str, now_us: int) -> tuple[str, Session]:
        self._forget(number)
        secret = self.new_secret()
        session = Session(person, self.new_secret(), proof, now_us, now_us)
        self._sessions[_hash(secret)] = session
        if self._kept is not None:
            self._kept.open(secret, session)
        self._bound_sessions()
        return secret, session

    def _end(self, secret: str) -> None:
        was_open = self._sessions.pop(_hash(secret), None) is not None
        if self._kept is not None and (was_open or self._kept.revive(secret) is not None):
            self._kept.end(secret)

    def _bound_sessions(self) -> None:
        while len(self._sessions) > SESSIONS_MAX:
            self._sessions.popitem(last=False)

    def _is_over(self, waiting: _Waiting, now_us: int) -> bool:
        ends_us = waiting.sent_us + self._limits.code_lifetime_s * SECOND_US
        return waiting.guesses >= GUESSES_MAX or now_us >= ends_us

    def _forget(self, number: bytes) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None:
            self._by_link.pop(waiting.link_hash, None)
            if self._by_browser.get(waiting.browser_hash) == number:
                del self._by_browser[waiting.browser_hash]


def _windows(limits: tuple[tuple[int, int], ...]) -> RateWindows:
    return RateWindows(*(RateWindow(most, within_s) for most, within_s in limits))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _text(octets: bytes) -> str:
    """Octets as characters that need no escaping in an address."""
    number, text = int.from_bytes(octets, "big"), ""
    for _ in range(len(octets) * 4 // 3):
        number, place = divmod(number, len(LETTERS))
        text += LETTERS[place]
    return text

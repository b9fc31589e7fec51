"""The site of short links: a request becomes a redirection, or what became of it there is noted.

Laws: an address holds at its client's host alone; nobody learns whose it is; whoever guesses is told to wait;
programs are led on like people, and counted apart. No cookie is set and no script is sent.
"""

import re
from collections import deque
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from operator_push.domain.link_visits import AHEAD_HEADERS, Filtered, Visit, VisitKind, why_filtered
from operator_push.domain.short_links import ShortLink, parts_of
from operator_push.http.web_values import Answered, Asked
from operator_push.kernel.errors import OperatorPushError
from operator_push.kernel.money import parse_amount

PIXEL: Final = "/pixel.gif"
CONVERSION: Final = "/conversion"
ORDER_CHARS_MAX: Final = 64
_AMOUNT: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,6})?")  # Ours: less than a thousand million units
WRONG_MAX: Final = 60  # Ours: addresses that lead nowhere, from one network address within WRONG_WITHIN_US
WRONG_WITHIN_US: Final = 60_000_000
ADDRESSES_MAX: Final = 10_000  # Ours: bounds what is remembered of who guesses
# The smallest picture that every browser draws: one transparent dot (GIF89a).
DOT: Final = bytes.fromhex(
    "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
)
_PLAIN: Final = "text/plain; charset=utf-8"
_UNSEEN: Final = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_ANYWHERE: Final = {"Cross-Origin-Resource-Policy": "cross-origin", "X-Robots-Tag": "noindex"}


class LinkBook(Protocol):
    """What is asked of cli.link_book."""

    def link(self, campaign_no: int) -> ShortLink | None:
        """The link of a campaign."""
        ...

    def follower(self, campaign_no: int, token: int) -> int:
        """Whose address it is; 0 for nobody's."""
        ...

    def converted(self, campaign_no: int, token: int) -> int:
        """Whose conversion token it is; 0 for nobody's."""
        ...


class ShortLinkSite:
    """All addresses. `tell` takes what happened and returns at once."""

    def __init__(
        self,
        book: LinkBook,
        tell: Callable[[Visit], None],
        now_us: Callable[[], int],
        log: Callable[[str], None],
    ) -> None:
        self._book = book
        self._tell = tell
        self._now_us = now_us
        self._log = log
        self._wrong: dict[str, deque[int]] = {}

    def answer(self, asked: Asked) -> Answered:
        """The response to a request; never raises."""
        try:
            return self._answer(asked)
        except OperatorPushError as error:
            self._log(f"{asked.method}: {error}")
            return Answered(503, b"try again later", _PLAIN, retry_after_s=30)

    def _answer(self, asked: Asked) -> Answered:
        now_us, path = self._now_us(), asked.path
        if path == "/robots.txt":
            return Answered(200, b"User-agent: *\nDisallow: /\n", _PLAIN)
        if self._guesses(asked.address, now_us):
            return Answered(429, b"too many addresses that lead nowhere", _PLAIN, retry_after_s=60)
        if path == PIXEL and asked.method in ("GET", "HEAD"):
            self._convert(asked, asked.query, now_us)
            return Answered(200, DOT, "image/gif", headers=_ANYWHERE)
        if path == CONVERSION and asked.method == "POST":
            status, said = self._convert(asked, asked.form, now_us)
            return Answered(status, said, _PLAIN)
        if asked.method in ("GET", "HEAD"):
            return self._follow(asked, now_us)
        return Answered(405, b"GET and HEAD are heard here, POST at /conversion", _PLAIN)

    def _follow(self, asked: Asked, now_us: int) -> Answered:
        campaign_no, token = parts_of(asked.path.removeprefix("/"))
        link = self._link(asked, campaign_no)
        if link is None:
            return self._nowhere(asked, now_us)
        if not link.is_open_at(now_us):
            return Answered(410, b"this link has ended", _PLAIN)
        subscriber_no = self._book.follower(campaign_no, token)
        if not subscriber_no:
            return self._nowhere(asked, now_us)
        headers = {name: asked.headers.get(name, "") for name in AHEAD_HEADERS}
        why = why_filtered(asked.method, asked.headers.get("user-agent", ""), headers)
        kind = VisitKind.CLICK if why is Filtered.PERSON else VisitKind.FILTERED
        self._tell(Visit(campaign_no, subscriber_no, kind, why, now_us))
        return Answered(302, b"", _PLAIN, to=link.target_of(subscriber_no), headers=_UNSEEN)

    def _convert(self, asked: Asked, said: Mapping[str, str], now_us: int) -> tuple[int, bytes]:
        """Note a conversion: {"c": token, "value": amount, "order": what the client calls it}."""
        campaign_no, token = parts_of(said.get("c", ""))
        link = self._link(asked, campaign_no)
        is_open = link is not None and link.is_open_at(now_us)
        subscriber_no = self._book.converted(campaign_no, token) if is_open else 0
        if not subscriber_no:
            self._note_wrong(asked.address, now_us)
            return 404, b"c is no token of a link at this host, or the link has ended"
        order = said.get("order", "")
        if len(order) > ORDER_CHARS_MAX or not order.isprintable():
            return 422, b"order has at most 64 printable characters"
        value_micros = _value(said.get("value", ""))
        if value_micros is None:
            return 422, b"value is an amount such as 12.50"
        conversion = VisitKind.CONVERSION
        self._tell(
            Visit(campaign_no, subscriber_no, conversion, Filtered.PERSON, now_us, value_micros, order)
        )
        return 204, b""

    def _link(self, asked: Asked, campaign_no: int) -> ShortLink | None:
        """The link of a campaign, at its own host."""
        link = self._book.link(campaign_no) if campaign_no else None
        return link if link is not None and link.host == asked.host else None

    def _nowhere(self, asked: Asked, now_us: int) -> Answered:
        self._note_wrong(asked.address, now_us)
        return Answered(404, b"this link leads nowhere", _PLAIN)

    def _note_wrong(self, address: str, now_us: int) -> None:
        if len(self._wrong) >= ADDRESSES_MAX:
            self._wrong.clear()
        self._wrong.setdefault(address, deque(maxlen=WRONG_MAX)).append(now_us)

    def _guesses(self, address: str, now_us: int) -> bool:
        wrong = self._wrong.get(address)
        return wrong is not None and len(wrong) >= WRONG_MAX and wrong[0] > now_us - WRONG_WITHIN_US


def _value(text: str) -> int | None:
    """Micros of an amount, 0 where there is none; None where it is no amount."""
    if not text:
        return 0
    return parse_amount(text) if _AMOUNT.fullmatch(text) else None

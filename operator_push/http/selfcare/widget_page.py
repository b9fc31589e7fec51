"""The widget: a small form for a brand's own web site that starts the double opt-in of a touchpoint.

    <iframe src="https://my.telecom.example/widget/acme" title="…"></iframe>  works without JavaScript
    <script src="https://my.telecom.example/widget/acme.js"></script>         builds the form where it stands

It loads nothing from elsewhere and sets no cookie: a browser would not give one to a page inside another
site's. A form is heard from the sites alone that the touchpoint names (the browser tells them by the header
Origin), with a token that was made for this touchpoint and this address a short while ago. Anybody can type a
number: nothing is permitted before the number itself has answered the SMS that asks.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec

from operator_push.http.selfcare.desk import Desk, JoinTouchpoint
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import Handler, Terms, Visit
from operator_push.http.web_values import Answered
from operator_push.services.enter_selfcare import EnterSelfcare

PREFIX: Final = "/widget/"
TOKEN_S: Final = 3_600  # Ours: longer than anybody needs for a number.
SECOND_US: Final = 1_000_000
_SCRIPT: Final = "text/javascript; charset=utf-8"
_SAID: Final = ("number", "number_hint", "join_ask")


class WidgetPage:
    """One for each [[opt_in]] that names the sites on which it may stand."""

    def __init__(self, terms: Terms, desk: Desk, entry: EnterSelfcare, key: bytes) -> None:
        self._terms = terms
        self._desk = desk
        self._entry = entry
        self._key = key

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, beginning of the path) → handler; they check their forms themselves."""
        return {("GET", PREFIX): self.show, ("POST", PREFIX): self.ask}

    def show(self, visit: Visit) -> Answered:
        """The form as a page, or the script that builds it."""
        name = visit.asked.path.removeprefix(PREFIX)
        touchpoint = self._touchpoint(name.removesuffix(".js"), visit)
        if touchpoint is None:
            return Answered(404, b"there is no such form", "text/plain; charset=utf-8")
        if name.endswith(".js"):
            return self._script(visit, touchpoint)
        return self._form(visit, touchpoint)

    def ask(self, visit: Visit) -> Answered:
        """Have the number asked by SMS; the answer is the same whoever has it."""
        asked, words = visit.asked, visit.words
        touchpoint = self._touchpoint(asked.path.removeprefix(PREFIX), visit)
        if touchpoint is None:
            return Answered(404, b"there is no such form", "text/plain; charset=utf-8")
        if not self._is_from_here(asked.origin, touchpoint) or not self._is_fresh(visit, touchpoint):
            return self._told(visit, touchpoint, words["error_form"], 403)
        try:
            msisdn, _ = self._desk.find(asked.field("number", 30))
        except ValueError:
            return self._told(visit, touchpoint, words["error_number"], 422)
        refused = self._entry.may_ask(msisdn, asked.address, visit.now_us)
        if refused is not None:
            minutes = -(-refused.wait_s // 60)
            problem = words["error_too_many"].format(minutes=minutes)
            return self._told(visit, touchpoint, problem, 429, refused.wait_s)
        evidence = {"ip": asked.address, "language": words.language, **touchpoint.evidence}
        self._desk.ask_to_join(touchpoint.name, msisdn, "web", evidence)
        return self._told(visit, touchpoint, "", 200)

    def _touchpoint(self, name: str, visit: Visit) -> JoinTouchpoint | None:
        found = self._desk.touchpoint(name, visit.words.language)
        return found if found is not None and found.origins else None

    def _form(
        self, visit: Visit, touchpoint: JoinTouchpoint, problem: str = "", done: str = "", status: int = 200
    ) -> Answered:
        drawn = page(
            "widget",
            visit.words,
            visit.asked.path,
            operator=self._terms.operator,
            status=status,
            problem=problem,
            done=done,
            token=self._token(visit, touchpoint),
            touchpoint=touchpoint,
        )
        allowed = " ".join(touchpoint.origins)
        policy = (
            "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
            f"frame-ancestors 'self' {allowed}"
        )
        headers = {"Content-Security-Policy": policy, "Cross-Origin-Resource-Policy": "cross-origin"}
        return msgspec.structs.replace(drawn, headers=headers)

    def _script(self, visit: Visit, touchpoint: JoinTouchpoint) -> Answered:
        words = visit.words
        told: dict[str, Any] = {key: words[key] for key in _SAID}
        told |= {
            "name": touchpoint.name,
            "language": words.language,
            "title": words["join_title"].format(brand=touchpoint.brand),
            "intro": touchpoint.notice or words["join_intro"].format(brand=touchpoint.brand),
            "later": words["error_later"],
            "token": self._token(visit, touchpoint),
        }
        # In a script of its own, "<" could begin nothing; escaped all the same, should it be put into a page.
        body = _builder().replace("TOLD", json.dumps(told).replace("<", "\\u003c"), 1)
        headers = {"Cross-Origin-Resource-Policy": "cross-origin"}
        return Answered(200, body.encode(), _SCRIPT, headers=headers)

    def _told(
        self, visit: Visit, touchpoint: JoinTouchpoint, problem: str, status: int, wait_s: int = 0
    ) -> Answered:
        """As the page with the form, or, to the script, as JSON that its own site alone may read."""
        done = "" if problem else visit.words["join_asked"].format(brand=touchpoint.brand)
        if not visit.asked.field("script"):
            answered = self._form(visit, touchpoint, problem, done, status)
            return msgspec.structs.replace(answered, retry_after_s=wait_s)
        told = {"told": problem or done, "token": self._token(visit, touchpoint)}
        headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Vary": "Origin"}
        if visit.asked.origin in touchpoint.origins:
            headers["Access-Control-Allow-Origin"] = visit.asked.origin
        body = json.dumps(told).encode()
        return Answered(status, body, "application/json", retry_after_s=wait_s, headers=headers)

    def _is_from_here(self, origin: str, touchpoint: JoinTouchpoint) -> bool:
        """Our own page in its frame says our own address."""
        return bool(origin) and origin in (*touchpoint.origins, self._terms.base_url)

    def _token(self, visit: Visit, touchpoint: JoinTouchpoint) -> str:
        return self._signed(visit.now_us // SECOND_US, visit, touchpoint)

    def _is_fresh(self, visit: Visit, touchpoint: JoinTouchpoint) -> bool:
        token = visit.asked.field("token")
        made, _, _ = token.partition(".")
        if not made.isdigit() or not 0 <= visit.now_us // SECOND_US - int(made) <= TOKEN_S:
            return False
        return hmac.compare_digest(token.encode(), self._signed(int(made), visit, touchpoint).encode())

    def _signed(self, made_s: int, visit: Visit, touchpoint: JoinTouchpoint) -> str:
        bound = f"{made_s}|{touchpoint.name}|{visit.asked.address}".encode()
        return f"{made_s}.{hmac.digest(self._key, bound, hashlib.sha256).hex()[:32]}"


@cache
def _builder() -> str:
    """The script, with TOLD in the place of what it is told."""
    return (files("operator_push.http.selfcare.templates") / "widget.js").read_text(encoding="utf-8")

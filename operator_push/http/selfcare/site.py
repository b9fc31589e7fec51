"""The site: a request becomes a page. Here are the addresses, who may come in, and the checks of every form.

Laws: a form is heard only with the secret of its own session, or of the browser before there is one; whoever
is not signed in is led to the first page; what the house cannot do now is told and changes nothing.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page, style
from operator_push.http.selfcare.languages import Words, chosen
from operator_push.http.web_values import LANGUAGE_COOKIE, Answered, Asked, see_other
from operator_push.kernel.errors import OperatorPushError
from operator_push.services.enter_selfcare import (
    CODE_DIGITS,
    EnterSelfcare,
    NotIn,
    Person,
    Refusal,
    Session,
)

SESSION_COOKIE: Final = "session"
BROWSER_COOKIE: Final = "browser"


class Terms(msgspec.Struct, frozen=True):
    """What is the same on every page. `base_url` without a slash at its end, "" where links are not sent."""

    operator: str
    base_url: str = ""
    code_lifetime_s: int = 600
    history_days: int = 7

    @property
    def minutes(self) -> int:
        """How long a code holds."""
        return max(1, self.code_lifetime_s // 60)


class Visit(msgspec.Struct, frozen=True):
    """One request with what is known about who makes it."""

    asked: Asked
    words: Words
    now_us: int
    browser: str
    session: Session | None = None

    @property
    def form_secret(self) -> str:
        """What a form of this browser must bring along."""
        if self.session is not None:
            return self.session.csrf
        return hashlib.sha256(f"form {self.browser}".encode()).hexdigest()

    @property
    def signed_in(self) -> Session:
        """The session of a page that needs one."""
        if self.session is None:
            raise PermissionError("this page needs a session")
        return self.session


Handler = Callable[[Visit], Answered]


class Site:
    """All pages. `inside` are those that need a session: (method, path) → handler."""

    def __init__(
        self,
        terms: Terms,
        entry: EnterSelfcare,
        desk: Desk,
        now_us: Callable[[], int],
        inside: Mapping[tuple[str, str], Handler],
        log: Callable[[str], None],
    ) -> None:
        # By method and the beginning of the path, for everybody.
        self.open_to_all: dict[tuple[str, str], Handler] = {}
        # As those, for pages inside other sites: no cookie is set, and they check their forms themselves.
        self.embedded: dict[tuple[str, str], Handler] = {}
        self._terms = terms
        self._entry = entry
        self._desk = desk
        self._now_us = now_us
        self._inside = inside
        self._log = log
        self._outside: dict[tuple[str, str], Handler] = {
            ("GET", "/"): self._first,
            ("POST", "/number"): self._number,
            ("GET", "/code"): self._code_page,
            ("POST", "/code"): self._code,
            ("POST", "/l"): self._link,
            ("POST", "/leave"): self._leave,
        }

    def answer(self, asked: Asked) -> Answered:
        """The page that a request gets; never raises."""
        words = chosen(asked.query.get("lang") or asked.cookies.get(LANGUAGE_COOKIE, ""), asked.languages)
        now_us = self._now_us()
        secret = asked.cookies.get(SESSION_COOKIE, "")
        session = self._entry.session(secret, now_us) if secret else None
        browser = asked.cookies.get(BROWSER_COOKIE, "") or self._entry.new_secret()
        visit = Visit(asked, words, now_us, browser, session)
        try:
            answered = self._answer(visit)
        except OperatorPushError as error:
            self._log(f"{asked.method} {_shown(asked.path)}: {error}")
            answered = self.problem(visit, words["error_later"], 503, back=asked.path)
        if self._embedded(asked) is not None:
            return answered
        cookies = dict(answered.cookies)
        if BROWSER_COOKIE not in asked.cookies:
            cookies[BROWSER_COOKIE] = browser
        if "lang" in asked.query:
            cookies[LANGUAGE_COOKIE] = words.language
        return msgspec.structs.replace(answered, cookies=cookies)

    def problem(self, visit: Visit, text: str, status: int, back: str = "/", wait_s: int = 0) -> Answered:
        """A page that tells what did not work."""
        return page(
            "told",
            visit.words,
            visit.asked.path if visit.asked.method == "GET" else "/",
            operator=self._terms.operator,
            session=visit.session,
            status=status,
            retry_after_s=wait_s,
            title=visit.words["error_title"],
            problem=text,
            to=back if visit.session is not None else "/",
        )

    def _answer(self, visit: Visit) -> Answered:
        asked = visit.asked
        method = "GET" if asked.method == "HEAD" else asked.method
        if (method, asked.path) == ("GET", "/style.css"):
            return Answered(200, style(), "text/css; charset=utf-8")
        if method == "GET" and asked.path.startswith("/l/"):
            return self._link_page(visit)
        embedded = self._embedded(asked)
        if embedded is not None:
            return embedded(visit)
        handler = self._outside.get((method, asked.path)) or _by_beginning(
            self.open_to_all, method, asked.path
        )
        needs_session = handler is None
        handler = handler or self._inside.get((method, asked.path))
        if handler is None:
            return self.problem(visit, visit.words["error_missing"], 404)
        if method == "POST" and not hmac.compare_digest(
            asked.form.get("csrf", "").encode(), visit.form_secret.encode()
        ):
            key = "error_session" if needs_session and visit.session is None else "error_form"
            return self.problem(visit, visit.words[key], 403)
        if needs_session and visit.session is None:
            return see_other("/", why="session") if SESSION_COOKIE in asked.cookies else see_other("/")
        return handler(visit)

    def _embedded(self, asked: Asked) -> Handler | None:
        return _by_beginning(self.embedded, "GET" if asked.method == "HEAD" else asked.method, asked.path)

    # -- before there is a session ------------------------------------------------------------------------

    def _first(self, visit: Visit) -> Answered:
        if visit.session is not None:
            return see_other("/permissions")
        problem = visit.words["error_session"] if visit.asked.query.get("why") == "session" else ""
        done = visit.asked.query.get("done", "")
        done = visit.words[done] if done in ("left", "erased") else ""
        return self._number_page(visit, problem, done=done)

    def _number_page(
        self, visit: Visit, problem: str, status: int = 200, wait_s: int = 0, done: str = ""
    ) -> Answered:
        return page(
            "number",
            visit.words,
            "/",
            operator=self._terms.operator,
            status=status,
            retry_after_s=wait_s,
            csrf=visit.form_secret,
            problem=problem,
            done=done,
        )

    def _number(self, visit: Visit) -> Answered:
        """Send a code, if somebody has this number; the answer does not tell."""
        try:
            msisdn, person = self._desk.find(visit.asked.field("number", 30))
        except ValueError:
            return self._number_page(visit, visit.words["error_number"], 422)
        refused = self._entry.may_ask(msisdn, visit.asked.address, visit.now_us)
        if refused is not None:
            return self._number_page(visit, *self._too_many(visit, refused))
        sent = self._entry.begin(msisdn, person, visit.browser, visit.now_us)
        if sent is not None and person is not None:
            base, minutes = self._terms.base_url, self._terms.minutes
            key, link = ("sms", f"{base}/l/{sent.link}") if base else ("sms_plain", "")
            text = visit.words[key].format(code=sent.code, link=link, minutes=minutes)
            self._desk.send(person, text, self._terms.code_lifetime_s)
        return see_other("/code")

    def _code_page(self, visit: Visit, problem: str = "", status: int = 200, wait_s: int = 0) -> Answered:
        return page(
            "code",
            visit.words,
            "/code",
            operator=self._terms.operator,
            status=status,
            retry_after_s=wait_s,
            csrf=visit.form_secret,
            problem=problem,
            minutes=self._terms.minutes,
            digits=CODE_DIGITS,
        )

    def _code(self, visit: Visit) -> Answered:
        code = "".join(each for each in visit.asked.field("code", 20) if each.isdigit())
        outcome = self._entry.answer_code(code, visit.browser, visit.asked.address, visit.now_us)
        if not isinstance(outcome, NotIn):
            return self._enter(outcome[0])
        if outcome.why is Refusal.TOO_MANY:
            return self._code_page(visit, *self._too_many(visit, outcome))
        key = "error_wrong" if outcome.why is Refusal.WRONG else "error_over"
        return self._code_page(visit, visit.words[key], 403)

    def _link_page(self, visit: Visit) -> Answered:
        """A link is opened by a button: programs that look at links beforehand must not use it up."""
        return page(
            "link",
            visit.words,
            visit.asked.path,
            operator=self._terms.operator,
            csrf=visit.form_secret,
            link=visit.asked.path.removeprefix("/l/")[:64],
        )

    def _link(self, visit: Visit) -> Answered:
        outcome = self._entry.answer_link(visit.asked.field("link", 64), visit.asked.address, visit.now_us)
        if not isinstance(outcome, NotIn):
            return self._enter(outcome[0])
        if outcome.why is Refusal.TOO_MANY:
            return self._number_page(visit, *self._too_many(visit, outcome))
        return self._number_page(visit, visit.words["error_over"], 403)

    def _enter(self, secret: str) -> Answered:
        """In, with new secrets: what the browser had before does not open the session (no fixation)."""
        return see_other("/permissions", {SESSION_COOKIE: secret, BROWSER_COOKIE: self._entry.new_secret()})

    def _leave(self, visit: Visit) -> Answered:
        self._entry.leave(visit.asked.cookies.get(SESSION_COOKIE, ""))
        return see_other("/", {SESSION_COOKIE: ""}, done="left")

    @staticmethod
    def _too_many(visit: Visit, refused: NotIn) -> tuple[str, int, int]:
        minutes = -(-refused.wait_s // 60)
        return visit.words["error_too_many"].format(minutes=minutes), 429, refused.wait_s


def _by_beginning(handlers: Mapping[tuple[str, str], Handler], method: str, path: str) -> Handler | None:
    for (of_method, beginning), handler in handlers.items():
        if method == of_method and path.startswith(beginning):
            return handler
    return None


def person_of(visit: Visit) -> Person:
    """Whose page it is."""
    return visit.signed_in.person


def _shown(path: str) -> str:
    """An address as a log may show it: what follows /l/ opens a door."""
    return "/l/…" if path.startswith("/l/") else path[:100]

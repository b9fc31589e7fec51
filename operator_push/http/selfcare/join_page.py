"""The join page: opt in to a brand's messages from a link on its web site or a QR code on its poster.

Anybody can type a number: nothing is permitted before the number itself has answered the SMS that asks.
"""

from collections.abc import Mapping

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import Handler, Terms, Visit
from operator_push.http.web_values import Answered
from operator_push.services.enter_selfcare import EnterSelfcare

PREFIX = "/join/"
BY_QR = "qr"


class JoinPage:
    """One page for each [[opt_in]], under its name; `?by=qr` tells that a QR code led there."""

    def __init__(self, terms: Terms, desk: Desk, entry: EnterSelfcare) -> None:
        self._terms = terms
        self._desk = desk
        self._entry = entry

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, beginning of the path) → handler."""
        return {("GET", PREFIX): self.show, ("POST", PREFIX): self.ask}

    def show(self, visit: Visit, problem: str = "", status: int = 200, wait_s: int = 0) -> Answered:
        """What is opted in to, and where the number goes."""
        touchpoint = self._desk.touchpoint(visit.asked.path.removeprefix(PREFIX), visit.words.language)
        if touchpoint is None:
            return self._told(visit, visit.words["error_missing"], 404)
        by_qr = BY_QR in (visit.asked.query.get("by"), visit.asked.form.get("by"))
        return page(
            "join",
            visit.words,
            visit.asked.path,
            operator=self._terms.operator,
            status=status,
            retry_after_s=wait_s,
            problem=problem,
            csrf=visit.form_secret,
            touchpoint=touchpoint,
            by=BY_QR if by_qr else "web",
        )

    def ask(self, visit: Visit) -> Answered:
        """Have the number asked by SMS; the answer is the same whoever has it."""
        asked, words = visit.asked, visit.words
        touchpoint = self._desk.touchpoint(asked.path.removeprefix(PREFIX), words.language)
        if touchpoint is None:
            return self._told(visit, words["error_missing"], 404)
        try:
            msisdn, _ = self._desk.find(asked.field("number", 30))
        except ValueError:
            return self.show(visit, words["error_number"], 422)
        refused = self._entry.may_ask(msisdn, asked.address, visit.now_us)
        if refused is not None:
            minutes = -(-refused.wait_s // 60)
            return self.show(visit, words["error_too_many"].format(minutes=minutes), 429, refused.wait_s)
        evidence = {"ip": asked.address, "language": words.language, **touchpoint.evidence}
        method = BY_QR if asked.field("by") == BY_QR else "web"
        self._desk.ask_to_join(touchpoint.name, msisdn, method, evidence)
        return self._told(visit, "", 200, words["join_asked"].format(brand=touchpoint.brand))

    def _told(self, visit: Visit, problem: str, status: int, done: str = "") -> Answered:
        return page(
            "told",
            visit.words,
            "/",
            operator=self._terms.operator,
            status=status,
            title=visit.words["error_title" if problem else "join_title"].format(brand=""),
            problem=problem,
            done=done,
            to="/",
        )

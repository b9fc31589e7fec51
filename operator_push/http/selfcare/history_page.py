"""The history page: who sent what, and why: the campaign, the act that permitted it, the rule in words."""

from collections.abc import Mapping

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered


class HistoryPage:
    """Messages to a person. Their texts are not shown: who reads over a shoulder shall learn little."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        self._terms = terms
        self._desk = desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {("GET", "/messages"): self.show}

    def show(self, visit: Visit) -> Answered:
        """The page."""
        return page(
            "messages",
            visit.words,
            "/messages",
            operator=self._terms.operator,
            session=visit.signed_in,
            days=self._terms.history_days,
            messages=self._desk.history(person_of(visit), visit.now_us),
        )

"""The rewards page: what a person has earned, and each posting that it came from."""

from collections.abc import Mapping

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import Handler, Terms, Visit, person_of
from operator_push.http.selfcare.web_values import Answered


class RewardsPage:
    """Shows rewards."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        self._terms = terms
        self._desk = desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {("GET", "/rewards"): self.show}

    def show(self, visit: Visit) -> Answered:
        """The page."""
        return page(
            "rewards",
            visit.words,
            "/rewards",
            operator=self._terms.operator,
            session=visit.signed_in,
            days=self._terms.history_days,
            rewards=self._desk.rewards(person_of(visit), visit.now_us),
        )

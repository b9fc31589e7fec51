"""The rewards page: what a person has earned, and each posting that it came from."""

from collections.abc import Mapping

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered, see_other
from operator_push.services.pay_rewards import HOW


class RewardsPage:
    """Shows rewards."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        self._terms = terms
        self._desk = desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {("GET", "/rewards"): self.show, ("POST", "/rewards"): self.pay_out}

    def show(self, visit: Visit, problem: str = "", status: int = 200) -> Answered:
        """The page."""
        return page(
            "rewards",
            visit.words,
            "/rewards",
            operator=self._terms.operator,
            session=visit.signed_in,
            days=self._terms.history_days,
            rewards=self._desk.rewards(person_of(visit), visit.now_us),
            ways=HOW,
            status=status,
            problem=problem,
            done=visit.words["done_payout"] if visit.asked.query.get("done") == "payout" else "",
        )

    def pay_out(self, visit: Visit) -> Answered:
        """Have everything paid out that may be."""
        why = self._desk.pay_out(person_of(visit), visit.asked.field("how"))
        if why:
            return self.show(visit, visit.words["refused"].format(why=why), 409)
        return see_other("/rewards", done="payout")

"""The profile page: what was learnt and from where, and what the person says of themselves."""

from collections.abc import Mapping

from operator_push.domain.declared import CORRECTABLE, INTERESTS, YES
from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.permission_page import notice_version, offers_by, shown_offer
from operator_push.http.selfcare.site import Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered, see_other
from operator_push.kernel.contracts import DataPurpose

# Where an attribute came from, by the purpose that it needs: the words of that purpose's choice.
SOURCES = (
    (DataPurpose.LOCATION, "use_location"),
    (DataPurpose.CALL_DATA, "use_call_data"),
    (DataPurpose.TOP_UP, "use_top_up"),
    (DataPurpose.SUBSCRIBER_RECORD, "use_subscriber_record"),
)


class ProfilePage:
    """Shows the profile, and keeps what the person declares."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        self._terms = terms
        self._desk = desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {("GET", "/profile"): self.show, ("POST", "/profile"): self.change}

    def show(self, visit: Visit, problem: str = "", status: int = 200) -> Answered:
        """The page."""
        profile = self._desk.profile(person_of(visit), visit.now_us)
        offers = offers_by(self._desk.offers(person_of(visit)), "profile")
        words = visit.words
        return page(
            "profile",
            words,
            "/profile",
            operator=self._terms.operator,
            session=visit.signed_in,
            status=status,
            problem=problem,
            done=words["done_profile"] if visit.asked.query.get("done") == "profile" else "",
            learnt=[(each, words[source_of(each.purpose)]) for each in profile.learnt],
            declared={each.name: each for each in profile.declared},
            interests=INTERESTS,
            correctable=CORRECTABLE,
            offer=offers[0] if offers else None,
            terms_version=notice_version,
        )

    def change(self, visit: Visit) -> Answered:
        """Keep the whole form: a box that is not ticked takes an interest back."""
        values = {name: YES if visit.asked.field(name) == YES else "" for name in INTERESTS}
        values |= {name: visit.asked.field(name) for name in CORRECTABLE}
        person = person_of(visit)
        offer = shown_offer(visit, self._desk.offers(person), "profile")
        why = self._desk.declare(person, values, offer)
        if why:
            return self.show(visit, visit.words["refused"].format(why=why), 422)
        return see_other("/profile", done="profile")


def source_of(purpose: DataPurpose) -> str:
    """The key of the words for where an attribute came from; the most private source names it."""
    return next(key for bit, key in SOURCES if bit & purpose)

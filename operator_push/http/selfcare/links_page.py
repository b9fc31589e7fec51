"""The links page: customer numbers and addresses that are linked to the person's number, and one's own.

The number is proved by being signed in; an address is linked once the code that was sent there has come back.
"""

from collections.abc import Mapping

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered, see_other

DONE = ("asked", "linked", "unlinked")


class LinksPage:
    """Shows links, adds an address, ends them."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        self._terms = terms
        self._desk = desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {
            ("GET", "/links"): self.show,
            ("POST", "/links"): self.add,
            ("POST", "/links/code"): self.confirm,
            ("POST", "/links/end"): self.end,
        }

    def show(self, visit: Visit, problem: str = "", status: int = 200) -> Answered:
        """The page."""
        links = self._desk.links(person_of(visit))
        done = visit.asked.query.get("done")
        return page(
            "links",
            visit.words,
            "/links",
            operator=self._terms.operator,
            session=visit.signed_in,
            status=status,
            problem=problem,
            done=visit.words[f"links_{done}"] if done in DONE else "",
            links=[each for each in links if each.linked_us],
            waiting=[each for each in links if not each.linked_us and each.is_own],
        )

    def add(self, visit: Visit) -> Answered:
        """Have a code sent to an address."""
        why = self._desk.link_email(person_of(visit), visit.asked.field("email", 254), visit.words.language)
        return self._then(visit, why, "asked")

    def confirm(self, visit: Visit) -> Answered:
        """Take the code that came to the address."""
        code = "".join(each for each in visit.asked.field("code", 20) if each.isdigit())
        return self._then(visit, self._desk.confirm_email(person_of(visit), code), "linked")

    def end(self, visit: Visit) -> Answered:
        """Delete what is linked with one client, or the person's own address."""
        return self._then(
            visit, self._desk.unlink(person_of(visit), visit.asked.field("account")), "unlinked"
        )

    def _then(self, visit: Visit, why: str, done: str) -> Answered:
        if why:
            return self.show(visit, visit.words["refused"].format(why=why), 422)
        return see_other("/links", done=done)

"""The data page: a person's own copy of everything, in JSON and as tables (GDPR article 20)."""

from collections.abc import Callable, Mapping

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.personal_copy import Tables, copy_json, copy_tables, copy_zip
from operator_push.http.selfcare.site import SESSION_COOKIE, Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered, see_other
from operator_push.services.enter_selfcare import Person


class DataPage:
    """What a person may take along, and have erased. `leave` ends every session of a person."""

    def __init__(self, terms: Terms, desk: Desk, leave: Callable[[Person], None]) -> None:
        self._terms = terms
        self._desk = desk
        self._leave = leave

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {
            ("GET", "/data"): self.show,
            ("POST", "/erase"): self.erase,
            ("GET", "/download.json"): self.as_json,
            ("GET", "/download.zip"): self.as_tables,
        }

    def erase(self, visit: Visit) -> Answered:
        """Erase everything, once the person has ticked that they mean it; they are signed out then."""
        words, person = visit.words, person_of(visit)
        if visit.asked.field("sure") != "yes":
            return self.show(visit, words["erase_not_sure"], 422)
        why = self._desk.erase(person)
        if why:
            return self.show(visit, words["refused"].format(why=why), 409)
        self._leave(person)
        return see_other("/", {SESSION_COOKIE: ""}, done="erased")

    def show(self, visit: Visit, problem: str = "", status: int = 200) -> Answered:
        """The page."""
        return page(
            "data",
            visit.words,
            "/data",
            operator=self._terms.operator,
            session=visit.signed_in,
            status=status,
            problem=problem,
        )

    def as_json(self, visit: Visit) -> Answered:
        """Everything as one JSON object; moments in ISO 8601."""
        octets = copy_json(self._terms.operator, person_of(visit).msisdn, visit.now_us, self._tables(visit))
        return Answered(200, octets, "application/json", file_name="my-data.json")

    def as_tables(self, visit: Visit) -> Answered:
        """Everything as CSV files (RFC 4180, UTF-8) in one ZIP."""
        return Answered(200, copy_zip(self._tables(visit)), "application/zip", file_name="my-data.zip")

    def _tables(self, visit: Visit) -> Tables:
        return copy_tables(self._desk.everything(person_of(visit), visit.now_us))

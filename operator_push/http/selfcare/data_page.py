"""The data page: a person's own copy of everything, in JSON and as tables (GDPR article 20)."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from operator_push.http.selfcare.desk import Desk
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.site import SESSION_COOKIE, Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered, see_other
from operator_push.kernel.instants import iso
from operator_push.services.enter_selfcare import Person

FORMAT = "operator-push personal data 1"
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


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
        told = {
            "format": FORMAT,
            "operator": self._terms.operator,
            "made_at": iso(visit.now_us),
            "msisdn": person_of(visit).msisdn,
            **self._tables(visit),
        }
        text = json.dumps(told, ensure_ascii=False, indent=2)
        return Answered(200, text.encode(), "application/json", file_name="my-data.json")

    def as_tables(self, visit: Visit) -> Answered:
        """Everything as CSV files (RFC 4180, UTF-8) in one ZIP."""
        octets = io.BytesIO()
        with zipfile.ZipFile(octets, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, rows in self._tables(visit).items():
                archive.writestr(f"{name}.csv", table_text(rows))
        return Answered(200, octets.getvalue(), "application/zip", file_name="my-data.zip")

    def _tables(self, visit: Visit) -> Tables:
        found = self._desk.everything(person_of(visit), visit.now_us)
        return {name: [_with_moments(row) for row in rows] for name, rows in found.items()}


def table_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV. A value that a spreadsheet would take for a formula is put in quotes of its own."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(text)
    writer.writerow(names)
    for row in rows:
        writer.writerow([_harmless(row.get(name, "")) for name in names])
    return text.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def _with_moments(row: Mapping[str, Any]) -> dict[str, Any]:
    """Moments of columns *_us in words, under the name *_at; 0 is none."""
    told: dict[str, Any] = {}
    for name, value in row.items():
        if name.endswith("_us"):
            told[f"{name.removesuffix('_us')}_at" if name != "at_us" else "at"] = iso(value) if value else ""
        else:
            told[name] = value
    return told

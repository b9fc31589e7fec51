"""Self-care without a house: the site over a desk in memory, every kind of content on its pages."""

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.contact_wishes import Wish
from operator_push.http.selfcare.data_page import DataPage
from operator_push.http.selfcare.desk import (
    Attribute,
    JoinTouchpoint,
    Linked,
    Offered,
    PaidOut,
    Profile,
    Reward,
    Rewards,
    Wished,
)
from operator_push.http.selfcare.history_page import HistoryPage
from operator_push.http.selfcare.join_page import JoinPage
from operator_push.http.selfcare.links_page import LinksPage
from operator_push.http.selfcare.permission_page import PermissionPage
from operator_push.http.selfcare.profile_page import ProfilePage
from operator_push.http.selfcare.rewards_page import RewardsPage
from operator_push.http.selfcare.site import Site, Terms
from operator_push.http.selfcare.widget_page import WidgetPage
from operator_push.http.web_values import Answered, Asked
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import ResourceError
from operator_push.services.enter_selfcare import EnterSelfcare, Limits, Person
from operator_push.services.history_of_person import Told
from operator_push.services.permission_overview import Overview, overview
from operator_push.store.consent_rows import StoredAct
from operator_push.store.person_rows import Declared

NOW = 1_800_000_000_000_000
PERSON = Person("919812345601", 1, "IN")
PAGES = ("/permissions", "/messages", "/profile", "/rewards", "/links", "/data")


SITE = "https://chai.example"  # which may show the form of a touchpoint


class MemoryDesk:
    """A desk.Desk that knows one person and remembers what was asked of it."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.recorded: list[Mapping[str, str]] = []
        self.declared: list[tuple[Mapping[str, str], Offered | None]] = []
        self.paid: list[str] = []
        self.wished: list[Wished] = []
        self.joined: list[tuple[str, str, str, dict[str, str]]] = []
        self.linked: list[tuple[str, str]] = []
        self.erased: list[str] = []
        self.refuses = ""
        self.is_away = False

    def find(self, typed: str) -> tuple[str, Person | None]:
        if self.is_away:
            raise ResourceError(f"no server for {typed}")
        digits = "".join(each for each in typed if each.isdigit())
        if len(digits) < 7:
            raise ValueError("no number")
        return digits, PERSON if digits == PERSON.msisdn else None

    def send(self, person: Person, text: str, valid_s: int) -> None:
        self.sent.append(text)

    def overview(self, person: Person, now_us: int) -> Overview:
        said = (
            (ConsentAction.GRANT, 3, 0),
            (ConsentAction.WITHDRAW, 3, 8),
            (ConsentAction.WITHDRAW, 4, 0),
        )
        acts = [
            StoredAct(
                place << 22,
                ConsentEvent(
                    1, brand, category, Purpose.MARKETING, "*", action, NOW - place, Evidence("sms", "x")
                ),
            )
            for place, (action, brand, category) in enumerate(said, start=1)
        ]
        names = {3: "Chai & <Point>", 4: "Tea House with a name that is long enough to wrap", 5: "Offerer"}
        return overview(1, acts, "IN", names, [5], now_us)

    def brand_names(self) -> Sequence[str]:
        return ["Chai & <Point>", "Offerer"]

    def record(self, person: Person, act: Mapping[str, str]) -> str:
        self.recorded.append(act)
        return self.refuses

    def profile(self, person: Person, now_us: int) -> Profile:
        at = datetime(2027, 1, 1, tzinfo=UTC)
        learnt = [
            Attribute("home.city", "Pune", "name", DataPurpose.CALL_DATA | DataPurpose.LOCATION, "City.", at),
            Attribute("age", "41", "years", DataPurpose.SUBSCRIBER_RECORD, "Year of birth.", at),
        ]
        return Profile(learnt, [Declared("interest.music", "yes", NOW, "x"), Declared("age", "42", NOW, "x")])

    def declare(self, person: Person, values: Mapping[str, str], offer: Offered | None) -> str:
        self.declared.append((values, offer))
        return self.refuses

    def history(self, person: Person, now_us: int) -> Sequence[Told]:
        common = ("Chai & <Point>", "CHAI", "Diwali", 8, "promotional", 1)
        rule = "people whose age is at least 18 years"
        return [
            Told("1", NOW, *common, "DELIVERED", "", "consent", "77", NOW - 9, rule, ""),
            Told("2", NOW, *common, "REFUSED", "QUIET_HOURS", "nothing", "", 0, "", ""),
        ]

    def rewards(self, person: Person, now_us: int) -> Rewards:
        postings = [Reward(NOW, "incentive_in", 5_000_000, "INR"), Reward(NOW, "pay_out", -2_000_000, "INR")]
        return Rewards(
            9_000_000, 5_000_000, "INR", postings, [PaidOut(NOW, "voucher", 2_000_000, "paid", "V-1")]
        )

    def offers(self, person: Person) -> Sequence[Offered]:
        return [
            Offered("welcome", "opt_in", "Offerer", (), "5 rupees, once."),
            Offered("about-me", "profile", "", ("age", "interest.music"), "20 rupees."),
        ]

    def pay_out(self, person: Person, how: str) -> str:
        self.paid.append(how)
        return self.refuses

    def erase(self, person: Person) -> str:
        self.erased.append(person.msisdn)
        return self.refuses

    def touchpoint(self, name: str, language: str) -> JoinTouchpoint | None:
        if name != "poster":
            return None
        evidence = {"notice_id": "offers"}
        return JoinTouchpoint("poster", "Chai & <Point>", "Offers of the day.", evidence, (SITE,))

    def ask_to_join(self, name: str, msisdn: str, method: str, evidence: Mapping[str, str]) -> None:
        self.joined.append((name, msisdn, method, dict(evidence)))

    def wishes(self, person: Person) -> list[Wished]:
        return self.wished or [Wished("*", 0, "*", Wish(9 * 60, 18 * 60, 3))]

    def set_wish(self, person: Person, wished: Wished) -> str:
        self.wished.append(wished)
        return self.refuses

    def links(self, person: Person) -> Sequence[Linked]:
        return [
            Linked("chai", "Chai & <Point>", "C-<1>", "asha.rao.with.a.long.name@mail.example", NOW),
            Linked("", "Example Telecom", "", "asha@example.com", 0),
        ]

    def link_email(self, person: Person, email: str, language: str) -> str:
        self.linked.append((email, language))
        return self.refuses

    def confirm_email(self, person: Person, code: str) -> str:
        self.linked.append(("code", code))
        return self.refuses

    def unlink(self, person: Person, account: str) -> str:
        self.linked.append(("end", account))
        return self.refuses

    def everything(self, person: Person, now_us: int) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return {"consents": [{"action": "grant", "at_us": NOW, "brand": "=1+1"}]}


class Visitor:
    """One browser at a site, without a server; it follows redirections and keeps cookies."""

    def __init__(self, desk: MemoryDesk | None = None, base_url: str = "https://my.example") -> None:
        self.desk = desk or MemoryDesk()
        self.now_us = NOW
        self.logged: list[str] = []
        numbers = itertools.count(1)
        entry = EnterSelfcare(Limits(), lambda octets: (next(numbers) * 104_729).to_bytes(octets, "big"))
        terms = Terms("Example Telecom", base_url)
        inside = dict(DataPage(terms, self.desk, entry.leave_everywhere).handlers())
        for room in (PermissionPage, HistoryPage, ProfilePage, RewardsPage, LinksPage):
            inside |= room(terms, self.desk).handlers()
        self.site = Site(terms, entry, self.desk, lambda: self.now_us, inside, self.logged.append)
        self.site.open_to_all |= JoinPage(terms, self.desk, entry).handlers()
        self.site.embedded |= WidgetPage(terms, self.desk, entry, b"k" * 32).handlers()
        self.origin = ""
        self.cookies: dict[str, str] = {}
        self.last = Answered(0)

    def get(self, address: str) -> str:
        return self._ask("GET", address, {})

    def post(self, address: str, **form: str) -> str:
        return self._ask("POST", address, form)

    def secret(self, text: str) -> str:
        """The secret of the forms on a page."""
        return text.partition('name="csrf" value="')[2].partition('"')[0]

    def sign_in(self) -> str:
        self.post("/number", csrf=self.secret(self.get("/")), number=f"+{PERSON.msisdn}")
        return self.post("/code", csrf=self.secret(self.get("/code")), code=self.desk.sent[-1][:6])

    def _ask(self, method: str, address: str, form: Mapping[str, str]) -> str:
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        asked = Asked(method, parts.path, query, form, dict(self.cookies), "en", "198.51.100.7", self.origin)
        self.last = self.site.answer(asked)
        for name, value in self.last.cookies.items():
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return self._ask("GET", self.last.to, {}) if self.last.to else self.last.body.decode()

"""The site of short links: people are led on, programs too and counted apart, guesses lead nowhere."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from operator_push.domain.link_visits import Filtered, Visit, VisitKind
from operator_push.domain.short_links import ShortLink, TokenIndex, conversion_token
from operator_push.http.short_links.site import DOT, WRONG_MAX, ShortLinkSite
from operator_push.http.web_values import Answered, Asked
from operator_push.kernel.errors import ResourceError

HOST, NOW_US = "go.chai.example", 5_000_000
LINK = ShortLink(77, HOST, "https://chai.example/offer?c={token}", bytes(range(32)), 0, 900_000_000)
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36"
PERSON = 41


class Web:
    """A browser and what was noted; `now_us` may be moved."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.log: list[str] = []
        self.now_us = NOW_US
        self.index = TokenIndex(LINK.key, range(1, 101))
        self.is_down = False
        self.site = ShortLinkSite(self, self.visits.append, lambda: self.now_us, self.log.append)

    def link(self, campaign_no: int) -> ShortLink | None:
        if self.is_down:
            raise ResourceError("the database is away")
        return LINK if campaign_no == 77 else None

    def follower(self, campaign_no: int, token: int) -> int:
        return self.index.follower(token)

    def converted(self, campaign_no: int, token: int) -> int:
        return self.index.converted(token)

    def ask(self, address: str, method: str = "GET", host: str = HOST, **said: str) -> Answered:
        split = urlsplit(address)
        headers = {"user-agent": said.pop("agent", PHONE)} | {
            name.replace("_", "-"): said.pop(name) for name in ("sec_purpose",) if name in said
        }
        return self.site.answer(
            Asked(
                method,
                split.path,
                dict(parse_qsl(split.query)),
                said,
                address="192.0.2.7",
                host=host,
                headers=headers,
            )
        )


@pytest.fixture
def web() -> Web:
    return Web()


def own(person: int = PERSON) -> str:
    return LINK.address_of(person).removeprefix(HOST)


def test_a_person_is_led_on_and_noted(web: Web) -> None:
    answered = web.ask(own())
    assert (answered.status, answered.body) == (302, b"")
    assert answered.to == f"https://chai.example/offer?c={conversion_token(LINK, PERSON)}"
    assert answered.headers["Referrer-Policy"] == "no-referrer"
    assert answered.cookies == {}
    assert web.visits == [Visit(77, PERSON, VisitKind.CLICK, Filtered.PERSON, NOW_US)]


@pytest.mark.parametrize(
    ("method", "said", "why"),
    [
        ("HEAD", {}, Filtered.METHOD),
        ("GET", {"agent": "WhatsApp/2.23"}, Filtered.PREVIEW),
        ("GET", {"sec_purpose": "prefetch"}, Filtered.PREFETCH),
    ],
)
def test_a_program_is_led_on_and_counted_apart(
    web: Web, method: str, said: dict[str, str], why: Filtered
) -> None:
    assert web.ask(own(), method, **said).status == 302
    assert [(visit.kind, visit.why) for visit in web.visits] == [(VisitKind.FILTERED, why)]


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("/", HOST),
        ("/favicon.ico", HOST),
        (own(101), HOST),  # nobody of this campaign
        (own()[:-1], HOST),
        (own() + "0", HOST),
        ("/ab" + own()[3:], HOST),
        (own(), "go.tea.example"),  # another client's host
        ("/" + conversion_token(LINK, PERSON), HOST),
    ],
)
def test_what_is_no_address_leads_nowhere(web: Web, address: str, host: str) -> None:
    assert web.ask(address, host=host).status == 404
    assert web.visits == []


def test_whoever_guesses_is_told_to_wait(web: Web) -> None:
    for guess in range(WRONG_MAX):
        assert web.ask(f"/1f{guess:010}").status == 404
    assert web.ask(own()).status == 429
    web.now_us += 60_000_000
    assert web.ask(own()).status == 302


def test_a_link_that_is_over_leads_nowhere(web: Web) -> None:
    web.now_us = LINK.expires_us
    assert web.ask(own()).status == 410
    assert web.ask("/conversion", "POST", c=conversion_token(LINK, PERSON)).status == 404
    assert web.visits == []


def test_a_conversion_is_told_by_a_picture_or_by_the_clients_server(web: Web) -> None:
    token = conversion_token(LINK, PERSON)
    picture = web.ask(f"/pixel.gif?c={token}&value=12.50&order=A-1")
    assert (picture.status, picture.body, picture.content_type) == (200, DOT, "image/gif")
    assert picture.headers["Cross-Origin-Resource-Policy"] == "cross-origin"  # a client's page may show it
    assert web.ask("/conversion", "POST", c=token, value="3").status == 204
    expected = [(12_500_000, "A-1"), (3_000_000, "")]
    assert [(visit.value_micros, visit.order) for visit in web.visits] == expected
    assert {(visit.kind, visit.subscriber_no) for visit in web.visits} == {(VisitKind.CONVERSION, PERSON)}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"c": "no token"}, 404),
        ({}, 404),
        ({"value": "-1"}, 422),
        ({"value": "1e999999999"}, 422),
        ({"value": "NaN"}, 422),
        ({"order": "x" * 65}, 422),
        ({"order": "a\nb"}, 422),
    ],
)
def test_a_conversion_that_cannot_be_is_refused_and_the_picture_tells_nobody(
    web: Web, said: dict[str, str], status: int
) -> None:
    if status == 422:
        said = {"c": conversion_token(LINK, PERSON), **said}
    assert web.ask("/conversion", "POST", **said).status == status
    assert web.visits == []
    assert web.ask("/pixel.gif?c=nonsense").status == 200


def test_other_methods_and_crawlers_are_told(web: Web) -> None:
    assert web.ask(own(), "POST").status == 405
    assert web.ask("/robots.txt").body == b"User-agent: *\nDisallow: /\n"


def test_a_store_that_cannot_be_read_is_no_dead_link(web: Web) -> None:
    web.is_down = True
    assert (web.ask(own()).status, web.log) == (503, ["GET: the database is away"])

"""Who gets in, which forms are heard, and what a choice is recorded as."""

import pytest
from selfcare_desk import NOW, PAGES, PERSON, Visitor

from operator_push.domain.contact_wishes import Wish
from operator_push.http.selfcare.desk import Wished
from operator_push.http.selfcare.permission_page import notice_version
from operator_push.http.selfcare.personal_copy import table_text

CHOICE = {"brand": "Offerer", "purpose": "marketing", "category": "*", "channel": "*", "action": "grant"}


def test_every_page_needs_a_session_and_then_is_there() -> None:
    visitor = Visitor()
    for path in PAGES:
        assert "Sign in with your mobile number" in visitor.get(path)
    visitor.sign_in()
    for path in PAGES:
        text = visitor.get(path)
        assert visitor.last.status == 200
        assert 'aria-current="page"' in text
        assert PERSON.msisdn not in text


def test_what_people_wrote_is_escaped() -> None:
    visitor = Visitor()
    assert "Chai &amp; &lt;Point&gt;" in visitor.sign_in()


def test_a_link_opens_by_its_button_and_once() -> None:
    visitor = Visitor()
    visitor.post("/number", csrf=visitor.secret(visitor.get("/")), number=PERSON.msisdn)
    (text,) = visitor.desk.sent
    path = text.partition("https://my.example")[2].partition(" ")[0]
    other = Visitor(visitor.desk)
    other.site = visitor.site
    assert "session" not in other.cookies
    page = other.get(path)
    assert "This link can be used once" in page
    link = path.removeprefix("/l/")
    assert "Who may write to you" in other.post("/l", csrf=other.secret(page), link=link)
    other.cookies.clear()
    assert "has ended or was used" in other.post("/l", csrf=other.secret(other.get(path)), link=link)
    assert other.last.status == 403


def test_a_form_without_its_secret_changes_nothing() -> None:
    visitor = Visitor()
    visitor.sign_in()
    for secret in ("", "x", visitor.cookies["session"]):
        visitor.post("/permissions", csrf=secret, **CHOICE)
        assert visitor.last.status == 403
    assert visitor.desk.recorded == []
    visitor.cookies.pop("session")
    visitor.post("/number", csrf="x", number=PERSON.msisdn)
    assert visitor.last.status == 403
    assert len(visitor.desk.sent) == 1


def test_a_choice_is_an_act_with_its_evidence() -> None:
    visitor = Visitor()
    page = visitor.sign_in()
    terms = notice_version("5 rupees, once.")
    visitor.post("/permissions", csrf=visitor.secret(page), offer="welcome", terms=terms, **CHOICE)
    (act,) = visitor.desk.recorded
    assert (act["brand"], act["action"], act["method"], act["ip"]) == (
        "Offerer",
        "grant",
        "web",
        "198.51.100.7",
    )
    assert act["notice_id"] == "selfcare"
    assert len(act["notice_sha256"]) == 64
    assert "code by SMS" in act["double_opt_in_answer"]
    assert act["incentive_terms"] == "5 rupees, once."
    visitor.post("/permissions", csrf=visitor.secret(page), offer="welcome", terms="old", **CHOICE)
    assert "incentive_ref" not in visitor.desk.recorded[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"brand": "Nobody"},
        {"purpose": "gold"},
        {"category": "9"},
        {"category": "²"},
        {"channel": "fax"},
        {"action": "void"},
    ],
)
def test_what_no_page_offers_is_not_recorded(wrong: dict[str, str]) -> None:
    visitor = Visitor()
    page = visitor.sign_in()
    visitor.post("/permissions", csrf=visitor.secret(page), **(CHOICE | wrong))
    assert visitor.last.status == 422
    assert visitor.desk.recorded == []


def test_what_the_house_refuses_is_told() -> None:
    visitor = Visitor()
    page = visitor.sign_in()
    visitor.desk.refuses = "no <such> thing"
    for path, form in (
        ("/permissions", CHOICE),
        ("/rewards", {"how": "airtime"}),
        ("/profile", {"age": "1"}),
    ):
        assert "no &lt;such&gt; thing" in visitor.post(path, csrf=visitor.secret(page), **form)
        assert visitor.last.status in (409, 422)


def test_a_house_that_is_away_is_told_without_a_number_in_the_log() -> None:
    visitor = Visitor()
    visitor.desk.is_away = True
    text = visitor.post("/number", csrf=visitor.secret(visitor.get("/")), number="12")
    assert "cannot be reached" in text
    assert visitor.last.status == 503


def test_too_many_codes_are_answered_429_with_the_wait() -> None:
    visitor = Visitor()
    for _ in range(4):
        visitor.post("/number", csrf=visitor.secret(visitor.get("/")), number=PERSON.msisdn)
    assert (visitor.last.status, visitor.last.retry_after_s) == (429, 900)
    assert len(visitor.desk.sent) == 3


def test_leaving_and_erasing_end_the_session() -> None:
    visitor = Visitor()
    page = visitor.sign_in()
    assert "You are signed out" in visitor.post("/leave", csrf=visitor.secret(page))
    assert "session" not in visitor.cookies
    page = visitor.sign_in()
    visitor.post("/erase", csrf=visitor.secret(page))
    assert visitor.desk.erased == []
    visitor.post("/erase", csrf=visitor.secret(page), sure="yes")
    assert visitor.desk.erased == [PERSON.msisdn]
    assert "session" not in visitor.cookies


def test_a_session_that_was_idle_is_told_so() -> None:
    visitor = Visitor()
    visitor.sign_in()
    visitor.now_us = NOW + 3_600_000_000
    assert "nothing happened for a while" in visitor.get("/permissions")


def test_a_language_is_chosen_and_kept() -> None:
    visitor = Visitor()
    assert 'lang="de"' in visitor.get("/?lang=de")
    assert "Mit Ihrer Mobilnummer anmelden" in visitor.get("/")
    assert "language" in visitor.cookies
    visitor.get("/nowhere")
    assert visitor.last.status == 404


def test_a_table_value_that_is_a_formula_is_harmless() -> None:
    assert table_text([{"brand": "=1+1"}]) == "brand\r\n'=1+1\r\n"


def test_a_number_that_joins_is_asked_by_sms_and_limited() -> None:
    visitor = Visitor()
    page = visitor.get("/join/poster?by=qr")
    assert "Offers of the day." in page
    assert 'name="by" value="qr"' in page
    secret = visitor.secret(page)
    told = visitor.post("/join/poster", csrf=secret, by="qr", number="+91 98000 00000")
    assert "is on its way" in told
    ((name, msisdn, method, evidence),) = visitor.desk.joined
    assert (name, msisdn, method) == ("poster", "919800000000", "qr")
    assert evidence == {"ip": "198.51.100.7", "language": "en", "notice_id": "offers"}
    visitor.post("/join/poster", csrf="x", number="919800000000")
    assert visitor.last.status == 403
    visitor.post("/join/poster", csrf=secret, number="12")
    assert visitor.last.status == 422
    for _ in range(3):
        visitor.post("/join/poster", csrf=secret, number="919800000000")
    assert visitor.last.status == 429
    assert len(visitor.desk.joined) == 3
    visitor.get("/join/nothing")
    assert visitor.last.status == 404


def test_when_and_how_often_is_kept() -> None:
    visitor = Visitor()
    page = visitor.sign_in()
    assert '<option value="18" selected>' in page
    secret = visitor.secret(page)
    told = visitor.post("/wishes", **{"csrf": secret, "from": "8", "until": "20", "often": "-1"})
    assert "holds from now on" in told
    assert visitor.desk.wished == [Wished("*", 0, "*", Wish(480, 1200, -1))]
    form = {"csrf": secret, "from": "10", "until": "18", "often": "2", "brand": "Offerer"}
    visitor.post("/wishes", **form, category="8", channel="sms")
    assert visitor.desk.wished[1:] == [Wished("Offerer", 8, "sms", Wish(600, 1080, 2))]
    assert "Offerer, Food and drink" in visitor.get("/permissions")
    del visitor.desk.wished[1:]
    wrong_scope = {"brand": "Nobody"}, {"category": "9"}, {"channel": "pigeon"}
    for wrong in ({"from": "24"}, {"often": "51"}, {"until": "noon"}, *wrong_scope):
        form = {"csrf": secret, "from": "8", "until": "20", "often": "3"} | wrong
        visitor.post("/wishes", **form)
        assert visitor.last.status == 422
    assert len(visitor.desk.wished) == 1


def test_an_address_is_linked_by_its_code_and_every_link_can_be_ended() -> None:
    visitor = Visitor()
    visitor.sign_in()
    page = visitor.get("/links")
    assert "C-&lt;1&gt;" in page
    secret = visitor.secret(page)
    assert "is on its way to this address" in visitor.post("/links", csrf=secret, email=" a@b.example ")
    assert "It is linked now" in visitor.post("/links/code", csrf=secret, code="12 34 56")
    assert "It is unlinked" in visitor.post("/links/end", csrf=secret, account="chai")
    assert visitor.desk.linked == [("a@b.example", "en"), ("code", "123456"), ("end", "chai")]
    visitor.desk.refuses = "the code is wrong"
    assert "the code is wrong" in visitor.post("/links/code", csrf=secret, code="1")
    assert visitor.last.status == 422

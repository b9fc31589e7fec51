"""Self-care as a browser meets it: a code by SMS, choices that hold at once, a copy to take along."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from post_office import PostOffice
from product import until
from selfcare_browser import Browser, House, add_people, grant, selfcare_running, told_json

from operator_push.cli.main import main

PERSON, OTHER, REWARDED = "919812345601", "919812345602", "919812345603"


OFFERS = """
[[incentive]]
name = "welcome"
earned_by = "opt_in"
brand = "Tea House"
sponsor = "tea"
amount = "5"
terms = "5 rupees, once, if you stay for 30 days."
[[incentive]]
name = "about-me"
earned_by = "profile"
needs = ["age", "interest.music"]
sponsor = "tea"
amount = "20"
unit = "airtime"
terms = "20 rupees for your age and your taste in music."
keep_days = 0
[answers]
account = "selfcare"
[[opt_in]]
name = "poster"
brand = "Tea House"
short_code = "56070"
missed_call = "18005550100"
widget_origins = ["https://tea.example"]
[payouts]
kind = "vouchers"
vouchers_file = "vouchers.csv"
[linking]
account = "selfcare"
[email]
kind = "smtp"
sender = "no-reply@telecom.example"
security = "none"
host = "127.0.0.1"
port = {port}
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("selfcare")
    (folder / "vouchers.csv").write_text("code,amount\nV-20,20\n")
    with PostOffice() as office, selfcare_running(folder, OFFERS.format(port=office.port)) as running:
        running.office = office
        running.programs.add_account("tea", brand="Tea House", prepaid_micros=100_000_000)
        add_people(running, PERSON, OTHER, REWARDED)
        grant(running, PERSON, "Chai Point")
        grant(running, OTHER, "Chai Point")
        yield running


def test_a_stop_on_the_page_holds_and_is_evidence(house: House) -> None:
    browser = Browser(house.port)
    page = browser.sign_in(house, PERSON)
    assert browser.status == 200
    assert "Chai Point" in page.text
    page = browser.press(page, "action", "withdraw", brand="Chai Point", purpose="marketing", category="*")
    assert "It is stopped" in page.text
    (act,) = [each for each in told_json(browser)["consents"] if each["action"] == "withdraw"]
    assert (act["brand"], act["method"], act["language"]) == ("Chai Point", "web", "en")
    assert "code by SMS" in act["more"]
    page = browser.press(browser.open("/permissions"), "action", "resume", brand="Chai Point")
    assert "taken back" in page.text


def test_the_person_sees_who_wrote_and_what_is_known(house: House) -> None:
    browser = Browser(house.port)
    browser.sign_in(house, OTHER)
    page = browser.open("/messages")
    assert "selfcare" in page.text
    assert "You asked for it yourself" in page.text
    page = browser.open("/profile")
    page = browser.submit(page, "/profile", **{"age": "41", "interest.music": "yes"})
    assert "It is kept" in page.text
    assert 'value="41"' in page.text
    page = browser.submit(page, "/profile", age="older")
    assert browser.status == 422
    assert "Owed to you" in browser.open("/rewards").text
    page = browser.submit(
        browser.open("/permissions"), "/wishes", **{"from": "8", "until": "20", "often": "3"}
    )
    assert "holds from now on" in page.text
    told = told_json(browser)
    of_all = {"brand": "*", "category": 0, "channel": "*"}
    assert told["wishes"] == [of_all | {"from_minute": 480, "until_minute": 1200, "per_week": 3}]
    assert {row["name"] for row in told["declared"]} >= {"age", "interest.music"}
    assert told["messages"][0]["because"] == "transactional"


def test_an_opt_in_and_a_profile_are_rewarded_and_paid_out(house: House) -> None:
    browser = Browser(house.port)
    browser.sign_in(house, REWARDED)
    page = browser.open("/permissions")
    assert "5 rupees, once" in page.text
    browser.press(page, "action", "grant", brand="Tea House", purpose="marketing", offer="welcome")
    assert "5.00 INR" in browser.open("/rewards").text
    profile = browser.open("/profile")
    assert "taste in music" in profile.text
    browser.submit(profile, "/profile", **{"age": "41", "interest.music": "yes"})
    page = browser.submit(browser.open("/rewards"), "/rewards", how="voucher")
    assert "It is on its way" in page.text
    until(lambda: "V-20" in browser.open("/rewards").text, "the voucher")
    told = told_json(browser)
    assert [(row["state"], row["amount_micros"]) for row in told["payouts"]] == [("paid", 20_000_000)]
    assert {row["terms"] for row in told["awards"]} >= {"5 rupees, once, if you stay for 30 days."}
    assert "incentive_terms" in told["consents"][-1]["more"]
    browser.press(browser.open("/permissions"), "action", "withdraw", brand="Tea House", purpose="marketing")
    assert house.call("ledger.sides", msisdn=REWARDED)["earned"] == 0
    config = str(house.programs.folder / "operator-push.toml")
    told = {}
    for name in ("awards", "payouts"):
        done = CliRunner().invoke(main, ["reward", name, "--json", "--config", config])
        told[name] = json.loads(done.stdout)
    assert {(row["offer"], row["state"]) for row in told["awards"]} == {
        ("welcome", "taken_back"),
        ("about-me", "earned"),
    }
    assert [(row["how"], row["state"]) for row in told["payouts"]] == [("voucher", "paid")]
    assert "V-20" not in json.dumps(told["payouts"])
    done = CliRunner().invoke(main, ["ledger", "verify", "--json", "--config", config])
    assert done.exit_code == 0, done.output


def test_the_copy_comes_as_tables_too(house: House) -> None:
    browser = Browser(house.port)
    browser.sign_in(house, OTHER)
    browser.open("/download.zip")
    with zipfile.ZipFile(io.BytesIO(browser.body)) as archive:
        text = archive.read("consents.csv").decode()
    assert "Chai Point" in text
    assert PERSON not in text


def test_nobody_gets_in_without_the_code(house: House) -> None:
    browser = Browser(house.port)
    browser.open("/permissions")
    assert "session" not in browser.cookies
    page = browser.submit(browser.open("/"), "/number", number="+919800000000")  # nobody's
    page = browser.submit(page, "/code", code="123456")
    assert browser.status == 403
    assert "This is not the code" in page.text
    assert browser.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_number_from_a_poster_is_asked_by_sms(house: House) -> None:
    browser = Browser(house.port)
    page = browser.open("/join/poster?by=qr")
    assert "Messages from Tea House" in page.text
    browser.submit(page, "/join/poster", number="+919812345605")
    assert "Tea House" in house.text_to("919812345605")


def test_a_person_is_erased_only_when_they_mean_it(house: House) -> None:
    gone = "919812345604"
    add_people(house, gone)
    grant(house, gone, "Chai Point")
    browser = Browser(house.port)
    browser.sign_in(house, gone)
    page = browser.open("/data")
    csrf = next(form["csrf"] for form in page.forms if form.action == "/erase")
    browser.open("/erase", {"csrf": csrf})
    assert browser.status == 422
    page = browser.open("/erase", {"csrf": csrf, "sure": "yes"})
    assert "Everything is erased" in page.text
    assert "session" not in browser.cookies
    assert house.call("permission.look_up", number=gone, brand="*", by="test")["subscriber_no"] == 0


def test_a_form_on_a_brand_s_own_page_and_a_missed_call_ask_by_sms(house: House) -> None:
    browser, caller, visitor = Browser(house.port), "919812345691", "919812345692"
    browser.open("/widget/poster.js")
    assert browser.headers["cross-origin-resource-policy"] == "cross-origin"
    page = browser.open("/widget/poster")
    assert "frame-ancestors 'self' https://tea.example" in browser.headers["content-security-policy"]
    assert not browser.cookies
    (form,) = [form for form in page.forms if "widget" in form.action]
    browser.origin = "https://tea.example"
    assert "An SMS is on its way" in browser.open(form.action, {**form, "number": f"+{visitor}"}).text
    assert house.text_to(visitor).startswith("Tea House: do you agree")
    told = house.call("opt_in.missed_call", called="18005550100", caller=caller)
    assert told == {"outcome": "challenged"}
    assert house.text_to(caller).startswith("Tea House: do you agree")


def test_a_person_links_an_address_by_its_code_and_ends_it(house: House) -> None:
    browser = Browser(house.port)
    browser.sign_in(house, OTHER)
    page = browser.submit(browser.open("/links"), "/links", email="asha@example.com")
    assert "A code is on its way" in page.text
    assert house.office is not None
    (code,) = re.findall(r"\d{6}", house.office.letters[-1].get_content())
    page = browser.submit(page, "/links/code", code="000000")
    assert browser.status == 422
    page = browser.submit(page, "/links/code", code=code)
    assert "It is linked now" in page.text
    assert [each["email"] for each in told_json(browser)["links"]] == ["asha@example.com"]
    assert "deleted" in browser.submit(browser.open("/links"), "/links/end").text
    assert told_json(browser)["links"] == []

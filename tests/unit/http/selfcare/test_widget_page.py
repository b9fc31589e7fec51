"""The widget: heard from the sites that its touchpoint names, by a fresh token, without a cookie."""

import json
import re

import pytest
from selfcare_desk import SITE, Visitor

from operator_push.http.selfcare.languages import languages

MINUTE_US = 60_000_000


def token_of(text: str) -> str:
    return re.findall(r'name="token" value="([^"]+)"', text)[0]


def test_a_form_in_a_frame_asks_the_number_by_sms_without_scripts_or_cookies() -> None:
    visitor = Visitor()
    text = visitor.get("/widget/poster?lang=de")
    assert not visitor.cookies
    assert "<script" not in text
    assert f"frame-ancestors 'self' {SITE}" in visitor.last.headers["Content-Security-Policy"]
    assert 'action="/widget/poster?lang=de"' in text
    visitor.origin = "https://my.example"  # our own page, in its frame
    done = visitor.post("/widget/poster?lang=de", token=token_of(text), number="+91 98000 00000")
    assert "Eine SMS ist unterwegs" in done
    ((name, msisdn, method, evidence),) = visitor.desk.joined
    assert (name, msisdn, method) == ("poster", "919800000000", "web")
    assert evidence == {"ip": "198.51.100.7", "language": "de", "notice_id": "offers"}
    assert not visitor.cookies


@pytest.mark.parametrize("language", languages())
def test_the_script_builds_the_form_from_words_and_answers_its_own_site_alone(language: str) -> None:
    visitor = Visitor()
    script = visitor.get(f"/widget/poster.js?lang={language}")
    assert visitor.last.content_type.startswith("text/javascript")
    assert visitor.last.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    told = json.loads(script.partition("const told = ")[2].partition(";\n")[0])
    assert (told["language"], told["intro"]) == (language, "Offers of the day.")
    assert "Chai & <Point>" in told["title"]
    assert "<" not in script.partition("const told = ")[2].partition(";\n")[0]
    assert not re.findall(r"innerHTML|eval|document\.write|https?:", script), "text alone, and nothing loaded"
    visitor.origin = SITE
    answer = visitor.post(
        f"/widget/poster?lang={language}", token=told["token"], number="919800000000", script="1"
    )
    assert json.loads(answer)["told"] == languages()[language]["join_asked"].format(brand="Chai & <Point>")
    assert visitor.last.headers["Access-Control-Allow-Origin"] == SITE
    assert len(visitor.desk.joined) == 1


def test_other_sites_old_and_foreign_tokens_and_floods_are_refused() -> None:
    visitor = Visitor()
    token = token_of(visitor.get("/widget/poster"))

    def asked(origin: str = SITE, token: str = token, number: str = "919800000000") -> int:
        visitor.origin = origin
        visitor.post("/widget/poster", token=token, number=number, script="1")
        return visitor.last.status

    assert asked("https://evil.example") == asked("") == asked("null") == 403
    assert "Access-Control-Allow-Origin" not in visitor.last.headers
    made, _, signed = token.partition(".")
    assert asked(token=f"{int(made) + 1}.{signed}") == asked(token="") == asked(token="x.y") == 403
    visitor.now_us += 61 * MINUTE_US
    assert asked() == 403
    visitor.now_us -= 61 * MINUTE_US
    assert asked(number="12") == 422
    assert [asked() for _ in range(4)] == [200, 200, 200, 429]
    assert visitor.last.retry_after_s > 0
    assert len(visitor.desk.joined) == 3


def test_a_touchpoint_that_names_no_site_has_none() -> None:
    visitor = Visitor()
    for path in ("/widget/nothing", "/widget/nothing.js", "/widget/"):
        visitor.get(path)
        assert visitor.last.status == 404
    visitor.post("/widget/nothing", token="x")
    assert visitor.last.status == 404

"""Who followed a link: people and programs, by what programs say of themselves."""

import pytest

from operator_push.domain.link_visits import Filtered, is_too_soon, why_filtered

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Mobile Safari/537.36"
)
VISITS = (
    ("GET", PHONE, {}, Filtered.PERSON),
    (
        "GET",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.5 Mobile/15E148 Safari/604.1",
        {},
        Filtered.PERSON,
    ),
    ("GET", "Nokia3310/1.0 (JioPhone KAIOS/2.5; Cubot X19)", {}, Filtered.PERSON),
    ("HEAD", PHONE, {}, Filtered.METHOD),
    ("GET", PHONE, {"sec-purpose": "prefetch;prerender"}, Filtered.PREFETCH),
    ("GET", PHONE, {"purpose": "prefetch"}, Filtered.PREFETCH),
    ("GET", PHONE, {"x-purpose": "preview"}, Filtered.PREFETCH),
    ("GET", PHONE, {"x-moz": "prefetch"}, Filtered.PREFETCH),
    ("GET", "  ", {}, Filtered.NO_AGENT),
    ("GET", "WhatsApp/2.23.20.0 A", {}, Filtered.PREVIEW),
    (
        "GET",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        {},
        Filtered.PREVIEW,
    ),
    ("GET", "TelegramBot (like TwitterBot)", {}, Filtered.PREVIEW),
    ("GET", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", {}, Filtered.CRAWLER),
    ("GET", "Mozilla/5.0 (compatible; AcmeLinkScanner/1.0)", {}, Filtered.CRAWLER),
    ("GET", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", {}, Filtered.CRAWLER),
    ("GET", "Mozilla/5.0 (X11) AppleWebKit/537.36 HeadlessChrome/126.0.0.0", {}, Filtered.PROGRAM),
    ("GET", "curl/8.5.0", {}, Filtered.PROGRAM),
    ("GET", "python-requests/2.32", {}, Filtered.PROGRAM),
    ("GET", "okhttp/4.12.0", {}, Filtered.PROGRAM),
)


@pytest.mark.parametrize(("method", "agent", "headers", "why"), VISITS)
def test_programs_are_told_from_people(
    method: str, agent: str, headers: dict[str, str], why: Filtered
) -> None:
    assert why_filtered(method, agent, headers) is why


def test_nobody_reads_and_touches_within_half_a_second() -> None:
    sent_us, delivered_us = 10_000_000, 13_000_000
    for at_us, too_soon in (
        (10_999_999, True),
        (11_000_000, False),  # the receipt is late
        (13_000_000, True),
        (13_499_999, True),
        (13_500_000, False),
    ):
        assert is_too_soon(at_us, sent_us, delivered_us) is too_soon
    assert not is_too_soon(5, 0, 0)

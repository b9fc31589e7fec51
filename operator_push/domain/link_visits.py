"""Link visits: was it a person who followed a link? A table of what tells that it was not.

Programs look at links before people do: fetchers that draw a preview in a chat, scanners of messages,
crawlers, browsers that load ahead. They are led on like everybody, and counted apart. Whoever is not in the
table counts as a person; addresses of networks tell nothing, since a mobile operator's customers share one.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import msgspec

AGENT_CHARS_MAX: Final = 512
# Ours: nobody reads and touches within it. A receipt comes a little after the handset has shown the message.
TOO_SOON_AFTER_SENT_US: Final = 1_000_000
TOO_SOON_AFTER_DELIVERED_US: Final = 500_000


class VisitKind(IntEnum):
    """What happened; the numbers stand in rows."""

    CLICK = 1
    CONVERSION = 2
    FILTERED = 3  # a visit of a program


class Filtered(IntEnum):
    """Why a visit is no person's; the numbers stand in rows."""

    PERSON = 0
    METHOD = 1  # HEAD: nobody sees what it asks for
    PREFETCH = 2  # a browser or proxy loads ahead
    NO_AGENT = 3
    PREVIEW = 4  # draws a preview of a link in a chat
    CRAWLER = 5
    PROGRAM = 6  # a library or a tool


class Visit(msgspec.Struct, frozen=True):
    """One thing that happened to a link. `order`: what the client calls the sale, "" for none;
    `value_micros` in the account's currency."""

    campaign_no: int
    subscriber_no: int
    kind: VisitKind
    why: Filtered
    at_us: int
    value_micros: int = 0
    order: str = ""


# Words of a user agent → what it is, the first that fits. Each as its makers document it.
AGENTS: Final[tuple[tuple[re.Pattern[str], Filtered], ...]] = tuple(
    (re.compile(words, re.IGNORECASE), why)
    for words, why in (
        (r"whatsapp/|facebookexternalhit|facebot|meta-externalfetcher", Filtered.PREVIEW),
        (r"telegrambot|twitterbot|slackbot|slack-imgproxy|discordbot|linkedinbot", Filtered.PREVIEW),
        (
            r"skypeuripreview|viber|redditbot|pinterestbot|vkshare|line-poker|kakaotalk-scrap",
            Filtered.PREVIEW,
        ),
        (r"iframely|embedly|mattermost-bot|zulipurlpreview|snap url preview", Filtered.PREVIEW),
        (r"google-?messages|androidmessages|applebot|url preview|link ?preview", Filtered.PREVIEW),
        (r"googlebot|google-inspectiontool|adsbot|mediapartners|feedfetcher|bingpreview", Filtered.CRAWLER),
        (r"(?<!cu)bot\b|bots\b|crawl|spider|slurp|archiver|scanner", Filtered.CRAWLER),  # Cubot: a telephone
        (r"monitor|uptime|safebrowsing", Filtered.CRAWLER),
        (r"headlesschrome|phantomjs|puppeteer|playwright|selenium|lighthouse", Filtered.PROGRAM),
        (r"^(?:curl|wget|python|go-http|java|okhttp|apache-http|libwww|ruby|perl)", Filtered.PROGRAM),
        (r"^(?:php|node|axios)|python-requests|aiohttp|httpx|postmanruntime|guzzle|scrapy", Filtered.PROGRAM),
    )
)
AHEAD_HEADERS: Final = ("purpose", "sec-purpose", "x-purpose", "x-moz")


def why_filtered(method: str, agent: str, headers: Mapping[str, str]) -> Filtered:
    """Why a request is no person's, PERSON where nothing tells so; `headers` by names in lower case."""
    if method != "GET":
        return Filtered.METHOD
    if any(
        re.search("prefetch|prerender|preview", headers.get(name, ""), re.IGNORECASE)
        for name in AHEAD_HEADERS
    ):
        return Filtered.PREFETCH
    said = agent[:AGENT_CHARS_MAX].strip()
    if not said:
        return Filtered.NO_AGENT
    return next((why for words, why in AGENTS if words.search(said)), Filtered.PERSON)


def is_too_soon(at_us: int, sent_us: int, delivered_us: int) -> bool:
    """Did it come sooner than a person could? Moments are 0 where they are not known."""
    if sent_us and at_us < sent_us + TOO_SOON_AFTER_SENT_US:
        return True
    return bool(delivered_us) and delivered_us <= at_us < delivered_us + TOO_SOON_AFTER_DELIVERED_US

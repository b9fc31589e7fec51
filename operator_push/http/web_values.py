"""Web values: what a browser asked and what it is answered, without any server's types."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import msgspec

from operator_push.domain.link_visits import AHEAD_HEADERS

HTML: Final = "text/html; charset=utf-8"
LANGUAGE_COOKIE: Final = "language"
# By which programs are told from people, in lower case.
SEEN_HEADERS: Final = ("user-agent", *AHEAD_HEADERS)


class Asked(msgspec.Struct, frozen=True):
    """One request. `address` is the browser's, as the proxy that we trust tells it; forms are flat."""

    method: str
    path: str
    query: Mapping[str, str] = {}
    form: Mapping[str, str] = {}
    cookies: Mapping[str, str] = {}
    languages: str = ""  # Accept-Language
    address: str = ""
    origin: str = ""  # the site whose page sent a form, as the browser tells it
    host: str = ""  # as which the browser knows us, without a port
    headers: Mapping[str, str] = {}  # those of SEEN_HEADERS, "" where there is none

    def field(self, name: str, longest: int = 200) -> str:
        """A field of the form, trimmed; "" where it is missing or longer than anybody would write."""
        text = self.form.get(name, "").strip()
        return text if len(text) <= longest else ""


class Answered(msgspec.Struct, frozen=True):
    """One response. `cookies`: values to set, "" to take one away; `to`: where a redirection leads."""

    status: int
    body: bytes = b""
    content_type: str = HTML
    to: str = ""
    cookies: Mapping[str, str] = {}
    file_name: str = ""  # download it under this name
    retry_after_s: int = 0
    headers: Mapping[str, str] = {}  # in the place of those that every answer has


def see_other(path: str, cookies: Mapping[str, str] | None = None, **query: str) -> Answered:
    """Go and GET another of our pages, so that a reload does not repeat what was done (RFC 9110, 303)."""
    return Answered(303, to=f"{path}?{urlencode(query)}" if query else path, cookies=cookies or {})

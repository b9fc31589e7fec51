"""MO routing: whose a message from a subscriber is, by the short code that it was sent to and its first word.

A route with a keyword goes before one without. Whoever wrote last to this person from this code is asked
after both (services.route_mo).
"""

import unicodedata
from collections.abc import Iterable

import msgspec


class MoRoute(msgspec.Struct, frozen=True):
    """Messages to `short_code` whose first word is `keyword` ("": any) are this account's."""

    short_code: str
    account: str
    keyword: str = ""


class MoRoutes:
    """The table; of two rows for the same code and keyword the first counts."""

    def __init__(self, routes: Iterable[MoRoute] = ()) -> None:
        self._accounts: dict[tuple[str, str], str] = {}
        for route in routes:
            self._accounts.setdefault((route.short_code, keyword_of(route.keyword)), route.account)

    def account_for(self, short_code: str, text: str) -> str | None:
        """The name of the account whose message this is; None where no row speaks of it."""
        by_keyword = self._accounts.get((short_code, keyword_of(text))) if text else None
        return by_keyword or self._accounts.get((short_code, ""))


def keyword_of(text: str) -> str:
    """The first word of a text as keywords are compared: case and form of letters do not count."""
    words = unicodedata.normalize("NFKC", text[:64]).casefold().split(None, 1)
    return words[0].strip(".,:;!?") if words else ""

"""Campaign content: what no text of a campaign may hold, whoever orders it.

Words that the operator forbids, and links to hosts that were not agreed with the account. Registered headers
and templates (DLT) are held against their register by services.scrub_content.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

# Endings without a scheme that people's handsets make a link of; others need a scheme, www. or a path.
_ENDINGS: Final = (
    "com|net|org|info|biz|in|io|co|ly|me|app|link|xyz|shop|online|site|store|club|gl|gd|to|uk|de|us|eu|ru|cn"
)
_MARKS: Final = r"\s!-,./:-@\[-^`{-~।…“”‘’–—"  # what ends a word, in a class of characters
_LABEL: Final = rf"[^{_MARKS}]+"
_LINK: Final = re.compile(
    rf"(?:https?://\S+|www\.\S+|(?:{_LABEL}\.)+(?:[^\d{_MARKS}]{{2,}}(?=[/:?#]\S)|(?:{_ENDINGS})\b)\S*)",
    re.IGNORECASE,
)
_NOT_OF_A_HOST: Final = "!\"'(),.:;<>?[]`{|}…“”‘’"


def forbidden_words(text: str, words: Iterable[str]) -> list[str]:
    """Those of `words` (words or phrases, in any case and width) that stand in a text as whole words."""
    spaced = f" {_words_of(text)} "
    return [word for word in words if _words_of(word) and f" {_words_of(word)} " in spaced]


def addresses_of(text: str) -> list[str]:
    """The links that a handset would make, whole and as they are written."""
    return [match.group() for match in _LINK.finditer(unicodedata.normalize("NFKC", text))]


def links_of(text: str) -> list[str]:
    """The hosts that a handset would make links to, in their order, lower case."""
    found = []
    for written in addresses_of(text):
        address = written if re.match(r"https?://", written, re.IGNORECASE) else f"//{written}"
        try:
            host = urlsplit(address).hostname
        except ValueError:  # brackets that are no address
            host = None
        found.append((host or written).strip(_NOT_OF_A_HOST).casefold())
    return found


def foreign_hosts(text: str, allowed: Iterable[str]) -> list[str]:
    """The hosts of a text's links that are neither one of `allowed` nor below one."""
    hosts = [host.casefold().rstrip(".") for host in allowed]
    return [
        link
        for link in links_of(text)
        if not any(link == host or link.endswith(f".{host}") for host in hosts)
    ]


def _words_of(text: str) -> str:
    """The words of a text, in one case and form, with one space between them."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(filter(None, re.split(rf"[{_MARKS}_-]+", plain)))

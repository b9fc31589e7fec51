"""Short links: an address for each recipient of a campaign, on the client's own host, without a number in it.

    go.chai.example/k7dT4mWzP0qa     campaign "k7", and the token of one person

A token is a keyed hash of the person under a key of the campaign: nothing is written for a link that nobody
follows, no token tells anything, and all of them end when the key is erased. The client is given another one
for its conversions, so that it cannot follow a link in a person's name.
"""

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

import msgspec

from operator_push.kernel.errors import OperatorError

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
TOKEN_DIGITS: Final = 10  # 59 bits: with a million recipients one guess in 5 * 10^11 hits somebody
TOKEN_BITS: Final = 59  # 2^59 < 62^10
CODE_DIGITS_MIN: Final = 2
CODE_DIGITS_MAX: Final = 8
KEY_OCTETS: Final = 32
LINK: Final = "link"  # how a text names it
TOKEN_IN_TARGET: Final = "{token}"  # where in a target the client finds the person's conversion token
LINK_DAYS: Final = 30
LINK_DAYS_MAX: Final = 366
_FOLLOW, _CONVERT = b"follow", b"convert"


class ShortLink(msgspec.Struct, frozen=True):
    """The link of one campaign. `host` it is on, `target` it leads to, `key` of its tokens (b"" once they are
    erased), `expires_us` when it leads nowhere any more."""

    campaign_no: int
    host: str
    target: str
    key: bytes
    created_us: int
    expires_us: int

    def is_open_at(self, at_us: int) -> bool:
        """Does it lead anywhere?"""
        return bool(self.key) and at_us < self.expires_us

    def address_of(self, subscriber_no: int) -> str:
        """The address for one person, as it stands in a text."""
        return f"{self.host}/{code_of(self.campaign_no)}{follow_token(self.key, subscriber_no)}"

    def target_of(self, subscriber_no: int) -> str:
        """Where this person is led to."""
        return self.target.replace(TOKEN_IN_TARGET, conversion_token(self, subscriber_no))


def code_of(campaign_no: int) -> str:
    """The part of an address that names the campaign."""
    return _digits(campaign_no).rjust(CODE_DIGITS_MIN, DIGITS[0])


def campaign_of(code: str) -> int:
    """The campaign that a code names; 0 where it is none."""
    if not CODE_DIGITS_MIN <= len(code) <= CODE_DIGITS_MAX:
        return 0
    number = _number(code)
    return number if number > 0 and code_of(number) == code else 0


def specimen(host: str, campaign_no: int) -> str:
    """An address as long as those of a campaign, for counting segments before there is a key."""
    return f"{host}/{code_of(campaign_no)}{DIGITS[0] * TOKEN_DIGITS}"


def follow_token(key: bytes, subscriber_no: int) -> str:
    """The token of an address."""
    return _token(_hash(key, _FOLLOW, subscriber_no))


def conversion_token(link: ShortLink, subscriber_no: int) -> str:
    """What the client is given of a person who follows the link: the campaign's code and another token."""
    return code_of(link.campaign_no) + _token(_hash(link.key, _CONVERT, subscriber_no))


def parts_of(said: str) -> tuple[int, int]:
    """(campaign_no, token) of what stands behind the host, or of a conversion token; (0, 0) for neither."""
    campaign_no, token = campaign_of(said[:-TOKEN_DIGITS]), _number(said[-TOKEN_DIGITS:])
    return (campaign_no, token) if campaign_no and token >= 0 else (0, 0)


class TokenIndex:
    """Whose tokens are whose: 24 octets for each person of one campaign."""

    def __init__(self, key: bytes, people: Iterable[int]) -> None:
        self._numbers = array("I", people)
        self._kinds = {kind: self._sorted(key, kind) for kind in (_FOLLOW, _CONVERT)}

    def follower(self, token: int) -> int:
        """Whose address it is; 0 for nobody's."""
        return self._find(_FOLLOW, token)

    def converted(self, token: int) -> int:
        """Whose conversion token it is; 0 for nobody's."""
        return self._find(_CONVERT, token)

    def _sorted(self, key: bytes, kind: bytes) -> "tuple[array[int], array[int]]":
        hashes = [_hash(key, kind, number) for number in self._numbers]
        order = sorted(range(len(hashes)), key=hashes.__getitem__)
        return array("Q", (hashes[place] for place in order)), array("I", order)

    def _find(self, kind: bytes, token: int) -> int:
        hashes, order = self._kinds[kind]
        place = bisect_left(hashes, token)
        return self._numbers[order[place]] if place < len(hashes) and hashes[place] == token else 0


def checked_target(target: str) -> str:
    """Where a link may lead: an address of the web, whole.

    Raises:
        OperatorError: it is none, or has places to fill.
    """
    scheme, _, rest = target.partition("://")
    if scheme not in ("https", "http") or not rest or len(target) > 2_000 or not target.isascii():
        raise OperatorError(
            f"link {target[:80]!r} is no address such as https://chai.example/offer?c={{token}}"
        )
    if any(each.isspace() or not each.isprintable() or each in '"<>\\^`|' for each in target):
        raise OperatorError(f"link {target[:80]!r} has a character that no address has")
    if "{" in target.replace(TOKEN_IN_TARGET, "") or TOKEN_IN_TARGET in rest.split("/")[0]:
        raise OperatorError(
            f"link {target[:80]!r} may hold {TOKEN_IN_TARGET} behind its host, and nothing else"
        )
    return target


def _hash(key: bytes, kind: bytes, subscriber_no: int) -> int:
    digest = hashlib.blake2b(subscriber_no.to_bytes(8, "big"), digest_size=8, key=key, person=kind).digest()
    return int.from_bytes(digest, "big") >> (64 - TOKEN_BITS)


def _token(number: int) -> str:
    return _digits(number).rjust(TOKEN_DIGITS, DIGITS[0])


def _digits(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def _number(text: str) -> int:
    """The number that digits say; -1 where they are none."""
    number = 0
    for each in text:
        place = DIGITS.find(each)
        if place < 0:
            return -1
        number = number * len(DIGITS) + place
    return number if text else -1

"""Campaign terms: what was agreed about one campaign beyond its text, and what has become of the order.

Kept as two JSON objects in the row of the campaign (`terms`, `progress`), so that a new term needs no
migration. Laws: what is unset (None) was not agreed; a key that this version does not know is refused,
because a restriction that is dropped unread would be broken. Any change of the terms takes the approvals
back; progress is written by the product alone.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso


class _Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What both objects are."""


class CampaignTerms(_Kept, frozen=True, kw_only=True):
    """What was agreed.

    `starts_us` and `ends_us`: nothing of it is handed in before, and nothing leaves at or after the end;
    what still waits then ends as EXPIRED.
    """

    starts_us: int | None = None
    ends_us: int | None = None


class CampaignProgress(_Kept, frozen=True, kw_only=True):
    """What has become of it. `launched_us`: when its recipients were fixed, 0 while they are not."""

    launched_us: int = 0


NO_TERMS: Final = CampaignTerms()
NO_PROGRESS: Final = CampaignProgress()
_Read = TypeVar("_Read", bound=_Kept)
_ENCODER = msgspec.json.Encoder()


def text_of(value: CampaignTerms | CampaignProgress) -> str:
    """The JSON object that is stored; what is at its default is left out."""
    return _ENCODER.encode(value).decode()


def terms_from_text(text: str) -> CampaignTerms:
    """The terms of a stored JSON object.

    Raises:
        OperatorError: it holds something that this version does not know.
    """
    return _read(text, CampaignTerms)


def progress_from_text(text: str) -> CampaignProgress:
    """The progress of a stored JSON object; errors as `terms_from_text`."""
    return _read(text, CampaignProgress)


def checked_terms(asked: Mapping[str, Any], now_us: int) -> CampaignTerms:
    """The terms that an order asks for, by name as JSON values; moments as ISO 8601 with a zone.

    Raises:
        OperatorError: a value is not allowed, or terms contradict each other; the message says which are.
    """
    unknown = set(asked) - set(_CHECKS)
    if unknown:
        raise OperatorError(f"there is no term {min(unknown)!r}; there are: {', '.join(sorted(_CHECKS))}")
    values = {}
    for name, value in asked.items():
        if value is not None:
            field, check = _CHECKS[name]
            values[field] = check(name, value)
    terms = CampaignTerms(**values)
    if terms.ends_us is not None and terms.ends_us <= max(now_us, terms.starts_us or 0):
        raise OperatorError("ends is over already, or not after starts; a campaign ends after it begins")
    return terms


def _read(text: str, kind: type[_Read]) -> _Read:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise OperatorError(
            f"the stored terms of a campaign are not readable by this version: {error}"
        ) from error


def _moment(name: str, value: object) -> int:
    try:
        return parse_iso(str(value))
    except ValueError as error:
        raise OperatorError(
            f"{name} {value!r} is not a moment with its zone, such as 2026-04-01T09:00:00+05:30"
        ) from error


# As an order names it → the field, and what checks a value for it.
_CHECKS: Final[Mapping[str, Any]] = {
    "starts": ("starts_us", _moment),
    "ends": ("ends_us", _moment),
}

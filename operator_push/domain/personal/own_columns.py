"""Own columns: what a client says of the people whom it brought itself, typed, for the texts to them.

    msisdn,name,points:number,due:date,vip:flag
    919812345678,Asha,1200,2026-12-31,yes

Laws: a column stands in no other client's texts, and in no rule. A text has own columns or attributes of the
catalogue, and its campaign is for the client's own lists alone: else the client could write a text whose
length, and so whose price, told it what it does not know of one of its customers.
"""

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FeatureType

PREFIX: Final = "own."
COLUMNS_MAX: Final = 20  # Ours: a text has room for a few
TYPES: Final[Mapping[str, FeatureType]] = {
    "text": FeatureType.STRING,
    "number": FeatureType.DOUBLE,
    "date": FeatureType.DATE,
    "flag": FeatureType.BOOL,
}
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_FLAGS: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_EPOCH: Final = date(1970, 1, 1)
_PYTHON: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "number": (int, float),
    "date": (int,),
    "flag": (bool,),
}


class OwnColumns(msgspec.Struct, frozen=True):
    """Whose columns fill a campaign's text: `list`, a list of the client's; `columns`: name → its type, as
    they were when it was ordered."""

    list: str
    columns: dict[str, str] = {}  # msgspec copies it for each


def parse_column(head: str) -> tuple[str, str]:
    """("points", "number") of a column's head "points:number"; without a type it is a text.

    Raises:
        OperatorError: no name that a text could use, or no type.
    """
    name, sign, kind = head.strip().partition(":")
    if not _NAME.fullmatch(name):
        raise OperatorError(
            f"column {name!r} is no name that a text can use: up to 30 of a-z, 0-9 and _, a letter first"
        )
    if sign and kind not in TYPES:
        raise OperatorError(f"column {name}: {kind!r} is no type; there are {', '.join(TYPES)}")
    return name, kind or "text"


def checked_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """Columns by name with their types, as an order says them.

    Raises:
        OperatorError: too many, or one is none.
    """
    if len(columns) > COLUMNS_MAX:
        raise OperatorError(f"{len(columns)} columns; a list has {COLUMNS_MAX} at most")
    return dict(parse_column(f"{name}:{kind}") for name, kind in columns.items())


def typed_value(name: str, kind: str, text: str) -> FeatureValue | None:
    """What a field of the file says; None where it is empty. Dates are days since 1970.

    Raises:
        OperatorError: it is not of its column's type; the message does not repeat it.
    """
    said = text.strip()
    if not said:
        return None
    if kind == "number" and _NUMBER.fullmatch(said):
        return float(said) if "." in said else int(said)
    if kind == "flag" and said.lower() in _FLAGS:
        return _FLAGS[said.lower()]
    if kind == "date":
        try:
            return (date.fromisoformat(said) - _EPOCH).days
        except ValueError:
            raise OperatorError(f"{name} is no date such as 2026-12-31") from None
    if kind != "text":
        example = "12.50" if kind == "number" else "yes or no"
        raise OperatorError(f"{name} is no {kind} such as {example}")
    return said


def values_text(values: Mapping[str, FeatureValue]) -> str:
    """What is stored of one person; "" for nothing."""
    return json.dumps(dict(values), ensure_ascii=False) if values else ""


def values_of(text: str, columns: Mapping[str, str]) -> dict[str, FeatureValue]:
    """The stored values of one person that are of these types; what is of another is as if it were not
    known, since the list was uploaded anew after the order."""
    said: dict[str, Any] = json.loads(text) if text else {}
    return {
        name: said[name]
        for name, kind in columns.items()
        if name in said and isinstance(said[name], _PYTHON[kind]) and _is_flag(said[name]) == (kind == "flag")
    }


def words_of(values: Mapping[str, FeatureValue], columns: Mapping[str, str]) -> dict[str, str]:
    """Values as the person of whom they are said reads them."""
    return {
        name: (_EPOCH + timedelta(days=int(value))).isoformat() if columns[name] == "date" else str(value)
        for name, value in values.items()
    }


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)

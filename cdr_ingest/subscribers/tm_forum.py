"""TM Forum's Party (TMF632) and Customer (TMF629) as attributes: one object, a list, or one object a line."""

import json
from collections.abc import Iterator
from typing import Any

from operator_push.kernel.errors import OperatorError

OCTETS_MAX = 256 * 1024 * 1024  # Ours: a list is read whole; larger sets come as one object a line
_CHARACTERISTICS = ("partyCharacteristic", "characteristic")
Attributes = dict[str, list[str]]


def read_tm_forum(text: str, file: str) -> Iterator[Attributes]:
    """The parties or customers, attribute names in lower case.

    Raises:
        OperatorError: not JSON, or not an object; names the line.
    """
    lines = text.lstrip()
    if lines.startswith("["):
        yield from (attributes_of(one) for one in _parse(text, file, 1))
        return
    try:
        yield attributes_of(json.loads(text))
    except json.JSONDecodeError:
        for line_no, line in enumerate(text.splitlines(), 1):
            if line.strip():
                yield attributes_of(_parse(line, file, line_no))


def _parse(text: str, file: str, line_no: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise OperatorError(f"is not JSON: {error.msg}", file=file, line=line_no + error.lineno - 1) from None


def attributes_of(one: Any) -> Attributes:
    """The attributes of a party or customer; of anything else none."""
    found: Attributes = {}

    def add(name: object, value: object) -> None:
        if isinstance(value, bool):
            value = str(value).lower()
        if isinstance(value, str | int) and value != "":
            found.setdefault(str(name).lower(), []).append(str(value))

    if not isinstance(one, dict):
        return found
    for name, value in one.items():
        add(name, value)
    for key in _CHARACTERISTICS:
        for characteristic in _dicts(one.get(key)):
            add(characteristic.get("name"), characteristic.get("value"))
    for medium in _dicts(one.get("contactMedium")):
        inner = medium.get("characteristic")
        holder = inner if isinstance(inner, dict) else medium
        add("phonenumber", holder.get("phoneNumber"))
    for ability in _dicts(one.get("languageAbility")):
        if ability.get("isFavouriteLanguage") in (True, None):
            add("languagecode", ability.get("languageCode"))
    valid_for = one.get("validFor")
    if isinstance(valid_for, dict):
        add("validfrom", valid_for.get("startDateTime"))
    if one.get("@type") == "Customer":
        add("customerid", one.get("id"))
    for account in _dicts(one.get("account")):
        add("accountid", account.get("id"))
    return found


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []

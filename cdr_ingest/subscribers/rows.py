"""Rows: which attribute is which column, and which status is a change of owner."""

import re
from collections.abc import Mapping

from cdr_ingest.formats.contract_layout import OWNER_CHANGES, STATUS_WORDS

Attributes = dict[str, list[str]]
_STATUS = ("statuschange", "status", "changetype")
_STATUS_AT = ("statuschangedat", "statusdate", "changedat", "changed_at", "modifytimestamp")
# Column → the attributes that may hold it, in lower case; the first that is there counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "msisdn": ("msisdn", "mobile", "telephonenumber", "phonenumber"),
    "imsi": ("imsi",),
    "activated_on": ("activated_on", "activatedon", "activationdate", "validfrom"),
    "birth_year": ("birth_year", "birthyear", "birthdate", "dateofbirth"),
    "language": ("language", "preferredlanguage", "languagecode"),
    "plan": ("plan", "plancode", "tariffplan", "planname"),
    "prepaid": ("prepaid", "paymenttype", "chargingtype"),
    "device_os": ("device_os", "deviceos"),
    "account_code": ("account_code", "accountcode", "accountid", "billingaccount"),
    "customer_code": ("customer_code", "customercode", "customerid", "employeenumber", "externalid"),
    "home_zone": ("home_zone", "homezone", "timezone"),
    "age_band": ("age_band", "ageband", "kycageband"),
    "device_tac": ("device_tac", "devicetac", "tac", "imei"),
    "plan_ends_on": ("plan_ends_on", "planendson", "planenddate"),
    "status": _STATUS,
    "changed_at": _STATUS_AT,
}
_PREPAID = {"true": "true", "prepaid": "true", "false": "false", "postpaid": "false"}
_GENERALISED = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:[.,]\d+)?Z")  # RFC 4517 section 3.3.13


def subscriber_row(attributes: Mapping[str, list[str]]) -> dict[str, str]:
    """A row of subscribers.csv; what is not known is empty, and judged by the run."""
    row = {column: first(attributes, names) for column, names in COLUMNS.items()}
    row["activated_on"] = _moment(row["activated_on"])[:10]
    row["plan_ends_on"] = _moment(row["plan_ends_on"])[:10]
    row["birth_year"] = row["birth_year"][:4]
    row["language"] = row["language"].lower()[:2]
    row["prepaid"] = _PREPAID.get(row["prepaid"].lower(), row["prepaid"])
    row["device_os"] = row["device_os"].lower()
    row["changed_at"] = _moment(row["changed_at"])
    if not row["changed_at"] and status_of(attributes) not in ("", "activated"):
        row["changed_at"] = _moment(first(attributes, ("validfrom",)))
    return row


def change_row(attributes: Mapping[str, list[str]]) -> dict[str, str] | None:
    """A row for `operator-push subscriber change`, None where nobody else has the number now."""
    if (change := status_of(attributes)) not in OWNER_CHANGES:
        return None
    return {
        "msisdn": first(attributes, COLUMNS["msisdn"]),
        "change": change,
        "at": _moment(first(attributes, (*_STATUS_AT, "validfrom"))),
        "evidence": first(attributes, ("dn", "id", "href")),
    }


def status_of(attributes: Mapping[str, list[str]]) -> str:
    """What the record says has become of the number, as the layout calls it; empty where it says nothing."""
    word = first(attributes, _STATUS).strip().lower().replace(" ", "_").replace("-", "_")
    return next((status for status, words in STATUS_WORDS.items() if word in words), "")


def first(attributes: Mapping[str, list[str]], names: tuple[str, ...]) -> str:
    """The first value of the first attribute that is there."""
    return next((attributes[name][0] for name in names if attributes.get(name)), "")


def _moment(text: str) -> str:
    """LDAP's way to write a moment as ISO 8601; any other stays."""
    if (found := _GENERALISED.fullmatch(text)) is None:
        return text
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"

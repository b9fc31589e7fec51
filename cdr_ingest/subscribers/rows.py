"""Rows: which attribute is which column, and which status is a change of owner."""

from collections.abc import Mapping

from operator_push.kernel.numbering import normalise_msisdn

# Column → the attributes that may hold it, in lower case; the first that is there counts.
COLUMNS: dict[str, tuple[str, ...]] = {
    "msisdn": ("msisdn", "mobile", "telephonenumber", "phonenumber"),
    "imsi": ("imsi",),
    "activated_on": ("activated_on", "activatedon", "activationdate", "validfrom"),
    "birth_year": ("birth_year", "birthyear", "birthdate", "dateofbirth"),
    "language": ("language", "preferredlanguage", "languagecode"),
    "plan": ("plan", "tariffplan", "planname"),
    "prepaid": ("prepaid", "paymenttype", "chargingtype"),
    "device_os": ("device_os", "deviceos"),
}
_PREPAID = {"true": "true", "prepaid": "true", "false": "false", "postpaid": "false"}
_STATUS = ("statuschange", "status", "changetype")
_STATUS_AT = ("statuschangedat", "statusdate", "validfrom")
# The words of operators' systems → what `operator-push subscriber change` is told.
CHANGES = {
    "recycled": "recycled",
    "number_recycled": "recycled",
    "new_owner": "new_owner",
    "ported_out": "ported_out",
    "portedout": "ported_out",
}


def subscriber_row(attributes: Mapping[str, list[str]]) -> dict[str, str]:
    """A row of subscribers.csv; what is not known is empty, and judged by the run."""
    row = {column: first(attributes, names) for column, names in COLUMNS.items()}
    row["msisdn"] = normalise_msisdn(row["msisdn"]) or row["msisdn"]
    row["activated_on"] = row["activated_on"][:10]
    row["birth_year"] = row["birth_year"][:4]
    row["language"] = row["language"].lower()[:2]
    row["prepaid"] = _PREPAID.get(row["prepaid"].lower(), row["prepaid"])
    row["device_os"] = row["device_os"].lower()
    return row


def change_row(attributes: Mapping[str, list[str]]) -> dict[str, str] | None:
    """A row for `operator-push subscriber change`, None where nobody else has the number now."""
    status = first(attributes, _STATUS).strip().lower().replace(" ", "_").replace("-", "_")
    if (change := CHANGES.get(status)) is None:
        return None
    msisdn = first(attributes, COLUMNS["msisdn"])
    return {
        "msisdn": normalise_msisdn(msisdn) or msisdn,
        "change": change,
        "at": first(attributes, _STATUS_AT),
        "evidence": first(attributes, ("dn", "id", "href")),
    }


def first(attributes: Mapping[str, list[str]], names: tuple[str, ...]) -> str:
    """The first value of the first attribute that is there."""
    return next((attributes[name][0] for name in names if attributes.get(name)), "")

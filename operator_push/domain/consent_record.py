"""Consent record: the names of evidence, after ISO/IEC TS 27560 and the Kantara consent receipt, and of
purposes in W3C's Data Privacy Vocabulary.

An import or a door may give any of EXTRA beside the columns that every act has; what is given is kept as one
JSON object and is part of the act's commitment and receipt.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from operator_push.domain.consent import PURPOSE_BY_NAME, Purpose

SCHEMA_VERSION = "operator-push consent record 1"
METHODS = ("sms", "web", "ussd", "ivr", "missed_call", "qr", "shop", "call_centre", "api", "import")

EXTRA: Mapping[str, str] = {
    "collected_by": "who took it: a shop, an agent's id, a program",
    "short_code": "where the person's text went",
    "raw_text": "the person's own text",
    "mo_message_id": "our id of that text",
    "ip": "the address of the browser",
    "notice_id": "which notice was shown (`operator-push notice show`)",
    "notice_sha256": "SHA-256 of the text that was shown, hexadecimal",
    "double_opt_in_challenge": "what was sent to be answered",
    "double_opt_in_answer": "what came back",
    "incentive_ref": "the reward whose terms were shown",
    "incentive_terms": "those terms",
    "guardian_ref": "who consents for a minor",
    "third_parties": "who else receives the data",
    "retention": "how long it is kept, as the notice says",
    "screenshot_sha256": "SHA-256 of a picture of what was shown",
    "signature": "a signature, or where it lies",
    "source_file": "the file it was imported from",
    "source_line": "and the line in it",
}

# dpv: https://w3id.org/dpv#, pd: https://w3id.org/dpv/pd#. Four of ours are one of DPV's on other data each.
DPV: Mapping[Purpose, tuple[str, str]] = {
    Purpose.MARKETING: ("dpv:DirectMarketing", ""),
    Purpose.SERVICE: ("dpv:ServiceProvision", ""),
    Purpose.USE_SUBSCRIBER_RECORD: ("dpv:PersonalisedAdvertising", "pd:Demographic"),
    Purpose.USE_CALL_DATA: ("dpv:PersonalisedAdvertising", "pd:CallLog"),
    Purpose.USE_LOCATION: ("dpv:PersonalisedAdvertising", "pd:Location"),
    Purpose.USE_TOP_UP: ("dpv:PersonalisedAdvertising", "pd:Transactional"),
}
_ALONE = {term: purpose for purpose, (term, data) in DPV.items() if not data}
_WITH_DATA = {f"{term}+{data}": purpose for purpose, (term, data) in DPV.items() if data}
_BY_TEXT: Mapping[str, Purpose] = {**PURPOSE_BY_NAME, **_ALONE, **_WITH_DATA}


def purpose_of(text: str) -> Purpose:
    """The purpose of an import's column: our name ("marketing"), or DPV's ("dpv:DirectMarketing",
    "dpv:PersonalisedAdvertising+pd:Location").

    Raises:
        ValueError: it is neither, with what is allowed.
    """
    purpose = _BY_TEXT.get(text)
    if purpose is None:
        raise ValueError(f"purpose {text!r} is not one of {', '.join(_BY_TEXT)}")
    return purpose


def more_text(given: Mapping[str, Any]) -> str:
    """The JSON object of what stands under names of EXTRA and is not empty; "" where nothing does."""
    found = {name: str(value).replace("\0", "") for name, value in given.items() if value and name in EXTRA}
    return msgspec.json.encode(found, order="deterministic").decode() if found else ""


def more_of(text: str) -> dict[str, str]:
    """The further evidence of an act by name."""
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}

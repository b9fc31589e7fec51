"""Rule sets: which versions of rules, packs, limits and registers a decision was made by.

All of that together has a number; the trail of every decision begins with it, two octets a digit, and what
the number stands for is stored once. So a decision of last year is read with the rules of last year.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import msgspec

from operator_push.domain.facts import PolicyFacts
from operator_push.domain.packs.shelf import PackShelf
from operator_push.domain.ruling import Rule
from operator_push.kernel.instants import iso

RULE_SET_NUMBER = 0  # in a trail, in the place of a rule's number; the outcome is a digit to the base of 256
RULE_SET_NAME = "rule set"
_MINUTE_US = 60_000_000
Content = Mapping[str, Any]


def marks_of(rule_set_no: int) -> bytes:
    """The beginning of a trail: the number's digits, the most significant first."""
    digits = rule_set_no.to_bytes((rule_set_no.bit_length() + 7) // 8 or 1, "big")
    return b"".join(bytes((RULE_SET_NUMBER, digit)) for digit in digits)


def rule_set_of(trail: bytes) -> int:
    """The number of the rule set of a stored trail, 0 where it names none (older rows)."""
    number = 0
    for at in range(0, len(trail) - 1, 2):
        if trail[at] != RULE_SET_NUMBER:
            break
        number = number << 8 | trail[at + 1]
    return number


def describe(
    rules: Sequence[Rule],
    facts: PolicyFacts,
    shelf: PackShelf | None,
    quiet: Mapping[str, Any],
    registered_us: int | None = None,
    way_out: Mapping[str, Any] | None = None,
) -> Content:
    """Everything that decisions depend on besides the people themselves, as JSON values.

    `quiet`: the operator's own settings of quiet hours; `shelf` None: no packs are asked. Of the national
    register the minute of its newest row stands for its content, and so for `registered_us`, the newest row
    of the DLT register (None: it is not asked). `way_out`: its codes and language; None: it is not asked.
    """
    caps, holdout = facts.caps, facts.holdout
    added = {} if way_out is None else {"way_out": dict(way_out)}
    return {
        **added,
        "rules": {rule.name: getattr(rule, "version", 1) for rule in rules},
        "quiet_hours": dict(quiet),
        "packs": _packs(shelf) if shelf is not None else {},
        "caps": None
        if caps is None
        else {
            "per_handset": caps.per_handset,
            "per_brand": caps.per_brand,
            "rolling_hours": caps.rolling_us / 3_600_000_000 or None,
        },
        "dnd_register": iso(facts.dnd.version_us // _MINUTE_US * _MINUTE_US)
        if facts.dnd.version_us
        else None,
        "registered_content": None
        if registered_us is None
        else iso(registered_us // _MINUTE_US * _MINUTE_US),
        "holdout": None
        if holdout is None
        else {"name": holdout.name, "per_ten_thousand": holdout.per_ten_thousand},
    }


def content_text(content: Content) -> str:
    """The one form in which a content is stored and compared."""
    return msgspec.json.encode(content, order="deterministic").decode()


def _packs(shelf: PackShelf) -> dict[str, list[dict[str, str]]]:
    """Every version of every pack with the first day on which it counts and the hash of what it says."""
    return {
        name: [
            {
                "version": pack.version,
                "valid_from": _day(pack.valid_from),
                "sha256": sha256(msgspec.json.encode(pack)).hexdigest()[:16],
            }
            for pack in shelf.versions(name)
        ]
        for name in shelf.names()
    }


def _day(day: date) -> str:
    return day.isoformat()

"""Consent acts from files: good ones become events, the others are told why."""

import pytest
from shard import MSISDN, NOW_US, Shard

from operator_push.domain.permission import Purpose
from operator_push.services.manage_permission import ManagePermission

ROW = {
    "msisdn": MSISDN,
    "brand": "Chai",
    "category": "8",
    "purpose": "marketing",
    "channel": "sms",
    "action": "grant",
    "at": "2027-01-15T07:00:00Z",
    "method": "web",
    "evidence": "form 7",
}


def record(shard: Shard, **changed: object) -> tuple[int, list[tuple[int, str]]]:
    desk = ManagePermission(0, shard.ids, shard.permission, {MSISDN: 11}.get, lambda name: 3)  # type: ignore[arg-type]
    return desk.record([{**ROW, **changed}], NOW_US, shard.changes)  # type: ignore[dict-item]


def test_an_act_is_applied_and_stored_once():
    shard = Shard()
    assert record(shard) == (1, [])
    assert record(shard) == (0, [])
    assert shard.permission.allows(11, 3, 8, Purpose.MARKETING)
    assert len(shard.changes.consent_event) == 1


def test_a_number_may_be_written_as_people_write_it():
    assert record(Shard(), msisdn="+91 98123 45678") == (1, [])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"at": "2030-01-01T00:00:00Z"}, "in the future"),
        ({"at": "yesterday"}, "isoformat"),
        ({"evidence": " "}, "what proves it"),
        ({"method": None}, "what proves it"),
        ({"msisdn": "12"}, "not an international number"),
        ({"msisdn": "919800000000"}, "not a known subscriber"),
        ({"purpose": "spam"}, "is not one of"),
        ({"action": "maybe"}, "is not one of"),
        ({"category": "9"}, "category"),
    ],
)
def test_what_cannot_be_recorded_says_why_and_changes_nothing(changed: dict[str, object], reason: str):
    shard = Shard()
    applied, refused = record(shard, **changed)
    assert applied == 0
    assert reason in refused[0][1]
    assert not shard.changes.consent_event


def test_a_missing_optional_text_is_empty_and_no_nul_is_kept():
    shard = Shard()
    assert record(shard, language=None, evidence="a\0b") == (1, [])
    assert "ab" in shard.changes.consent_event[0]

"""Consent acts from files: good ones become events, the others are told why."""

import json

import pytest
from shard import MSISDN, NOW_US, Shard

from operator_push.domain.consent import Basis
from operator_push.domain.permission import Purpose
from operator_push.services.manage_permission import ManagePermission
from operator_push.services.notices import Notices

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


GERMAN = "4915112345678"


def desk(shard: Shard) -> ManagePermission:
    numbers = {MSISDN: 11, GERMAN: 12}
    return ManagePermission(
        0, shard.ids, shard.permission, lambda msisdn: numbers.get(msisdn, 0), lambda _: 3
    )


def reasons(shard: Shard, **changed: object) -> list[str]:
    _, refused = desk(shard).record([{**ROW, **changed}], NOW_US, shard.changes)  # type: ignore[dict-item]
    return [reason for _, reason in refused]


def test_a_grant_holds_up_to_its_end_and_not_at_it():
    shard = Shard()
    assert record(shard, expires_at="2027-01-15T08:00:01Z") == (1, [])
    shard.permission.expire(NOW_US + 999_999)
    assert shard.permission.allows(11, 3, 8, Purpose.MARKETING)
    assert shard.permission.expire(NOW_US + 1_000_000) == 1
    assert not shard.permission.allows(11, 3, 8, Purpose.MARKETING)


def test_a_grant_that_is_over_already_leaves_one_that_holds_alone():
    shard = Shard()
    record(shard)
    assert record(shard, expires_at="2027-01-15T07:30:00Z", at="2027-01-15T06:00:00Z") == (0, [])
    assert shard.permission.allows(11, 3, 8, Purpose.MARKETING)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"expires_at": "2027-01-15T07:00:00Z"}, "is not after at"),
        ({"expires_at": "2028-01-15T07:00:00Z", "action": "withdraw"}, "has no end"),
        ({"basis": "habit"}, "is not one of consent, soft_opt_in"),
        ({"basis": "soft_opt_in"}, "not known to the law of in"),
        ({"basis": "soft_opt_in", "brand": "*", "msisdn": GERMAN}, "the one brand"),
        ({"basis": "legal"}, "permits the purpose service alone"),
        ({"basis": "service", "action": "deny", "purpose": "service"}, "only a grant rests"),
        ({"jurisdiction": "india"}, "ISO 3166"),
        ({"action": "confirm"}, "no challenge that could still be answered"),
    ],
)
def test_what_the_law_or_the_state_does_not_allow_is_refused_with_words(changed: dict, reason: str):
    shard = Shard()
    (told,) = reasons(shard, **changed)
    assert reason in told
    assert not shard.changes.consent_event


def test_who_has_said_no_is_not_asked_again():
    shard = Shard()
    record(shard, action="withdraw")
    (told,) = reasons(shard, action="request")
    assert "request may not follow withdrawn" in told


def test_a_double_opt_in_grants_when_it_is_answered():
    shard = Shard()
    assert record(shard, action="challenge") == (1, [])
    assert "record its answer as confirm" in reasons(shard)[0]
    assert record(shard, action="confirm", at="2027-01-15T07:10:00Z") == (1, [])
    assert shard.permission.allows(11, 3, 8, Purpose.MARKETING)


def test_an_act_under_the_law_of_elsewhere_is_kept_and_permits_nothing():
    shard = Shard()
    assert record(shard, jurisdiction="gb") == (1, [])
    assert record(shard, jurisdiction="gb") == (0, [])
    assert not shard.permission.allows(11, 3, 8, Purpose.MARKETING)
    assert reasons(shard, jurisdiction="eu", msisdn=GERMAN) == []
    assert shard.permission.allows(12, 3, 8, Purpose.MARKETING)


def test_a_soft_opt_in_stands_apart_and_lifts_no_stop():
    shard = Shard()
    assert reasons(shard, basis="soft_opt_in", msisdn=GERMAN) == []
    assert shard.permission.answer(12, 3, 8, Purpose.MARKETING).basis is Basis.SOFT_OPT_IN
    reasons(shard, action="object", msisdn=GERMAN)
    reasons(shard, basis="soft_opt_in", msisdn=GERMAN, at="2027-01-15T07:59:00Z")
    assert not shard.permission.allows(12, 3, 8, Purpose.MARKETING)


def test_further_evidence_and_the_line_of_a_file_are_kept():
    shard = Shard()
    row = {
        **ROW,
        "short_code": "56070",
        "guardian_ref": "form 9",
        "line": "17",
        "purpose": "dpv:DirectMarketing",
    }
    assert desk(shard).record([row], NOW_US, shard.changes, "old.csv") == (1, [])
    more = json.loads(shard.changes.consent_event[0][-2])
    assert more == {
        "short_code": "56070",
        "guardian_ref": "form 9",
        "source_file": "old.csv",
        "source_line": "17",
    }


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"notice_version": "v1", "language": "en", "notice_sha256": "aa"}, None),
        ({"notice_version": "v1", "language": "en"}, None),
        ({"notice_version": "v1", "language": "en", "notice_sha256": "bb"}, "another text was shown"),
        ({"notice_version": "v2", "language": "en"}, "has no version 'v2'"),
        ({"notice_id": "foreign", "notice_version": "v2"}, None),
    ],
)
def test_a_registered_notice_is_held_against_its_text(changed: dict[str, str], reason: str | None):
    shard = Shard()
    desk = ManagePermission(
        0,
        shard.ids,
        shard.permission,
        {MSISDN: 11}.__getitem__,
        lambda name: 3,
        notices=Notices([("offers", "v1", "en", "aa", 1)]),
    )
    applied, refused = desk.record([{**ROW, "notice_id": "offers", **changed}], NOW_US, shard.changes)
    assert applied == (reason is None)
    assert (reason or "") in (refused[0][1] if refused else "")


def test_a_stop_is_told_so_that_what_the_smsc_holds_is_cancelled() -> None:
    shard, told = Shard(), list[str]()
    desk = ManagePermission(
        0,
        shard.ids,
        shard.permission,
        lambda msisdn: 11,
        lambda name: 3,
        on_stopped=[lambda msisdn, now_us, changes: told.append(msisdn)],
    )
    for action in ("grant", "withdraw", "withdraw", "resume"):
        row = {"msisdn": f"+{MSISDN}", "brand": "Chai", "category": "*", "purpose": "marketing"}
        row |= {
            "channel": "*",
            "action": action,
            "at": "2027-01-15T08:00:00Z",
            "method": "web",
            "evidence": "x",
        }
        _, refused = desk.record([row], NOW_US, shard.changes)
        assert not refused
    assert told == [MSISDN]


def test_a_linked_customer_code_stands_in_the_place_of_the_number():
    shard = Shard()
    stopped: list[str] = []
    house = ManagePermission(
        0,
        shard.ids,
        shard.permission,
        {MSISDN: 11, GERMAN: 12}.get,  # type: ignore[arg-type]
        lambda _: 3,
        on_stopped=[lambda msisdn, now_us, changes: stopped.append(msisdn)],
        linked_msisdn=lambda account_no, code: MSISDN if (account_no, code) == (5, "C-1") else "",
    )

    def told(account_no: int, **changed: str) -> tuple[int, list[str]]:
        row = {**ROW, "msisdn": "", **changed}
        applied, refused = house.record([row], NOW_US, shard.changes, account_no=account_no)  # type: ignore[list-item]
        return applied, [reason for _, reason in refused]

    assert told(5, customer_code=" C-1 ") == (1, [])
    assert shard.changes.consent_event[-1][3] == 11
    assert told(5, customer_code="C-1", msisdn=f"+{MSISDN}", action="withdraw") == (1, [])
    assert stopped == [MSISDN]
    assert told(5, customer_code="C-1", msisdn=GERMAN)[1] == [
        "msisdn and customer_code are not the same person's"
    ]
    assert told(5, customer_code="C-2")[1][0].startswith("customer_code is linked to no number by proof")
    assert told(6, customer_code="C-1")[1][0].startswith("customer_code is linked to no number by proof")
    assert told(0, customer_code="C-1")[1][0].endswith("name the account whose it is")
    assert told(5)[1] == ["msisdn is not an international number"]


def test_a_stop_in_capitals_is_heard_and_one_of_no_channel_is_refused():
    shard = Shard()
    assert record(shard) == (1, [])
    assert record(shard, action="withdraw", channel="SMS ", at="2027-01-15T07:59:00Z") == (1, [])
    assert not shard.permission.allows(11, 3, 8, Purpose.MARKETING)
    assert reasons(shard, channel="pigeon")[0].startswith("channel 'pigeon' is not one of sms, email")

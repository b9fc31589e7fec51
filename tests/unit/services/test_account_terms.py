"""Account terms: what is allowed, what unset and 0 mean, and that nothing is dropped unread."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.services.account_terms import (
    NO_TERMS,
    TERM_NAMES,
    AccountTerms,
    changed_terms,
    terms_from_text,
    terms_text,
)

ALL = {
    "source_ranges": ["192.0.2.0/24", "2001:db8::1"],
    "versions": ["3.3", "5.0"],
    "certificate_subject": "shop.example",
    "rate_segments_per_s": 50,
    "burst_segments": 200,
    "daily_quota_segments": 0,
    "quota_zone": "Asia/Kolkata",
    "message_id_form": "short",
    "shift_tables": ["tr"],
    "dedupe_window_s": 3600,
    "headers": {"MYBANK": "transactional"},
    "outbind_to": "[::1]:2775",
    "outbind_password": "pw",
    "parent": "agency",
    "pays_from": "own",
    "parent_share_ppm": 125_000,
    "reward_ppm": 10_000,
    "share_rounding": "half_even",
    "credit_limit_micros": 5_000_000,
    "monthly_cap_micros": 9_000_000,
    "warn_below_micros": 100_000,
    "warn_at_percent": 80,
    "lease_slice_micros": 1_000_000,
    "billing": {"name": "Shop Ltd", "country": "IN"},
    "tariff": "standard",
    "online_charging": False,
    "ocs_subscription": "shop-1",
    "url_hosts": ["chai.example"],
    "link_host": "go.chai.example",
}


def test_every_term_survives_its_text() -> None:
    terms = changed_terms(NO_TERMS, ALL)
    assert set(ALL) == TERM_NAMES
    assert terms_from_text(terms_text(terms)) == terms
    assert terms.source_ranges == ("192.0.2.0/24", "2001:db8::1/128")
    assert terms.daily_quota_segments == 0


def test_unset_is_not_written_and_null_puts_a_term_back() -> None:
    assert terms_text(NO_TERMS) == "{}"
    terms = changed_terms(
        AccountTerms(rate_segments_per_s=5, quota_zone="Asia/Kolkata"), {"quota_zone": None}
    )
    assert terms == AccountTerms(rate_segments_per_s=5)


def test_an_empty_list_is_none_and_is_kept() -> None:
    terms = changed_terms(NO_TERMS, {"source_ranges": []})
    assert terms.source_ranges == ()
    assert terms_from_text(terms_text(terms)).source_ranges == ()


@pytest.mark.parametrize(
    "other", [{"credit_limit_micros": 5}, {"lease_slice_micros": 5}, {"pays_from": "parent"}]
)
def test_who_is_charged_online_has_no_other_money(other: dict[str, object]) -> None:
    with pytest.raises(OperatorError, match="online_charging"):
        changed_terms(NO_TERMS, {"online_charging": True, "parent": "agency", **other})


def test_a_term_of_a_newer_version_is_refused_not_dropped() -> None:
    with pytest.raises(OperatorError, match="not readable by this version"):
        terms_from_text('{"only_on_sundays":true}')


def test_the_outbind_password_is_never_shown() -> None:
    shown = changed_terms(NO_TERMS, ALL).shown()
    assert shown["outbind_password"] is True
    assert "pw" not in str(shown)
    assert set(shown) == TERM_NAMES


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("source_ranges", ["192.0.2.1/24"], "host bits set"),
        ("source_ranges", ["192.0.2.0/33"], "192.0.2.0/24"),
        ("source_ranges", "192.0.2.0/24", "not a list"),
        ("shift_tables", ["hi", "de"], "'de' is not one of tr, es, pt"),
        ("versions", ["4.0"], "3.3, 3.4, 5.0"),
        ("rate_segments_per_s", -1, "0 is none"),
        ("rate_segments_per_s", True, "whole number"),
        ("rate_segments_per_s", "5", "whole number"),
        ("burst_segments", 0, "set rate_segments_per_s to 0"),
        ("burst_segments", 5, "without rate_segments_per_s"),
        ("quota_zone", "Mumbai", "Asia/Kolkata"),
        ("message_id_form", "octal", "decimal, short"),
        ("dedupe_window_s", 10**9, "0..604800"),
        ("headers", {"MYBANK": "urgent"}, "transactional"),
        ("headers", ["MYBANK"], "object"),
        ("outbind_to", "esme.example", "host:port"),
        ("outbind_to", "esme.example:2775", "belong together"),
        ("outbind_password", "123456789", r"1\.\.8"),
        ("certificate_subject", "", "printable"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(name: str, value: object, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        changed_terms(NO_TERMS, {name: value})

"""Which version is in force, and what two say differently."""

import pytest

from operator_push.domain.rating.reading import read_tariff
from operator_push.domain.rating.versions import Difference, differences, version_at
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso

TEXT = """
tariff = "t"
version = {version}
currency = "INR"
valid_from = {begins}
[[price]]
name = "india"
prefix = "91"
per_segment = "{price}"
"""
OLD = read_tariff(TEXT.format(version=1, begins="2026-01-01T00:00:00Z", price="0.10"), "1.toml")
NEW = read_tariff(TEXT.format(version=2, begins="2026-06-01T00:00:00Z", price="0.12"), "2.toml")


def test_the_highest_valid_version_is_in_force() -> None:
    assert version_at([NEW, OLD], parse_iso("2026-05-31T23:59:59Z")) is OLD
    assert version_at([OLD, NEW], parse_iso("2026-06-01T00:00:00Z")) is NEW


@pytest.mark.parametrize(
    ("documents", "message"),
    [([OLD, OLD], "version 1 of t is given twice"), ([NEW], "no version of t is valid at")],
)
def test_no_one_version_is_refused(documents: list[object], message: str) -> None:
    with pytest.raises(OperatorError, match=message):
        version_at(documents, parse_iso("2026-05-01T00:00:00Z"))  # type: ignore[arg-type]


def test_a_difference_is_told_by_key() -> None:
    found = differences(OLD, NEW)
    assert Difference("price[india].per_segment", 100_000, 120_000) in found
    assert [each.key for each in found] == ["version", "valid_from", "price[india].per_segment"]
    assert differences(OLD, OLD) == []

"""Prefixes: the longest wins, and the memory of answers is bounded."""

import pytest

from operator_push.domain import prefixes
from operator_push.domain.prefixes import PrefixTable, check_prefix
from operator_push.kernel.errors import OperatorError


def test_rows_come_longest_prefix_first_and_in_their_given_order() -> None:
    table = PrefixTable([("", "world"), ("91", "india"), ("9198", "one"), ("9198", "two"), ("44", "uk")])
    assert table.along("919812345678") == ("one", "two", "india", "world")
    assert table.along("919712345678") == ("india", "world")
    assert table.along("1") == ("world",)
    assert PrefixTable([("91", "india")]).along("44123") == ()
    assert PrefixTable([]).along("44123") == ()


def test_answers_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefixes, "HEADS_REMEMBERED", 10)
    table = PrefixTable([("9", "nine"), ("91234", "long")])
    for number in range(10_000, 10_100):
        assert table.along(str(number)) == ()
    assert table.along("91234") == ("long", "nine")
    assert len(table._heads) <= 10


@pytest.mark.parametrize("prefix", ["+91", "91 98", "abc", "1" * 16, "٩١"])
def test_a_prefix_is_digits(prefix: str) -> None:
    with pytest.raises(OperatorError, match=r"tariff\.prefix: prefix"):
        check_prefix(prefix, "tariff.prefix")


def test_no_digits_stand_for_every_number() -> None:
    check_prefix("", "tariff.prefix")
    check_prefix("91", "tariff.prefix")

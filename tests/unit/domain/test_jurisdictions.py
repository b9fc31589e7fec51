"""An act counts where its law holds; a number of nowhere gets no yes from a law of somewhere."""

import pytest

from operator_push.domain.consent import ConsentAction
from operator_push.domain.jurisdictions import EU, SOFT_OPT_IN, counts_in, is_jurisdiction


@pytest.mark.parametrize(
    ("jurisdiction", "country", "counts"),
    [
        ("*", "IN", True),
        ("*", None, True),
        ("in", "IN", True),
        ("gb", "IN", False),
        ("eu", "DE", True),
        ("eu", "GB", False),
        ("eu", None, False),
    ],
)
def test_a_grant_counts_under_its_law(jurisdiction: str, country: str | None, counts: bool) -> None:
    assert counts_in(jurisdiction, country, ConsentAction.GRANT) is counts


def test_a_no_counts_for_a_number_of_nowhere() -> None:
    assert counts_in("eu", None, ConsentAction.WITHDRAW)


def test_names() -> None:
    assert all(is_jurisdiction(name) for name in ("*", "eu", "in"))
    assert not any(is_jurisdiction(name) for name in ("", "IN", "india", "1n!"))
    assert len(EU) == 30
    assert "gb" in SOFT_OPT_IN
    assert "in" not in SOFT_OPT_IN

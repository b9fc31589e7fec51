"""What was agreed of a campaign survives the store, and nothing unread is dropped."""

import pytest

from operator_push.domain.campaign_terms import (
    NO_PROGRESS,
    NO_TERMS,
    CampaignTerms,
    checked_terms,
    progress_from_text,
    terms_from_text,
    text_of,
)
from operator_push.kernel.errors import OperatorError

NOW_US = 1_800_000_000_000_000


def test_terms_are_read_back_as_they_were_stored() -> None:
    terms = CampaignTerms(starts_us=NOW_US, ends_us=NOW_US + 1)
    assert terms_from_text(text_of(terms)) == terms
    assert terms_from_text("{}") == NO_TERMS
    assert progress_from_text(text_of(NO_PROGRESS)) == NO_PROGRESS


def test_a_term_that_this_version_does_not_know_stops_it() -> None:
    with pytest.raises(OperatorError, match="not readable by this version"):
        terms_from_text('{"only_on_sundays": true}')


def test_what_is_not_asked_for_is_not_agreed() -> None:
    assert checked_terms({"starts": None, "ends": None}, NOW_US) == NO_TERMS
    with pytest.raises(OperatorError, match="there are: "):
        checked_terms({"only_on_sundays": True}, NOW_US)

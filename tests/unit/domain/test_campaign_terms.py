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
from operator_push.domain.personal.own_columns import OwnColumns
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


def test_hours_that_do_not_come_before_the_end_reach_nobody() -> None:
    asked = {"pace": "hours", "hours": {"15": 1}, "ends": "2027-01-15T10:00Z"}  # asked at 08:00Z
    with pytest.raises(OperatorError, match="none of the hours 15 comes before ends on the clock of UTC"):
        checked_terms(asked, NOW_US)
    # 15:00 to 15:45 of Kathmandu; and whatever recurs ends where its next time begins
    assert checked_terms({**asked, "zone": "Asia/Kathmandu"}, NOW_US).hours == {15: 1}
    assert checked_terms({**asked, "every": "daily 09:00"}, NOW_US).hours == {15: 1}


def test_an_even_pace_needs_an_end_which_whatever_recurs_has() -> None:
    with pytest.raises(OperatorError, match="even needs ends"):
        checked_terms({"pace": "even"}, NOW_US)
    assert checked_terms({"pace": "even", "every": "daily 09:00"}, NOW_US).ends_us is None


def test_how_a_test_is_won_belongs_to_a_test_and_a_link() -> None:
    tested = {"variants": [{"name": "a", "text": "A"}, {"name": "b", "text": "B"}], "test_percent": 20}
    tested |= {"winner_after": 100}
    link = {"link": "https://chai.example/"}
    assert checked_terms({**tested, **link, "winner_by": "clicked"}, NOW_US).winner_by == "clicked"
    for asked, why in (
        ({"winner_by": "replied"}, "there is none: test_percent"),
        ({**tested, "winner_by": "clicked"}, "needs a link"),
        ({**tested, "winner_by": "liked"}, "replied, clicked, converted"),
        ({"link": "chai.example"}, "no address such as"),
        ({"link_days": 0}, "days"),
        ({"texts": {}}, "1 to 30 texts"),
        ({"fallbacks": {"plan": 3}}, "something else than texts"),
    ):
        with pytest.raises(OperatorError, match=why):
            checked_terms(asked, NOW_US)


def test_own_columns_stand_where_nothing_of_the_people_chooses_them() -> None:
    own = {"own": {"list": "regulars", "columns": {"name": "text"}}}
    terms = checked_terms(own, NOW_US)
    assert terms.own == OwnColumns("regulars", {"name": "text"})
    assert terms_from_text(text_of(terms)) == terms
    for more, why in (
        ({"trigger": "top_up"}, "trigger"),
        ({"prefer": "age >= 18"}, "prefer"),
        ({"after": "Welcome", "after_days": 3}, "after"),
        ({"pace": "own"}, "pace own"),
        ({"channel": "best"}, "channel best"),
    ):
        with pytest.raises(OperatorError, match=f"chosen by {why}"):
            checked_terms({**own, **more}, NOW_US)
    with pytest.raises(OperatorError, match="'whole' is no type"):
        checked_terms({"own": {"list": "regulars", "columns": {"points": "whole"}}}, NOW_US)

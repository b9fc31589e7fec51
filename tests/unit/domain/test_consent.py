"""Consent acts: names of files and scopes that cover each other."""

import pytest

from operator_push.domain.consent import (
    ACTION_BY_NAME,
    PURPOSE_BY_NAME,
    Basis,
    ConsentAction,
    Purpose,
    Scope,
    channel_of,
)


def test_names_are_those_of_the_consent_files() -> None:
    assert dict(PURPOSE_BY_NAME) == {
        "marketing": Purpose.MARKETING,
        "service": Purpose.SERVICE,
        "use_subscriber_record": Purpose.USE_SUBSCRIBER_RECORD,
        "use_call_data": Purpose.USE_CALL_DATA,
        "use_location": Purpose.USE_LOCATION,
        "use_top_up": Purpose.USE_TOP_UP,
    }
    assert ACTION_BY_NAME["grant"] is ConsentAction.GRANT
    assert ACTION_BY_NAME["withdraw"] is ConsentAction.WITHDRAW
    assert [int(action) for action in ConsentAction] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert [int(basis) for basis in Basis] == [1, 2, 3, 4]
    assert [int(purpose) for purpose in Purpose] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("broad", "narrow", "covered"),
    [
        ((0, 0, "*"), (1, 8, "sms"), True),
        ((1, 0, "*"), (1, 8, "sms"), True),
        ((0, 8, "*"), (1, 8, "*"), True),
        ((1, 8, "sms"), (1, 8, "sms"), True),
        ((1, 8, "sms"), (1, 8, "*"), False),
        ((1, 8, "*"), (1, 0, "*"), False),
        ((1, 0, "*"), (0, 8, "*"), False),
        ((1, 0, "*"), (2, 0, "*"), False),
    ],
)
def test_a_scope_covers_the_same_and_the_narrower(
    broad: tuple[int, int, str], narrow: tuple[int, int, str], covered: bool
) -> None:
    assert Scope(Purpose.MARKETING, *broad).covers(Scope(Purpose.MARKETING, *narrow)) is covered
    assert not Scope(Purpose.SERVICE, *broad).covers(Scope(Purpose.MARKETING, *narrow))


@pytest.mark.parametrize(
    ("named", "channel"),
    [("sms", "sms"), (" SMS ", "sms"), ("", "*"), ("*", "*"), ("E-Mail", "email"), ("email", "email")],
)
def test_a_channel_is_named_in_any_case(named: str, channel: str) -> None:
    assert channel_of(named) == channel


@pytest.mark.parametrize("named", ["smss", "pigeon", "sms;email", "**"])
def test_what_is_no_channel_is_refused_with_those_that_are(named: str) -> None:
    with pytest.raises(ValueError, match="is not one of sms, email, voice"):
        channel_of(named)

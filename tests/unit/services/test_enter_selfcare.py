"""Only the holder of a number gets in: codes bound to number and browser, once, in time, not by guessing."""

import itertools

from operator_push.services.enter_selfcare import (
    GUESSES_MAX,
    EnterSelfcare,
    Limits,
    NotIn,
    Person,
    Refusal,
    Sent,
)
from operator_push.services.rate_windows import SECOND_US

PERSON = Person("919812345601", 7, "IN")
NOW = 1_800_000_000 * SECOND_US
LIFETIME = 600 * SECOND_US


def entry(**limits: object) -> EnterSelfcare:
    numbers = itertools.count(1)
    return EnterSelfcare(Limits(**limits), lambda octets: (next(numbers) * 7919).to_bytes(octets, "big"))  # type: ignore[arg-type]


def sent(house: EnterSelfcare, browser: str = "mine") -> Sent:
    told = house.begin(PERSON.msisdn, PERSON, browser, NOW)
    assert told is not None
    return told


def why(outcome: object) -> Refusal:
    assert isinstance(outcome, NotIn)
    return outcome.why


def test_the_code_opens_once_in_the_browser_that_asked() -> None:
    house = entry()
    code = sent(house).code
    assert why(house.answer_code(code, "another", "ip", NOW)) is Refusal.OVER
    opened = house.answer_code(code, "mine", "ip", NOW)
    assert not isinstance(opened, NotIn)
    secret, session = opened
    assert session.person == PERSON
    assert house.session(secret, NOW) is session
    assert house.session("something else", NOW) is None
    assert why(house.answer_code(code, "mine", "ip", NOW)) is Refusal.OVER


def test_a_link_opens_once_in_any_browser() -> None:
    house = entry()
    told = sent(house)
    assert why(house.answer_link("nonsense", "ip", NOW)) is Refusal.OVER
    assert not isinstance(house.answer_link(told.link, "ip", NOW), NotIn)
    assert why(house.answer_link(told.link, "ip", NOW)) is Refusal.OVER
    assert why(house.answer_code(told.code, "mine", "ip", NOW)) is Refusal.OVER


def test_code_and_link_end_after_their_time_and_when_newer_ones_are_sent() -> None:
    house = entry()
    old = sent(house)
    new = sent(house)
    assert why(house.answer_link(old.link, "ip", NOW)) is Refusal.OVER
    assert why(house.answer_code(new.code, "mine", "ip", NOW + LIFETIME)) is Refusal.OVER
    assert not isinstance(house.answer_code(new.code, "mine", "ip", NOW + LIFETIME - 1), NotIn)


def test_guessing_ends_the_code() -> None:
    house = entry()
    code = sent(house).code
    wrong = "000000" if code != "000000" else "111111"
    told = [why(house.answer_code(wrong, "mine", "ip", NOW)) for _ in range(GUESSES_MAX)]
    assert told == [Refusal.WRONG] * (GUESSES_MAX - 1) + [Refusal.OVER]
    assert why(house.answer_code(code, "mine", "ip", NOW)) is Refusal.OVER


def test_a_number_that_nobody_has_is_answered_alike() -> None:
    house = entry()
    assert house.begin("919800000000", None, "mine", NOW) is None
    told = [why(house.answer_code("123456", "mine", "ip", NOW)) for _ in range(GUESSES_MAX)]
    assert told == [Refusal.WRONG] * (GUESSES_MAX - 1) + [Refusal.OVER]


def test_asking_and_guessing_are_rate_limited() -> None:
    house = entry(
        codes_per_number=((2, 900),), codes_per_address=((3, 3600),), guesses_per_address=((1, 60),)
    )
    assert house.may_ask("919812345601", "a", NOW) is None
    assert house.may_ask("919812345601", "b", NOW) is None
    assert house.may_ask("919812345601", "c", NOW) == NotIn(Refusal.TOO_MANY, 900)
    assert house.may_ask("919812345602", "a", NOW) is None
    assert house.may_ask("919812345603", "a", NOW) is None
    assert house.may_ask("919812345604", "a", NOW) == NotIn(Refusal.TOO_MANY, 3600)
    code = sent(house).code
    house.answer_link("x", "ip", NOW)
    assert house.answer_code(code, "mine", "ip", NOW) == NotIn(Refusal.TOO_MANY, 60)


def test_a_session_ends_idle_or_old_or_left() -> None:
    house = entry(idle_s=900)
    opened = house.answer_link(sent(house).link, "ip", NOW)
    assert not isinstance(opened, NotIn)
    secret, _ = opened
    minute = 60 * SECOND_US
    assert house.session(secret, NOW + 14 * minute) is not None
    assert house.session(secret, NOW + 28 * minute) is not None
    assert house.session(secret, NOW + 43 * minute) is None
    opened = house.answer_link(sent(house).link, "ip", NOW)
    assert not isinstance(opened, NotIn)
    house.leave(opened[0])
    assert house.session(opened[0], NOW) is None
    opened = house.answer_link(sent(house).link, "ip", NOW)
    assert not isinstance(opened, NotIn)
    house.leave_everywhere(PERSON)
    assert house.session(opened[0], NOW) is None

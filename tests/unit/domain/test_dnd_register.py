"""The do-not-disturb register: what is blocked, of which kind, and when."""

import pytest
from quiet_clocks import clock_with

from operator_push.domain.dnd_register import DndRegister, parse_entry
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso

PERSON, OTHER = "919812345678", "919812345679"


@pytest.mark.parametrize(
    ("blocked", "category", "is_blocked"),
    [("*", 4, True), ("*", 0, True), ("1;4", 4, True), ("1, 4", 5, False), ("1", 0, True), ("", 4, False)],
)
def test_everything_or_single_categories(blocked: str, category: int, is_blocked: bool) -> None:
    register = DndRegister()
    register.put(PERSON, parse_entry(blocked))
    assert register.blocks(PERSON, category) is is_blocked
    assert not register.blocks(OTHER, category)
    assert (int(PERSON) in register.numbers) is bool(blocked)


def test_a_later_row_stands_in_the_place_of_the_first() -> None:
    register = DndRegister()
    assert register.put(PERSON, parse_entry("1;4"), 5)
    assert not register.put(PERSON, parse_entry("4;1"), 6)
    assert (register.changes, register.version_us, len(register)) == (1, 6, 1)
    assert register.put(PERSON, parse_entry("2"), 7)
    assert not register.blocks(PERSON, 4)
    assert register.entry_of(PERSON).categories == {2}
    assert register.put(PERSON, parse_entry(""), 8)
    assert int(PERSON) not in register.numbers
    assert register.entry_of(PERSON).is_empty


def test_what_concerns_other_channels_alone_blocks_no_sms() -> None:
    register = DndRegister()
    register.put(PERSON, parse_entry("*", "voice"))
    assert int(PERSON) not in register.numbers
    register.put(PERSON, parse_entry("*", "Voice;SMS"))
    assert register.blocks(PERSON, 1)


def test_an_entry_is_about_the_channels_that_it_names() -> None:
    register = DndRegister()
    register.put(PERSON, parse_entry("*", "ussd"))
    register.put(OTHER, parse_entry("*"))
    assert [register.concerns(PERSON, channel) for channel in ("sms", "ussd")] == [False, True]
    assert [register.concerns(OTHER, channel) for channel in ("sms", "ussd")] == [True, True]
    assert register.entry_of(PERSON).channels == {"ussd"}
    assert register.put(PERSON, parse_entry("*", "sms")), "the same categories of another channel"
    assert not register.put(PERSON, parse_entry("*", "sms;voice")), "nothing goes by voice here"
    assert [register.concerns(PERSON, channel) for channel in ("sms", "ussd")] == [True, False]
    register.put(PERSON, parse_entry(""))
    assert not register.concerns(PERSON, "sms")


def test_blocked_times_are_waited_out_with_the_quiet_hours() -> None:
    register, clock = DndRegister(), clock_with("21:00-09:00", zone="Asia/Kolkata")
    register.put(PERSON, parse_entry("", "", "sat;sun", "09:00-12:00"))
    mine = register.clock_of(PERSON, clock)
    assert mine is not None
    assert mine is register.clock_of(PERSON, clock), "people of the same times share a clock"
    assert register.clock_of(OTHER, clock) is None
    # Saturday 03:00 in India: the night until 09:00, then the band until 12:00.
    assert mine.quiet_until(parse_iso("2027-01-15T21:30Z")) == parse_iso("2027-01-16T06:30Z")
    assert not mine.quiet_until(parse_iso("2027-01-15T04:00Z")), "Friday 09:30"
    assert not register.blocks(PERSON, 4)


def test_days_without_bands_are_whole_days_and_bands_without_days_every_day() -> None:
    assert [(w.start_minute, w.end_minute, w.weekdays) for w in parse_entry("", "", "sun").times] == [
        (0, 1440, {6})
    ]
    (band,) = parse_entry("", "", "", "10:00-12:00").times
    assert band.weekdays == frozenset(range(7))


@pytest.mark.parametrize(
    "row", [("9",), ("0",), ("x",), ("", "", "someday"), ("", "", "", "noon"), ("1;99",)]
)
def test_what_is_none_is_refused(row: tuple[str, ...]) -> None:
    with pytest.raises(OperatorError):
        parse_entry(*row)

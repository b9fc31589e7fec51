"""Sizes follow from what was asked for."""

from operator_push.cli.demo.plan import STOPS_WANTED, DemoPlan


def test_a_default_run_hears_at_least_two_hundred_stops() -> None:
    assert DemoPlan().stops_at_least == STOPS_WANTED == 200


def test_a_small_run_is_small_in_every_part() -> None:
    small, large = DemoPlan(2_000, 600), DemoPlan(100_000, 50_000)
    assert 2 <= small.stops_at_least < 20
    assert small.low_account_messages < large.low_account_messages
    assert small.crash_subscribers == 2_000


def test_campaigns_leave_two_fifths_of_the_messages_to_the_esme() -> None:
    assert DemoPlan(messages=1_000).campaign_messages_max == 600


def test_more_crash_rounds_take_more_people() -> None:
    assert DemoPlan(crash_rounds=30).crash_subscribers > DemoPlan(crash_rounds=1).crash_subscribers


def test_each_message_of_a_crash_run_has_a_person_of_its_own() -> None:
    assert DemoPlan(subscribers=2_000).crash_rounds_max == 3
    assert DemoPlan().crash_rounds_max >= 30, "make soak asks for thirty rounds of a default run"

"""Inbound actions: their numbers stand in rows, and some of them are for us alone."""

from operator_push.domain.inbound_words import InboundAction


def test_the_numbers_stay_because_they_stand_in_rows() -> None:
    names = ("NONE", "STOP", "START", "HELP", "STOP_ALL", "INFO", "WHY", "MENU", "REVIEW")
    assert [InboundAction(number).name for number in range(9)] == list(names)


def test_two_actions_stop_and_two_are_left_to_the_client() -> None:
    assert {action.name for action in InboundAction if action.is_stop} == {"STOP", "STOP_ALL"}
    assert {action.name for action in InboundAction if not action.is_for_us} == {"NONE", "REVIEW"}

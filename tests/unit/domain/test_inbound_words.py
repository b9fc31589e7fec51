"""Inbound words: the plain forms are heard, a sentence that holds the word is not one of them."""

import pytest

from operator_push.domain.permission import InboundAction, inbound_action


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        "  Stop. ",
        "STOP!!!",
        "'stop'",
        "STOP ALL",
        "stopall",
        "Stop-All",
        "END",
        "cancel",
        "Unsubscribe",
        "QUIT",
        "opt out",
        "OPT-OUT",
        "optout",
        "revoke",
        "ＳＴＯＰ",
        "s\u200btop",
        "STOP\r\n",
        "S.T.O.P.",
        "stop_all",
    ],
)
def test_stop_is_heard(text: str) -> None:
    assert inbound_action(text) is InboundAction.STOP


@pytest.mark.parametrize(
    "text",
    [
        "bus stop",
        "don't stop",
        "stop it",
        "stopped",
        "weekend",
        "the end",
        "YES CHAI",
        "",
        "   ",
        "STOP" * 30,
    ],
)
def test_a_text_that_merely_holds_the_word_changes_nothing(text: str) -> None:
    assert inbound_action(text) is InboundAction.NONE


def test_start_and_help() -> None:
    assert inbound_action("Start") is InboundAction.START
    assert inbound_action("help?") is InboundAction.HELP
    assert [int(action) for action in InboundAction] == [0, 1, 2, 3]

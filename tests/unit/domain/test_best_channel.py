"""The channel that somebody answers best."""

import pytest

from operator_push.domain.best_channel import Answers, best_channel, channels_tried

CASES = """
# sms      ussd     best
-          -        sms
-          5/1      ussd
-          4/4      sms
-          9/0      sms
9/0        5/1      ussd
10/2       10/3     ussd
10/3       10/2     sms
10/2       5/1      sms
4/4        5/1      ussd
5/5        4/4      sms
"""


def answers(text: str) -> Answers:
    delivered, _, answered = text.partition("/")
    return Answers(int(delivered), int(answered))


@pytest.mark.parametrize("line", [line for line in CASES.strip().splitlines() if line[0] != "#"])
def test_the_higher_answered_share_of_enough_messages(line: str) -> None:
    sms, ussd, best = line.split()
    known = {name: answers(text) for name, text in (("sms", sms), ("ussd", ussd)) if text != "-"}
    assert best_channel(known) == best


def test_what_a_campaign_may_go_by() -> None:
    assert [channels_tried(term) for term in (None, "sms", "ussd")] == [("sms",), ("sms",), ("ussd",)]
    assert channels_tried("best") == ("sms", "ussd")

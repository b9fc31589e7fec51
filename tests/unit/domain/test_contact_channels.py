"""The channels by which messages are sent, and their numbers in rows."""

import pytest

from operator_push.domain.consent import CHANNELS
from operator_push.domain.contact_channels import CHANNEL_NUMBERS, SENT_BY, channel_of_number, sent_channel
from operator_push.kernel.errors import OperatorError


def test_numbers_in_rows_are_for_ever() -> None:
    assert dict(CHANNEL_NUMBERS) == {"sms": 0, "ussd": 1}
    assert [channel_of_number(number) for number in (None, 0, 1)] == ["sms", "sms", "ussd"]
    assert set(SENT_BY) == set(CHANNEL_NUMBERS) <= set(CHANNELS)


def test_what_nothing_is_sent_by_is_told() -> None:
    assert sent_channel(" USSD") == "ussd"
    with pytest.raises(OperatorError, match="'voice' is not one of sms, ussd"):
        sent_channel("voice")

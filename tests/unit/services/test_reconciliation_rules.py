"""Shares of a charge: they add up, whatever was settled."""

import pytest

from operator_push.domain.message import MessageState
from operator_push.services.reconciliation_rules import charge_shares

DELIVERED, EXPIRED = MessageState.DELIVERED, MessageState.EXPIRED


@pytest.mark.parametrize(
    ("settled", "states", "shares"),
    [
        (200, [DELIVERED, DELIVERED], [100, 100]),
        (100, [EXPIRED, DELIVERED], [0, 100]),
        (0, [DELIVERED, DELIVERED], [0, 0]),
        (150, [DELIVERED, DELIVERED], [100, 50]),
        (100, [EXPIRED, EXPIRED], [100, 0]),
        (200, [EXPIRED, EXPIRED], [100, 100]),
        (350, [EXPIRED, DELIVERED], [100, 250]),
        (0, [], []),
    ],
)
def test_charged_segments_bear_their_price_then_others_and_the_first_what_does_not_fit(
    settled: int, states: list[MessageState], shares: list[int]
) -> None:
    assert charge_shares(100, settled, [state == DELIVERED for state in states]) == shares

"""Which final states are owed."""

import pytest

from operator_push.domain.message import MessageState
from operator_push.domain.rating.contract import ChargeOn, Contract, is_charged

# state          acceptance submission delivery
CHARGED = """
accepted         yes no  no
sent             yes yes no
unknown          yes yes no
delivered        yes yes yes
expired          yes yes no
deleted          yes yes no
undeliverable    yes yes no
rejected         yes no  no
withdrawn        yes no  no
"""


@pytest.mark.parametrize("line", CHARGED.strip().splitlines())
def test_a_state_is_charged_by_the_event_of_the_contract(line: str) -> None:
    name, *answers = line.split()
    state = MessageState[name.upper()]
    found = [is_charged(Contract(charge_on=event), state) for event in ChargeOn]
    assert found == [answer == "yes" for answer in answers]


def test_a_contracts_own_word_goes_first() -> None:
    contract = Contract(charge_on=ChargeOn.DELIVERY, states={"expired": True, "delivered": False})
    assert is_charged(contract, MessageState.EXPIRED)
    assert not is_charged(contract, MessageState.DELIVERED)

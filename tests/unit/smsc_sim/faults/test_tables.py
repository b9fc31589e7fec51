"""Fault tables: names, and words for every kind."""

import typing

import pytest

from smsc_sim.faults.pdu_tables import Cut, ResponseLost
from smsc_sim.faults.table import kind_of
from smsc_sim.faults.tables import AnyFault, ReceiptLost, fault_names
from smsc_sim.faults.told import told

KINDS = typing.get_args(AnyFault)


def test_a_fault_is_called_by_its_name_or_its_kind_with_a_number():
    faults = (Cut(), ReceiptLost(name="cut 2"), Cut(), Cut(name="mine"))
    assert fault_names(faults) == ("cut", "cut 2", "cut 3", "mine")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_can_be_told_in_words(kind):
    assert len(told(kind())) > 4
    assert kind_of(kind())
    assert kind.__doc__


def test_when_it_strikes_is_told():
    fault = ResponseLost(
        share=0.1, prefix=("91", "44"), account="shop", after=2, every=3, count=4, in_all=5, from_s=6, to_s=7
    )
    assert told(fault) == (
        "lost: submit_sm_resp, data_sm_resp, submit_multi_resp; 10 % of messages, numbers 91…, 44…,"
        " account shop, after 2, one in 3, 4 times a bind, 5 times in all, from 6 s to 7 s"
    )

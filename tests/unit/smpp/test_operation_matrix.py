"""SMPP v3.4 table 2-1, written out again by hand: who may send which request in which state."""

import pytest

from operator_push.smpp.constants import CommandId
from operator_push.smpp.operation_matrix import SENDABLE, SessionRole, SessionState

# command              ESME: open tx rx trx    SMSC: open tx rx trx
MATRIX = """
bind_transmitter       yes  -   -   -          -    -   -   -
bind_receiver          yes  -   -   -          -    -   -   -
bind_transceiver       yes  -   -   -          -    -   -   -
outbind                -    -   -   -          yes  -   -   -
unbind                 -    yes yes yes        -    yes yes yes
submit_sm              -    yes -   yes        -    -   -   -
submit_multi           -    yes -   yes        -    -   -   -
data_sm                -    yes -   yes        -    -   yes yes
deliver_sm             -    -   -   -          -    -   yes yes
query_sm               -    yes -   yes        -    -   -   -
cancel_sm              -    yes -   yes        -    -   -   -
replace_sm             -    yes -   yes        -    -   -   -
enquire_link           yes  yes yes yes        yes  yes yes yes
alert_notification     -    -   -   -          -    -   yes yes
broadcast_sm           -    yes -   yes        -    -   -   -
query_broadcast_sm     -    yes -   yes        -    -   -   -
cancel_broadcast_sm    -    yes -   yes        -    -   -   -
"""
COLUMNS = [
    (role, state)
    for role in (SessionRole.ESME, SessionRole.SMSC)
    for state in (SessionState.OPEN, SessionState.BOUND_TX, SessionState.BOUND_RX, SessionState.BOUND_TRX)
]


@pytest.mark.parametrize("line", MATRIX.strip().splitlines(), ids=lambda line: line.split()[0])
def test_matrix(line):
    name, *cells = line.split()
    for (role, state), cell in zip(COLUMNS, cells, strict=True):
        assert (CommandId[name] in SENDABLE[role, state]) == (cell == "yes"), (role, state)


@pytest.mark.parametrize("role", list(SessionRole))
def test_nothing_is_sent_once_closed_and_only_the_end_while_unbinding(role):
    assert SENDABLE[role, SessionState.CLOSED] == frozenset()
    assert SENDABLE[role, SessionState.UNBINDING] == {CommandId.unbind, CommandId.enquire_link}


def test_roles_have_an_other():
    assert SessionRole.ESME.other is SessionRole.SMSC
    assert SessionRole.SMSC.other is SessionRole.ESME

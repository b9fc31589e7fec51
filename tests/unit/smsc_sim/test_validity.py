"""Validity: SMPP times against the moment of arrival."""

import pytest

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import SubmitSm
from smsc_sim.validity import message_times

T = 1_795_297_105_000_000  # 2026-11-21T21:38:25Z


@pytest.mark.parametrize(
    ("schedule", "validity", "times"),
    [
        ("", "", (0.0, 100.0)),
        ("", "000000010000000R", (0.0, 3600.0)),
        ("000000000100000R", "", (60.0, 100.0)),
        ("000000000100000R", "000000000300000R", (60.0, 120.0)),
        ("261121213925000+", "", (60.0, 100.0)),
        ("", "261121223825004+", CommandStatus.ESME_RINVEXPIRY),  # an hour ahead of UTC: already now
        ("261121213725000+", "", CommandStatus.ESME_RINVSCHED),
        ("000000000300000R", "000000000100000R", CommandStatus.ESME_RINVEXPIRY),
        ("rubbish", "", CommandStatus.ESME_RINVSCHED),
        ("", "269921213925000+", CommandStatus.ESME_RINVEXPIRY),
        ("", "000000000000000R", CommandStatus.ESME_RINVEXPIRY),
    ],
)
def test_times(schedule, validity, times):
    pdu = SubmitSm(schedule_delivery_time=schedule, validity_period=validity)
    assert message_times(pdu, T, 100.0) == times

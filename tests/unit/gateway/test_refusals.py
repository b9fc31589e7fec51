"""Every reason has a status; the table is that of the specification of this product."""

import pytest

from operator_push.domain.message import RefusalReason
from operator_push.gateway.refusals import REFUSALS, refusal_status, refusal_tlvs
from operator_push.smpp.constants import CommandStatus

V3_4, V5_0 = 0x34, 0x50


def test_every_reason_has_a_row():
    assert set(REFUSALS) == set(RefusalReason) - {RefusalReason.NONE}


@pytest.mark.parametrize(
    ("reason", "version", "status"),
    [
        ("BAD_DESTINATION", V3_4, "ESME_RINVDSTADR"),
        ("NO_ROUTE", V3_4, "ESME_RINVDSTADR"),
        ("BAD_SOURCE", V3_4, "ESME_RINVSRCADR"),
        ("NO_CREDIT", V3_4, "ESME_RSUBMITFAIL"),
        ("NO_CREDIT", V5_0, "ESME_RSUBMITFAIL"),
        ("NO_PERMISSION", V3_4, "ESME_RSUBMITFAIL"),
        ("NO_PERMISSION", V5_0, "ESME_RPROHIBITED"),
        ("WITHDRAWN", V5_0, "ESME_RPROHIBITED"),
        ("OVER_RATE", V3_4, "ESME_RTHROTTLED"),
        ("QUEUE_FULL", V3_4, "ESME_RMSGQFUL"),
    ],
)
def test_status_by_reason_and_version(reason: str, version: int, status: str):
    assert refusal_status(RefusalReason[reason], version) == CommandStatus[status]


def test_a_configured_status_wins():
    assert refusal_status(RefusalReason.NO_CREDIT, V3_4, {"no_credit": 0x401}) == 0x401
    assert refusal_status(RefusalReason.NO_CREDIT, V3_4, {"queue_full": 0x402}) == 0x45


def test_the_reason_travels_in_words():
    ((tag, value),) = refusal_tlvs(RefusalReason.NO_CREDIT)
    assert tag == 0x001D
    assert value.endswith(b"\0")
    assert b"credit" in value

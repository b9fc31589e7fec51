"""What an ESME's error in a deliver_sm_resp means, and how a refusal is stored."""

import pytest

from operator_push.domain.delivery_answers import (
    ACKNOWLEDGED,
    DISPOSITION_BY_DELIVERY_STATUS,
    GIVEN_UP,
    DeliveryDisposition,
    delivery_disposition,
    refused_outcome,
    refused_with,
)
from operator_push.smpp.constants import CommandStatus

RETRY, DROP = DeliveryDisposition.RETRY, DeliveryDisposition.DROP


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (CommandStatus.ESME_RX_P_APPN, DROP),
        (CommandStatus.ESME_RX_R_APPN, DROP),
        (CommandStatus.ESME_RINVDSTADR, DROP),
        (CommandStatus.ESME_RINVDCS, DROP),
        (CommandStatus.ESME_RX_T_APPN, RETRY),
        (CommandStatus.ESME_RINVMSGID, RETRY),
        (CommandStatus.ESME_RTHROTTLED, RETRY),
        (CommandStatus.ESME_RINVBNDSTS, RETRY),
        (0x451, RETRY),
    ],
)
def test_what_a_status_means(status: int, means: DeliveryDisposition) -> None:
    assert delivery_disposition(status) is means


def test_a_refusal_is_stored_with_its_status() -> None:
    for status in DISPOSITION_BY_DELIVERY_STATUS:
        assert refused_with(refused_outcome(status)) == status
    assert refused_with(refused_outcome(0xFFFFFFFF)) == 0  # more than the column has room for
    assert (refused_with(ACKNOWLEDGED), refused_with(GIVEN_UP)) == (None, None)

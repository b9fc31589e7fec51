"""What an ESME's answer to a deliver_sm says of that receipt or MO: to be tried again, or refused for good.

A table; the numbers are SMPP's (v3.4 section 5.1.3, from 0x100 on SMPP v5.0 section 4.7.6) and stand here as
plain integers because this room does not know the wire.
"""

from collections.abc import Mapping
from enum import IntEnum


class DeliveryDisposition(IntEnum):
    """What becomes of a delivery that was not taken."""

    RETRY = 1  # it is still owed
    DROP = 2  # the ESME says that it never will take it: recorded, and not sent again


# What is not listed is RETRIED: nothing is lost for the want of a row. So is the receipt of a message that
# the ESME does not know (ESME_RINVMSGID: it may have overtaken the submit_sm_resp), and whatever is refused
# for the bind's sake or the moment's, as by ESME_RINVBNDSTS and ESME_RTHROTTLED.
DISPOSITION_BY_DELIVERY_STATUS: dict[int, DeliveryDisposition] = {
    0x00000001: DeliveryDisposition.DROP,  # ESME_RINVMSGLEN
    0x00000008: DeliveryDisposition.RETRY,  # ESME_RSYSERR
    0x0000000A: DeliveryDisposition.DROP,  # ESME_RINVSRCADR
    0x0000000B: DeliveryDisposition.DROP,  # ESME_RINVDSTADR
    0x0000000C: DeliveryDisposition.RETRY,  # ESME_RINVMSGID
    0x00000014: DeliveryDisposition.RETRY,  # ESME_RMSGQFUL
    0x00000043: DeliveryDisposition.DROP,  # ESME_RINVESMCLASS
    0x00000048: DeliveryDisposition.DROP,  # ESME_RINVSRCTON
    0x00000049: DeliveryDisposition.DROP,  # ESME_RINVSRCNPI
    0x00000050: DeliveryDisposition.DROP,  # ESME_RINVDSTTON
    0x00000051: DeliveryDisposition.DROP,  # ESME_RINVDSTNPI
    0x00000058: DeliveryDisposition.RETRY,  # ESME_RTHROTTLED
    0x00000064: DeliveryDisposition.RETRY,  # ESME_RX_T_APPN: the application's temporary error
    0x00000065: DeliveryDisposition.DROP,  # ESME_RX_P_APPN: its permanent one
    0x00000066: DeliveryDisposition.DROP,  # ESME_RX_R_APPN: it rejects this message
    0x000000C0: DeliveryDisposition.DROP,  # ESME_RINVOPTPARSTREAM
    0x000000C1: DeliveryDisposition.DROP,  # ESME_ROPTPARNOTALLWD
    0x000000C2: DeliveryDisposition.DROP,  # ESME_RINVPARLEN
    0x000000C3: DeliveryDisposition.DROP,  # ESME_RMISSINGOPTPARAM
    0x000000C4: DeliveryDisposition.DROP,  # ESME_RINVOPTPARAMVAL
    0x00000104: DeliveryDisposition.DROP,  # ESME_RINVDCS
}

# Stored as the outcome of a delivery, so the numbers are for ever. From REFUSED on: REFUSED + command_status;
# a status beyond what 16 bits have room for is stored as REFUSED alone.
ACKNOWLEDGED = 1
GIVEN_UP = 2
REFUSED = 1000
_OUTCOME_MAX = 0x7FFF


def delivery_disposition(
    command_status: int, table: Mapping[int, DeliveryDisposition] = DISPOSITION_BY_DELIVERY_STATUS
) -> DeliveryDisposition:
    """What an error in a deliver_sm_resp means; RETRY for every status without a row."""
    return table.get(command_status, DeliveryDisposition.RETRY)


def refused_outcome(command_status: int) -> int:
    """The outcome of a delivery that was refused for good with this status."""
    outcome = REFUSED + command_status
    return outcome if outcome <= _OUTCOME_MAX else REFUSED


def refused_with(outcome: int) -> int | None:
    """The command_status with which a delivery was refused for good, 0 where it is not known; None where it
    was not."""
    return outcome - REFUSED if outcome >= REFUSED else None

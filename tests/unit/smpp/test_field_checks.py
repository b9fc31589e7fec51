"""What a strict receiver refuses, and with which status."""

import pytest

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.field_checks import field_fault, integer_fault
from operator_push.smpp.pdu import (
    BindTransceiver,
    CancelSm,
    DataSm,
    DeliverSm,
    DistributionList,
    EnquireLink,
    ReplaceSm,
    SmeDestination,
    SubmitMulti,
    SubmitSm,
)

MULTI = (SmeDestination(1, 1, "91"),)


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (SubmitSm(service_type="SIXCHR"), "ESME_RINVSERTYP"),
        (SubmitSm(source_addr="1" * 21), "ESME_RINVSRCADR"),
        (SubmitSm(destination_addr="1" * 21), "ESME_RINVDSTADR"),
        (SubmitSm(esm_class=0x30), "ESME_RINVESMCLASS"),
        (SubmitSm(priority_flag=15), "ESME_RINVPRTFLG"),
        (SubmitSm(registered_delivery=3), "ESME_RINVREGDLVFLG"),
        (SubmitSm(replace_if_present_flag=2), "ESME_RINVREPFLAG"),
        (SubmitSm(schedule_delivery_time="tomorrow"), "ESME_RINVSCHED"),
        (SubmitSm(validity_period="000001000000000X"), "ESME_RINVEXPIRY"),
        (SubmitSm(short_message=bytes(255)), "ESME_RINVMSGLEN"),
        (SubmitSm(short_message=b"x", tlvs=((0x0424, b"y"),)), "ESME_RINVOPTPARSTREAM"),
        (SubmitSm(tlvs=((0x0204, b"\1"),)), "ESME_RINVPARLEN"),
        (SubmitSm(tlvs=((0x0005, b"\xff"),)), "ESME_RINVOPTPARAMVAL"),
        (DeliverSm(source_addr="1" * 21), "ESME_RINVSRCADR"),
        (DataSm(destination_addr="1" * 65), "ESME_RINVDSTADR"),
        (CancelSm(message_id="1" * 65), "ESME_RINVMSGID"),
        (ReplaceSm(short_message=bytes(255)), "ESME_RINVMSGLEN"),
        (BindTransceiver(system_id="1" * 16), "ESME_RINVSYSID"),
        (BindTransceiver(password="1" * 9), "ESME_RINVPASWD"),
        (BindTransceiver(system_type="1" * 13), "ESME_RINVSYSTYP"),
        (BindTransceiver(address_range="1" * 41), "ESME_RINVCMDLEN"),
        (SubmitMulti(), "ESME_RINVNUMDESTS"),
        (SubmitMulti(dest_address=MULTI * 255), "ESME_RINVNUMDESTS"),
        (SubmitMulti(dest_address=(*MULTI, SmeDestination(1, 1, "1" * 21))), "ESME_RINVDSTADR"),
        (SubmitMulti(dest_address=(DistributionList("1" * 21),)), "ESME_RINVDLNAME"),
        (
            SubmitMulti(dest_address=MULTI, short_message=b"x", tlvs=((0x0424, b"y"),)),
            "ESME_RINVOPTPARSTREAM",
        ),
    ],
)
def test_refused(pdu, status):
    fault = field_fault(pdu)
    assert fault is not None
    assert fault.status.name == status


@pytest.mark.parametrize(
    "pdu",
    [
        SubmitSm(),
        EnquireLink(),
        SubmitSm(
            service_type="5char",
            source_addr="1" * 20,
            destination_addr="1" * 20,
            source_addr_ton=28,
            dest_addr_npi=99,
            esm_class=0xC4,
            protocol_id=255,
            priority_flag=3,
            schedule_delivery_time="261121211200022+",
            validity_period="000001000000000R",
            registered_delivery=0x12,
            replace_if_present_flag=1,
            data_coding=0xF1,
            short_message=bytes(254),
            tlvs=((0x0204, b"\0\1"), (0x1400, b""), (0x0204, b"\0\2"), (0x0424, b"")),
        ),
        SubmitSm(tlvs=((0x0424, bytes(65_535)),)),
        DataSm(source_addr="1" * 64, destination_addr="1" * 64),
        BindTransceiver(system_id="1" * 15, password="1" * 8, system_type="1" * 12, address_range="1" * 40),
        SubmitMulti(dest_address=MULTI * 254),
    ],
)
def test_carried(pdu):
    if pdu.tlv(0x0424) == b"":
        pdu.short_message = b""
    assert field_fault(pdu) is None


def test_a_fault_never_shows_what_was_in_the_field():
    fault = field_fault(SubmitSm(destination_addr="9198765432109876543210"))
    assert fault is not None
    assert "9198" not in fault.detail
    assert (fault.field, fault.detail) == ("destination_addr", "illegal value (length 22)")


def test_5_0_knows_more_values():
    assert integer_fault("registered_delivery", 3, 0x50) is None
    assert integer_fault("priority_flag", 4, 0x50) is None
    assert integer_fault("priority_flag", 5, 0x50) is CommandStatus.ESME_RINVPRTFLG
    assert field_fault(SubmitSm(priority_flag=4), 0x50) is None

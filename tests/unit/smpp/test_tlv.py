"""The TLV table: every name of SMPP v3.4 section 5.3.1, with its legal lengths written out again by hand."""

import pytest

from operator_push.smpp.constants import CommandStatus, TlvTag
from operator_push.smpp.tlv import TLV_SPECS, c_octet_value, tlv_fault, tlv_name

# tag, name, shortest, longest (SMPP v3.4 sections 5.3.2.1 to 5.3.2.44; ms_validity and
# alert_on_message_delivery as 5.0 widened them)
TABLE = """
0005 dest_addr_subunit 1 1
0006 dest_network_type 1 1
0007 dest_bearer_type 1 1
0008 dest_telematics_id 2 2
000D source_addr_subunit 1 1
000E source_network_type 1 1
000F source_bearer_type 1 1
0010 source_telematics_id 1 1
0017 qos_time_to_live 4 4
0019 payload_type 1 1
001D additional_status_info_text 1 256
001E receipted_message_id 1 65
0030 ms_msg_wait_facilities 1 1
0201 privacy_indicator 1 1
0202 source_subaddress 2 23
0203 dest_subaddress 2 23
0204 user_message_reference 2 2
0205 user_response_code 1 1
020A source_port 2 2
020B destination_port 2 2
020C sar_msg_ref_num 2 2
020D language_indicator 1 1
020E sar_total_segments 1 1
020F sar_segment_seqnum 1 1
0210 sc_interface_version 1 1
0302 callback_num_pres_ind 1 1
0303 callback_num_atag 0 65
0304 number_of_messages 1 1
0381 callback_num 4 19
0420 dpf_result 1 1
0421 set_dpf 1 1
0422 ms_availability_status 1 1
0423 network_error_code 3 3
0424 message_payload 0 65535
0425 delivery_failure_reason 1 1
0426 more_messages_to_send 1 1
0427 message_state 1 1
0501 ussd_service_op 1 1
1201 display_time 1 1
1203 sms_signal 2 2
1204 ms_validity 1 4
130C alert_on_message_delivery 0 1
1380 its_reply_type 1 1
1383 its_session_info 2 2
"""


@pytest.mark.parametrize("line", TABLE.strip().splitlines(), ids=lambda line: line.split()[1])
def test_table(line):
    tag, name, shortest, longest = line.split()
    spec = TLV_SPECS[int(tag, 16)]
    assert (spec.tag.name, min(spec.lengths), max(spec.lengths)) == (name, int(shortest), int(longest))
    assert tlv_fault(spec.tag, bytes(int(longest) + 1)) is CommandStatus.ESME_RINVPARLEN
    if int(shortest):
        assert tlv_fault(spec.tag, bytes(int(shortest) - 1)) is CommandStatus.ESME_RINVPARLEN


def test_every_tag_has_a_row():
    assert set(TLV_SPECS) == {int(tag) for tag in TlvTag}


def test_5_0_names():
    assert tlv_name(0x060D) == "source_network_id"
    assert tlv_name(0x0428) == "congestion_state"


def test_vendors_may_do_as_they_like():
    assert tlv_name(0x1403) is None
    assert tlv_fault(0x1403, bytes(1_000)) is None


@pytest.mark.parametrize(
    ("tag", "value", "fault"),
    [
        (TlvTag.receipted_message_id, b"42\0", None),
        (TlvTag.receipted_message_id, b"42", CommandStatus.ESME_RINVOPTPARAMVAL),
        (TlvTag.receipted_message_id, b"4\0002\0", CommandStatus.ESME_RINVOPTPARAMVAL),
        (TlvTag.dest_addr_subunit, b"\4", None),
        (TlvTag.dest_addr_subunit, b"\5", CommandStatus.ESME_RINVOPTPARAMVAL),
        (TlvTag.sar_total_segments, b"\0", CommandStatus.ESME_RINVOPTPARAMVAL),
        (TlvTag.ms_validity, b"\0\0", CommandStatus.ESME_RINVPARLEN),
        (TlvTag.alert_on_message_delivery, b"", None),
    ],
)
def test_values(tag, value, fault):
    assert tlv_fault(tag, value) is fault


def test_c_octet_value_ends_at_the_first_nul_or_the_end():
    assert c_octet_value(b"42\0") == "42"
    assert c_octet_value(b"42") == "42"
    assert c_octet_value(b"") == ""

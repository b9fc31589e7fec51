"""The field table and the Structs say the same."""

import pytest

from operator_push.smpp.constants import RESPONSE_BIT, CommandId
from operator_push.smpp.field_specs import FIELD_SPECS, FieldKind
from operator_push.smpp.pdu import PDU_TYPES, Pdu, ResponsePdu

ZERO = {
    FieldKind.INTEGER_1: 0,
    FieldKind.C_OCTET_STRING: "",
    FieldKind.SHORT_MESSAGE: b"",
    FieldKind.DEST_ADDRESSES: (),
    FieldKind.UNSUCCESS_SMES: (),
}


@pytest.mark.parametrize("command_id", list(CommandId))
def test_struct_fields_are_the_tables_in_order(command_id):
    pdu_type = PDU_TYPES[command_id]
    head = ResponsePdu if issubclass(pdu_type, ResponsePdu) else Pdu
    names = pdu_type.__struct_fields__[len(head.__struct_fields__) :]
    assert names == tuple(spec.name for spec in FIELD_SPECS[command_id])
    for spec in FIELD_SPECS[command_id]:
        if spec.name != "interface_version":
            assert getattr(pdu_type(), spec.name) == ZERO[spec.kind]


def test_every_command_is_in_both_tables_and_responses_are_response_pdus():
    assert set(PDU_TYPES) == set(FIELD_SPECS) == {int(command) for command in CommandId}
    for command_id, pdu_type in PDU_TYPES.items():
        assert issubclass(pdu_type, ResponsePdu) == (command_id >= RESPONSE_BIT)


# Size octets of SMPP v3.4 sections 4.1 to 4.12, the NUL counted.
@pytest.mark.parametrize(
    ("command", "sizes"),
    [
        ("bind_transceiver", {"system_id": 16, "password": 9, "system_type": 13, "address_range": 41}),
        ("submit_sm", {"service_type": 6, "source_addr": 21, "destination_addr": 21, "short_message": 254}),
        ("submit_sm_resp", {"message_id": 65}),
        ("data_sm", {"source_addr": 65, "destination_addr": 65}),
        ("alert_notification", {"source_addr": 65, "esme_addr": 65}),
        ("query_sm_resp", {"message_id": 65, "final_date": 17}),
    ],
)
def test_sizes(command, sizes):
    table = {spec.name: spec.octets_max for spec in FIELD_SPECS[CommandId[command]]}
    assert {name: table[name] for name in sizes} == sizes

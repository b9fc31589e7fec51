"""PDU Structs as values."""

from operator_push.smpp.pdu import PDU_TYPES, GenericNack, SubmitSm, UnknownPdu


def test_equal_by_value_and_mutable_for_the_session():
    pdu = SubmitSm(source_addr="1")
    assert pdu == SubmitSm(source_addr="1")
    pdu.sequence_number = 5
    assert pdu != SubmitSm(source_addr="1")


def test_responses_know_themselves():
    assert GenericNack().is_response
    assert not SubmitSm().is_response
    assert UnknownPdu(command_id=0x80000110).is_response
    assert not UnknownPdu(command_id=0x110).is_response


def test_only_real_commands_are_in_the_table():
    assert 0 not in PDU_TYPES
    assert UnknownPdu not in PDU_TYPES.values()
    assert all(pdu_type.command_id == command_id for command_id, pdu_type in PDU_TYPES.items())

"""Answers that the protocol itself gives."""

from operator_push.smpp.codec import decode_pdu
from operator_push.smpp.constants import CommandId, CommandStatus
from operator_push.smpp.pdu import GenericNack, SubmitSmResp
from operator_push.smpp.refusals import framing_nack, refused, unknown_command


def test_a_refused_request_gets_its_own_response_without_a_body():
    answer, violation = refused(CommandId.submit_sm, 5, CommandStatus.ESME_RINVMSGLEN, "why")
    assert decode_pdu(answer) == SubmitSmResp(5, 1, raw_body=b"")
    assert (violation.answered, violation.detail) == (1, "why")


def test_what_has_no_response_is_only_reported():
    for command_id in (CommandId.alert_notification, CommandId.outbind, CommandId.submit_sm_resp):
        answer, violation = refused(command_id, 5, CommandStatus.ESME_RINVBNDSTS, "why")
        assert (answer, violation.answered) == (b"", None)
        assert violation.detail == "ESME_RINVBNDSTS: why"


def test_generic_nacks():
    answer, violation = unknown_command(0x110, 7)
    assert decode_pdu(answer) == GenericNack(7, CommandStatus.ESME_RINVCMDID)
    assert violation.answered == CommandStatus.ESME_RINVCMDID
    assert decode_pdu(framing_nack(9)) == GenericNack(9, CommandStatus.ESME_RINVCMDLEN)

"""Numbers of the specification: names both ways, aliases, bits."""

import pytest

from operator_push.smpp.constants import (
    RESPONSE_BIT,
    CommandId,
    CommandStatus,
    EsmClass,
    command_name,
    status_name,
)


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0x00, "ESME_ROK"),
        (0x14, "ESME_RMSGQFUL"),
        (0x45, "ESME_RSUBMITFAIL"),
        (0x58, "ESME_RTHROTTLED"),
        (0xC0, "ESME_RINVOPTPARSTREAM"),
        (0x101, "ESME_RPROHIBITED"),
        (0x42E, "0x0000042e"),
        (0xFFFFFFFF, "0xffffffff"),
    ],
)
def test_status_names(number, name):
    assert status_name(number) == name


def test_5_0_renamed_five_statuses():
    assert CommandStatus.ESME_RINVTLVSTREAM is CommandStatus.ESME_RINVOPTPARSTREAM
    assert CommandStatus.ESME_RINVTLVVAL is CommandStatus.ESME_RINVOPTPARAMVAL


def test_commands():
    assert command_name(0x103) == "data_sm"
    assert command_name(0x110) is None
    assert len(CommandId) == 33
    for command in CommandId:
        if command < RESPONSE_BIT and command.name not in ("outbind", "alert_notification"):
            assert command_name(command | RESPONSE_BIT) == f"{command.name}_resp"


def test_esm_class_bits_do_not_overlap():
    assert EsmClass.UDHI | EsmClass.REPLY_PATH == 0xC0
    assert EsmClass.UDHI & (EsmClass.CONVERSATION_ABORT | EsmClass.INTERMEDIATE_NOTIFICATION) == 0

"""Where a bind stands."""

from operator_push.smpp.bind_state import BindState
from operator_push.smpp.operation_matrix import SENDABLE, SessionRole, SessionState
from operator_push.smpp.pdu import BindReceiver, BindReceiverResp


def test_smsc_side():
    bind = BindState(SessionRole.SMSC)
    assert bind.peer_may_send == SENDABLE[SessionRole.ESME, SessionState.OPEN]
    bind.bind_arrived()
    assert bind.has_bind
    assert bind.state is SessionState.OPEN
    bind.bind_refused()
    assert not bind.has_bind
    answer = bind.bind_accepted(BindReceiver(4, system_id="e", interface_version=0x50), "S", 0x34)
    assert answer == BindReceiverResp(4, 0, ((0x0210, b"\x50"),), None, "S")
    assert (bind.state, bind.binding, bind.peer_version) == (SessionState.BOUND_RX, "receiver", 0x50)
    assert (bind.peer_system_id, bind.has_bind, bind.is_closed) == ("e", True, False)


def test_esme_side_believes_the_tlv_before_the_setting():
    told, silent = BindState(SessionRole.ESME), BindState(SessionRole.ESME)
    told.bind_answered(BindReceiverResp(tlvs=((0x0210, b"\x34"),), system_id="S"), 1, 0x33)
    silent.bind_answered(BindReceiverResp(tlvs=((0x0210, b""),)), 1, 0x33)
    assert (told.peer_version, silent.peer_version) == (0x34, 0x33)
    assert told.peer_may_send == SENDABLE[SessionRole.SMSC, SessionState.BOUND_RX]

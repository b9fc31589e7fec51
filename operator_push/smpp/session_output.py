"""Session output: what a bind's owner sends, as octets that wait for the transport, with the open requests.

Not here: what the peer sends and what the time brings (session.py), numbers of requests (window.py).
"""

from struct import Struct

from operator_push.smpp.bind_state import BindState
from operator_push.smpp.codec import decode_pdu, encode_pdu
from operator_push.smpp.codec_choice import StoredRequest
from operator_push.smpp.codec_errors import PduEncodeError
from operator_push.smpp.constants import HEADER_OCTETS, PDU_OCTETS_MAX, RESPONSE_BIT, VERSION_3_4
from operator_push.smpp.operation_matrix import SessionRole
from operator_push.smpp.pdu import PDU_TYPES, Pdu
from operator_push.smpp.versions import without_tlvs
from operator_push.smpp.window import Window

_pack_header = Struct(">IIII").pack


class SessionOutput(BindState):
    """The sending half of a session: see session.py."""

    def __init__(self, role: SessionRole, window: Window) -> None:
        super().__init__(role)
        self._window = window
        self._output: list[bytes] = []

    @property
    def open_requests(self) -> int:
        """How many requests of ours wait for their response."""
        return len(self._window)

    def window_free(self) -> int:
        """How many more requests fit into settings.window."""
        return self._window.free

    def resize_window(self, size: int) -> None:
        """Let so many of our requests be unanswered from now on; those above a smaller one end as they do."""
        self._window.size = size

    def take_output(self) -> bytes:
        """Everything that is to be written, joined; it is given once."""
        output = self._output
        if not output:
            return b""
        self._output = []
        return output[0] if len(output) == 1 else b"".join(output)

    def send_request(self, pdu: Pdu, now: float, context: object = None) -> int:
        """Queue a request; returns its sequence_number, which is also written into `pdu`.

        `context` comes back with the response. On a 3.3 peer the TLVs are left out (and of message_payload
        becomes short_message). alert_notification and outbind get no response and stay out of the window.

        Raises:
            PduEncodeError: the PDU has no octets, or no octets without TLVs; nothing is queued.
            RuntimeError: the request is not legal for us in this state.
        """
        command_id = pdu.command_id
        if command_id not in self.we_may_send:
            where = f"as {self.role.value} in state {self.state.value}"
            raise RuntimeError(f"{type(pdu).__name__} may not be sent {where}")
        pdu.sequence_number = number = self._window.next_number()
        plain = pdu if self.peer_version >= VERSION_3_4 or not pdu.tlvs else without_tlvs(pdu)
        self._output.append(encode_pdu(plain))
        if command_id | RESPONSE_BIT in PDU_TYPES:
            self._window.open(number, command_id, now, context)
        return number

    def send_request_body(self, command_id: int, body: bytes, now: float, context: object = None) -> int:
        """As `send_request`, of a request whose octets after the header are known: no encoding.

        Raises:
            PduEncodeError: longer than a PDU may be; nothing is queued.
            RuntimeError: the request is not legal for us in this state.
        """
        length = HEADER_OCTETS + len(body)
        if length > PDU_OCTETS_MAX:
            raise PduEncodeError(f"{length} octets are over {PDU_OCTETS_MAX}")
        if self.peer_version < VERSION_3_4 or command_id not in self.we_may_send:
            # A 3.3 peer must not get TLVs, so there the fields have to be looked at.
            return self.send_request(decode_pdu(_pack_header(length, command_id, 0, 1) + body), now, context)
        if command_id | RESPONSE_BIT in PDU_TYPES:
            number = self._window.issue(command_id, now, context)
        else:
            number = self._window.next_number()
        self._output.append(_pack_header(length, command_id, 0, number) + body)
        return number

    def send_stored(self, command_id: int, stored: list[StoredRequest], now: float) -> int:
        """As `send_request_body` for many, in their order, by the octets of each with any header.

        How many were queued: the first that is left out needs a closer look, by `send_request_body`.
        """
        if self.peer_version < VERSION_3_4 or command_id not in self.we_may_send:
            return 0
        return self._window.issue_stored(command_id, stored, now, self._output)

    def send_octets(self, octets: bytes) -> None:
        """Queue responses that are octets already, without TLVs; dropped where the bind has ended."""
        if not self.is_closed:
            self._output.append(octets)

    def send_response(self, pdu: Pdu) -> None:
        """Queue the answer to a `RequestReceived` (its sequence_number is the request's).

        A response after the bind has ended goes nowhere and is dropped.
        """
        if self.is_closed:
            return
        if pdu.tlvs and self.peer_version < VERSION_3_4:
            pdu = without_tlvs(pdu)
        self._output.append(encode_pdu(pdu))

"""Codec errors: what a PDU that cannot be read tells about itself and how it is to be answered."""

from operator_push.kernel.errors import PeerError
from operator_push.smpp.constants import RESPONSE_BIT, CommandId, CommandStatus

_WITHOUT_RESPONSE = frozenset((CommandId.alert_notification, CommandId.outbind))


class PduDecodeError(PeerError):
    """Octets that are no PDU; carries the answer.

    `answer` is the command_status for the peer, or None where nothing may be answered: to a response, and
    to alert_notification and outbind, which have none. `command_id` and `sequence_number` are those of the
    header, 0 where it is unreadable. `field` and `offset` (from the PDU's first octet) tell where it broke.
    """

    def __init__(
        self,
        detail: str,
        *,
        answer: CommandStatus | None,
        command_id: int = 0,
        sequence_number: int = 0,
        command_status: int = 0,
        field: str = "",
        offset: int = 0,
    ) -> None:
        super().__init__(f"{field}: {detail}" if field else detail)
        self.answer = None if command_id >= RESPONSE_BIT or command_id in _WITHOUT_RESPONSE else answer
        self.command_id = command_id
        self.sequence_number = sequence_number
        self.command_status = command_status
        self.field = field
        self.offset = offset


class PduEncodeError(ValueError):
    """A Struct that has no octets: a value outside its field. A fault of ours, not of the peer."""

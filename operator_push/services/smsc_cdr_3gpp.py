"""The SMSC's records of TS 32.298 as rows of the join: SC-SMT is a message's end, SC-SMO its submission.

Law: a submission without an end in the files is not absent. It becomes a row in state UNKNOWN, so that its
message never counts as one that did not arrive.
"""

from collections.abc import Callable, Iterator

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.reading import read_smsc_messages
from operator_push.cdr.smsc_message import SmscMessage
from operator_push.domain.delivery import STATE_BY_CDR
from operator_push.domain.message import MessageState
from operator_push.kernel.numbering import is_msisdn, normalise_msisdn
from operator_push.services.smsc_cdr import SmscRecord


class SmscRecordReader:
    """Reads the files of one run in turn; `canonical_id` turns the SMSC's form of an id into ours."""

    def __init__(self, canonical_id: Callable[[str], str] = str) -> None:
        self._canonical_id = canonical_id
        self._submitted: dict[tuple[str, str], SmscMessage] = {}
        self._ended_first: set[int] = set()  # hashes: an SMSC that writes no SC-SMO has millions of them

    def read(self, data: bytes, file_name: str) -> Iterator[SmscRecord]:
        """The ends in one file: of TS 32.297, or bare records.

        Raises:
            CdrError: a record cannot be read; the error names file, field and octet.
        """
        try:
            for message in read_smsc_messages(data):
                key = (message.smsc_message_id, message.destination)
                if message.is_delivery:
                    if self._submitted.pop(key, None) is None:
                        self._ended_first.add(hash(key))
                    yield self._record(message)
                elif hash(key) in self._ended_first:
                    self._ended_first.remove(hash(key))
                else:
                    self._submitted[key] = message
        except CdrError as error:
            raise error.in_file(file_name) from error

    def without_end(self) -> Iterator[SmscRecord]:
        """What was submitted and has no end in any file; to be asked when all files are read."""
        for message in self._submitted.values():
            yield self._record(message)

    def _record(self, message: SmscMessage) -> SmscRecord:
        destination = message.destination
        return SmscRecord(
            smsc_message_id=self._canonical_id(message.smsc_message_id),
            system_id=message.system_id,
            source=message.source,
            destination=destination
            if is_msisdn(destination)
            else normalise_msisdn(destination) or destination,
            user_message_reference=message.user_message_reference,
            submit_us=message.submit_us,
            final_us=message.final_us or message.submit_us,
            state=STATE_BY_CDR[message.state] if message.is_delivery else MessageState.UNKNOWN,
            error_code=str(message.error_code),
            part=message.concat[2] if message.concat is not None else 0,
            segments=message.concat[1] if message.concat is not None else 0,
        )

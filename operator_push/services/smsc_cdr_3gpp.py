"""The SMSC's records of TS 32.298 as rows of the join: SC-SMT is a message's end, SC-SMO its submission.

Law: a submission without an end in the files is not absent. It becomes a row in state UNKNOWN, so that its
message never counts as one that did not arrive. Of a submission whose end is there only the name is read.
"""

from collections.abc import Callable, Iterator

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.reading import smsc_record_places
from operator_push.cdr.smsc_message import SC_SMO_TAG, SC_SMT_TAG, SmscMessage
from operator_push.cdr.smsc_reading import read_smsc_message, submission_name
from operator_push.domain.delivery import STATE_BY_CDR
from operator_push.domain.message import MessageState
from operator_push.kernel.numbering import msisdn_or_address
from operator_push.services.smsc_cdr import SmscRecord


class SmscRecordReader:
    """Reads the files of one run in turn; `canonical_id` turns the SMSC's form of an id into ours."""

    def __init__(self, canonical_id: Callable[[str], str] = str) -> None:
        self._canonical_id = canonical_id
        self._submitted: dict[tuple[str, str], tuple[bytes, str, int]] = {}  # octets, file, where in it
        self._ended_first: set[int] = set()  # hashes: an SMSC that writes no SC-SMO has millions of them

    def read(self, data: bytes, file_name: str) -> Iterator[SmscRecord]:
        """The ends in one file: of TS 32.297, or bare records.

        Raises:
            CdrError: a record cannot be read; the error names file, field and octet.
        """
        submitted, ended_first = self._submitted, self._ended_first
        try:
            for tag, start, end in smsc_record_places(data):
                if tag == SC_SMT_TAG:
                    message = read_smsc_message(data, tag, start, end)
                    key = (message.smsc_message_id, message.destination)
                    if submitted.pop(key, None) is None:
                        ended_first.add(hash(key))
                    yield self._record(message)
                    continue
                key = submission_name(data, start, end)
                if ended_first and hash(key) in ended_first:
                    ended_first.remove(hash(key))
                else:
                    submitted[key] = (data[start:end], file_name, start)
        except CdrError as error:
            raise error.in_file(file_name) from error

    def without_end(self) -> Iterator[SmscRecord]:
        """What was submitted and has no end in any file; to be asked when all files are read.

        Raises:
            CdrError: a record cannot be read; the error names file and field, and the octet from its begin.
        """
        for octets, file_name, start in self._submitted.values():
            try:
                yield self._record(read_smsc_message(octets, SC_SMO_TAG, 0, len(octets)))
            except CdrError as error:
                raise error.in_file(f"{file_name}, record at octet {start}") from error

    def _record(self, message: SmscMessage) -> SmscRecord:
        return SmscRecord(
            smsc_message_id=self._canonical_id(message.smsc_message_id),
            system_id=message.system_id,
            source=message.source,
            destination=msisdn_or_address(message.destination),
            user_message_reference=message.user_message_reference,
            submit_us=message.submit_us,
            final_us=message.final_us or message.submit_us,
            state=STATE_BY_CDR[message.state] if message.is_delivery else MessageState.UNKNOWN,
            error_code=str(message.error_code),
            part=message.concat[2] if message.concat is not None else 0,
            segments=message.concat[1] if message.concat is not None else 0,
        )

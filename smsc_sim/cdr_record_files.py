"""The SMSC's CDRs as 3GPP writes them: TS 32.297 files of SC-SMO and SC-SMT records (TS 32.298, BER).

Two records a message, written when it has reached its final state: SC-SMO of its submission, SC-SMT of its
end. A period is a file `cdr/smsc_cdr_<start>_<n>.cdr`; while it is open its name ends in `.open`, and closing
writes the header's lengths and counts before it renames. Times are UTC to the second: TimeStamp has no more.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from operator_push.cdr.file_32297 import (
    CLOSED_NORMALLY,
    FileHeader,
    Release,
    header_time,
    write_cdr,
    write_file_header,
)
from operator_push.cdr.smsc_message import SmscMessage
from operator_push.cdr.smsc_writing import sc_smo, sc_smt
from smsc_sim.moments import file_stamp

RELEASE = Release(16, 0)
RECORDS_MAX = 1_000  # Ours: about a quarter of a megabyte before it is handed over.


class CdrRecordFiles:
    """The current period and the closing of it. `node_address`: digits of the service centre's address."""

    def __init__(self, folder: Path, node_address: str, start_us: int) -> None:
        self._folder = folder
        self._node_address = node_address
        self._number = 0
        self._local_sequence = 0
        self._waiting: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._open(start_us)

    def write(self, message: SmscMessage) -> None:
        """The two records of a message that has ended."""
        self._local_sequence += 2
        for record in (
            sc_smo(message, self._node_address, self._local_sequence - 1),
            sc_smt(message, self._node_address, self._local_sequence),
        ):
            framed = write_cdr(record, RELEASE)
            self._waiting.append(framed)
            self._octets += len(framed)
            self._records += 1
        self._last_us = message.final_us
        if len(self._waiting) >= RECORDS_MAX:
            self.flush()

    def flush(self) -> None:
        """Hand the records written so far to the operating system."""
        if self._waiting and self._file is not None:
            self._file.write(b"".join(self._waiting))
            self._file.flush()
            self._waiting.clear()

    def close_period(self, now_us: int) -> Path | None:
        """Close the current period, start the next; the path of the closed one."""
        closed = self.close()
        self._open(now_us)
        return closed

    def close(self) -> Path | None:
        """Close the last period and return its path; None where it was closed already."""
        if self._file is None:
            return None
        self.flush()
        self._file.seek(0)
        self._file.write(self._header())
        self._file.close()
        self._file = None
        return self._open_path.rename(self._path)

    def _open(self, start_us: int) -> None:
        self._number += 1
        self._octets = self._records = 0
        self._opened_us = self._last_us = start_us
        self._folder.mkdir(parents=True, exist_ok=True)
        self._path = self._folder / f"smsc_cdr_{file_stamp(start_us)}_{self._number}.cdr"
        self._open_path = self._path.with_suffix(".cdr.open")
        self._file = self._open_path.open("wb")
        self._file.write(self._header())

    def _header(self) -> bytes:
        header = FileHeader(
            high=RELEASE,
            low=RELEASE,
            opened=_time(self._opened_us),
            appended=_time(self._last_us),
            cdr_count=self._records,
            sequence_number=self._number,
            closure_reason=CLOSED_NORMALLY,
        )
        return write_file_header(header, self._octets)


def _time(moment_us: int) -> int:
    moment = datetime.fromtimestamp(moment_us / 1_000_000, UTC)
    return header_time(moment.month, moment.day, moment.hour, moment.minute)

"""The SMSC's CDR files: one row per accepted submit_sm, written when its message reaches its final state.

A period is a file `cdr/smsc_cdr_<start>_<n>.csv`; while it is open its name ends in `.open`, closing renames
it, so whoever collects closed files never reads half a row. A message that has not reached its final state
when a period closes appears in the period in which it does. CSV as in RFC 4180 with a header; times ISO 8601
UTC with microseconds; `octets` counts the user data with their header; `user_message_reference` and the
concat columns are empty where there is none; a text that came whole in message_payload and is several
segments on the air has concat_total alone. Instead of the CSV, or beside it, a period can be a file of
TS 32.297: cdr_record_files.
"""

from pathlib import Path

from operator_push.cdr.smsc_message import NO_REFERENCE, SmscMessage
from operator_push.text.segmentation import AIR_OCTETS_MAX
from smsc_sim.cdr_record_files import CdrRecordFiles
from smsc_sim.concatenation import concat_part, segments_on_air
from smsc_sim.line_file import LineFile, LineTail
from smsc_sim.message import SimMessage, user_data
from smsc_sim.moments import IsoText, file_stamp

HEADER = (
    "smsc_message_id,system_id,source_addr,destination_addr,user_message_reference,submit_time,final_time,"
    "state,error_code,data_coding,octets,concat_reference,concat_total,concat_part\n"
)


class CdrFiles:
    """The current period and the closing of it. Without a folder rows are counted and dropped.

    `records`: TS 32.297 files that get every message too; `writes_csv` False: those alone.
    `is_read`: where there is no CSV, as in LineFile.
    """

    def __init__(
        self,
        folder: Path | None,
        echo_reference: bool,
        start_us: int,
        records: CdrRecordFiles | None = None,
        writes_csv: bool = True,
        is_read: bool = True,
    ) -> None:
        self._is_read = is_read
        self._folder = folder if writes_csv else None
        self._records = records
        self._echo_reference = echo_reference
        self._iso = IsoText()
        self._number = 0
        self._closed_path: Path | None = None
        self.tail: LineTail | None = None
        self._rows_before = 0  # In the periods before this one
        self.rows_in_period = 0
        self._file = self._open(start_us)

    def write(self, message: SimMessage, final_us: int, state_name: str, error_code: int) -> None:
        """One row; `state_name` is the specification's (DELIVERED, EXPIRED, …)."""
        if self._records is None and self._file.goes_nowhere:
            self.rows_in_period += 1
            return
        text, pdu = self._iso.text, message.pdu
        reference = message.user_message_reference
        reference_text = "" if reference is None or not self._echo_reference else str(reference)
        octets = pdu.short_message
        concat_text, concat = ",,", None
        if pdu.tlvs or pdu.esm_class:
            octets = user_data(pdu)
            concat = concat_part(pdu, octets)
            if concat is not None:
                concat_text = f"{concat[0]},{concat[1]},{concat[2]}"
            elif len(octets) > AIR_OCTETS_MAX and (total := segments_on_air(pdu, octets)) > 1:
                concat_text, concat = f",{total},", (0, total, 0)
        system_id, source, destination = message.account.system_id, pdu.source_addr, pdu.destination_addr
        if not (system_id.isalnum() and source.isalnum() and destination.isalnum()):
            system_id, source, destination = _field(system_id), _field(source), _field(destination)
        self._file.lines.append(
            f"{message.smsc_message_id},{system_id},{source},{destination},{reference_text},"
            f"{text(message.submit_us)},"
            f"{text(final_us)},{state_name},{error_code},{pdu.data_coding},{len(octets)},"
            f"{concat_text}\n"
        )
        self.rows_in_period += 1
        if self._records is not None:
            self._records.write(
                SmscMessage(
                    message.smsc_message_id,
                    message.account.system_id,
                    pdu.source_addr,
                    pdu.destination_addr,
                    int(reference_text) if reference_text else NO_REFERENCE,
                    message.submit_us,
                    final_us,
                    state_name,
                    error_code,
                    pdu.data_coding,
                    len(octets),
                    concat,
                )
            )

    @property
    def rows_written(self) -> int:
        """Rows of all periods so far."""
        return self._rows_before + self.rows_in_period

    def flush(self) -> None:
        """Hand the rows written so far to the operating system."""
        self._file.flush()
        if self._records is not None:
            self._records.flush()

    def flush_when_long(self) -> None:
        """Flush where many rows wait."""
        self._file.flush_when_long()

    def keep_tail(self, tail: LineTail) -> None:
        """Let the newest rows of all periods go there too, once they are flushed."""
        self.tail = self._file.tail = tail

    def unflushed_rows(self) -> tuple[str, ...]:
        """The rows that were not handed over yet; all of a short run's where there is no folder."""
        return tuple(self._file.lines)

    def close_period(self, now_us: int) -> Path | None:
        """Close the period, start the next; the path of the closed one, the CSV's where there are two."""
        closed = self._close()
        self._file = self._open(now_us)
        records = self._records.close_period(now_us) if self._records is not None else None
        return closed or records

    def close(self) -> Path | None:
        """Close the last period and return its path."""
        records = self._records.close() if self._records is not None else None
        return self._close() or records

    def _open(self, start_us: int) -> LineFile:
        self._number += 1
        self._rows_before += self.rows_in_period
        self.rows_in_period = 0
        if self._folder is None:
            file = LineFile(None, is_read=self._is_read)
            file.tail = self.tail
            return file
        self._folder.mkdir(parents=True, exist_ok=True)
        self._closed_path = self._folder / f"smsc_cdr_{file_stamp(start_us)}_{self._number}.csv"
        file = LineFile(self._closed_path.with_suffix(".csv.open"))
        file.tail = self.tail
        file.lines.append(HEADER)
        return file

    def _close(self) -> Path | None:
        self._file.close()
        if self._file.path is None or self._closed_path is None or not self._file.path.exists():
            return None
        return self._file.path.rename(self._closed_path)


def _field(text: str) -> str:
    """RFC 4180 section 2: a field with a comma, a quote or a line end stands in quotes, quotes doubled."""
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text

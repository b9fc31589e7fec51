"""Place: what the name and the folder of a file say about its rows, beside their text."""

import hashlib
import re
from datetime import date, datetime
from io import BufferedReader
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

from cdr_ingest.formats.contract_layout import DELTA, SNAPSHOT, WHOLE
from operator_push.kernel.instants import iso, to_epoch_us

_DATE = re.compile(r"(?<!\d)(20\d\d)-?([01]\d)-?([0-3]\d)(?!\d)")
FOLDERS = {"snapshot": SNAPSHOT, "delta": DELTA}
"""Folders below subscribers/ whose files are of a form of their own."""


def identity(file: BufferedReader, day: str = "") -> str:
    """What a file is known by: the SHA-256 of its content and, where it is of a day, of that.

    Two days' subscriber records that are the same are two files all the same: the second says that all of it
    still held. Files of records say their own moments; a file of TS 32.297 has its sequence number in its
    content.
    """
    digest = hashlib.file_digest(file, "sha256")
    digest.update(day.encode())
    return digest.hexdigest()


def form_of(name: str) -> str:
    """The form of subscriber records in a file of this name below the input folder."""
    folders = PurePosixPath(name).parts[:-1]
    return FOLDERS.get(folders[1], WHOLE) if folders[:1] == ("subscribers",) and len(folders) > 1 else WHOLE


def day_of(name: str) -> str:
    """The last date in a file's name (YYYY-MM-DD or YYYYMMDD), as YYYY-MM-DD; empty where there is none."""
    for year, month, day in reversed(_DATE.findall(PurePosixPath(name).name)):
        try:
            return date(int(year), int(month), int(day)).isoformat()
        except ValueError:
            continue
    return ""


def moment_of(name: str, zone: str) -> str:
    """The first moment of that day in a zone, in UTC; empty where the name has no date."""
    if not (day := day_of(name)):
        return ""
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone))
    return iso(to_epoch_us(begin))

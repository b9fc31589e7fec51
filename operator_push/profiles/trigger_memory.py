"""What triggers remember of one person: the last value of each thing, and what was told of them last.

cdr-ingest writes it (`kernel.contracts` names the file and its tables); here it is only read, for the person.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from operator_push.kernel.contracts import TRIGGER_MEMORY, TRIGGER_MEMORY_BETWEEN, DataPurpose
from operator_push.kernel.errors import OperatorError

_WAIT_S = 5.0
# Which table holds what; `told` says of an event only that it was told.
_ASKED = (
    "SELECT what, value, at_us, purposes FROM known WHERE subscriber_no = ?1 UNION ALL"
    " SELECT 'told ' || trigger, key, at_us, purposes FROM told WHERE subscriber_no = ?1 ORDER BY 1, 2"
)


class Remembered(NamedTuple):
    """One thing: last areas, network, balance (micros), type of device, plan (its end as days since 1970)."""

    what: str
    value: str
    at_us: int


def read_remembered(folder: Path, subscriber_no: int, held: DataPurpose) -> list[Remembered]:
    """What is remembered of one person, as far as `held` permits it to be looked at.

    Raises:
        OperatorError: the file is there and cannot be read now.
    """
    path = folder / TRIGGER_MEMORY
    if not path.exists():
        return []
    try:
        with closing(
            sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_WAIT_S)
        ) as file:
            rows = file.execute(_ASKED, [subscriber_no]).fetchall()
    except sqlite3.Error as error:
        raise OperatorError(f"what triggers remember cannot be read ({error})", file=str(path)) from None
    return [
        Remembered(what, value.replace(TRIGGER_MEMORY_BETWEEN, ", "), at_us)
        for what, value, at_us, purposes in rows
        if purposes & held == purposes
    ]

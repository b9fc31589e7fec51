"""Owner changes: who lost a number to somebody else, as `operator-push subscriber change` takes them.

No number stands in it: the vault knows whose it is.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from operator_push.kernel.instants import iso

NAME = "owner-changes.csv"
COLUMNS = ("subscriber_no", "change", "at", "evidence")


def write_owner_changes(reports: Path, changes: Sequence[tuple[int, str, int]]) -> None:
    """Write (subscriber_no, change, at_us) to the reports of a run; the columns alone where there are none.

    So whoever passes the file on after each run need not ask whether it is there.
    """
    with (reports / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for subscriber_no, change, at_us in changes:
            writer.writerow((subscriber_no, change, iso(at_us), "cdr-ingest"))

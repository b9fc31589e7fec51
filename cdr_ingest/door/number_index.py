"""Number index: every distinct number of a run, in memory, with the subscriber that it belongs to.

Law: one HMAC per distinct number, whatever the number of its records. The index lives in the door's
in-memory database and dies with it.
"""

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from cdr_ingest.door.snapshot import PermissionSnapshot
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.kernel.pseudonym import LOOKUP_OCTETS, lookup_value

_NOBODY = bytes(LOOKUP_OCTETS)


Reads = Callable[[str], str | None]


def know_permission(connection: DuckDBPyConnection, snapshot: PermissionSnapshot) -> None:
    """The table `permission` of everybody in the snapshot, which every index looks into."""
    connection.register("snapshot_rows", snapshot.rows)
    connection.execute("CREATE TABLE permission AS SELECT * FROM snapshot_rows")
    connection.unregister("snapshot_rows")


class NumberIndex:
    """A table (number, number_valid, subscriber_no, purposes) called `name`; unknown people have 0, 0.

    `reads` gives the msisdn of a number as it is written in this kind of row.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        key: bytes,
        name: str = "number_index",
        reads: Reads = normalise_msisdn,
    ) -> None:
        self._connection = connection
        self._key = key
        self._reads = reads
        self.name = name
        self.distinct_count = 0
        connection.execute(
            f"CREATE TABLE {name}"
            " (number VARCHAR, number_valid BOOLEAN, subscriber_no UINTEGER, purposes UINTEGER)"
        )

    def learn(self, numbers: Any) -> None:
        """Look up every number of an Arrow text column that the index lacks."""
        self._connection.register("seen_numbers", pa.table({"number": pc.unique(numbers)}))
        new = self._connection.execute(
            f"SELECT number FROM seen_numbers ANTI JOIN {self.name} USING (number)"
        ).fetchall()
        self._connection.unregister("seen_numbers")
        if new:
            self._add(number for (number,) in new)
            self.distinct_count += len(new)

    def subscriber_no(self, number: str) -> int:
        """Whose a number is, whatever that person permits; 0 where it is nobody's or no number."""
        self.learn(pa.chunked_array([[number]]))
        asked = "SELECT subscriber_no FROM number_index WHERE number = ?"
        found = self._connection.execute(asked, [number]).fetchall()
        return int(found[0][0]) if found else 0

    def _add(self, numbers: Iterable[str]) -> None:
        texts: list[str] = []
        lookups: list[bytes] = []
        for text in numbers:
            msisdn = self._reads(text)
            texts.append(text)
            lookups.append(_NOBODY if msisdn is None else lookup_value(self._key, "msisdn", msisdn))
        self._connection.register(
            "looked_up",
            pa.table(
                {
                    "number": pa.array(texts, pa.string()),
                    "lookup": pa.array(lookups, pa.binary(LOOKUP_OCTETS)),
                }
            ),
        )
        self._connection.execute(
            f"INSERT INTO {self.name} SELECT number, lookup <> ?, coalesce(subscriber_no, 0),"
            " coalesce(purposes, 0) FROM looked_up LEFT JOIN permission USING (lookup)",
            [_NOBODY],
        )
        self._connection.unregister("looked_up")

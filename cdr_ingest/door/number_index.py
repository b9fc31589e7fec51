"""Number index: every distinct number of a run, in memory, with the subscriber that it belongs to.

Law: one HMAC per distinct number, whatever the number of its records. The index lives in the door's
in-memory database and dies with it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection

from cdr_ingest.door.snapshot import PermissionSnapshot
from operator_push.kernel.numbering import normalise_msisdn
from operator_push.kernel.pseudonym import LOOKUP_OCTETS, lookup_value

OWNER_COLUMNS = ("number_valid", "subscriber_no", "purposes")
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
        self._name = name
        self.distinct_count = 0
        connection.execute(
            f"CREATE TABLE {name}"
            " (number VARCHAR, number_valid BOOLEAN, subscriber_no UINTEGER, purposes UINTEGER)"
        )

    def owners(self, numbers: Any) -> dict[str, Any]:
        """OWNER_COLUMNS of every value of an Arrow text column, in its order; what is new is learnt.

        Each distinct number of the column is looked for once, so that a block costs what its own numbers do.
        """
        encoded = _one_array(numbers).dictionary_encode()
        found = self._found(encoded.dictionary)
        if (unknown := found.filter(pc.is_null(found.column("number_valid")))).num_rows:
            self._add(encoded.dictionary.take(unknown.column("place")).to_pylist())
            found = self._found(encoded.dictionary)
        codes, places = encoded.indices.to_numpy(), found.column("place").to_numpy()
        columns = {}
        for name in OWNER_COLUMNS:
            values = found.column(name).to_numpy()
            of_number = np.empty(len(values), values.dtype)
            of_number[places] = values  # the engine returns rows in any order
            columns[name] = pa.array(of_number[codes])
        return columns

    def subscriber_no(self, number: str) -> int:
        """Whose a number is, whatever that person permits; 0 where it is nobody's or no number."""
        return int(self.owners(pa.array([number]))["subscriber_no"][0].as_py())

    def _found(self, numbers: Any) -> Any:
        """(place, *OWNER_COLUMNS) of distinct numbers; nulls where the index lacks them."""
        seen = pa.table({"place": pa.array(range(len(numbers)), pa.int32()), "number": numbers})
        self._connection.register("seen_numbers", seen)
        try:
            return self._connection.sql(
                f"SELECT place, {', '.join(OWNER_COLUMNS)} FROM seen_numbers"
                f" LEFT JOIN {self._name} USING (number)"
            ).to_arrow_table()
        finally:
            self._connection.unregister("seen_numbers")

    def _add(self, numbers: Sequence[str]) -> None:
        lookups = []
        for text in numbers:
            msisdn = self._reads(text)
            lookups.append(_NOBODY if msisdn is None else lookup_value(self._key, "msisdn", msisdn))
        self._connection.register(
            "looked_up",
            pa.table(
                {
                    "number": pa.array(numbers, pa.string()),
                    "lookup": pa.array(lookups, pa.binary(LOOKUP_OCTETS)),
                }
            ),
        )
        self._connection.execute(
            f"INSERT INTO {self._name} SELECT number, lookup <> ?, coalesce(subscriber_no, 0),"
            " coalesce(purposes, 0) FROM looked_up LEFT JOIN permission USING (lookup)",
            [_NOBODY],
        )
        self._connection.unregister("looked_up")
        self.distinct_count += len(numbers)


def _one_array(column: Any) -> Any:
    if not isinstance(column, pa.ChunkedArray):
        return column
    return (
        column.chunk(0)
        if column.num_chunks == 1
        else pa.concat_arrays(column.chunks or [pa.array([], pa.string())])
    )

"""Feature store: questions to features.parquet, answered by DuckDB and cut to who permits it now.

A file that is replaced while the store is open counts from the next question on. A store belongs to one
thread. Counting an audience scans the file: never per message, never in the gateway's process.
"""

from array import array
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa
from pyroaring import BitMap

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES
from operator_push.profiles.feature_file import SUBSCRIBER_NO, FeatureFile, read_feature_file

FeatureValue = bool | int | float | str
DEFAULT_MEMORY_LIMIT = "1GB"
DEFAULT_THREADS = 2
_ROWS_PER_BATCH = 1_000_000
NO_SETS: Mapping[str, BitMap] = {}


class FeatureStore:
    """Audiences and single profiles of one feature file.

    `sql` is always the text that a checked audience rule compiles to: a condition over quoted catalogue
    names with `?` for its parameters. `permitted` holds the subscriber numbers that permit the use now, for
    every purpose that the rule reads.
    """

    def __init__(
        self, path: Path, *, memory_limit: str = DEFAULT_MEMORY_LIMIT, threads: int = DEFAULT_THREADS
    ) -> None:
        self._path = path.absolute()
        self._connection = duckdb.connect(
            ":memory:", config={"memory_limit": memory_limit, "threads": str(threads), "temp_directory": ""}
        )
        # A condition that slipped through every check still reads nothing but this file.
        self._connection.execute("SET allowed_paths = [?]", [str(self._path)])
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET enable_progress_bar = false")
        self._connection.execute("SET lock_configuration = true")
        self._version: tuple[int, int, int] | None = None
        self._file: FeatureFile | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the engine's memory back."""
        self._connection.close()

    @property
    def file(self) -> FeatureFile:
        """What the feature file says of itself now.

        Raises:
            OperatorError: there is none, or it is not one of ours.
        """
        try:
            stat = self._path.stat()
            version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except OSError:
            version = None
        if self._file is None or version is None or version != self._version:
            self._file = read_feature_file(self._path)
            self._version = version
        return self._file

    def matching(
        self,
        sql: str,
        params: Sequence[FeatureValue | None],
        permitted: BitMap,
        sets: Mapping[str, BitMap] = NO_SETS,
    ) -> BitMap:
        """The permitted subscribers for whom the condition is true (unknown is not true).

        `sets`: the people of each set that the condition asks for, by key.

        Raises:
            OperatorError: there is no feature file, or the condition is not one over its columns.
        """
        _ = self.file  # says what is wrong with it better than the engine would
        query = f'SELECT "{SUBSCRIBER_NO}"::UINTEGER FROM read_parquet(?) WHERE ({sql})'
        found = BitMap()
        if sets:
            self._connection.register("membership", _membership(sets))
        try:
            relation = self._connection.sql(query, params=[str(self._path), *params])
            for batch in relation.to_arrow_reader(_ROWS_PER_BATCH):
                found |= _bitmap(batch.column(0))
        except duckdb.Error as error:
            # Only the kind of error: the engine's message may quote a value.
            raise OperatorError(
                f"the condition cannot be asked ({type(error).__name__})", file=str(self._path)
            ) from None
        finally:
            if sets:
                self._connection.unregister("membership")
        return found & permitted

    def count(self, sql: str, params: Sequence[FeatureValue | None], permitted: BitMap) -> int:
        """How many subscribers `matching` finds."""
        return len(self.matching(sql, params, permitted))

    def sample(
        self, sql: str, params: Sequence[FeatureValue | None], permitted: BitMap, size: int, seed: int
    ) -> BitMap:
        """At most `size` of the subscribers that `matching` finds, the same ones for the same seed."""
        found = self.matching(sql, params, permitted)
        if len(found) <= size:
            return found
        return BitMap(found[place] for place in Random(seed).sample(range(len(found)), size))

    def profile_of(self, subscriber_no: int, purposes: DataPurpose) -> dict[str, FeatureValue | None] | None:
        """The features of one subscriber that `purposes` (permitted now) open; None where there is no row.

        Others are absent; a value is None where it is not known. Costs a scan: for look-ups by people.
        """
        _ = self.file
        names = [feature.name for feature in FEATURES if feature.purpose & purposes == feature.purpose]
        if purposes == DataPurpose.NONE:
            return None
        columns = ", ".join(f'"{name}"' for name in names)
        found = self._connection.execute(
            f'SELECT {columns or "1"} FROM read_parquet(?) WHERE "{SUBSCRIBER_NO}" = ?',
            [str(self._path), subscriber_no],
        ).fetchone()
        return None if found is None else dict(zip(names, found, strict=False))


def _membership(sets: Mapping[str, BitMap]) -> Any:
    """The table that a condition asks for sets: a row for every set and everybody in it."""
    keys = pa.array(list(sets), pa.string())
    places, numbers = array("i"), array("I")
    for place, people in enumerate(sets.values()):
        places.extend(array("i", [place]) * len(people))
        numbers.extend(people.to_array())
    return pa.table(
        {
            "set_key": pa.DictionaryArray.from_arrays(_arrow(places, pa.int32()), keys),
            "subscriber_no": _arrow(numbers, pa.uint32()),
        }
    )


def _arrow(numbers: "array[int]", kind: pa.DataType) -> Any:
    return pa.Array.from_buffers(kind, len(numbers), [None, pa.py_buffer(numbers)])


def _bitmap(column: Any) -> BitMap:
    """The bitmap of an Arrow column of uint32 without nulls, which may be a slice of its buffer."""
    octets = memoryview(column.buffers()[1]).cast("B")
    numbers = array("I")
    width = numbers.itemsize
    numbers.frombytes(octets[column.offset * width : (column.offset + len(column)) * width])
    return BitMap(numbers)

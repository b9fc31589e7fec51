"""Feature store: questions to the files of features, answered by DuckDB.

Attributes that need other purposes than those given are not in the relation that is asked: a condition that
names one fails. Files that are replaced while the store is open count from the next question on. A store
belongs to one thread. Counting an audience scans files: never per message, never in the gateway's process.
"""

from array import array
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa
from pyroaring import BitMap

from operator_push.domain.audience.bit_slices import BitSlices
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import DERIVED, FEATURES_BY_NAME, FeatureType
from operator_push.profiles.feature_file import SUBSCRIBER_NO, FeatureFile, check_columns, read_feature_file
from operator_push.profiles.slice_files import make_slices, read_slices, slice_path, write_slices

T = TypeVar("T")
DEFAULT_MEMORY_LIMIT = "1GB"
DEFAULT_THREADS = 2
_ROWS_PER_BATCH = 1_000_000
NO_SETS: Mapping[str, BitMap] = {}
NOBODY_DECLARED: Mapping[str, Mapping[int, FeatureValue]] = {}
_ARROW_TYPES = {FeatureType.BOOL: pa.bool_(), FeatureType.INT: pa.int64(), FeatureType.STRING: pa.string()}


class FeatureStore:
    """The features that one manifest names.

    `sql` is always the text that a checked audience rule compiles to: a condition over quoted catalogue
    names with `?` for its parameters. `held` are purposes that the people in question permit now.
    """

    def __init__(
        self, path: Path, *, memory_limit: str = DEFAULT_MEMORY_LIMIT, threads: int = DEFAULT_THREADS
    ) -> None:
        self._path = path.absolute()
        self._connection = duckdb.connect(
            ":memory:", config={"memory_limit": memory_limit, "threads": str(threads), "temp_directory": ""}
        )
        # A condition that slipped through every check still reads nothing but features.
        self._connection.execute("SET allowed_directories = [?]", [str(self._path.parent / "profiles")])
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET enable_progress_bar = false")
        # A file of features never changes: half of a question about one person is where its columns are.
        self._connection.execute("SET parquet_metadata_cache = true")
        self._connection.execute("SET lock_configuration = true")
        self._version: tuple[int, int, int] | None = None
        self._file: FeatureFile | None = None
        self._slices: dict[str, BitSlices | None] = {}
        self._slices_of: tuple[int, int, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The manifest's."""
        return self._path

    def close(self) -> None:
        """Give the engine's memory back."""
        self._connection.close()

    @property
    def file(self) -> FeatureFile:
        """What the manifest says now.

        Raises:
            OperatorError: there is none, or it is not one of ours.
        """
        try:
            stat = self._path.stat()
            version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except OSError:
            version = None
        if self._file is None or version is None or version != self._version:
            file = read_feature_file(self._path)
            check_columns(file, self._path)
            self._file, self._version = file, version
        return self._file

    def matching(
        self,
        sql: str,
        params: Sequence[FeatureValue | None],
        names: Collection[str],
        held: DataPurpose,
        permitted: BitMap,
        sets: Mapping[str, BitMap] = NO_SETS,
        declared: Mapping[str, Mapping[int, FeatureValue]] = NOBODY_DECLARED,
    ) -> BitMap:
        """The permitted subscribers for whom the condition is true (unknown is not true).

        `names`: the attributes that the condition reads; `sets`: the people of each set that it asks for, by
        key. `declared`: name → person → the person's own word, which beats what was learnt.

        Raises:
            OperatorError: there are no features, one of `names` was left out when they were computed, or the
                condition is not one over what `held` opens.
        """
        self._check_computed(set(names) - set(declared))
        if sets:
            self._connection.register("membership", _membership(sets))
        if declared:
            self._connection.register("declared", _declared(declared))
        try:
            return self._again(lambda: self._find(sql, params, names, held, declared)) & permitted
        except duckdb.Error as error:
            # Only the kind of error: the engine's message may quote a value.
            raise OperatorError(
                f"the condition cannot be asked ({type(error).__name__})", file=str(self._path)
            ) from None
        finally:
            if sets:
                self._connection.unregister("membership")
            if declared:
                self._connection.unregister("declared")

    def values(
        self,
        names: Sequence[str],
        held: DataPurpose,
        people: BitMap,
        declared: Mapping[str, Mapping[int, FeatureValue]] = NOBODY_DECLARED,
    ) -> dict[str, dict[int, FeatureValue]]:
        """Name → person → value, of these people and what `held` opens; what is not known is absent.

        Reads from the first of the people to the last: ask for neighbours together.

        Raises:
            OperatorError: there are no features.
        """
        found: dict[str, dict[int, FeatureValue]] = {name: {} for name in names}
        if not people:
            return found
        if declared:
            self._connection.register("declared", _declared(declared))

        def look_up() -> Any:
            query = f'SELECT * FROM ({self._relation(names, held, declared)}) WHERE "{SUBSCRIBER_NO}"'
            asked = self._connection.execute(f"{query} BETWEEN ? AND ?", [people.min(), people.max()])
            return [column[0] for column in asked.description or ()], asked.fetchall()

        try:
            (_, *known), rows = self._again(look_up)
        finally:
            if declared:
                self._connection.unregister("declared")
        for number, *values in rows:
            if number in people:
                for name, value in zip(known, values, strict=True):
                    if value is not None:
                        found[name][number] = value
        return found

    def matching_alone(
        self, sql: str, params: Sequence[FeatureValue | None], purposes: DataPurpose
    ) -> BitMap:
        """The subscribers for whom a condition over the attributes of just these purposes is true.

        Reads their files and no others, a fifth of what it takes to put everybody's attributes together.

        Raises:
            OperatorError: as `matching`.
        """

        def find() -> BitMap:
            files = self.file.by_purpose.get(int(purposes), ())
            if not files:
                return BitMap()
            query = f'SELECT "{SUBSCRIBER_NO}"::UINTEGER FROM {_parquet(files)} WHERE ({sql})'
            return self._people(query, params)

        try:
            return self._again(find)
        except duckdb.Error as error:
            raise OperatorError(
                f"the condition cannot be asked ({type(error).__name__})", file=str(self._path)
            ) from None

    def slices(self, name: str) -> BitSlices | None:
        """The bit slices of an attribute as of the present files; None where nobody has made them.

        Raises:
            OperatorError: there are no features.
        """
        feature = FEATURES_BY_NAME[name]
        files = self.file.by_purpose.get(int(feature.purpose), ())
        if self._slices_of != self._version:
            self._slices, self._slices_of = {}, self._version
        if name not in self._slices:
            self._slices[name] = read_slices(slice_path(files[0], name), feature) if files else None
        return self._slices[name]

    def make_slices(self, name: str) -> int | None:
        """Make the bit slices of an attribute of the present files; returns their octets on disk, None where
        it has too many different values for any.

        Raises:
            OperatorError: there are no features, or nothing may be written beside them.
        """
        feature = FEATURES_BY_NAME[name]

        def make() -> BitSlices | None:
            files = self.file.by_purpose.get(int(feature.purpose), ())
            if not files or name not in self.file.computed:
                return None
            return make_slices(self._connection, _parquet(files), feature, self._people)

        try:
            made = self._again(make)
        except duckdb.Error as error:
            raise OperatorError(
                f"{name} cannot be prepared ({type(error).__name__})", file=str(self._path)
            ) from None
        files = self.file.by_purpose.get(int(feature.purpose), ())
        self._slices.pop(name, None)
        return write_slices(slice_path(files[0], name), feature, made) if made is not None else None

    def profile_of(
        self, subscriber_no: int, held: DataPurpose, asked: Collection[str] | None = None
    ) -> dict[str, FeatureValue | None] | None:
        """The features of one subscriber that `held` opens; None where nothing is known of the person.

        `asked`: which of them, None for all. Others are absent; a value is None where it is not known. Reads
        the row groups in which the person may be: for look-ups one by one, not for loops over people.
        """
        names = [
            feature.name
            for feature in DERIVED
            if feature.purpose & held == feature.purpose and feature.name in self.file.computed
        ]
        if asked is not None:
            names = [name for name in names if name in asked]
        if not names:
            return None

        def look_up() -> dict[str, FeatureValue | None] | None:
            # File by file: the engine then reads the row groups alone in which the person may be.
            found: dict[str, FeatureValue | None] = dict.fromkeys(names)
            is_known = False
            for purposes, files in self.file.by_purpose.items():
                own = [name for name in names if int(FEATURES_BY_NAME[name].purpose) == purposes]
                if own:
                    columns = ", ".join(f'"{name}"' for name in own)
                    query = f'SELECT {columns} FROM {_parquet(files)} WHERE "{SUBSCRIBER_NO}" = ?'
                    # All of it: an answer that is not read to its end keeps the connection busy.
                    for values in self._connection.execute(query, [subscriber_no]).fetchall():
                        found |= zip(own, values, strict=True)
                        is_known = True
            return found if is_known else None

        return self._again(look_up)

    def _check_computed(self, names: Collection[str]) -> None:
        """Raises OperatorError: one of these attributes was left out when the features were computed."""
        known = {feature.name for feature in DERIVED}
        if left_out := sorted((known & set(names)) - self.file.computed):
            raise OperatorError(
                f"{left_out[0]} is not computed; name it in --features of the next `cdr-ingest run`,"
                " or compute all: --features all",
                file=str(self._path),
            )

    def _again(self, ask: Callable[[], T]) -> T:
        """Ask, and once more where the files were replaced between the manifest and the question."""
        _ = self.file  # says what is wrong with it better than the engine would
        try:
            return ask()
        except duckdb.IOException:
            self._file = None
            _ = self.file
            return ask()

    def _find(
        self,
        sql: str,
        params: Sequence[FeatureValue | None],
        names: Collection[str],
        held: DataPurpose,
        declared: Collection[str],
    ) -> BitMap:
        relation = self._relation(names, held, declared)
        return self._people(f'SELECT "{SUBSCRIBER_NO}" FROM ({relation}) WHERE ({sql})', params)

    def _people(self, query: str, params: Sequence[FeatureValue | None] = ()) -> BitMap:
        """The numbers that a query finds in its one column of uint32."""
        found = BitMap()
        for batch in self._connection.sql(query, params=list(params)).to_arrow_reader(_ROWS_PER_BATCH):
            found |= _bitmap(batch.column(0))
        return found

    def _relation(self, names: Collection[str], held: DataPurpose, declared: Collection[str] = ()) -> str:
        """A SELECT of subscriber_no and `names`, a row for everybody, over files that `held` opens."""
        by_purpose = self.file.by_purpose
        nobody = f'SELECT 0::UINTEGER AS "{SUBSCRIBER_NO}" WHERE false'
        people = f'SELECT "{SUBSCRIBER_NO}" FROM {_parquet(by_purpose[0])}' if 0 in by_purpose else nobody
        if declared:
            people += f' UNION SELECT "{SUBSCRIBER_NO}" FROM declared'
        learnt: dict[str, str] = {}
        joins = []
        for place, (purposes, files) in enumerate(by_purpose.items()):
            own = [
                name
                for name in names
                if int(FEATURES_BY_NAME[name].purpose) == purposes and name in self.file.computed
            ]
            if purposes and own and DataPurpose(purposes) & held == purposes:
                learnt |= {name: f'f{place}."{name}"' for name in own}
                joins.append(f' LEFT JOIN {_parquet(files)} f{place} USING ("{SUBSCRIBER_NO}")')
        if declared:
            joins.append(f' LEFT JOIN declared d USING ("{SUBSCRIBER_NO}")')
        columns = [f'p."{SUBSCRIBER_NO}"::UINTEGER AS "{SUBSCRIBER_NO}"']
        for name in names:
            values = [f'd."{name}"'] if name in declared else []
            values += [learnt[name]] if name in learnt else []
            if values:
                columns.append(f'coalesce({", ".join(values)}) AS "{name}"')
            elif 0 not in by_purpose:
                columns.append(f'NULL AS "{name}"')
        return f"SELECT {', '.join(columns)} FROM ({people}) p{''.join(joins)}"


def _declared(declared: Mapping[str, Mapping[int, FeatureValue]]) -> Any:
    """A row for everybody who declared something, null where it is something else."""
    people = sorted({number for values in declared.values() for number in values})
    columns = {
        name: pa.array([values.get(number) for number in people], _ARROW_TYPES[FEATURES_BY_NAME[name].type])
        for name, values in declared.items()
    }
    return pa.table({SUBSCRIBER_NO: pa.array(people, pa.int64())} | columns)


def _parquet(files: Sequence[Path]) -> str:
    return "read_parquet([" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "])"


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

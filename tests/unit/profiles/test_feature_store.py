"""Audiences and profiles from a feature file, cut to who permits it now."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_drop import Drop
from pyroaring import BitMap

from operator_push.domain.audience.rule import compile_rule
from operator_push.kernel.contracts import SNAPSHOT_KEY, DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES, FeatureType
from operator_push.profiles.feature_store import FeatureStore

TYPES = {
    FeatureType.BOOL: pa.bool_(),
    FeatureType.INT: pa.int64(),
    FeatureType.DOUBLE: pa.float64(),
    FeatureType.STRING: pa.string(),
    FeatureType.DATE: pa.int64(),
}
PEOPLE: list[dict[str, Any]] = [
    {"subscriber_no": 3, "age": 20, "home.city": "Kochi", "calls_30d": 5, "prepaid": True},
    {"subscriber_no": 4, "age": 40, "home.city": "Pune", "calls_30d": 0, "prepaid": False},
    {"subscriber_no": 9, "age": None, "home.city": "Kochi", "calls_30d": 9, "prepaid": None},
    {"subscriber_no": 4_000_000_000, "age": 60, "home.city": "Kochi", "calls_30d": 1, "prepaid": True},
]
ALL = BitMap([3, 4, 9, 4_000_000_000])


def write_features(path: Path, people: list[dict[str, Any]], **metadata: bytes) -> Path:
    fields = [pa.field("subscriber_no", pa.uint32()), *(pa.field(f.name, TYPES[f.type]) for f in FEATURES)]
    values = {
        "version": b"1",
        "taken_at": b"2026-11-01T00:00:00+00:00",
        "key_id": b"0123abcd",
        "permission_sequence": b"42",
    } | metadata
    named = {getattr(SNAPSHOT_KEY, name): value for name, value in values.items()}
    table = pa.Table.from_pylist(people, pa.schema(fields, metadata=named))
    pq.write_table(table, path.with_suffix(".part"))
    os.replace(path.with_suffix(".part"), path)
    return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeatureStore]:
    with FeatureStore(write_features(tmp_path / "features.parquet", PEOPLE), memory_limit="128MB") as store:
        yield store


def test_the_file_says_how_old_its_permissions_are(store: FeatureStore) -> None:
    file = store.file
    assert (file.permission_sequence, file.key_id, file.profiles) == (42, "0123abcd", 4)
    assert file.taken_at.isoformat() == "2026-11-01T00:00:00+00:00"


RULES = """
home.city == "Kochi"                     3 9 4000000000
home.city == "Kochi" && age >= 18        3 4000000000
!(age >= 30)                             3
age >= 30 || calls_30d > 8               4 9 4000000000
prepaid                                  3 4000000000
home.city in ["Pune", "Delhi"]           4
"""


@pytest.mark.parametrize("case", RULES.strip().splitlines())
def test_a_rule_finds_those_for_whom_it_is_true(store: FeatureStore, case: str) -> None:
    text, expected = case[:40].strip(), [int(number) for number in case[40:].split()]
    sql, params = compile_rule(text).sql()
    assert list(store.matching(sql, params, ALL)) == expected
    assert store.count(sql, params, ALL) == len(expected)


def test_only_who_permits_it_now_is_found(store: FeatureStore) -> None:
    sql, params = compile_rule('home.city == "Kochi"').sql()
    assert list(store.matching(sql, params, BitMap([4, 9, 77]))) == [9]
    assert store.count(sql, params, BitMap()) == 0
    assert list(store.sample(sql, params, BitMap([9]), 5, seed=1)) == [9]


def test_a_sample_is_as_large_as_asked_and_the_same_for_its_seed(tmp_path: Path) -> None:
    people = [{"subscriber_no": number, "age": number % 90} for number in range(1, 3_001)]
    with FeatureStore(write_features(tmp_path / "f", people)) as store:
        sql, params = compile_rule("age >= 10").sql()
        everybody = BitMap(range(5_000))
        sample = store.sample(sql, params, everybody, 50, seed=1)
        assert len(sample) == 50
        assert sample <= store.matching(sql, params, everybody)
        assert sample == store.sample(sql, params, everybody, 50, seed=1)
        assert sample != store.sample(sql, params, everybody, 50, seed=2)


def test_a_profile_shows_what_is_permitted_now_and_no_more(store: FeatureStore) -> None:
    record = store.profile_of(3, DataPurpose.SUBSCRIBER_RECORD)
    assert record is not None
    assert (record["age"], record["prepaid"], record["plan"]) == (20, True, None)
    assert "calls_30d" not in record
    assert "home.city" not in record
    calls = store.profile_of(3, DataPurpose.CALL_DATA)
    assert calls is not None
    assert calls["calls_30d"] == 5
    assert "home.city" not in calls
    places = store.profile_of(3, DataPurpose.CALL_DATA | DataPurpose.LOCATION)
    assert places is not None
    assert places["home.city"] == "Kochi"
    assert store.profile_of(3, DataPurpose.NONE) is None
    assert store.profile_of(5, DataPurpose.CALL_DATA) is None


def test_a_replaced_file_counts_from_the_next_question_on(store: FeatureStore, tmp_path: Path) -> None:
    sql, params = compile_rule("age >= 18").sql()
    assert store.count(sql, params, ALL) == 3
    write_features(tmp_path / "features.parquet", PEOPLE[:1], permission_sequence=b"43")
    assert store.count(sql, params, ALL) == 1
    assert store.file.permission_sequence == 43


@pytest.mark.parametrize(
    "condition",
    [
        "\"age\" > 1 OR (SELECT count(*) FROM read_csv('/etc/hostname')) > 0",
        '"no_such_column" = 1',
        "1 = ",
    ],
)
def test_a_condition_reads_nothing_but_the_features(store: FeatureStore, condition: str) -> None:
    with pytest.raises(OperatorError, match="the condition cannot be asked"):
        store.matching(condition, [], ALL)


def test_the_engine_can_neither_write_nor_be_unlocked(store: FeatureStore, tmp_path: Path) -> None:
    for statement in (
        f"COPY (SELECT 1) TO '{tmp_path / 'x.csv'}'",
        "SET enable_external_access = true",
        f"ATTACH '{tmp_path / 'x.db'}'",
    ):
        with pytest.raises(Exception, match=r"(?i)disabled|locked|cannot"):
            store._connection.execute(statement)
    assert not (tmp_path / "x.csv").exists()


def test_without_a_file_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with FeatureStore(tmp_path / "features.parquet") as store:
        with pytest.raises(OperatorError, match="there are no features yet; `cdr-ingest run` writes them"):
            store.count("true", [], ALL)
        write_features(tmp_path / "features.parquet", PEOPLE)
        assert store.count("true", [], ALL) == 4


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ({"version": b"9"}, "features of version 9, version 1 is expected"),
        ({"taken_at": b"?"}, "damaged"),
        ({"permission_sequence": b"?"}, "damaged"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, metadata: dict[str, bytes], sentence: str) -> None:
    path = write_features(tmp_path / "f", PEOPLE, **metadata)
    with FeatureStore(path) as store, pytest.raises(OperatorError, match=sentence):
        _ = store.file


def test_a_file_without_a_feature_is_refused(tmp_path: Path) -> None:
    path = write_features(tmp_path / "f", PEOPLE)
    pq.write_table(pq.read_table(path).drop_columns(["age"]), path)
    with FeatureStore(path) as store, pytest.raises(OperatorError, match="the features lack age"):
        _ = store.file


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with FeatureStore(tmp_path / "f") as store, pytest.raises(OperatorError, match="cannot be read"):
        _ = store.file


def test_an_empty_file_has_nobody(tmp_path: Path) -> None:
    with FeatureStore(write_features(tmp_path / "f", [])) as store:
        assert store.count("true", [], ALL) == 0


def test_what_the_ingester_writes_is_what_is_asked(tmp_path: Path) -> None:
    drop = Drop(tmp_path, {"919845000001": (70_000, DataPurpose.CALL_DATA)})
    drop.cdrs("r1,MO_CALL,919845000001,919845111111,2026-10-10T12:00:00+05:30,90,,,")
    drop.run()
    with FeatureStore(drop.out / "features.parquet") as store:
        assert store.file.permission_sequence == 42
        sql, params = compile_rule("call_minutes_30d >= 1.5 && calls_30d == 1").sql()
        assert list(store.matching(sql, params, BitMap([70_000]))) == [70_000]

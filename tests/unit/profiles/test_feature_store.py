"""Questions to the files of features: what was asked is answered, and nothing else can be reached."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest
from feature_files import write_features
from ingest_drop import Drop
from pyroaring import BitMap

from operator_push.domain.audience.rule import compile_rule
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.profiles.feature_store import FeatureStore

EVERYTHING = DataPurpose(15)
PEOPLE: dict[int, dict[str, Any]] = {
    3: {"age": 20, "home.city": "Kochi", "calls_30d": 5, "prepaid": True},
    4: {"age": 40, "home.city": "Pune", "calls_30d": 0, "prepaid": False},
    9: {"age": None, "home.city": "Kochi", "calls_30d": 9, "prepaid": None},
    4_000_000_000: {"age": 60, "home.city": "Kochi", "calls_30d": 1, "prepaid": True},
}
ALL = BitMap(PEOPLE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeatureStore]:
    with FeatureStore(write_features(tmp_path / "features.json", PEOPLE), memory_limit="128MB") as store:
        yield store


def find(store: FeatureStore, text: str, permitted: BitMap = ALL) -> list[int]:
    rule = compile_rule(text)
    sql, params = rule.sql()
    names = [feature.name for feature in rule.attributes]
    return list(store.matching(sql, params, names, EVERYTHING, permitted))


def test_the_manifest_says_how_old_its_permissions_are(store: FeatureStore) -> None:
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
age == null                              9
"""


@pytest.mark.parametrize("case", RULES.strip().splitlines())
def test_a_rule_finds_those_for_whom_it_is_true(store: FeatureStore, case: str) -> None:
    assert find(store, case[:40].strip()) == [int(number) for number in case[40:].split()]


def test_only_the_permitted_are_found(store: FeatureStore) -> None:
    assert find(store, 'home.city == "Kochi"', BitMap([4, 9, 77])) == [9]
    assert find(store, "age >= 18", BitMap()) == []


def test_what_is_not_held_is_not_in_the_relation(store: FeatureStore) -> None:
    sql, params = compile_rule("calls_30d > 3").sql()
    with pytest.raises(OperatorError, match=r"cannot be asked \(BinderException\)"):
        store.matching(sql, params, ["calls_30d"], EVERYTHING ^ DataPurpose.CALL_DATA, ALL)


def test_a_profile_shows_what_is_held_and_no_more(store: FeatureStore) -> None:
    record = store.profile_of(3, DataPurpose.SUBSCRIBER_RECORD)
    assert record is not None
    assert (record["age"], record["prepaid"], record["plan"]) == (20, True, None)
    assert not {"calls_30d", "home.city"} & set(record)
    calls = store.profile_of(3, DataPurpose.CALL_DATA)
    assert calls is not None
    assert calls["calls_30d"] == 5
    assert "home.city" not in calls
    places = store.profile_of(3, DataPurpose.CALL_DATA | DataPurpose.LOCATION)
    assert places is not None
    assert places["home.city"] == "Kochi"
    assert store.profile_of(3, DataPurpose.NONE) is None
    assert store.profile_of(5, DataPurpose.CALL_DATA) is None


def test_replaced_features_count_from_the_next_question_on(store: FeatureStore, tmp_path: Path) -> None:
    assert find(store, "age >= 18") == [3, 4, 4_000_000_000]
    write_features(tmp_path / "features.json", {3: PEOPLE[3]}, permission_sequence=43)
    assert find(store, "age >= 18") == [3]
    assert store.file.permission_sequence == 43


def test_files_that_vanish_under_a_question_are_looked_up_again(store: FeatureStore, tmp_path: Path) -> None:
    _ = store.file
    manifest = tmp_path / "features.json"
    write_features(manifest, {4: PEOPLE[4]})
    stat = manifest.stat()
    store._version = (stat.st_ino, stat.st_mtime_ns, stat.st_size)  # as if it had been read just before
    for folder in (tmp_path / "profiles").glob("*/*"):
        if folder.name != max(each.name for each in folder.parent.iterdir()):
            (folder / "part-0.parquet").unlink()
    assert find(store, "age >= 18") == [4]


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
        store.matching(condition, [], ["age"], EVERYTHING, ALL)


def test_the_engine_can_neither_write_nor_be_unlocked(store: FeatureStore, tmp_path: Path) -> None:
    for statement in (
        f"COPY (SELECT 1) TO '{tmp_path / 'x.csv'}'",
        "SET enable_external_access = true",
        f"ATTACH '{tmp_path / 'x.db'}'",
    ):
        with pytest.raises(Exception, match=r"(?i)disabled|locked|cannot"):
            store._connection.execute(statement)
    assert not (tmp_path / "x.csv").exists()


def test_without_features_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    with FeatureStore(tmp_path / "features.json") as store:
        with pytest.raises(OperatorError, match="there are no features yet; `cdr-ingest run` writes them"):
            find(store, "age >= 18")
        write_features(tmp_path / "features.json", PEOPLE)
        assert find(store, "age >= 18") == [3, 4, 4_000_000_000]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"version": 9}, "features of version 9, version 3 is expected"),
        ({"taken_at": "?"}, "damaged"),
        ({"permission_sequence": "?"}, "damaged"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, said: dict[str, Any], sentence: str) -> None:
    path = write_features(tmp_path / "f.json", PEOPLE, **said)
    with FeatureStore(path) as store, pytest.raises(OperatorError, match=sentence):
        _ = store.file


def test_files_without_a_feature_are_refused(tmp_path: Path) -> None:
    path = write_features(tmp_path / "f.json", PEOPLE)
    (file,) = (tmp_path / "profiles" / "subscriber_record").rglob("*.parquet")
    pq.write_table(pq.ParquetFile(file).read().drop_columns(["age"]), file)
    with FeatureStore(path) as store, pytest.raises(OperatorError, match="the features lack age"):
        _ = store.file


def test_what_is_no_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text("x")
    with FeatureStore(tmp_path / "f.json") as store, pytest.raises(OperatorError, match="cannot be read"):
        _ = store.file
    (tmp_path / "f.json").write_bytes(msgspec.json.encode([]))
    with FeatureStore(tmp_path / "f.json") as store, pytest.raises(OperatorError, match="version none"):
        _ = store.file


def test_empty_features_have_nobody(tmp_path: Path) -> None:
    for path in (
        write_features(tmp_path / "f.json", {}),
        write_features(tmp_path / "g.json", PEOPLE, files=[]),
    ):
        with FeatureStore(path) as store:
            assert find(store, "age >= 18") == []


def test_what_the_ingester_writes_is_what_is_asked(tmp_path: Path) -> None:
    drop = Drop(tmp_path, {"919845000001": (70_000, DataPurpose.CALL_DATA)})
    drop.cdrs("r1,MO_CALL,919845000001,919845111111,2026-10-10T12:00:00+05:30,90,,,")
    drop.run()
    with FeatureStore(drop.out / "features.json") as store:
        assert store.file.permission_sequence == 42
        found = find(store, "call_minutes_30d >= 1.5 && calls_30d == 1", BitMap([70_000]))
        assert found == [70_000]


def test_a_feature_that_was_left_out_is_named_not_taken_for_unknown(tmp_path: Path) -> None:
    path = write_features(tmp_path / "features.json", PEOPLE, features=["age", "home.city"])
    with FeatureStore(path, memory_limit="128MB") as store:
        assert find(store, "age >= 30") == [4, 4_000_000_000]
        with pytest.raises(OperatorError, match="calls_30d is not computed; name it in --features"):
            find(store, "calls_30d > 3")
        assert store.profile_of(3, EVERYTHING) == {"age": 20, "home.city": "Kochi"}

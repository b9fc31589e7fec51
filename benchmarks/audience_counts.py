"""How long a count takes over many profiles, beside a plain scan of DuckDB and beside bitmaps.

    python benchmarks/audience_counts.py [--people 10000000] [--times 20] [--folder DIR]

Profiles with every attribute of the catalogue are made up by DuckDB, in the files that cdr-ingest writes.
Each rule is counted as `operator-push audience count` counts it (asked of the files, cut to who permits),
again and again; the same condition is asked of one wide file in plain DuckDB with as many threads. Standing
sets (lists, earlier campaigns) are counted by bitmaps alone. Prints one JSON line: milliseconds, median and
95th percentile, of each, and `ratio`, the worst median of a rule over that of its plain scan.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
from pyroaring import BitMap

from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.to_bitmap import to_bitmap
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.domain.consent import Purpose
from operator_push.kernel.contracts import (
    FEATURES_VERSION,
    FeaturesManifest,
    PurposeFiles,
    purpose_name,
)
from operator_push.kernel.feature_catalogue import FEATURES, Feature, FeatureType
from operator_push.profiles.feature_store import DEFAULT_THREADS, FeatureStore
from operator_push.profiles.permitted_profiles import Permission, PermittedProfiles

RULES = (
    "age >= 18",
    'age >= 18 && home.city in ["Pune", "Mumbai"]',
    "age >= 18 && age < 45 && spend_30d >= 200.0",
    'prepaid && (spend_30d < 100.0 || data_mb_30d > 500.0) && !(device.os == "feature")',
)
SETS = 'in_list("vip") && !received("spring") || received("summer")'
WIDE = "wide.parquet"


def make(folder: Path, people: int) -> None:
    """The manifest and its files, and one wide file of the same people."""
    connection = duckdb.connect()
    columns = ", ".join(f'{_made_up(feature)} AS "{feature.name}"' for feature in FEATURES)
    wide = folder / WIDE
    connection.execute(
        f"COPY (SELECT i::BIGINT AS subscriber_no, {columns} FROM range(1, {people + 1}) t(i)) TO '{wide}'"
    )
    files = []
    for purposes in dict.fromkeys((0, *(int(feature.purpose) for feature in FEATURES))):
        names = [feature.name for feature in FEATURES if purposes and int(feature.purpose) == purposes]
        name = f"profiles/{purpose_name(purposes)}/000001/part-0.parquet"
        (folder / name).parent.mkdir(parents=True)
        chosen = ", ".join(["subscriber_no", *(f'"{each}"' for each in names)])
        connection.execute(f"COPY (SELECT {chosen} FROM '{wide}') TO '{folder / name}'")
        files.append(PurposeFiles(purposes, (name,), people))
    manifest = FeaturesManifest(
        FEATURES_VERSION, "2026-11-01T00:00:00+00:00", "0123abcd", 42, "2026-10-31", "UTC", tuple(files)
    )
    (folder / "features.json").write_bytes(msgspec.json.encode(manifest))


def measure(folder: Path, people: int, times: int) -> dict[str, Any]:
    """The figures of the module."""
    everybody = BitMap(range(1, people + 1))
    plain = duckdb.connect(config={"threads": str(DEFAULT_THREADS)})
    told: dict[str, Any] = {"people": people, "attributes": len(FEATURES), "rules": []}
    permission = Permission(Purpose.MARKETING, "Chai Point", 0, everybody, lambda purpose: everybody)
    with FeatureStore(folder / "features.json") as store:
        profiles = PermittedProfiles(store, permission)
        for text in RULES:
            rule = compile_rule(text)
            sql, parameters = rule.sql()

            def count(rule: Rule = rule) -> int:
                return len(profiles.matching(rule))

            def scan(sql: str = sql, parameters: Any = parameters) -> int:
                query = f"SELECT count(*) FROM '{folder / WIDE}' WHERE {sql}"
                found = plain.execute(query, parameters).fetchone()
                return int(found[0]) if found else 0

            assert count() == scan(), text
            own, theirs = _times_ms(count, times), _times_ms(scan, times)
            told["rules"].append(
                {"rule": text, **own, "scan_median_ms": theirs["median_ms"], "scan_p95_ms": theirs["p95_ms"]}
            )
    keys = ("list:vip", "received:spring", "received:summer")
    sets = {key: BitMap(range(1 + place, people, 3 + place)) for place, key in enumerate(keys)}
    by_sets = compile_rule(SETS, Vocabulary(sets=keys)).root
    told["sets"] = {"rule": SETS, **_times_ms(lambda: len(to_bitmap(by_sets, everybody, sets) or ()), times)}
    told["p95_ms"] = max(each["p95_ms"] for each in told["rules"])
    told["ratio"] = round(max(each["median_ms"] / each["scan_median_ms"] for each in told["rules"]), 2)
    return told


def _times_ms(work: Callable[[], int], times: int) -> dict[str, float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return {
        "median_ms": round(taken[times // 2], 1),
        "p95_ms": round(taken[min(times - 1, times * 95 // 100)], 1),
    }


def _made_up(feature: Feature) -> str:
    """An expression over i, a person's number, that is null for one in twelve."""
    match feature.type:
        case FeatureType.BOOL:
            value = "hash(i, 1) % 3 = 0"
        case FeatureType.INT:
            value = "(hash(i, 2) % 90)::BIGINT"
        case FeatureType.DOUBLE:
            value = "((hash(i, 3) % 100000) / 100.0)::DOUBLE"
        case FeatureType.STRING:
            value = "['Pune', 'Mumbai', 'Delhi', 'feature', 'android', 'ios'][1 + (hash(i, 4) % 6)::INT]"
        case FeatureType.SET:
            value = "''"
        case _:
            value = "(20000 + hash(i, 5) % 400)::BIGINT"
    return f"CASE WHEN hash(i, {FEATURES.index(feature)}) % 12 = 0 THEN NULL ELSE {value} END"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--people", type=int, default=10_000_000)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where the files are made, or are; left out: a new one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)).absolute()
        if not (folder / "features.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            make(folder, asked.people)
        print(json.dumps(measure(folder, asked.people, asked.times)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

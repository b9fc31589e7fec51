"""How long a count takes over many profiles, beside a plain scan of DuckDB.

    python benchmarks/audience_counts.py [--people 10000000] [--attributes 30] [--times 20] [--folder DIR]

Profiles with some of the catalogue's attributes are made up by DuckDB, in the files that cdr-ingest writes;
nine of ten people permit the brand, eight of ten each kind of data. Each rule is counted again and again as
`operator-push audience count` counts it: by bit slices (`audience prepare`), `first` being the count that
reads them from disk, and by scanning the same files, as without slices. The same condition is asked of one
wide file in plain DuckDB with as many threads. `question` is the whole of a client's question without the
start of Python: permission asked of the server and carried over, the files opened, the count, held against
ANSWERED earlier answers, and its set written down. Standing sets (lists, earlier campaigns) are counted by
bitmaps alone. Prints one JSON line: milliseconds, median and 95th percentile, of each; `ratio`, the worst
median of a rule over that of its plain scan, `scanned_ratio` the same without slices; `prepare_s` and
`slices_mib` for the attributes of these rules.
"""

import argparse
import json
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import msgspec
from pyroaring import BitMap

from operator_push.cli.audience_counting import count_audience, encode_subscribers
from operator_push.domain.audience.differencing import Answered
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
from operator_push.services.answer_audiences import AnswerRules, judge

RULES = (
    "age >= 18",
    'age >= 18 && home.city in ["Pune", "Mumbai"]',
    "age >= 18 && age < 45 && spend_30d >= 200.0",
    'prepaid && (spend_30d < 100.0 || data_mb_30d > 500.0) && !(device.os == "feature")',
)
SETS = 'in_list("vip") && !received("spring") || received("summer")'
WIDE = "wide.parquet"
ANSWERED = 100  # as many as a client may ask in a day


def chosen(count: int) -> list[Feature]:
    """So many attributes of the catalogue: those of the rules, and others from all over it."""
    asked = {each.name for text in RULES for each in compile_rule(text).attributes}
    others = [each.name for each in FEATURES if each.name not in asked and not each.is_declared]
    more = max(0, count - len(asked))
    names = asked | {others[place * len(others) // more] for place in range(min(more, len(others)))}
    return [each for each in FEATURES if each.name in names]


def make(folder: Path, people: int, features: list[Feature]) -> None:
    """The manifest and its files, and one wide file of the same people."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    columns = ", ".join(f'{_made_up(feature)} AS "{feature.name}"' for feature in features)
    wide = folder / WIDE
    connection.execute(
        f"COPY (SELECT i::BIGINT AS subscriber_no, {columns} FROM range(1, {people + 1}) t(i)) TO '{wide}'"
    )
    files = []
    for purposes in dict.fromkeys((0, *(int(feature.purpose) for feature in features))):
        names = [feature.name for feature in features if purposes and int(feature.purpose) == purposes]
        name = f"profiles/{purpose_name(purposes)}/000001/part-0.parquet"
        (folder / name).parent.mkdir(parents=True)
        columns = ", ".join(["subscriber_no", *(f'"{each}"' for each in names)])
        connection.execute(f"COPY (SELECT {columns} FROM '{wide}') TO '{folder / name}'")
        files.append(PurposeFiles(purposes, (name,), people))
    manifest = FeaturesManifest(
        FEATURES_VERSION,
        "2026-11-01T00:00:00+00:00",
        "0123abcd",
        42,
        "2026-10-31",
        "UTC",
        tuple(files),
        tuple(feature.name for feature in features),
    )
    (folder / "features.json").write_bytes(msgspec.json.encode(manifest))


class _Scanning(FeatureStore):
    """A store for which nobody has made slices."""

    def slices(self, name: str) -> None:
        """None of any attribute."""


def measure(folder: Path, people: int, times: int, attributes: int) -> dict[str, Any]:
    """The figures of the module."""
    everybody = BitMap(range(1, people + 1))
    plain = duckdb.connect(config={"threads": str(DEFAULT_THREADS)})
    plain.execute("SET enable_progress_bar = false")
    permitted = {seed: _some(plain, people, seed, 9 if not seed else 8) for seed in range(5)}
    real = Permission(
        Purpose.MARKETING,
        "Chai Point",
        0,
        permitted[0],
        lambda purpose: permitted[int(purpose).bit_length() % 4 + 1],
    )
    whole = Permission(Purpose.MARKETING, "Chai Point", 0, everybody, lambda purpose: everybody)
    server, book = _Server(permitted), _answered(permitted)
    told: dict[str, Any] = {"people": people, "attributes": attributes, "rules": []}
    with FeatureStore(folder / "features.json") as store, _Scanning(folder / "features.json") as scanning:
        told |= _prepare(store)
        for text in RULES:
            rule = compile_rule(text)
            sql, parameters = rule.sql()

            def scan(sql: str = sql, parameters: Any = parameters) -> int:
                query = f"SELECT count(*) FROM '{folder / WIDE}' WHERE {sql}"
                found = plain.execute(query, parameters).fetchall()
                return int(found[0][0])

            counts = {
                "": PermittedProfiles(store, real),
                "scanned_": PermittedProfiles(scanning, real),
            }
            assert len(PermittedProfiles(store, whole).matching(rule)) == scan(), text
            found = {name: each.matching(rule) for name, each in counts.items()}
            assert found[""] == found["scanned_"], text
            row: dict[str, Any] = {"rule": text, "first_ms": _first_ms(folder, real, rule)}
            for name, each in counts.items():
                row |= _times_ms(lambda each=each, rule=rule: len(each.matching(rule)), times, name)
            row |= _times_ms(lambda text=text: _question(folder, server, text, book), times, "question_")
            told["rules"].append(row | _times_ms(scan, times, "plain_"))
    keys = ("list:vip", "received:spring", "received:summer")
    sets = {key: permitted[place] for place, key in enumerate(keys)}
    by_sets = compile_rule(SETS, Vocabulary(sets=keys)).root
    told["sets"] = {"rule": SETS, **_times_ms(lambda: len(to_bitmap(by_sets, everybody, sets) or ()), times)}
    told["question_p95_ms"] = max(each["question_p95_ms"] for each in told["rules"])
    for name in ("", "scanned_"):
        told[f"{name}p95_ms"] = max(each[f"{name}p95_ms"] for each in told["rules"])
        ratios = (each[f"{name}median_ms"] / each["plain_median_ms"] for each in told["rules"])
        told[f"{name}ratio"] = round(max(ratios), 2)
    return told


class _Server:
    """Who permits what, in the octets in which the control socket tells it."""

    def __init__(self, permitted: Mapping[int, BitMap]) -> None:
        self._permitted = dict(zip(_ASKED, permitted.values(), strict=True))

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        """As a ControlClient."""
        if do == "account.show":
            return {"account": {"brand": "Chai Point"}}
        line = json.dumps({"bitmap": encode_subscribers(self._permitted[args["purpose"]])})
        answer: dict[str, Any] = json.loads(line)
        return answer


_ASKED = ("marketing", "use_subscriber_record", "use_call_data", "use_location", "use_top_up")


def _answered(permitted: Mapping[int, BitMap]) -> list[tuple[int, bytes]]:
    """Sets of a hundred answers, of every size, as they lie in the store."""
    chance, sets = Random(8), list(permitted.values())
    found = []
    for _ in range(ANSWERED):
        one, other = chance.sample(sets, 2)
        first = chance.randrange(len(one))
        people = BitMap(one[first : first + chance.randrange(len(one))]) & other
        found.append((len(people), people.serialize()))
    return found


def _question(folder: Path, server: _Server, text: str, book: list[tuple[int, bytes]]) -> int:
    found = count_audience(folder / "features.json", server, text, "chai", 8)
    answered = [
        Answered(people, people, lambda octets=octets: BitMap.deserialize(octets)) for people, octets in book
    ]
    verdict = judge(found.subscribers, answered, AnswerRules())
    verdict.people.run_optimize()
    return len(verdict.people.serialize())


def _some(plain: duckdb.DuckDBPyConnection, people: int, seed: int, of_ten: int) -> BitMap:
    """So many of ten people, by a hash."""
    query = f"SELECT i::UINTEGER FROM range(1, {people + 1}) t(i) WHERE hash(i, {seed + 100}) % 10 < {of_ten}"
    return BitMap(array("I", plain.sql(query).to_arrow_table().column(0).to_pylist()))


def _prepare(store: FeatureStore) -> dict[str, Any]:
    names = sorted({each.name for text in RULES for each in compile_rule(text).attributes})
    began = time.perf_counter()
    octets = sum(store.make_slices(name) or 0 for name in names)
    seconds = time.perf_counter() - began
    return {
        "prepared": len(names),
        "prepare_s": round(seconds, 1),
        "slices_mib": round(octets / (1 << 20), 1),
    }


def _first_ms(folder: Path, permission: Permission, rule: Rule) -> float:
    """A count in a store that has read nothing yet."""
    with FeatureStore(folder / "features.json") as store:
        began = time.perf_counter()
        PermittedProfiles(store, permission).matching(rule)
        return round((time.perf_counter() - began) * 1000, 1)


def _times_ms(work: Callable[[], int], times: int, name: str = "") -> dict[str, float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    taken.sort()
    return {
        f"{name}median_ms": round(taken[times // 2], 1),
        f"{name}p95_ms": round(taken[min(times - 1, times * 95 // 100)], 1),
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
    parser.add_argument("--attributes", type=int, default=30)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where the files are made, or are; left out: a new one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.folder or Path(temporary)).absolute()
        if not (folder / "features.json").exists():
            folder.mkdir(parents=True, exist_ok=True)
            make(folder, asked.people, chosen(asked.attributes))
        print(json.dumps(measure(folder, asked.people, asked.times, asked.attributes)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

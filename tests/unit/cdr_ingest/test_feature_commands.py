"""cdr-ingest features: both engines compute every row of the catalogue alike, to 1e-9."""

import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from feature_files import read_features
from ingest_drop import EVERYTHING, KEY, Drop, night_talk, write_rows
from peers import require_module, require_program

from cdr_ingest.cli import main
from cdr_ingest.features_option import ALL
from cdr_ingest.generate.records import CDR_COLUMNS, TOP_UP_COLUMNS
from cdr_ingest.generate.settings import GenerateSettings
from cdr_ingest.generate.writing import generate
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import DERIVED
from operator_push.profiles.response_file import write_responses

PLANS = ("Talk 99", "Everyday 199", "Data Max 299", "Postpaid 499")
PURPOSES = (EVERYTHING, DataPurpose.CALL_DATA, DataPurpose.SUBSCRIBER_RECORD | DataPurpose.TOP_UP)

# Java that is made for each of some hundred queries takes longer than a few rows do without.
QUICK = (
    "--conf spark.sql.adaptive.enabled=false",
    "--conf spark.sql.codegen.wholeStage=false",
    "--conf spark.sql.codegen.factoryMode=NO_CODEGEN",
)


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Drop:
    """A generated set of which a run has kept the records."""
    root, last = tmp_path_factory.mktemp("engines"), (date(2026, 10, 31) - date(1970, 1, 1)).days
    generate(GenerateSettings(root / "drop", 60, seed=7, days=34, as_of=date(2026, 10, 31)))
    lines = (root / "drop" / "subscribers.csv").read_text().splitlines()[1:]
    numbers = dict.fromkeys(line.split(",")[0] for line in lines if line[:2].isdecimal())
    people = {number: (place, PURPOSES[place % 3]) for place, number in enumerate(numbers, 1)}
    drop = Drop(root, people)
    tell_more(drop, [*numbers])
    told = [(number, last - back, 2, number % 2, 1, back // 20) for number in range(1, 9) for back in (0, 40)]
    write_responses(root / "responses.parquet", KEY, [told], 0)
    drop.run(features=(ALL,), responses=root / "responses.parquet")
    return drop


def tell_more(drop: Drop, numbers: list[str]) -> None:
    """What only catalogues and deltas tell; some of it holds later than the windows end."""
    columns = ("msisdn", "device_tac", "home_zone", "age_band", "status", "plan_ends_on", "changed_at")
    told = "35099999,Asia/Kolkata,35-44,sim swapped,2026-12-24,2026-10-10T00:00:00Z"
    rows = [f"{number},{told}" for number in numbers[:-3]]
    rows += [f"{numbers[-1]},,,,ended,,2026-10-20T00:00:00Z", f"{numbers[-2]},,,,ended,,2026-11-01T18:30:00Z"]
    write_rows(drop.input / "subscribers" / "delta" / "a.csv", columns, rows)
    devices = ["35099999,Acme,Ten,ios,2021,", "35099999,Acme,Eleven,ios,2021,2026-11-02"]
    columns = ("tac", "brand", "model", "os", "release_year", "valid_from")
    write_rows(drop.input / "devices.csv", columns, devices)
    plans = [f"{name},{name} of today,99.5,2026-12-31" for name in PLANS]
    drop.cdrs(*night_talk(numbers[:6], date(2026, 10, 31), 3), name="night.csv")
    columns = (*CDR_COLUMNS, "network")
    nets = ("404-45", "404-45", "262-01", "208-01")
    abroad = [f"a{n},MO_SMS,{numbers[2]},919845111111,2026-10-{n + 20}T10:00:00Z,,,,,{net}"
              for n, net in enumerate(nets)]  # fmt: skip
    write_rows(drop.input / "cdr" / "abroad.csv", columns, abroad)
    ups = [f"u{n},{numbers[2]},2026-10-31T{n:02d}:00:00+05:30,{10 + n},app,{11 + n}" for n in (1, 5, 7)]
    write_rows(drop.input / "topups" / "more.csv", (*TOP_UP_COLUMNS, "balance_rupees"), ups)
    write_rows(drop.input / "plans.csv", ("plan_code", "name", "price", "ends_on"), plans)


def compute(drop: Drop, engine: str) -> dict[int, dict[str, Any]]:
    out = drop.root / engine
    asked = ["features", "compute", "--engine", engine, "--records", str(drop.out), "--out", str(out)]
    asked += ["--snapshot", str(drop.snapshot), "--key-file", str(drop.key_file), "--json"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["engine"] == engine
    people = read_features(out / "features.json")
    assert told["profiles"] == len(people)
    return people


def alike(ours: Any, theirs: Any) -> bool:
    """Whether two values are equal, numbers to 1e-9."""
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)
    return bool(ours == theirs)


def assert_alike(ours: dict[int, dict[str, Any]], theirs: dict[int, dict[str, Any]]) -> None:
    """Fail where the features of somebody differ; sums of doubles depend on their order."""
    assert list(theirs) == list(ours)
    for number, features in ours.items():
        unlike = {
            name: (value, theirs[number][name])
            for name, value in features.items()
            if not alike(value, theirs[number][name])
        }
        assert not unlike, number


def test_what_is_computed_again_is_what_the_run_computed(drop: Drop) -> None:
    people = compute(drop, "duckdb")
    assert_alike(people, drop.features())
    for feature in DERIVED:
        assert any(person[feature.name] is not None for person in people.values()), feature.name


@pytest.mark.timeout(600)  # a Java that starts beside other tests
def test_spark_computes_what_duckdb_computes(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    require_program("java", package="openjdk-17-jre-headless")
    require_module("pyspark", install=".venv/bin/pip install -c constraints.txt pyspark")
    # A short life: quick to start beats quick to run.
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", " ".join([*QUICK, "pyspark-shell"]))
    by_duckdb, by_spark = compute(drop, "duckdb"), compute(drop, "spark")
    assert_alike(by_duckdb, by_spark)


def test_without_spark_the_sentence_says_what_to_install(
    drop: Drop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    asked = ["features", "compute", "--engine", "spark", "--records", str(drop.out), "--out", str(tmp_path)]
    done = CliRunner().invoke(
        main, [*asked, "--snapshot", str(drop.snapshot), "--key-file", str(drop.key_file)]
    )
    assert done.exit_code == 2
    assert "Apache Spark is missing; install it: pip install 'operator-push[spark]'" in done.stderr

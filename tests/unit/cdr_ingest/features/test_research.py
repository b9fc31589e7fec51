"""Features of research have the values that the indicators have, which are checked against bandicoot."""

import csv
import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, Drop

from cdr_ingest.features.partials import PARTIALS, Partial
from cdr_ingest.generate.settings import GenerateSettings
from cdr_ingest.generate.writing import generate
from cdr_ingest.indicators.compute import Asked, compute
from cdr_ingest.indicators.reading import read_folder
from cdr_ingest.indicators.report import nest
from operator_push.kernel.research_features import RESEARCH

DAYS = 20
CALLS = {
    "calls_in_30d": "number_of_interaction_in",
    "calls_out_30d": "number_of_interaction_out",
    "call_night_share_30d": "percent_nocturnal",
    "call_outgoing_share_30d": "percent_initiated_interactions",
    "call_gap_s_30d": "interevent_time",
    "call_contacts_30d": "number_of_contacts",
    "call_entropy_30d": "entropy_of_contacts",
    "call_balance_30d": "balance_of_contacts",
    "calls_per_contact_30d": "interactions_per_contact",
    "call_pareto_30d": "percent_pareto_interactions",
    "call_time_pareto_30d": "percent_pareto_durations",
    "call_s_mean_30d": "call_duration",
}
SMS = {
    "sms_in_30d": "number_of_interaction_in",
    "sms_out_30d": "number_of_interaction_out",
    "sms_night_share_30d": "percent_nocturnal",
    "sms_gap_s_30d": "interevent_time",
    "sms_contacts_30d": "number_of_contacts",
    "sms_entropy_30d": "entropy_of_contacts",
    "sms_balance_30d": "balance_of_contacts",
    "sms_per_contact_30d": "interactions_per_contact",
    "sms_pareto_30d": "percent_pareto_interactions",
}
STAYS = {
    "antennas_30d": "number_of_antennas",
    "antennas_entropy_30d": "entropy_of_antennas",
    "frequent_antennas_30d": "frequent_antennas",
    "at_home_share_30d": "percent_at_home",
    "gyration_km_30d": "radius_of_gyration",
}
OTHERS = {
    "talk_days_30d", "call_s_std_30d", "top_up_gap_s_90d", "top_up_std_90d", "top_up_balance_90d",
}  # fmt: skip


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Drop:
    """What a run has kept and computed of a generated set."""
    root = tmp_path_factory.mktemp("research")
    generate(GenerateSettings(root / "drop", 40, seed=5, days=DAYS, as_of=date(2026, 10, 31)))
    lines = (root / "drop" / "subscribers.csv").read_text().splitlines()[1:]
    numbers = dict.fromkeys(line.split(",")[0] for line in lines if line[:2].isdecimal())
    drop = Drop(root, {number: (place, EVERYTHING) for place, number in enumerate(numbers, 1)})
    drop.run()
    return drop


@pytest.fixture(scope="module")
def told(drop: Drop) -> dict[str, dict[str, Any]]:
    """The indicators of the same records, by subscriber_no."""
    folder = drop.root / "bandicoot"
    by_person: dict[int, list[dict[str, Any]]] = defaultdict(list)
    top_ups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows_of(drop.out / "records" / "cdr"):
        by_person[row["subscriber_no"]].append(row)
    for row in rows_of(drop.out / "records" / "top_up"):
        top_ups[row["subscriber_no"]].append(row)
    for number, rows in by_person.items():
        write(
            folder / "records" / f"{number}.csv", [as_record(row) for row in ordered(rows, "started_at_us")]
        )
    for number, rows in top_ups.items():
        recharges = [
            {"datetime": local(row["topped_up_at_us"]), "amount": row["amount_micros"] // 1_000_000}
            for row in ordered(rows, "topped_up_at_us")
        ]
        write(folder / "recharges" / f"{number}.csv", recharges)
    [cells] = (drop.out / "records" / "cell").glob("*.parquet")
    write(
        folder / "antennas.csv",
        [
            {"antenna_id": row["cell_id"], "latitude": row["latitude"], "longitude": row["longitude"]}
            for row in pq.read_table(cells, partitioning=None).to_pylist()
        ],
    )
    people = read_folder(folder)
    asked = Asked(group_by="none")
    return nest(people, asked, compute(people, asked))


def rows_of(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.rglob("*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


def ordered(rows: list[dict[str, Any]], moment: str) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: int(row[moment]))


def local(moment_us: int) -> str:
    moment = datetime.fromtimestamp(moment_us // 1_000_000, UTC) + timedelta(hours=5, minutes=30)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def as_record(row: dict[str, Any]) -> dict[str, Any]:
    way, _, what = row["kind"].partition("_")
    talk = {"CALL": "call", "SMS": "text"}.get(what, "")
    return {
        "interaction": talk,
        "direction": {"MO": "out"}.get(way, "in"),  # a place without any is ignored there
        "correspondent_id": row["contact"] if talk else "",
        "datetime": local(row["started_at_us"]),
        "call_duration": row["duration_s"] if talk == "call" else "",
        "antenna_id": row["cell_id"] or "",
    }


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def value_of(person: dict[str, Any], indicator: str, kind: str) -> Any:
    value = person[indicator]["allweek"]["allday"][kind]
    return value["mean"] if isinstance(value, dict) else value


def alike(ours: Any, theirs: Any) -> bool:
    """Whether they are equal to 1e-9; of who has none of a kind 0 is as good as nothing."""
    if ours is None or theirs is None:
        return not ours and not theirs
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def test_every_feature_of_research_is_compared() -> None:
    assert {feature.name for feature in RESEARCH} == {*CALLS, *SMS, *STAYS, *OTHERS}


@pytest.mark.parametrize(("names", "kind"), [(CALLS, "call"), (SMS, "text")])
def test_calls_and_texts_are_as_the_indicators_have_them(
    drop: Drop, told: dict[str, dict[str, Any]], names: dict[str, str], kind: str
) -> None:
    people = {str(number): features for number, features in drop.features().items()}
    for name, indicator in names.items():
        values = {who: (people[who][name], value_of(told[who], indicator, kind)) for who in told}
        assert not {who: both for who, both in values.items() if not alike(*both)}, name
        assert sum(ours is not None for ours, _ in values.values()) > 10, name


def test_places_are_as_the_indicators_have_them(drop: Drop, told: dict[str, dict[str, Any]]) -> None:
    people = {str(number): features for number, features in drop.features().items()}
    for name, indicator in STAYS.items():
        values = {who: (people[who][name], told[who][indicator]["allweek"]["allday"]) for who in told}
        assert not {who: both for who, both in values.items() if not alike(*both)}, name
        assert sum(bool(ours) for ours, _ in values.values()) > 10, name


def test_the_rest_is_as_the_indicators_have_it(drop: Drop, told: dict[str, dict[str, Any]]) -> None:
    people = {str(number): features for number, features in drop.features().items()}
    with_top_ups = [who for who in told if "amount_recharges" in told[who]]
    assert len(with_top_ups) > 10
    for who, person in told.items():
        every = {key: person[key]["allweek"]["allday"] for key in ("active_days", "call_duration")}
        assert alike(people[who]["talk_days_30d"], every["active_days"]["callandtext"])
        assert alike(people[who]["call_s_std_30d"], every["call_duration"]["call"]["std"])
    for who in with_top_ups:
        person, ours = told[who], people[who]
        assert alike(ours["top_up_std_90d"], person["amount_recharges"]["allweek"]["allday"]["std"])
        gap = person["interevent_time_recharges"]["allweek"]["allday"]
        assert alike(ours["top_up_gap_s_90d"], gap["mean"])
        assert alike(ours["top_up_balance_90d"], person["average_balance_recharges"])


def test_of_places_at_the_same_moment_the_name_decides() -> None:
    records = ibis.memtable(
        pa.table(
            {
                "subscriber_no": [1, 1, 1],
                "day": [9, 9, 9],
                "day_us": [5, 5, 5],
                "kind": ["MO_SMS"] * 3,
                "cell_id": ["B", "C", "A"],
            }
        )
    )
    form = PARTIALS[Partial.STAYS]
    [row] = form.make(records, form.columns).to_pyarrow().to_pylist()
    assert (row["cell_id"], row["night_cell_id"]) == ("C", "C")

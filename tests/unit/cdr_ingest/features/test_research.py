"""Features of research have the values that the indicators have, which are checked against bandicoot."""

import csv
import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, Drop, night_talk

from cdr_ingest.features.partials import PARTIALS, Partial
from cdr_ingest.features_option import ALL
from cdr_ingest.generate.settings import GenerateSettings
from cdr_ingest.generate.writing import generate
from cdr_ingest.indicators.compute import Asked, compute
from cdr_ingest.indicators.reading import read_folder
from cdr_ingest.indicators.report import nest
from operator_push.kernel.feature_windows import WINDOWS
from operator_push.kernel.research_features import RESEARCH_ROWS, WINDOWS_OF

DAYS = 40
LAST_DAY = date(2026, 10, 31)
# Feature → indicator, the kind of interaction where it is asked by kind, and which of its values.
CALLS = {
    "calls_in": "number_of_interaction_in",
    "calls_out": "number_of_interaction_out",
    "call_night_share": "percent_nocturnal",
    "call_outgoing_share": "percent_initiated_interactions",
    "call_gap_s": "interevent_time",
    "call_contacts": "number_of_contacts",
    "call_entropy": "entropy_of_contacts",
    "call_balance": "balance_of_contacts",
    "calls_per_contact": "interactions_per_contact",
    "call_pareto": "percent_pareto_interactions",
    "call_time_pareto": "percent_pareto_durations",
    "call_s_mean": "call_duration",
}
TEXTS = {
    "sms_in": "number_of_interaction_in",
    "sms_out": "number_of_interaction_out",
    "sms_night_share": "percent_nocturnal",
    "sms_gap_s": "interevent_time",
    "sms_contacts": "number_of_contacts",
    "sms_entropy": "entropy_of_contacts",
    "sms_balance": "balance_of_contacts",
    "sms_per_contact": "interactions_per_contact",
    "sms_pareto": "percent_pareto_interactions",
}
BOTH = {
    "talk_days": "active_days",
    "sms_begun_share": "percent_initiated_conversations",
    "sms_reply_rate": "response_rate_text",
    "sms_reply_s": "response_delay_text",
}
PLACES = {
    "antennas": "number_of_antennas",
    "antennas_entropy": "entropy_of_antennas",
    "frequent_antennas": "frequent_antennas",
    "at_home_share": "percent_at_home",
    "gyration_km": "radius_of_gyration",
}
TOP_UPS = {
    "top_up_gap_s": "interevent_time_recharges",
    "top_up_pareto": "percent_pareto_recharges",
}
DEVIATIONS = {
    "call_s_std": ("call_duration", "call"),
    "call_gap_s_std": ("interevent_time", "call"),
    "sms_gap_s_std": ("interevent_time", "text"),
    "call_balance_std": ("balance_of_contacts", "call"),
    "sms_balance_std": ("balance_of_contacts", "text"),
    "calls_per_contact_std": ("interactions_per_contact", "call"),
    "sms_per_contact_std": ("interactions_per_contact", "text"),
    "sms_reply_s_std": ("response_delay_text", "callandtext"),
    "top_up_gap_s_std": ("interevent_time_recharges", ""),
    "top_up_std": ("amount_recharges", ""),
}
WHOLE = {
    "place_churn": ("churn_rate", "mean"),
    "place_churn_std": ("churn_rate", "std"),
    "top_up_balance": ("average_balance_recharges", ""),
}
INDICATORS: dict[str, tuple[str, str, str]] = {
    **{name: (indicator, "call", "mean") for name, indicator in CALLS.items()},
    **{name: (indicator, "text", "mean") for name, indicator in TEXTS.items()},
    **{name: (indicator, "callandtext", "mean") for name, indicator in BOTH.items()},
    **{name: (indicator, "", "mean") for name, indicator in (PLACES | TOP_UPS).items()},
    **{name: (*which, "std") for name, which in DEVIATIONS.items()},
}


@pytest.fixture(scope="module")
def drop(tmp_path_factory: pytest.TempPathFactory) -> Drop:
    """What a run has kept and computed of a generated set."""
    root = tmp_path_factory.mktemp("research")
    generate(GenerateSettings(root / "drop", 40, seed=5, days=DAYS, as_of=LAST_DAY))
    lines = (root / "drop" / "subscribers.csv").read_text().splitlines()[1:]
    numbers = dict.fromkeys(line.split(",")[0] for line in lines if line[:2].isdecimal())
    drop = Drop(root, {number: (place, EVERYTHING) for place, number in enumerate(numbers, 1)})
    drop.cdrs(*night_talk([*numbers][:15], LAST_DAY, DAYS), name="night.csv")
    drop.run(features=(ALL,))
    return drop


@pytest.fixture(scope="module")
def told(drop: Drop) -> dict[int, dict[str, dict[str, Any]]]:
    """By the days of a window, by subscriber_no: the indicators of the same records."""
    records = rows_of(drop.out / "records" / "cdr")
    top_ups = rows_of(drop.out / "records" / "top_up")
    [cells] = (drop.out / "records" / "cell").glob("*.parquet")
    antennas = [
        {"antenna_id": row["cell_id"], "latitude": row["latitude"], "longitude": row["longitude"]}
        for row in pq.read_table(cells, partitioning=None).to_pylist()
    ]
    found = {}
    for days in WINDOWS:
        folder, since = drop.root / f"bandicoot-{days}", LAST_DAY - timedelta(days - 1)
        for who, rows in by_person(records, "started_at_us", since).items():
            write(folder / "records" / f"{who}.csv", [as_record(row) for row in rows])
        for who, rows in by_person(top_ups, "topped_up_at_us", since).items():
            write(folder / "recharges" / f"{who}.csv", [as_recharge(row) for row in rows])
        write(folder / "antennas.csv", antennas)
        people, asked = read_folder(folder), Asked(group_by="none")
        found[days] = nest(people, asked, compute(people, asked))
    return found


def by_person(rows: list[dict[str, Any]], moment: str, since: date) -> dict[int, list[dict[str, Any]]]:
    """The rows of a window in the order of time; of one moment the kind decides, as ours has it."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row[moment], row.get("kind", ""))):
        if local(row[moment]) >= since.isoformat():
            found[row["subscriber_no"]].append(row)
    return found


def rows_of(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.rglob("*.parquet"))
    return [row for file in files for row in pq.read_table(file, partitioning=None).to_pylist()]


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


def as_recharge(row: dict[str, Any]) -> dict[str, Any]:
    return {"datetime": local(row["topped_up_at_us"]), "amount": row["amount_micros"] // 1_000_000}


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def value_of(person: dict[str, Any], name: str) -> Any:
    """What the indicators say of a feature."""
    if name in WHOLE:
        indicator, key = WHOLE[name]
        whole = person.get(indicator)  # without top-ups there is none of theirs
        return whole[key] if key and whole is not None else whole
    indicator, kind, key = INDICATORS[name]
    value = person.get(indicator, {}).get("allweek", {}).get("allday")
    value = value[kind] if kind and value is not None else value
    return value[key] if isinstance(value, dict) else value


def alike(ours: Any, theirs: Any) -> bool:
    """Whether they are equal to 1e-9; of who has none of a kind 0 is as good as nothing."""
    if ours is None or theirs is None:
        return not ours and not theirs
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-9)


def test_every_feature_of_research_is_compared() -> None:
    assert {name for name, *_ in RESEARCH_ROWS} == {*INDICATORS, *WHOLE}


def test_features_are_as_the_indicators_have_them(
    drop: Drop, told: dict[int, dict[str, dict[str, Any]]]
) -> None:
    people = {str(number): features for number, features in drop.features().items()}
    for days, name in product(WINDOWS, (*INDICATORS, *WHOLE)):
        if days not in WINDOWS_OF.get(name, WINDOWS):
            continue
        feature = f"{name}_{days}d"
        values = {who: (people[who][feature], value_of(told[days][who], name)) for who in told[days]}
        assert not {who: both for who, both in values.items() if not alike(*both)}, feature
        # Two texts in an hour, or two top-ups in a day, are rare.
        if days >= 30 or not name.startswith(("sms_reply", "top_up")):
            seen_least = 3 if days == 1 else 10
            assert sum(ours is not None for ours, _ in values.values()) >= seen_least, feature


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

"""A drop of a few rows whose features were worked out by hand."""

import math
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, Drop, counts, write_rows

from cdr_ingest.features_option import ALL
from cdr_ingest.generate.records import CDR_COLUMNS, TOP_UP_COLUMNS
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.feature_catalogue import DERIVED, FEATURES, WEEKDAYS

ASHA, BINA, CHET, DEEP, ELA, FARI = (f"91984500000{n}" for n in range(1, 7))
COUNTS = (
    "calls", "call_minutes", "sms", "sessions", "data_mb", "contacts", "active_days", "spend", "top_ups"
)  # fmt: skip
AS_OF = date(2026, 10, 31)  # the window of 30 days starts on 2026-10-02, local time


def filled(root: Path) -> Drop:
    drop = Drop(
        root,
        {
            ASHA: (1, EVERYTHING),
            BINA: (2, DataPurpose.CALL_DATA),
            CHET: (3, DataPurpose.TOP_UP),
            DEEP: (4, DataPurpose.NONE),
            FARI: (6, EVERYTHING),
        },
    )
    drop.cells("BLR1,Bengaluru,12.9,77.6", "BOM1,Mumbai,19.0,72.8")
    drop.subscribers(
        f"{ASHA},404980000000001,2026-01-01,1990,hi,Talk 99,true,android",
        f"{BINA},404980000000002,2020-01-01,1980,kn,Talk 99,true,ios",  # permits no use of this
        f"{FARI},404980000000006,2026-10-31,,,Postpaid 499,false,",
    )
    drop.cdrs(
        f"r1,MO_CALL,{ASHA},919845111111,2026-10-10T07:00:00+05:30,60,,,BLR1",  # 07:00:00 is night
        f"r2,MT_CALL,{ASHA},+919845111111,2026-10-10T07:00:01+05:30,30,,,BLR1",  # the same contact, by day
        f"r3,MO_SMS,{ASHA},919845222222,2026-10-11T19:00:00+05:30,,,,BOM1",  # 19:00:00 is night
        f"r4,MT_SMS,{ASHA},CHAIPT,2026-10-12T12:00:00+05:30,,,,",
        f"r5,DATA_SESSION,{ASHA},,2026-10-12T23:30:00+05:30,600,500000,1500000,BOM1",
        f"r6,MO_CALL,{ASHA},919845333333,2026-10-01T23:59:59+05:30,600,,,BOM1",  # before the window
        f"r7,MO_CALL,{ASHA},919845333333,2026-10-01T18:30:00Z,90,,,BLR1",  # its first local second
        f"r8,MO_CALL,{BINA},919845111111,2026-10-31T23:59:59+05:30,45,,,BLR1",  # its last one
        f"r9,MO_CALL,{CHET},919845111111,2026-10-10T12:00:00+05:30,60,,,BLR1",
        f"r10,MO_CALL,{DEEP},919845111111,2026-10-10T12:00:00+05:30,60,,,BLR1",
        f"r11,MO_CALL,{ELA},919845111111,2026-10-10T12:00:00+05:30,60,,,BLR1",
    )
    drop.top_ups(
        f"t1,{ASHA},2026-10-20T09:00:00+05:30,100.50,app",
        f"t2,{ASHA},2026-09-30T09:00:00+05:30,49.00,app",
        f"t3,{BINA},2026-10-20T09:00:00+05:30,19.00,app",
        f"t4,{CHET},2026-09-01T23:59:00+05:30,19.00,shop",
    )
    return drop


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """The rows, for a run of the test's own."""
    return filled(tmp_path)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Drop, dict[str, Any]]:
    """What a run left, and its report."""
    drop = filled(tmp_path_factory.mktemp("golden"))
    return drop, drop.run(AS_OF)


def rounded(person: dict[str, Any]) -> dict[str, Any]:
    """What is known of somebody, to twelve places."""
    return {
        name: round(value, 12) if isinstance(value, float) else value
        for name, value in person.items()
        if value is not None
    }


def test_features_of_somebody_who_permits_everything(done: tuple[Drop, dict[str, Any]]) -> None:
    drop, _ = done
    # Features of research are compared elsewhere, with the indicators of the same records.
    assert rounded(drop.features()[1]) == rounded({
        "age": 36,
        "language": "hi",
        "plan": "Talk 99",
        "prepaid": True,
        "activated_on": 20454,  # 2026-01-01
        "tenure_days": 303,
        "device.os": "android",
        "plan_name": "Talk 99",
        "status": "active",
        "calls_30d": 3,
        "call_minutes_30d": 3.0,
        "sms_30d": 2,
        "data_mb_30d": 2.0,
        "contacts_30d": 4,
        "active_days_30d": 4,
        "night_share_30d": 0.6,
        "home.city": "Bengaluru",  # two night records in each city: the first seen wins
        "home.lat": 12.9,
        "home.lon": 77.6,
        "spend_30d": 100.5,
        "top_ups_30d": 1,
        "last_top_up_on": 20746,  # 2026-10-20
        "days_since_top_up": 11,
        # Nothing of the last week; r6, BOM1, and t2 lie in 90 days.
        **dict.fromkeys((f"{name}_{days}d" for name in COUNTS for days in (1, 7)), 0),
        "calls_90d": 4,
        "call_minutes_90d": 13.0,
        "sms_90d": 2,
        "sessions_30d": 1,
        "sessions_90d": 1,
        "data_mb_90d": 2.0,
        "contacts_90d": 4,
        "active_days_90d": 5,
        "night_share_90d": 4 / 6,
        "spend_90d": 149.5,
        "top_ups_90d": 2,
        "outgoing_share_30d": 3 / 5,
        "outgoing_share_90d": 4 / 6,
        "weekend_share_30d": 3 / 6,  # r1 and r2 on a Saturday, r3 on a Sunday
        "morning_share_30d": 2 / 6,
        "afternoon_share_30d": 1 / 6,
        "evening_share_30d": 2 / 6,
        "weekend_share_90d": 3 / 7,
        "morning_share_90d": 2 / 7,
        "afternoon_share_90d": 1 / 7,
        "evening_share_90d": 3 / 7,
        **dict.fromkeys((f"hour_{hour:02d}_share_30d" for hour in range(24)), 0.0),
        "hour_00_share_30d": 1 / 6,
        "hour_07_share_30d": 2 / 6,
        "hour_12_share_30d": 1 / 6,
        "hour_19_share_30d": 1 / 6,
        "hour_23_share_30d": 1 / 6,
        **dict.fromkeys((f"{day}_share_30d" for day in WEEKDAYS), 0.0),
        "monday_share_30d": 2 / 6,
        "friday_share_30d": 1 / 6,  # its first second
        "saturday_share_30d": 2 / 6,
        "sunday_share_30d": 1 / 6,
        "busiest_hour_30d": 7,
        "busiest_hour_90d": 7,
        "busiest_weekday_90d": 0,
        "busiest_weekday_30d": 0,  # two on Monday, two on Saturday
        "reach.part": "morning",
        "contacts_entropy_30d": -(0.4 * math.log(0.4) + 3 * 0.2 * math.log(0.2)),
        "contacts_entropy_90d": 2 * (math.log(3) / 3 + math.log(6) / 6),
        "days_since_active": 19,
        "risk.lapse": 1 - math.exp(-19 * 5 / 90),
        "risk.churn": 0.0,
        "home.area": "129,776",
        **dict.fromkeys(("places_1d", "places_7d"), 0),
        **dict.fromkeys(("places_30d", "places_90d"), 2),
        "home_share_30d": 3 / 5,
        "mean_top_up_30d": 100.5,
        "mean_top_up_90d": 74.75,
        "top_up_gap_days": 20.0,
    })  # fmt: skip


def test_work_is_where_somebody_is_on_working_days(drop: Drop) -> None:
    drop.cdrs(
        f"w1,MO_CALL,{ASHA},919845111111,2026-10-10T23:00:00+05:30,60,,,BLR1",
        f"w2,MO_CALL,{ASHA},919845111111,2026-10-12T09:00:00+05:30,60,,,BOM1",  # a Monday
        f"w3,MO_CALL,{ASHA},919845111111,2026-10-11T10:00:00+05:30,60,,,BLR1",  # a Sunday
        f"w4,MO_CALL,{ASHA},919845111111,2026-10-12T17:00:00+05:30,60,,,BLR1",  # too late
    )
    drop.run(AS_OF)
    asha = drop.features()[1]
    assert (asha["home.city"], asha["work.city"], asha["work.area"]) == ("Bengaluru", "Mumbai", "190,728")
    assert asha["commute_km"] == pytest.approx(849, rel=0.005)  # along a great circle
    assert asha["risk.churn"] is None  # nothing before


def test_the_balance_before_a_top_up_is_told_where_records_tell_it(drop: Drop) -> None:
    rows = [
        f"b1,{ASHA},2026-10-30T09:00:00+05:30,50.00,app,52.50",
        f"b2,{ASHA},2026-10-31T09:00:00+05:30,20.00,app,20.50",
        f"b3,{ASHA},2026-10-31T10:00:00+05:30,20.00,app,",
    ]
    write_rows(drop.input / "topups" / "told.csv", (*TOP_UP_COLUMNS, "balance_rupees"), rows)
    drop.run(AS_OF)
    people = drop.features()
    assert [people[1][f"balance_before_top_up_{days}d"] for days in (1, 7, 90)] == [0.5, 1.5, 1.5]
    assert people[3]["balance_before_top_up_90d"] is None


def test_countries_are_those_of_the_networks_of_records(drop: Drop) -> None:
    rows = [
        f"n{place},MO_SMS,{who},919845111111,2026-10-{day:02d}T12:00:00+05:30,,,,,{network}"
        for place, (who, day, network) in enumerate(
            (
                (ASHA, 1, "404-45"), (ASHA, 2, "40445"), (ASHA, 3, "405-840"), (ASHA, 4, "404-90"),
                (ASHA, 20, "262-01"), (ASHA, 20, "208-01"), (ASHA, 21, "26202"), (ASHA, 22, "nonsense"),
                (FARI, 5, "404-45"), (BINA, 5, "262-01"),
            )
        )
    ]  # fmt: skip
    columns = (*CDR_COLUMNS, "network")
    write_rows(drop.input / "cdr" / "abroad.csv", columns, rows)
    drop.run(AS_OF)
    found = {
        number: tuple(each[f"roaming.{name}"] for name in ("countries", "count", "days_since"))
        for number, each in drop.features().items()
    }
    assert found[1] == ("208 262 405", 3, 10)
    assert found[6] == ("", 0, None)  # has been at home alone
    assert found[2] == (None, None, None)  # does not permit the use of location
    kept = [
        row
        for file in (drop.out / "records" / "cdr").rglob("*.parquet")
        for row in pq.read_table(file, partitioning=None).to_pylist()
    ]
    assert not [row for row in kept if row["subscriber_no"] == 2 and row["network"]]
    drop.permit({ASHA: (1, DataPurpose.CALL_DATA)})
    drop.run(AS_OF)
    [asha] = {row["network"] for file in (drop.out / "records" / "cdr").rglob("*.parquet")
              for row in pq.read_table(file, partitioning=None).to_pylist()}  # fmt: skip
    assert asha is None


def test_files_have_the_types_of_the_catalogue(drop: Drop) -> None:
    drop.run(AS_OF, features=(ALL,))
    types = {"bool": "bool", "int": "int64", "double": "double", "string": "string", "date": "int64"}
    found = {}
    for file in (drop.out / "profiles").rglob("*.parquet"):
        found |= {field.name: str(field.type) for field in pq.read_schema(file)}
    assert found == {"subscriber_no": "int64"} | {
        feature.name: types[feature.type.value] for feature in DERIVED
    }


FIRST = (
    "age", "language", "plan", "prepaid", "activated_on", "tenure_days", "device.os", "calls_30d",
    "call_minutes_30d", "sms_30d", "data_mb_30d", "contacts_30d", "active_days_30d", "night_share_30d",
    "home.city", "home.lat", "home.lon", "spend_30d", "top_ups_30d", "last_top_up_on", "days_since_top_up",
)  # fmt: skip


def known(person: dict[str, Any]) -> dict[str, Any]:
    """Those of the features named above that are known of somebody."""
    return {name: person[name] for name in FIRST if person[name] is not None}


def test_what_is_not_permitted_is_null_and_what_never_happened_is_zero(
    done: tuple[Drop, dict[str, Any]],
) -> None:
    drop, _ = done
    bina, chet, fari = (drop.features()[number] for number in (2, 3, 6))
    assert known(bina) == {
        "calls_30d": 1,
        "call_minutes_30d": 0.75,
        "sms_30d": 0,
        "data_mb_30d": 0.0,
        "contacts_30d": 1,
        "active_days_30d": 1,
        "night_share_30d": 1.0,
    }
    assert known(chet) == {
        "spend_30d": 0.0,
        "top_ups_30d": 0,
        "last_top_up_on": 20697,
        "days_since_top_up": 60,
    }
    assert {name: value for name, value in fari.items() if value not in (None, 0)} == {
        "plan": "Postpaid 499",
        "plan_name": "Postpaid 499",
        "status": "active",
        "activated_on": 20757,
    }
    assert fari["tenure_days"] == 0
    assert fari["prepaid"] is False
    assert fari["night_share_30d"] is None


def test_who_permits_nothing_or_is_unknown_has_no_row(done: tuple[Drop, dict[str, Any]]) -> None:
    drop, report = done
    assert sorted(drop.features()) == [1, 2, 3, 6]
    assert report["profiles"] == 4
    # BINA's contract; CHET's, DEEP's and ELA's calls; BINA's top-up
    assert counts(report) == (18, 13, 0, 0, 5)


def test_columns_are_the_catalogue(done: tuple[Drop, dict[str, Any]]) -> None:
    drop, _ = done
    assert list(drop.features()[1]) == [feature.name for feature in FEATURES]


def test_the_newest_local_day_is_the_default_as_of(drop: Drop) -> None:
    assert drop.run()["as_of"] == "2026-10-31"
    assert drop.features()[1]["tenure_days"] == 303


def test_the_zone_decides_what_night_is(drop: Drop) -> None:
    drop.run(AS_OF, zone="UTC")
    # In UTC r1 and r2 lie at 01:30, r3 at 13:30, r4 at 06:30 and r7 on 2026-10-01, before the window.
    assert drop.features()[1]["night_share_30d"] == 0.75
    assert drop.features()[1]["calls_30d"] == 2


def test_a_kind_of_file_that_was_never_read_is_unknown_not_zero(drop: Drop) -> None:
    (drop.input / "topups" / "a.csv").unlink()
    (drop.input / "cells.csv").unlink()
    drop.run(AS_OF)
    asha = drop.features()[1]
    assert asha["top_ups_30d"] is None
    assert asha["spend_30d"] is None
    assert asha["home.city"] is None
    assert asha["calls_30d"] == 3

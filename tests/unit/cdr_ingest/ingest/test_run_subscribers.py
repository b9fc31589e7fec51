"""Subscriber records: forms, snapshots and deltas, what held when, and numbers that changed hands."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from ingest_drop import EVERYTHING, Drop, counts, write_rows, write_snapshot

from cdr_ingest.generate.writing import SUBSCRIBER_COLUMNS
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.instants import parse_iso

ASHA, BINA, CHAND = "919845000001", "919845000002", "919845000003"
THREE = {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING), CHAND: (3, EVERYTHING)}
COLUMNS = (*SUBSCRIBER_COLUMNS, "home_zone", "device_tac", "status", "changed_at")


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    return Drop(tmp_path, THREE)


def whole(msisdn: str, plan: str = "Talk 99", more: str = ",,,") -> str:
    return f"{msisdn},404980000000001,2025-01-01,1990,hi,{plan},true,android,{more}"


def place(drop: Drop, name: str, *rows: str, columns: Sequence[str] = COLUMNS) -> None:
    write_rows(drop.input / "subscribers" / name, columns, rows)


def delta(drop: Drop, name: str, columns: str, *rows: str) -> None:
    place(drop, f"delta/{name}", *rows, columns=columns.split(","))


def contracts(drop: Drop) -> list[dict[str, Any]]:
    [path] = [
        drop.out / "records" / one["path"]
        for one in json.loads((drop.out / "records" / "manifest.json").read_text())["files"]
        if one["kind"] == "subscriber"
    ]
    return pq.read_table(path).to_pylist()


def plans(drop: Drop, person: int = 1) -> list[tuple[str | None, str, str]]:
    """(plan, status, from which day) of somebody, in their order."""
    return [
        (row["plan"], row["status"], str(date.fromordinal(719163 + row["valid_from_us"] // 86_400_000_000)))
        for row in contracts(drop)
        if row["subscriber_no"] == person
    ]


def feature(drop: Drop, day: str, name: str = "plan", person: int = 1) -> Any:
    drop.run(as_of=date.fromisoformat(day), zone="UTC")
    return drop.features().get(person, {}).get(name, "nobody")


def test_a_delta_changes_what_it_names_from_its_moment_on(drop: Drop) -> None:
    place(drop, "2026-10-01.csv", whole(ASHA))
    delta(drop, "a.csv", "msisdn,plan,changed_at", f"{ASHA},Talk 199,2026-10-10T00:00:00Z")
    assert counts(drop.run(zone="UTC")) == (2, 2, 0, 0, 0)
    assert (drop.out / "owner-changes.csv").read_text() == "subscriber_no,change,at,evidence\n"
    assert plans(drop) == [("Talk 99", "active", "2026-10-01"), ("Talk 199", "active", "2026-10-10")]
    assert contracts(drop)[1]["language"] == "hi"
    assert feature(drop, "2026-10-09") == "Talk 99"
    assert feature(drop, "2026-10-10") == "Talk 199"
    assert feature(drop, "2026-09-30") is None


def test_a_whole_row_empties_what_no_delta_can(drop: Drop) -> None:
    place(drop, "2026-10-01.csv", whole(ASHA, more="Asia/Kolkata,,,"))
    delta(drop, "a.csv", "msisdn,home_zone,changed_at", f"{ASHA},,2026-10-05T00:00:00Z")
    place(drop, "2026-10-10.csv", whole(ASHA))
    delta(drop, "b.csv", "msisdn,plan,changed_at", f"{ASHA},Talk 199,2026-10-15T00:00:00Z")
    drop.run(zone="UTC")
    assert [row["home_zone"] for row in contracts(drop)] == ["Asia/Kolkata", "Asia/Kolkata", None, None]


def test_what_comes_late_finds_its_place_in_between(drop: Drop) -> None:
    place(drop, "2026-10-01.csv", whole(ASHA))
    drop.run(zone="UTC")
    place(drop, "2026-10-20.csv", whole(ASHA), whole(BINA))
    assert counts(drop.run(zone="UTC")["files"][1]) == (2, 1, 0, 1, 0)
    delta(drop, "late.csv", "msisdn,plan,changed_at", f"{ASHA},Talk 199,2026-10-10T00:00:00Z")
    drop.run(zone="UTC")
    # On the 20th the whole row said again what it had said on the 1st.
    assert plans(drop) == [
        ("Talk 99", "active", "2026-10-01"),
        ("Talk 199", "active", "2026-10-10"),
        ("Talk 99", "active", "2026-10-20"),
    ]
    place(drop, "2026-10-25.csv", whole(ASHA))
    report = drop.run(zone="UTC")
    assert report["duplicates"] == 1
    assert len(plans(drop)) == 3


def test_who_is_missing_in_a_snapshot_has_ended(drop: Drop) -> None:
    others = {f"9198450001{number:02d}": (number, EVERYTHING) for number in range(10, 20)}
    drop.permit(THREE | others)
    everybody = [whole(msisdn) for msisdn in [*THREE, *others]]
    place(drop, "snapshot/20261001.csv", *everybody)
    place(drop, "snapshot/20261002.csv", *everybody[1:])
    report = drop.run(zone="UTC")
    assert [(one["known"], one["missing"], one["ended"]) for one in report["snapshots"]] == [
        (0, 0, 0),
        (13, 1, 1),
    ]
    assert plans(drop) == [("Talk 99", "active", "2026-10-01"), (None, "missing", "2026-10-02")]
    assert feature(drop, "2026-10-01") == "Talk 99"
    assert feature(drop, "2026-10-02") == "nobody"
    place(drop, "snapshot/20261003.csv", *everybody)
    drop.run(zone="UTC")
    assert plans(drop)[-1] == ("Talk 99", "active", "2026-10-03")


def test_half_a_snapshot_ends_nobody(drop: Drop) -> None:
    place(drop, "snapshot/20261001.csv", *map(whole, THREE))
    place(drop, "snapshot/20261002.csv", whole(ASHA, "Talk 199"))
    report = drop.run(zone="UTC")
    assert report["snapshots"][1] | {"at_us": 0} == {"at_us": 0, "known": 3, "missing": 2, "ended": 0}
    assert plans(drop, 2) == [("Talk 99", "active", "2026-10-01")]
    assert plans(drop)[-1][0] == "Talk 199"


def test_a_rejected_row_of_a_snapshot_is_no_proof_that_its_person_is_gone(drop: Drop) -> None:
    place(drop, "snapshot/20261001.csv", *map(whole, THREE))
    place(drop, "snapshot/20261002.csv", whole(ASHA), whole(BINA), whole(CHAND, more="Mars/Base,,,"))
    report = drop.run(zone="UTC")
    assert report["rejected_by_reason"] == {"BAD_VALUE": 1}
    assert report["snapshots"][1]["missing"] == 0


def test_a_snapshot_or_a_delta_needs_a_moment(drop: Drop) -> None:
    place(drop, "snapshot/all.csv", whole(ASHA))
    delta(drop, "d.csv", "msisdn,plan", f"{ASHA},X")
    place(drop, "a.csv", whole(BINA, more=",,recycled,"))
    assert drop.run()["rejected_by_reason"] == {"MISSING_FIELD": 3}


@pytest.mark.parametrize("word", ["recycled", "Number Recycled", "NEW-OWNER"])
def test_a_profile_ends_where_its_number_is_recycled(drop: Drop, word: str) -> None:
    place(drop, "2026-10-01.csv", whole(ASHA), whole(BINA))
    delta(drop, "d.csv", "msisdn,status,changed_at", f"{ASHA},{word},2026-10-10T00:00:00Z")
    delta(drop, "e.csv", "msisdn,language,changed_at", f"{ASHA},kn,2026-10-11T00:00:00Z")
    report = drop.run(zone="UTC")
    # What is dated later is the new owner's, who permits nothing yet.
    assert counts(report) == (4, 3, 0, 0, 1)
    assert report["owner_changes"] == 1
    change = "recycled" if "ecycled" in word else "new_owner"
    assert (drop.out / "owner-changes.csv").read_text().splitlines() == [
        "subscriber_no,change,at,evidence",
        f"1,{change},2026-10-10T00:00:00.000000Z,cdr-ingest",
    ]
    assert feature(drop, "2026-10-09") == "Talk 99"
    assert feature(drop, "2026-10-10") == "nobody"
    assert feature(drop, "2026-10-10", person=2) == "Talk 99"


def test_records_after_a_recycling_are_nobodys(drop: Drop) -> None:
    place(drop, "2026-10-01.csv", whole(ASHA))
    call = f"r{{0}},MO_CALL,{ASHA},919845111111,2026-10-{{0}}T12:00:00Z,60,,,"
    drop.cdrs(call.format("09"), call.format(10), call.format(11))
    assert drop.run(zone="UTC")["by_kind"]["cdr"]["accepted"] == 3
    delta(drop, "d.csv", "msisdn,status,changed_at", f"{ASHA},recycled,2026-10-10T00:00:00Z")
    drop.cdrs(call.format("08"), call.format(12), name="b.csv")
    report = drop.run(zone="UTC")
    assert counts(report["by_kind"]["cdr"]) == (2, 1, 0, 0, 1)
    kept = [path.parent.name for path in (drop.out / "records" / "cdr").rglob("day=*/*.parquet")]
    assert sorted(kept) == ["day=2026-10-08", "day=2026-10-09"]


def test_a_change_of_owner_is_told_whatever_the_person_permits(drop: Drop) -> None:
    drop.permit({ASHA: (1, DataPurpose.NONE)})
    delta(drop, "d.csv", "msisdn,status,changed_at", f"{ASHA},ported_out,2026-10-10T00:00:00Z")
    report = drop.run()
    assert counts(report) == (1, 0, 0, 0, 1)
    assert "1,ported_out," in (drop.out / "owner-changes.csv").read_text()
    kept = [path for path in (drop.out / "records").rglob("*.parquet") if "permission" not in str(path)]
    assert not sum(pq.read_metadata(path).num_rows for path in kept)


def permit_since(drop: Drop, people: Mapping[str, tuple[int, DataPurpose]], since: str) -> None:
    """All of them have their numbers since a moment, and somebody else had them before."""
    write_snapshot(drop.snapshot, people)
    table = pq.read_table(drop.snapshot)
    metadata = dict(table.schema.metadata) | {b"operator_push.version": b"2"}
    table = table.append_column("since_us", [[parse_iso(since)] * table.num_rows])
    pq.write_table(table.replace_schema_metadata(metadata), drop.snapshot)


def test_the_next_owner_has_nothing_of_the_former_one(drop: Drop) -> None:
    permit_since(drop, {ASHA: (9, EVERYTHING)}, "2026-10-10T00:00:00Z")
    place(drop, "2026-10-01.csv", whole(ASHA, "Before"))
    recycled = ",,recycled,2026-10-10T00:00:00Z"
    place(drop, "2026-10-12.csv", whole(ASHA, "After", recycled))
    report = drop.run(zone="UTC")
    assert report["owner_changes"] == 0, "it was told before, and is not this person's"
    assert plans(drop, 9) == [("After", "active", "2026-10-10")]


def test_a_suspension_and_a_new_sim_are_told_apart(drop: Drop) -> None:
    place(drop, "2026-10-01.csv", whole(ASHA))
    delta(
        drop,
        "d.csv",
        "msisdn,status,changed_at,device_tac",
        f"{ASHA},suspended,2026-10-02T00:00:00Z,",
        f"{ASHA},sim swap,2026-10-03T00:00:00Z,350999991234567",
        f"{ASHA},sim swap,2026-10-03T00:00:00Z,350999991234567",
        f"{ASHA},resumed,2026-10-04T00:00:00Z,",
    )
    assert counts(drop.run(zone="UTC")) == (5, 4, 0, 1, 0)
    assert [status for _, status, _ in plans(drop)] == ["active", "suspended", "suspended", "active"]
    last = contracts(drop)[-1]
    assert last["device_tac"] == "35099999", "of an IMEI only its type is kept"
    assert last["sim_swapped_us"] == parse_iso("2026-10-03T00:00:00Z")


LDIF = f"""version: 1

dn: uid=1,ou=people
msisdn: +91 98450 00001
imsi: 404980000000001
activationDate: 20250101000000Z
tariffPlan: Talk 99
paymentType: prepaid
birthDate: 1990-05-05

dn: uid=2
this is no attribute

dn: uid=3
msisdn: {CHAND}
imsi: 404980000000003
activationDate: 2025-01-01
tariffPlan: Talk 199
paymentType: sometimes
"""
PARTY = {
    "birthDate": "1985-01-01",
    "contactMedium": [{"characteristic": {"phoneNumber": "098450 00002"}}],
    "partyCharacteristic": [
        {"name": "imsi", "value": "404980000000002"},
        {"name": "activatedOn", "value": "2020-01-01"},
        {"name": "plan", "value": "Postpaid 499"},
        {"name": "prepaid", "value": False},
    ],
}


def test_ldif_and_tm_forum_are_read_as_they_are(drop: Drop) -> None:
    folder = drop.input / "subscribers"
    folder.mkdir()
    (folder / "crm.ldif").write_text(LDIF)
    (folder / "party.json").write_text(json.dumps([PARTY, 7], indent=1))
    (folder / "party.jsonl").write_text(json.dumps(PARTY) + "\nbroken\n")
    settings = {"region": "IN"}
    report = drop.run(**settings)
    assert counts(report) == (7, 2, 4, 1, 0)
    assert report["rejected_by_reason"] == {"BAD_JSON": 2, "BAD_LDIF": 1, "BAD_VALUE": 1}
    assert {row["subscriber_no"]: row["plan"] for row in contracts(drop)} == {1: "Talk 99", 2: "Postpaid 499"}
    assert drop.run()["read"] == 0
    again = drop.replay(**settings)
    assert counts(again) == (4, 0, 4, 0, 0)
    assert again["rejected_by_reason"] == report["rejected_by_reason"]


@pytest.mark.parametrize(
    ("region", "number", "good"),
    [
        ("", "+91 98450 00001", True),
        ("", "00919845000001", True),
        ("", "09845000001", False),
        ("IN", "09845000001", True),
        ("IN", "9845000001", True),
        ("IN", "919845000001", True),
        ("IN", "9845000", False),
        ("", "9198450", False),
        ("", "99912345678", False),
        ("IN", "984FLOWERS", False),
    ],
)
def test_numbers_are_those_of_the_countries_plans(drop: Drop, region: str, number: str, good: bool) -> None:
    drop.subscribers(whole(number, more="").rstrip(","))
    report = drop.run(region=region)
    assert (report["accepted"], report["rejected_by_reason"]) == ((1, {}) if good else (0, {"BAD_NUMBER": 1}))

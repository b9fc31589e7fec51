"""The records of one person: of nobody else, and no more than is permitted at that moment."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ingest_drop import EVERYTHING, NOW, Drop
from pyroaring import BitMap

from cdr_ingest.triggers.memory import Known, Memory, ToldRow
from operator_push.domain.consent import Purpose
from operator_push.kernel.contracts import TRIGGER_MEMORY, TRIGGERS_FOLDER, DataPurpose, TriggerEvent
from operator_push.kernel.errors import OperatorError
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.profiles.permitted_profiles import Permission, PermittedProfiles
from operator_push.profiles.trigger_memory import Remembered

ASHA, BINA = "919845000001", "919845000002"
DAY = f"{NOW.date().isoformat()}T05:00:00Z"
CALLS, PLACE, MONEY = DataPurpose.CALL_DATA, DataPurpose.LOCATION, DataPurpose.TOP_UP


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drop = Drop(tmp_path_factory.mktemp("kept"), {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    drop.cells("BLR1,Bengaluru,12.9,77.6")
    drop.subscribers(f"{ASHA},404980000000001,2026-01-01,1990,hi,Talk 99,true,android")
    drop.cdrs(
        *(
            f"{who}-{kind},{kind},{who},919845111111,{DAY},0,,,BLR1"
            for who in (ASHA, BINA)
            for kind in ("MO_SMS",)
        )
    )
    drop.top_ups(f"t1,{ASHA},{DAY},19.00,app")
    drop.run()
    triggers = drop.out / "triggers"
    triggers.mkdir()
    lines = [
        msgspec.json.encode(TriggerEvent(sequence=n, trigger=name, subscriber_no=who, at_us=1, read_us=1))
        for n, (name, who) in enumerate([("top_up", 1), ("area_entered", 1), ("top_up", 2)], 1)
    ]
    (triggers / "events-2026-11-02.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return drop.out / "features.json"


def opened(profiles: OpenProfiles, held: DataPurpose, who: int = 1) -> PermittedProfiles:
    alone, nobody = BitMap([who]), BitMap()
    return profiles.permitted(
        Permission(Purpose.SERVICE, "*", 0, alone, lambda bit: alone if bit in held else nobody)
    )


def records(features: Path, held: DataPurpose, **more: Any) -> dict[str, list[dict[str, Any]]]:
    with OpenProfiles(features, memory_limit="128MB") as profiles:
        return dict(opened(profiles, held).records_of(1, **more))


def test_what_is_kept_of_a_person_is_told_without_our_keys(features: Path) -> None:
    told = records(features, EVERYTHING)
    assert {kind: len(rows) for kind, rows in told.items()} == dict.fromkeys(
        ("subscriber", "statement", "cdr", "top_up"), 1
    )
    (cdr,) = told["cdr"]
    assert (cdr["kind"], cdr["cell_id"]) == ("MO_SMS", "BLR1")
    assert told["top_up"][0]["amount_micros"] == 19_000_000
    assert told["subscriber"][0]["activated_on"] == "2026-01-01"
    for rows in told.values():
        assert not {"record_key", "position", "subscriber_no"} & set(rows[0])
    assert ASHA not in json.dumps(told)


CASES = """
1   statement,subscriber
2   cdr
6   cdr
8   top_up
0   -
"""


@pytest.mark.parametrize("case", CASES.strip().splitlines())
def test_a_kind_that_is_not_permitted_is_not_told(features: Path, case: str) -> None:
    held, kinds = case.split()
    told = records(features, DataPurpose(int(held)))
    assert ",".join(sorted(told)) == kinds.replace("-", "")


def test_a_place_needs_location(features: Path) -> None:
    assert "cell_id" not in records(features, CALLS)["cdr"][0]
    assert records(features, CALLS | PLACE)["cdr"][0]["cell_id"] == "BLR1"


def test_events_are_told_as_far_as_permitted(features: Path) -> None:
    with OpenProfiles(features, memory_limit="128MB") as profiles:
        assert [each.trigger for each in opened(profiles, EVERYTHING).events_of(1)] == [
            "top_up",
            "area_entered",
        ]
        assert [each.trigger for each in opened(profiles, MONEY).events_of(1)] == ["top_up"]
        assert opened(profiles, DataPurpose.NONE).events_of(1) == []
        assert len(opened(profiles, EVERYTHING, who=2).events_of(2)) == 1


def test_what_triggers_remember_is_told_as_far_as_permitted(features: Path) -> None:
    with OpenProfiles(features, memory_limit="128MB") as profiles:
        assert opened(profiles, EVERYTHING).remembered_of(1) == []  # no triggers yet
        memory = Memory(features.parent / TRIGGERS_FOLDER / TRIGGER_MEMORY)
        place, money = int(CALLS | PLACE), int(MONEY)
        known = [Known(1, "areas", "Pune\x1fairport", 5, place), Known(1, "balance", "19500000", 6, money)]
        with memory:
            memory.learn([*known, Known(2, "areas", "Goa", 5, place)], [ToldRow(1, "top_up", "", 7, money)])
        areas = Remembered("areas", "Pune, airport", 5)
        balance = [Remembered("balance", "19500000", 6), Remembered("told top_up", "", 7)]
        assert opened(profiles, EVERYTHING).remembered_of(1) == [areas, *balance]  # while it is open there
        assert opened(profiles, MONEY).remembered_of(1) == balance
        assert opened(profiles, CALLS).remembered_of(1) == []
        memory.close()
        file = features.parent / TRIGGERS_FOLDER / TRIGGER_MEMORY
        file.write_bytes(b"no database" * 100)
        with pytest.raises(OperatorError, match="what triggers remember cannot be read"):
            opened(profiles, EVERYTHING).remembered_of(1)
        file.unlink()


def test_too_many_to_look_through_is_said(features: Path) -> None:
    with pytest.raises(OperatorError, match="too many records"):
        records(features, EVERYTHING, rows_max=3)


def test_before_the_first_run_there_are_none(tmp_path: Path) -> None:
    assert records(tmp_path / "features.json", EVERYTHING) == {}


@pytest.mark.parametrize("octets", [b"{", b'{"version": 9, "files": []}'])
def test_a_manifest_that_is_none_is_named(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "manifest.json").write_bytes(octets)
    with pytest.raises(OperatorError, match=r"records/manifest\.json"):
        records(tmp_path / "features.json", EVERYTHING)

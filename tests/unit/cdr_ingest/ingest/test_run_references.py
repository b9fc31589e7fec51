"""Reference data: cells, devices and plans, with the days from which their rows hold."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ingest_drop import EVERYTHING, Drop, write_rows

ASHA, BINA = "919845000001", "919845000002"
DEVICES = ("tac", "brand", "model", "os", "release_year", "valid_from")
PLANS = ("plan_code", "name", "price", "ends_on", "valid_from")


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    columns = "msisdn,imsi,activated_on,birth_year,language,plan,prepaid,device_os,device_tac,plan_ends_on"
    write_rows(
        drop.input / "subscribers.csv",
        columns.split(","),
        [
            f"{ASHA},404980000000001,2025-01-01,1990,hi,P99,true,,35099999,",
            f"{BINA},404980000000002,2025-01-01,1990,hi,P199,true,feature,35000000,2026-12-24",
        ],
    )
    return drop


def features(drop: Drop, day: str, *names: str, person: int = 1) -> list[Any]:
    drop.run(as_of=date.fromisoformat(day), zone="UTC")
    return [drop.features()[person][name] for name in names]


def test_a_device_is_told_by_its_type(drop: Drop) -> None:
    write_rows(
        drop.input / "devices.csv",
        DEVICES,
        ["35099999,Acme,Ten,Android 14,2021,", "35099999,Acme,Ten Plus,iPhone OS,2021,2026-10-10"],
    )
    names = ("device.brand", "device.model", "device.os", "device.age_years")
    assert features(drop, "2026-10-09", *names) == ["Acme", "Ten", "android", 5]
    assert features(drop, "2026-10-10", *names) == ["Acme", "Ten Plus", "ios", 5]
    # No such type in the catalogue; what the contract says counts.
    assert features(drop, "2026-10-10", *names, person=2) == [None, None, "feature", None]


def test_a_plan_is_told_by_its_code_and_stays_known(drop: Drop) -> None:
    write_rows(drop.input / "plans" / "2026-10-01.csv", PLANS[:4], ["P99,Talk 99,99.50,2027-01-31"])
    names = ("plan", "plan_name", "plan_price", "plan_ends_on")
    end = (date(2027, 1, 31) - date(1970, 1, 1)).days
    assert features(drop, "2026-10-01", *names) == ["P99", "Talk 99", 99.5, end]
    (drop.input / "plans" / "2026-10-01.csv").unlink()
    write_rows(drop.input / "plans" / "2026-10-20.csv", PLANS[:4], ["P99,Talk 120,120,"])
    assert features(drop, "2026-10-19", *names) == ["P99", "Talk 99", 99.5, end]
    assert features(drop, "2026-10-20", *names) == ["P99", "Talk 120", 120.0, None]
    assert features(drop, "2026-09-30", *names) == ["P99", "P99", None, None]
    own_end = (date(2026, 12, 24) - date(1970, 1, 1)).days
    assert features(drop, "2026-10-20", *names, person=2) == ["P199", "P199", None, own_end]


def test_wrong_rows_are_told_like_any_others(drop: Drop) -> None:
    write_rows(drop.input / "devices.csv", DEVICES, ["35099,Acme,Ten,,,", "35099999,Acme,Ten,,21,"])
    write_rows(drop.input / "plans.csv", PLANS, ["P1,Talk,free,,", "P1,,1,,", "P1,Talk,1,,2026-13-01"])
    report = drop.run()
    assert (report["devices"]["rejected"], report["plans"]["rejected"]) == (2, 3)
    rejects = (drop.out / "plan-rejects.csv").read_text().splitlines()
    assert [line.split(",")[2] for line in rejects[1:]] == ["BAD_VALUE", "MISSING_FIELD", "IMPOSSIBLE_DATE"]
    assert (drop.out / "device-rejects.csv").exists()
    assert not (drop.out / "cell-rejects.csv").exists()


def test_catalogues_of_other_houses_come_by_a_mapping(drop: Drop) -> None:
    folder = drop.input / "mappings"
    folder.mkdir()
    (folder / "tac.toml").write_text(
        'name = "tac"\nkind = "device"\nfiles = ["gsma/*"]\n[text]\ndelimiter = "|"\n'
        '[fields]\ntac = { from = "TAC" }\nbrand = { from = "Maker" }\nmodel = { from = "Name" }\n'
        'os = { from = "System" }\n'
    )
    write_rows(drop.input / "gsma" / "a.txt", ["TAC|Maker|Name|System"], ["35099999|Acme|One|KaiOS 2"])
    assert features(drop, "2026-10-10", "device.brand", "device.os") == ["Acme", "feature"]


def test_a_balance_that_is_none_is_told(drop: Drop) -> None:
    columns = ("record_id", "msisdn", "topped_up_at", "amount_rupees", "channel", "balance_rupees")
    row = f"{{}},{ASHA},2026-10-10T10:00:00Z,50,shop,{{}}"
    rows = [row.format("a", "61.5"), row.format("b", ""), row.format("c", "much")]
    write_rows(drop.input / "topups" / "a.csv", columns, rows)
    report = drop.run()
    assert (report["by_kind"]["top_up"]["accepted"], report["rejected_by_reason"]) == (2, {"BAD_VALUE": 1})

"""What happens is told once, in its order, of people who permit it, and over every restart."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from charging_samples import address, octets, record, volumes
from trigger_stream import (
    ASHA,
    EVERYTHING,
    HEADERS,
    HOUR_US,
    MEENA,
    PEOPLE,
    RAVI,
    SECOND_US,
    TriggerStream,
)

from cdr_ingest.collection.folder import WatchedFolder
from cdr_ingest.door.snapshot import read_key, read_snapshot
from cdr_ingest.triggers.forgetting import forget_withdrawn
from cdr_ingest.triggers.watching import StreamSource, Watching
from operator_push.cdr.ber import constructed, context
from operator_push.cdr.field_kinds import bcd_octets
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.instants import from_epoch_us


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[TriggerStream]:
    made = TriggerStream(tmp_path, more="max_age_s = 900")
    yield made
    made.close()


PUNE = {"area": "Pune", "city": "Pune", "lat": 18.52, "lon": 73.85}
MUMBAI = {"area": "Mumbai", "city": "Mumbai", "lat": 19.07, "lon": 72.87}


def test_an_area_is_entered_by_who_was_elsewhere_before(stream: TriggerStream) -> None:
    stream.cdr(ASHA, "P1")
    stream.look()
    assert stream.told() == []  # the first place of a person is no arrival
    stream.cdr(ASHA, "P2")
    stream.cdr(ASHA, "M1")
    stream.cdr(RAVI, "M1")
    stream.look()
    assert stream.told() == [("area_entered", 1, MUMBAI)]


def test_a_rest_is_kept_for_each_area_over_a_restart(stream: TriggerStream) -> None:
    for cell in ("P1", "M1", "P1", "M1", "P1"):
        stream.cdr(ASHA, cell)
        stream.look()
        stream.now_us += SECOND_US
        stream.open()
    assert [event.attributes["area"] for event in stream.events()] == ["Mumbai", "Pune"]
    stream.now_us += 24 * HOUR_US
    stream.cdr(ASHA, "M1")
    stream.look()
    assert [event.attributes["area"] for event in stream.events()] == ["Mumbai", "Pune", "Mumbai"]
    assert [event.sequence for event in stream.events()] == [1, 2, 3]


def test_what_is_old_is_learned_and_not_told(stream: TriggerStream) -> None:
    stream.cdr(ASHA, "P1", ago_s=3_000)
    stream.cdr(ASHA, "M1", ago_s=2_000)
    stream.top_up(ASHA, ago_s=901)
    stream.look()
    assert stream.told() == []
    stream.cdr(ASHA, "P1", ago_s=900)
    stream.look()
    assert stream.told() == [("area_entered", 1, PUNE)]


def test_records_that_come_late_turn_nothing_back(stream: TriggerStream) -> None:
    stream.cdr(ASHA, "P1", ago_s=60)
    stream.cdr(ASHA, "M1", ago_s=20)
    stream.look()
    stream.cdr(ASHA, "P1", ago_s=40)
    stream.cdr(ASHA, "M1", ago_s=10)
    stream.look()
    assert stream.told() == [("area_entered", 1, MUMBAI)]


def test_a_top_up_is_told_each_time_and_each_record_once(stream: TriggerStream) -> None:
    stream.top_up(ASHA, "100")
    stream.top_up(ASHA, "50.50", record_id="t9")
    stream.look()
    stream.top_up(ASHA, "50.50", record_id="t9")  # once more, in another piece
    stream.look()
    assert stream.told() == [("top_up", 1, {"amount": 100.0}), ("top_up", 1, {"amount": 50.5})]


def test_of_who_permits_nothing_nothing_is_told_or_known(stream: TriggerStream) -> None:
    for cell in ("P1", "M1"):
        stream.cdr(MEENA, cell)
        stream.cdr("919819999999", cell)  # of nobody whom we know
    stream.top_up(MEENA)
    found = stream.look()
    assert (found.rows, found.not_permitted, found.rejected) == (5, 5, 0)
    assert stream.told() == []
    assert remembered(stream) == []


def remembered(stream: TriggerStream) -> list[int]:
    with closing(sqlite3.connect(stream.folder / "out" / "triggers" / "triggers.db")) as database:
        asked = "SELECT subscriber_no FROM known UNION SELECT subscriber_no FROM told ORDER BY 1"
        return [number for (number,) in database.execute(asked)]


def test_a_place_needs_location_beyond_call_data(stream: TriggerStream) -> None:
    stream.permit({ASHA: (1, EVERYTHING & ~DataPurpose.LOCATION), RAVI: (2, EVERYTHING)})
    for cell in ("P1", "M1"):
        stream.cdr(ASHA, cell)
        stream.cdr(RAVI, cell)
    stream.look()
    assert [who for _, who, _ in stream.told()] == [2]


def test_a_withdrawal_ends_what_is_known_as_soon_as_the_snapshot_tells(stream: TriggerStream) -> None:
    stream.cdr(ASHA, "P1")
    stream.cdr(RAVI, "P1")
    stream.look()
    assert remembered(stream) == [1, 2]
    stream.permit(PEOPLE | {ASHA: (1, DataPurpose.TOP_UP)})
    stream.cdr(ASHA, "M1")
    stream.cdr(RAVI, "M1")
    found = stream.look()
    assert found.forgotten == 1
    assert remembered(stream) == [2]
    assert [who for _, who, _ in stream.told()] == [2]
    stream.permit(PEOPLE)
    stream.cdr(ASHA, "M1")  # permits again: what was before is not known any more
    stream.look()
    assert [who for _, who, _ in stream.told()] == [2]


@pytest.mark.parametrize("dies_in", ["_take", "note", "append"])
def test_a_crash_anywhere_repeats_nothing_and_passes_over_nothing(
    stream: TriggerStream, dies_in: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.cdr(ASHA, "P1")
    stream.look()
    stream.cdr(ASHA, "M1")
    stream.top_up(ASHA)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    watching = stream.watching
    assert watching is not None
    target: object = {"_take": watching, "note": watching._memory, "append": watching._journal}[dies_in]
    with monkeypatch.context() as patch:
        if dies_in == "append":
            # The journal before the sources are read is left alone: it dies behind the commit.
            calls = iter([lambda *_: 0])
            patch.setattr(target, dies_in, lambda *args: next(calls, die)(*args))
        else:
            patch.setattr(target, dies_in, die)
        with pytest.raises(KeyboardInterrupt):
            watching.look(stream.now_us)
    stream.open()
    stream.look()
    stream.look()
    assert stream.told() == [("area_entered", 1, MUMBAI), ("top_up", 1, {"amount": 100.0})]


def test_a_journal_with_half_a_line_is_mended(stream: TriggerStream) -> None:
    stream.top_up(ASHA)
    stream.look()
    stream.close()
    (journal,) = (stream.folder / "out" / "triggers").glob("events-*.jsonl")
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"sequence":2,"trig')
    stream.top_up(RAVI)
    stream.look()
    assert [event.sequence for event in stream.events()] == [1, 2]
    assert journal.read_bytes().startswith(whole)


def test_files_of_days_that_are_over_are_removed(stream: TriggerStream) -> None:
    stream.top_up(ASHA)
    stream.look()
    stream.now_us += 3 * 24 * HOUR_US
    stream.top_up(RAVI)
    stream.look()
    assert [event.subscriber_no for event in stream.events()] == [2]


LINES = '[[line]]\nname = "spring"\nnumbers = ["918045000000", "57070"]\n'


def test_a_call_to_a_line_that_nobody_takes(tmp_path: Path) -> None:
    stream = TriggerStream(tmp_path, tables=LINES)
    call = {"kind": "MO_CALL", "duration_s": "0"}
    stream.cdr(ASHA, correspondent="+918045000000", **call)
    stream.cdr(ASHA, correspondent="57070", **call)  # it rests
    stream.cdr(RAVI, correspondent="00918045000000", **call)
    stream.cdr(RAVI, correspondent="918045000000", **(call | {"duration_s": "5"}))  # was taken
    stream.cdr(MEENA, correspondent="918045000000", **call)  # permits no call data
    stream.look()
    stream.close()
    line = {"line": "spring"}
    assert stream.told() == [("missed_call", 1, line), ("missed_call", 2, line)]


def test_the_record_of_the_line_is_the_brands(tmp_path: Path) -> None:
    """Whoever calls it: the record is not theirs, and it is only asked whether they opt in."""
    stream = TriggerStream(tmp_path, tables=LINES)
    for caller in (MEENA, MEENA, ASHA, "919819999999"):
        stream.cdr("918045000000", kind="MT_CALL", duration_s="0", correspondent=caller)
    found = stream.look()
    stream.close()
    assert found.not_permitted == 4  # nothing of it is learned
    assert stream.told() == [("opt_in_call", 3, {"line": "spring"}), ("opt_in_call", 1, {"line": "spring"})]


def test_another_device(stream: TriggerStream) -> None:
    row = f"{ASHA},404450000000001,2024-01-01,1990,en,Go,true,"
    for system in ("feature", "feature", "android"):
        stream.write("subscribers", row + system)
        stream.look()
    assert stream.told() == [("new_device", 1, {"device": "android"})]


def test_no_number_is_left_behind(stream: TriggerStream) -> None:
    for cell in ("P1", "M1"):
        stream.cdr(ASHA, cell)
    stream.top_up(RAVI)
    stream.look()
    stream.close()
    for path in (stream.folder / "out").rglob("*"):
        if path.is_file():
            octets = path.read_bytes()
            for number in (ASHA, RAVI, MEENA, "919820000009"):
                assert number.encode() not in octets, path
                assert number[2:].encode() not in octets, path


def test_retention_forgets_beside_the_program(stream: TriggerStream) -> None:
    stream.cdr(ASHA, "P1")
    stream.cdr(RAVI, "P1")
    stream.look()
    key = read_key(stream.folder / "key")
    stream.permit({ASHA: (1, EVERYTHING)})  # Ravi is erased: nobody knows him any more
    snapshot = read_snapshot(stream.folder / "permission.parquet", key)
    out = stream.folder / "out"
    assert forget_withdrawn(out, snapshot, from_epoch_us(stream.now_us)) == 1
    assert remembered(stream) == [1]
    assert forget_withdrawn(stream.folder, snapshot, from_epoch_us(stream.now_us)) == 0  # no triggers there


MORE_HEADERS = HEADERS | {
    "cdr": HEADERS["cdr"] + ",network,device_tac,balance_rupees",
    "topups": HEADERS["topups"] + ",balance_rupees",
    "subscribers": HEADERS["subscribers"] + ",device_tac,plan_ends_on",
}


def test_who_lands_abroad_is_told_by_charging_records_as_well(tmp_path: Path) -> None:
    stream = TriggerStream(tmp_path)
    (tmp_path / "gateway").mkdir()

    def session(number: int, network: str, tac: str) -> None:
        at = from_epoch_us(stream.now_us + number * SECOND_US)
        octets_of = record(
            79, 85, octets(22, address(ASHA)), constructed(context(12), volumes((1, 1))),
            octets(13, bytes.fromhex(f"{at:%y%m%d%H%M%S}") + b"+\0\0"), octets(14, b"\1"),
            octets(27, bytes.fromhex(network)), octets(29, bcd_octets(tac + "12345678")),
        )  # fmt: skip
        (tmp_path / "gateway" / f"{number}.ber").write_bytes(octets_of)

    session(1, "04f454", "35000101")  # 404-45
    session(2, "32f451", "35000202")  # 234-15
    session(3, "99", "35000202")  # no network: nothing new
    folder = WatchedFolder({"path": str(tmp_path / "gateway"), "complete": "renamed"})
    watching = Watching(stream.config(), [StreamSource("gateway", folder, "cdr")], stream.now_us)
    assert watching.look(stream.now_us).rejected == 0
    watching.close()
    assert stream.told() == [
        ("landed_abroad", 1, {"network": "234-15"}),
        ("new_device", 1, {"device": "35000202"}),
    ]


def test_what_records_may_tell_beside_their_columns(tmp_path: Path) -> None:
    stream = TriggerStream(tmp_path, headers=MORE_HEADERS, more="plan_hour = 0\nkeep_days = 30")
    stream.cdr(ASHA, network="404-45", device_tac="3500010112345678", balance_rupees="30")
    stream.cdr(ASHA, network="23415", device_tac="35000202", balance_rupees="19.50")
    stream.cdr(ASHA, network="nonsense", device_tac="-", balance_rupees="-")  # tells nothing more
    stream.look()
    assert stream.told() == [
        ("landed_abroad", 1, {"network": "234-15"}),
        ("balance_low", 1, {"balance": 19.5}),
        ("new_device", 1, {"device": "35000202"}),
    ]
    stream.top_up(ASHA, "100", balance_rupees="119.50")
    found = stream.look()
    assert found.rejected == 0
    assert stream.told()[3:] == [("top_up", 1, {"amount": 100.0, "balance": 119.5})]
    day = 24 * HOUR_US

    def contract(who: str, days: int) -> None:
        ends_on = from_epoch_us(stream.now_us + days * day).date().isoformat()
        row = f"{who},404450000000002,2024-01-01,1990,en,Go,true,android,35000101"
        stream.write("subscribers", f"{row},{ends_on}")

    contract(RAVI, 3)  # told as it is learned, since the day's look at plans is over
    contract(ASHA, 5)
    for days in (0, 1, 2, 3, 4):
        stream.look()
        stream.open()
        stream.look()
        told = [(who, attributes["days_left"]) for name, who, attributes in stream.told()[4:]]
        assert told == [(2, 3), (1, 3)][: 1 if days < 2 else 2]
        stream.now_us += day
    stream.close()


def test_what_more_records_tell_needs_its_own_permission(tmp_path: Path) -> None:
    stream = TriggerStream(tmp_path, {ASHA: (1, DataPurpose.CALL_DATA)}, headers=MORE_HEADERS)
    stream.cdr(ASHA, "P1", network="404-45", device_tac="35000101", balance_rupees="30")
    stream.cdr(ASHA, "M1", network="23415", device_tac="35000202", balance_rupees="1")
    found = stream.look()
    assert (found.rows, found.not_permitted) == (2, 0)
    assert (stream.told(), remembered(stream)) == ([], [])
    stream.close()


def test_whole_files_of_a_folder_are_read_once(stream: TriggerStream) -> None:
    folder = WatchedFolder({"path": f"{stream.folder}/stream/topups", "stable_s": 0})
    source = StreamSource("dropped", folder, "topups")
    watching = Watching(stream.config(), [source], stream.now_us)
    stream.now_us += SECOND_US * 3_600 * 24 * 365 * 2  # the file's own moment lies before the look's
    for looks in (1, 2):
        stream.top_up(ASHA, str(100 * looks))
        os.replace(stream.folder / "stream/topups/now.csv", stream.folder / f"stream/topups/{looks}.csv")
        assert [watching.look(stream.now_us).arrivals for _ in range(3)] == [1, 0, 0]
    watching.close()
    again = Watching(stream.config(), [source], stream.now_us)
    assert again.look(stream.now_us).arrivals == 0
    again.close()
    assert [attributes["amount"] for _, _, attributes in stream.told()] == [100.0, 200.0]


def test_a_file_that_is_too_large_for_a_stream_is_passed_over_with_a_word(
    stream: TriggerStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cdr_ingest.triggers.watching.ARRIVAL_OCTETS_MAX", 100)
    for _ in range(3):
        stream.top_up(ASHA)
    (note,) = stream.look().notes
    assert "is for `cdr-ingest run`" in note
    assert stream.told() == []
    assert stream.look().arrivals == 0

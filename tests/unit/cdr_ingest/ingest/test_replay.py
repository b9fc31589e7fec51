"""Rejected records are read again after a fix, each exactly once."""

import json
import stat
from pathlib import Path

import pytest
from ingest_drop import EVERYTHING, KEY, Drop, counts

from cdr_ingest.generate.records import CDR_COLUMNS
from cdr_ingest.ingest import replay as replay_module
from cdr_ingest.ingest.replay import Chosen
from cdr_ingest.rejects.sealed_file import seal_key
from cdr_ingest.rejects.sealed_folder import SealedFolder
from cdr_ingest.store.file_ledger import FileLedger
from cdr_ingest.store.ledger_rows import FileState
from operator_push.kernel.errors import OperatorError, ResourceError

ASHA, BINA, NOBODY = "919845000001", "919845000002", "919845000009"


def call(record_id: str, msisdn: str = ASHA, at: str = "2026-10-10T12:00:00+05:30", cell: str = "") -> str:
    return f"{record_id},MO_CALL,{msisdn},919845111111,{at},60,,,{cell}"


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    drop.cells("BLR1,Bengaluru,12.9,77.6")
    return drop


def sealed(drop: Drop) -> list[tuple[str, int, str, bytes]]:
    with FileLedger(drop.out / "ingest.db") as ledger:
        numbers = [row.run_no for row in ledger.sealed()]
    found = SealedFolder(drop.out, seal_key(KEY)).read(numbers)
    return [(one.name, one.line_no, one.reason, one.octets) for one in found]


def totals(drop: Drop) -> dict[str, tuple[int, int, int, int, int]]:
    with FileLedger(drop.out / "ingest.db") as ledger:
        return {
            row.name: (row.read, row.accepted, row.rejected, row.duplicates, row.not_permitted)
            for row in ledger.files().values()
        }


def test_a_reject_keeps_its_octets_for_who_has_the_key(drop: Drop) -> None:
    drop.cdrs(call("r1"), call("r2", at="never"), "short")
    drop.run()
    assert sealed(drop) == [
        ("cdr/a.csv", 3, "IMPOSSIBLE_DATE", call("r2", at="never").encode()),
        ("cdr/a.csv", 4, "TRUNCATED_ROW", b"short"),
    ]
    [path] = (drop.out / "rejects").iterdir()
    assert ASHA.encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with pytest.raises(OperatorError, match="sealed by another key"):
        list(SealedFolder(drop.out, seal_key(b"x" * 32)).read([1]))


def test_octets_that_are_no_text_are_kept_as_they_came(drop: Drop) -> None:
    latin = call("r1").encode().replace(b"r1", b"Z\xfcrich")
    cut = call("r2").encode() + b"\xe2\x82"  # a character of UTF-8 that lacks its end
    nul = call("r3").encode().replace(b"r3", b"r\x003")
    drop.cdrs(call("r4"))
    path = drop.input / "cdr" / "a.csv"
    path.write_bytes(path.read_bytes() + b"\r\n".join([latin, cut, nul, b""]))
    assert counts(drop.run()) == (4, 1, 3, 0, 0)
    assert sealed(drop) == [
        ("cdr/a.csv", line, "BAD_ENCODING", octets) for line, octets in ((3, latin), (4, cut), (5, nul))
    ]
    assert drop.replay()["rejected"] == 3
    assert [octets for *_, octets in sealed(drop)] == [latin, cut, nul]


@pytest.mark.parametrize(
    ("encoding", "wrong"), [("cp1252", b"\x81"), ("utf-16-le", b"\x00\xd8"), ("shift_jis", b"\x81\xff")]
)
def test_octets_of_a_mappings_encoding_are_kept_as_they_came(drop: Drop, encoding: str, wrong: bytes) -> None:
    mapping = 'name = "x"\nkind = "cdr"\n[text]\nencoding = "{}"\n[fields]\n{}'
    fields = "\n".join(f'{name} = {{ from = "{name}" }}' for name in CDR_COLUMNS)
    (drop.input / "mappings").mkdir()
    (drop.input / "mappings" / "x.toml").write_text(mapping.format(encoding, fields))
    rows = [",".join(CDR_COLUMNS), call("r1"), call("r2", at="never")]
    lines = [row.encode(encoding) for row in rows]
    lines.append(lines[1] + wrong)
    drop.cdrs()
    path = drop.input / "cdr" / "a.csv"
    path.write_bytes("\n".encode(encoding).join([*lines, b""]))
    assert counts(drop.run()) == (3, 1, 2, 0, 0)
    assert [(line, reason) for _, line, reason, _ in sealed(drop)] == [
        (3, "IMPOSSIBLE_DATE"), (4, "BAD_ENCODING"),
    ]  # fmt: skip
    assert [octets for *_, octets in sealed(drop)] == [
        rows[2].encode(),
        lines[3],
    ]  # read: UTF-8; not: as it came
    assert drop.replay()["rejected"] == 2
    assert [octets for *_, octets in sealed(drop)] == [rows[2].encode(), lines[3]]


def test_after_a_fix_of_the_cells_rejects_are_accepted_once(drop: Drop) -> None:
    rows = [
        call("r1"),
        call("r2", cell="PNQ1"),  # accepted after the fix
        call("r3", cell="XXX"),  # rejected again
        call("r4", NOBODY, cell="PNQ1"),  # not permitted
        call("r1", cell="PNQ1"),  # repeats the first row
        "short",
    ]
    drop.cdrs(*rows)
    assert counts(drop.run()) == (6, 1, 5, 0, 0)
    drop.cells("BLR1,Bengaluru,12.9,77.6", "PNQ1,Pune,18.5,73.8")
    (drop.input / "cdr" / "a.csv").unlink()  # not needed
    assert counts(drop.replay(Chosen(reasons={"UNKNOWN_CELL"}))) == (4, 1, 1, 1, 1)
    assert drop.features()[1]["calls_30d"] == 2
    assert totals(drop) == {"cdr/a.csv": (6, 2, 2, 1, 1)}
    assert [(line, reason) for _, line, reason, _ in sealed(drop)] == [
        (7, "TRUNCATED_ROW"),
        (4, "UNKNOWN_CELL"),
    ]
    assert (drop.out / "rejects.csv").read_text().count("UNKNOWN_CELL") == 1
    # A second replay reads only what is left.
    assert counts(drop.replay()) == (2, 0, 2, 0, 0)
    assert drop.features()[1]["calls_30d"] == 2
    assert len([*(drop.out / "rejects").iterdir()]) == 1


def test_a_replay_that_dies_changes_nothing(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    drop.cdrs(call("r1", cell="PNQ1"), call("r2", cell="PNQ1"))
    drop.run()
    before = sealed(drop), totals(drop)
    drop.cells("PNQ1,Pune,18.5,73.8")

    def die(*_: object) -> None:
        raise ResourceError("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(replay_module, "finish", die)
        with pytest.raises(ResourceError):
            drop.replay()
    assert (sealed(drop), totals(drop)) == before
    drop.cdrs(call("r9"), name="b.csv")
    assert counts(drop.run()) == (1, 1, 0, 0, 0)  # what the dead replay staged counts nowhere
    assert drop.features()[1]["calls_30d"] == 1
    assert counts(drop.replay()) == (2, 2, 0, 0, 0)
    assert drop.features()[1]["calls_30d"] == 3
    with pytest.raises(OperatorError, match="no reject to read again"):
        drop.replay()


MAPPING = """
name = "foreign"
kind = "cdr"
files = ["cdr/*.csv"]
[text]
delimiter = ";"
encoding = "latin-1"
[fields]
record_id = { from = "id" }
kind = { value = "MO_CALL" }
msisdn = { from = "a" }
correspondent = { from = "b" }
started_at = { from = "at", date = "iso", zone = "Asia/Kolkata" }
duration_s = { from = "s" }
"""


def test_a_file_with_a_foreign_header_is_replayed_by_a_mapping(drop: Drop) -> None:
    path = drop.input / "cdr" / "a.csv"
    path.parent.mkdir()
    rows = f"{ASHA};919845111111;2026-10-10T12:00:00"
    path.write_bytes(f"id;a;b;at;s;é\nr1;{rows};60;é\nr2;{rows};x;é\n".encode("latin-1"))
    assert counts(drop.run()) == (3, 0, 3, 0, 0)
    (drop.input / "mappings").mkdir()
    (drop.input / "mappings" / "foreign.toml").write_text(MAPPING)
    assert counts(drop.replay()) == (2, 1, 1, 0, 0)  # the first line is a header now
    assert totals(drop) == {"cdr/a.csv": (2, 1, 1, 0, 0)}
    [(_, line, reason, _)] = sealed(drop)
    assert (line, reason) == (3, "BAD_VALUE")
    assert counts(drop.replay()) == (1, 0, 1, 0, 0)  # now with its header before it


def test_rejects_are_forgotten_after_their_time(drop: Drop) -> None:
    drop.cdrs("short")
    drop.run()
    with FileLedger(drop.out / "ingest.db") as ledger:
        [row] = ledger.sealed()
    drop.replay(keep_rejects_days=30)
    assert len(sealed(drop)) == 1
    drop.replay(keep_rejects_days=0)
    assert row.rejects == 1


def test_a_file_that_is_mostly_wrong_is_set_aside_until_a_person_decides(drop: Drop) -> None:
    good, bad = [call(f"g{n}") for n in range(40)], ["broken"] * 70
    drop.cdrs(*good, *bad)
    drop.cdrs(call("other"), name="b.csv")
    report = drop.run()
    assert counts(report) == (1, 1, 0, 0, 0)
    [aside] = report["quarantined_files"]
    assert (aside["file"], aside["state"]) == ("cdr/a.csv", "quarantined")
    assert aside["detail"] == "70 of the 110 rows are rejected: TRUNCATED_ROW 70"
    assert (drop.out / "runs/000001/quarantined-rejects.csv").read_text().count("TRUNCATED_ROW") == 70
    assert drop.features()[1]["calls_30d"] == 1
    assert sealed(drop) == []
    assert drop.run()["quarantined_files"] == [aside]  # the next run leaves it alone
    with FileLedger(drop.out / "ingest.db") as ledger:
        row = ledger.files()[aside["content_sha256"]]
        ledger.decide(row, FileState.WAITING, 0)
    assert counts(drop.run()) == (110, 40, 70, 0, 0)
    assert drop.features()[1]["calls_30d"] == 41
    assert json.loads((drop.out / "run.json").read_text())["quarantined_files"] == []

"""Mapped rows: every form of text, every way to write a value, and the rows that cannot be read."""

import json
from pathlib import Path
from typing import Any

import pytest

from cdr_ingest.mapping.catalogue import find_mapping
from cdr_ingest.mapping.mapping import FileMapping
from cdr_ingest.mapping.reading import read_mapping
from cdr_ingest.mapping.rows import json_path
from cdr_ingest.reading.trial import seen_rows, try_rows

ZONE = "Asia/Kolkata"


def mapping_of(text: str, fields: str = "", kind: str = "cdr") -> FileMapping:
    """A mapping of our own columns in a text of such a form, with `fields` instead of the usual ones."""
    given = dict(line.split(" = ", 1) for line in fields.strip().splitlines())
    usual = {
        "record_id": '{ from = "@line" }',
        "kind": '{ value = "MO_CALL" }',
        "msisdn": '{ value = "919800000001" }',
        "started_at": '{ value = "2026-10-10T00:00:00Z" }',
    }
    rows = "\n".join(f"{name} = {given.pop(name, default)}" for name, default in usual.items())
    rows += "".join(f"\n{name} = {value}" for name, value in given.items())
    return read_mapping(f'name = "m"\nkind = "{kind}"\n[text]\n{text}\n[fields]\n{rows}\n', "m.toml")


def rows_of(path: Path, octets: bytes | str, mapping: FileMapping) -> list[dict[str, Any]]:
    path.write_bytes(octets.encode() if isinstance(octets, str) else octets)
    return [
        {key: value for key, value in row.items() if value != ""}
        for row in seen_rows(path, mapping.row_kind, mapping, ZONE)
    ]


MOMENTS = [
    ('date = "%Y-%m-%d %H:%M:%S"', "2026-10-10 12:00:00", "2026-10-10T06:30:00.000000Z"),
    ('date = "%d.%m.%Y %H:%M"', "10.10.2026 12:00", "2026-10-10T06:30:00.000000Z"),
    ('date = "%m/%d/%Y %I:%M:%S %p", zone = "UTC"', "10/09/2026 01:05:00 PM", "2026-10-09T13:05:00.000000Z"),
    ('date = "%Y%m%d%H%M%S", zone = "+02:00"', "20261010000000", "2026-10-09T22:00:00.000000Z"),
    ('date = "%Y%m%d%H%M%S", zone = "-0330"', "20261010000000", "2026-10-10T03:30:00.000000Z"),
    ('date = "%Y-%m-%d %H:%M:%S%z"', "2026-10-10 12:00:00+0100", "2026-10-10T11:00:00.000000Z"),
    ('date = "%Y-%m-%d %H:%M:%S.%f", zone = "UTC"', "2026-10-10 12:00:00.25", "2026-10-10T12:00:00.250000Z"),
    ('date = ["%d.%m.%Y", "%Y-%m-%d"], zone = "UTC"', "2026-10-10", "2026-10-10T00:00:00.000000Z"),
    ('date = "epoch_s"', "1791615600", "2026-10-10T07:00:00.000000Z"),
    ('date = "epoch_s"', "1791615600.5", "2026-10-10T07:00:00.500000Z"),
    ('date = "epoch_ms"', "1791615600123", "2026-10-10T07:00:00.123000Z"),
    ('date = "iso"', "2026-10-10T12:00:00", "2026-10-10T06:30:00.000000Z"),
    ('date = "iso"', "2026-10-10T12:00:00Z", "2026-10-10T12:00:00.000000Z"),
    ('date = "iso"', "2026-10-10T12:00:00.5+05:30", "2026-10-10T06:30:00.500000Z"),
    ('date = "%Y-%m-%d %H:%M", zone = "Europe/Berlin"', "2026-07-01 12:00", "2026-07-01T10:00:00.000000Z"),
    ('date = "%Y-%m-%d %H:%M", zone = "Europe/Berlin"', "2026-12-01 12:00", "2026-12-01T11:00:00.000000Z"),
    ('date = "%d.%m.%Y"', "31.02.2026", "31.02.2026"),
    ('date = "epoch_s"', "soon", "soon"),
]


@pytest.mark.parametrize(("key", "written", "read"), MOMENTS)
def test_moments(tmp_path: Path, key: str, written: str, read: str) -> None:
    mapping = mapping_of('delimiter = "|"', f'started_at = {{ from = "x", {key} }}')
    assert rows_of(tmp_path / "x", f"x\n{written}\n", mapping)[0]["started_at"] == read


QUANTITIES = [
    ("duration_s", 'unit = "s"', "61", "61"),
    ("duration_s", 'unit = "ms"', "61500", "62"),
    ("duration_s", 'unit = "min"', "1.5", "90"),
    ("duration_s", 'unit = "hh:mm:ss"', "01:02:03", "3723"),
    ("duration_s", 'unit = "hh:mm:ss"', "2:03", "123"),
    ("duration_s", 'unit = "hh:mm:ss"', "2:03:99", "2:03:99"),
    ("duration_s", 'unit = "s"', "-3", "-3"),
    ("duration_s", 'unit = "s"', "long", "long"),
    ("octets_up", 'unit = "KiB"', "1.5", "1536"),
    ("octets_up", 'unit = "GB"', "2", "2000000000"),
    ("msisdn", "number = {}", "+91 98000-00001", "919800000001"),
    ("msisdn", "number = {}", "0091(98)00000001", "919800000001"),
    ("msisdn", 'number = { country_code = "49", national_prefix = "0" }', "0170 123", "49170123"),
    ("msisdn", 'number = { country_code = "91", national_digits = 10 }', "9800000001", "919800000001"),
    ("msisdn", 'number = { country_code = "91", national_digits = 10 }', "919800000001", "919800000001"),
    ("correspondent", "number = {}", "VM-BANK", "VM-BANK"),
    ("correspondent", r"match = 'sip:(\d+)@'", "sip:4930@host", "4930"),
    ("correspondent", 'default = "none"', "", "none"),
    ("kind", 'lookup = { o = "MO_CALL", t = "MT_CALL" }', "t", "MT_CALL"),
    ("kind", 'lookup = { o = "MO_CALL", t = "MT_CALL" }', "FAX", "FAX"),
    ("kind", 'lookup = { o = "MO_CALL" }, otherwise = "MT_SMS"', "FAX", "MT_SMS"),
    ("kind", 'lookup = { "it\'s $salt" = "MO_CALL" }', "it's $salt", "MO_CALL"),
]


@pytest.mark.parametrize(("name", "key", "written", "read"), QUANTITIES)
def test_values(tmp_path: Path, name: str, key: str, written: str, read: str) -> None:
    mapping = mapping_of('delimiter = "|"', f'{name} = {{ from = "x", {key} }}')
    assert rows_of(tmp_path / "x", f"x|y\n{written}|1\n", mapping)[0][name] == read


def test_a_decimal_comma(tmp_path: Path) -> None:
    mapping = read_mapping(
        'name = "m"\nkind = "top_up"\n[text]\ndelimiter = ";"\ndecimal = ","\n[fields]\n'
        'record_id = { from = "@line" }\nmsisdn = { from = "n" }\n'
        'topped_up_at = { from = "t", date = "%d.%m.%Y" }\namount_rupees = { from = "a", unit = "minor" }\n',
        "m.toml",
    )
    [row] = rows_of(tmp_path / "x", "n;t;a\n919800000001;10.10.2026;1.234,5\n", mapping)
    assert (row["amount_rupees"], row["topped_up_at"]) == ("12.345", "2026-10-09T18:30:00.000000Z")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16", "utf-16-le", "cp437", "shift_jis"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    name = "カナ" if encoding == "shift_jis" else "Zoë"
    mapping = mapping_of(f'encoding = "{encoding}"', 'correspondent = { from = "who" }')
    rows = rows_of(tmp_path / "x", f"who,x\r\n{name},1\r\n".encode(encoding), mapping)
    assert [(row["line"], row["correspondent"]) for row in rows] == [(2, name)]


def test_octets_of_no_encoding_are_a_reject(tmp_path: Path) -> None:
    mapping = mapping_of('encoding = "shift_jis"', 'correspondent = { from = "who" }')
    rows = rows_of(tmp_path / "x", b"who\nA\n\x81\xff\nB\n", mapping)
    assert [(row["line"], row.get("rejected", "")) for row in rows] == [
        (2, ""), (3, "BAD_ENCODING"), (4, ""),
    ]  # fmt: skip


def test_lines_to_be_passed_over_and_quotes(tmp_path: Path) -> None:
    text = "a title\n# note\nwho;x\n'a;b';1\n'it''s';2\nTRAILER;2\n"
    mapping = mapping_of(
        'delimiter = ";"\nquote = "\'"\nskip_lines = 1\nignore = ["#", "TRAILER"]',
        'correspondent = { from = "who" }',
    )
    rows = rows_of(tmp_path / "x", text, mapping)
    assert [(row["line"], row["correspondent"]) for row in rows] == [(4, "a;b"), (5, "it's")]
    mapping = mapping_of('escape = "backslash"', 'correspondent = { from = "who" }')
    [row] = rows_of(tmp_path / "x", 'who,x\n"say \\"yes, no\\"",1\n', mapping)
    assert row["correspondent"] == 'say "yes, no"'


def test_fixed_width(tmp_path: Path) -> None:
    mapping = mapping_of(
        'form = "fixed"\nheader = false\n[text.positions]\na = [1, 5]\nb = [7, 3]',
        'correspondent = { from = "a" }\nduration_s = { from = "b" }',
    )
    rows = rows_of(tmp_path / "x", "12345 060\n123   7\n1234\n", mapping)
    assert [(row.get("correspondent"), row.get("duration_s"), row.get("rejected")) for row in rows] == [
        ("12345", "060", None), ("123", "7", None), (None, None, "TRUNCATED_ROW"),
    ]  # fmt: skip


def test_json_lines(tmp_path: Path) -> None:
    mapping = mapping_of(
        'form = "jsonl"', 'correspondent = { from = ["a.b[1]", "core-uuid"] }\nduration_s = { from = "d" }'
    )
    lines = ['{"a": {"b": ["x", "y"]}, "d": 60}', '{"core-uuid": "z", "d": null}', "[1]", "{bad", '"x"']
    rows = rows_of(tmp_path / "x", "\n".join(lines), mapping)
    assert [(row.get("correspondent"), row.get("duration_s"), row.get("rejected")) for row in rows] == [
        ("y", "60", None), ("z", None, None), *[(None, None, "BAD_JSON")] * 3,
    ]  # fmt: skip
    assert json_path("a.b[0].c-d") == '$."a"."b"[0]."c-d"'


CALL = '"","+919800000001","919811111111","from-trunk","""Al"" <7>","c","d","Dial","x,y",'
CALL += '"2026-10-10 12:00:00","","2026-10-10 12:01:00",60,0,"NO ANSWER","DOCUMENTATION"'
COLUMNS = "accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,"
COLUMNS += "billsec,disposition,amaflags"
ENDINGS = [("", ""), (",uniqueid", ',"1.2"'), (",uniqueid,userfield", ',"1.2","u"')]


@pytest.mark.parametrize(("more_columns", "more"), ENDINGS)
@pytest.mark.parametrize("with_header", [True, False])
def test_asterisk(tmp_path: Path, more_columns: str, more: str, with_header: bool) -> None:
    text = f"{COLUMNS}{more_columns}\n" * with_header + f"{CALL}{more}\n" * 2
    rows = rows_of(tmp_path / "Master.csv", text, find_mapping("asterisk"))
    assert len(rows) == 2
    assert rows[0]["record_id"] == "1.2" if more else len(rows[0]["record_id"]) > 100
    expected = ("MT_CALL", "919800000001", "919811111111", "2026-10-10T06:30:00.000000Z", "0")
    assert (
        tuple(rows[0][name] for name in ("kind", "msisdn", "correspondent", "started_at", "duration_s"))
        == expected
    )


def test_freeswitch(tmp_path: Path) -> None:
    row = '"Al","919800000001","919811111111","default","2026-10-10 12:00:00","2026-10-10 12:00:05",'
    row += '"2026-10-10 12:01:00","60","55","NORMAL_CLEARING","u-1","","acc","PCMU","PCMU"\n'
    mapping = find_mapping("freeswitch")
    result = try_rows(written(tmp_path / "Master.csv", row), mapping.row_kind, mapping, ZONE)
    assert (result["read"], result["good"]) == (1, 1)
    call = {
        "core-uuid": "c",
        "variables": {"uuid": "u", "start_epoch": "1791615600", "billsec": "5", "direction": "inbound"},
        "callflow": [
            {"caller_profile": {"caller_id_number": "+919800000001", "destination_number": "55577"}}
        ],
    }
    [found] = rows_of(tmp_path / "x.json", json.dumps(call), find_mapping("freeswitch-json"))
    assert (found["kind"], found["msisdn"], found["correspondent"], found["record_id"]) == (
        "MO_CALL", "919800000001", "55577", "u",
    )  # fmt: skip


def test_bandicoot(tmp_path: Path) -> None:
    records = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id\n"
    records += "text,in,AB,2014-03-02 07:13:30,,1\ncall,out,AB,2014-03-02 07:53:30,60,\nfax,in,AB,x,,\n"
    mapping = find_mapping("bandicoot-records")
    rows = rows_of(tmp_path / "919800000001.csv", records, mapping)
    assert [(row["kind"], row["msisdn"], row.get("cell_id")) for row in rows] == [
        ("MT_SMS", "919800000001", "1"), ("MO_CALL", "919800000001", None), ("fax in", "919800000001", None),
    ]  # fmt: skip
    result = try_rows(tmp_path / "919800000001.csv", mapping.row_kind, mapping, ZONE)
    assert result["rejected_by_reason"] == {"UNKNOWN_KIND": 1}
    assert result["first_lines"] == {"UNKNOWN_KIND": 4}
    recharges = "datetime,amount,balance,retailer_id\n2014-03-02,20.50,1,R\n"
    [row] = rows_of(tmp_path / "919800000001.csv", recharges, find_mapping("bandicoot-recharges"))
    assert (row["amount_rupees"], row["channel"]) == ("20.5", "R")


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_without_a_mapped_column_is_rejected_row_by_row(tmp_path: Path) -> None:
    mapping = mapping_of("", 'correspondent = { from = "who" }')
    rows = rows_of(tmp_path / "x", "whom,x\na,1\n", mapping)
    assert [(row["line"], row["rejected"], row["detail"]) for row in rows] == [
        (line_no, "UNKNOWN_HEADER", "the file has no column who") for line_no in (1, 2)
    ]

"""Sniffing: what is proposed reads the file, and says what it is made of."""

import gzip
import json
import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cdr_ingest.cli import main
from cdr_ingest.mapping.reading import read_mapping
from cdr_ingest.reading.trial import seen_rows
from cdr_ingest.sniffing.kind_words import kind_of
from cdr_ingest.sniffing.sniffing import sniff_file
from operator_push.kernel.errors import OperatorError

ROWS = 60
PAID = ("prepaid", "postpaid")
chance = random.Random(7)
Row = Callable[[int, datetime], str]


def number() -> str:
    return f"9198{chance.randrange(10**8):08d}"


def moment() -> datetime:
    return datetime(2026, 10, 1) + timedelta(seconds=chance.randrange(28 * 86_400))


def seconds() -> int:
    return chance.randrange(2, 900)


FILES: dict[str, tuple[str, str, Row, dict[str, str]]] = {
    # name: what the field must be read from → header, encoding, row, {field: column}
    "pipes": (
        "call_id|a_number|b_number|call_type|start_time|duration_sec|cell\n", "utf-8",
        lambda n, at: f"{n}|+{number()}|{number()}|{['MOC', 'SMS-MT'][n % 2]}|{at:%d/%m/%Y %T}|{n + 2}|B1",
        {"record_id": "call_id", "msisdn": "a_number", "started_at": "start_time"},
    ),
    "no header": (
        "", "utf-8",
        lambda n, at: f"{number()};{number()};{at:%Y%m%d%H%M%S};{seconds()};{'OT'[n % 2]}",
        {"msisdn": "column_1", "correspondent": "column_2", "kind": "column_5", "duration_s": "column_4"},
    ),
    "tabs and quotes": (
        '#report\n"Calling Party"\t"Called Party"\t"Date"\t"Time"\t"Duration"\n', "utf-8",
        lambda n, at: f'"{number()}"\t"{number()}"\t"{at:%m/%d/%Y}"\t"{at:%I:%M:%S %p}"\t"{n}:02:{n:02d}"',
        {"msisdn": "Calling Party", "started_at": "Date", "duration_s": "Duration"},
    ),
    "german": (
        "Rufnummer;Partner;Datum;Zeit;Dauer;Straße\n", "cp1252",
        lambda n, at: f"00{number()};{number()};{at:%d.%m.%Y};{at:%H:%M:%S};{n},5;Zoë – {n}",
        {"msisdn": "Rufnummer", "correspondent": "Partner", "started_at": "Datum", "duration_s": "Dauer"},
    ),
    "json": (
        "", "utf-8",
        lambda n, at: json.dumps({
            "id": f"x{n}", "who": {"msisdn": number()}, "peer": number(),
            "event": {"type": ["voice", "sms"][n % 2], "direction": ["in", "out"][n // 2 % 2],
                      "ts": int(at.timestamp() * 1000), "durationMs": 1000 * n}}),
        {"msisdn": "who.msisdn", "correspondent": "peer", "started_at": "event.ts", "record_id": "id"},
    ),
    "fixed width": (
        "", "utf-8",
        lambda n, at: f"{n:06d} {number():<15} {number():<15} {at:%Y-%m-%d %T} {seconds():6d} M{'OT'[n % 2]}",
        {"msisdn": "column_2", "correspondent": "column_3", "kind": "column_7"},
    ),
    "data sessions": (
        "subscriber,start,bytes_up,bytes_down,tower\n", "utf-16",
        lambda n, at: f"{number()},{int(at.timestamp())},{n * 1000},{n * 99_999},T{n % 3}",
        {"msisdn": "subscriber", "octets_down": "bytes_down", "cell_id": "tower", "started_at": "start"},
    ),
    "top-ups": (
        "msisdn,recharge_date,amount,channel,txn_id\n", "utf-8",
        lambda n, at: f"{number()},{at:%Y-%m-%dT%H:%M:%S}+05:30,{n}.50,{['app', 'shop'][n % 2]},T{n}",
        {"amount_rupees": "amount", "topped_up_at": "recharge_date", "record_id": "txn_id"},
    ),
    "cells": (
        "site_id;name;lat;lng\n", "utf-8",
        lambda n, at: f"S{n};Town {n % 9};{8 + n / 7:.5f};{70 + n / 7:.5f}",
        {"cell_id": "site_id", "city": "name", "latitude": "lat", "longitude": "lng"},
    ),
    "subscribers": (
        "msisdn,imsi,activation_date,birth_year,lang,plan,payment,os\n", "utf-8",
        lambda n, at: f"{number()},40445{n:010d},{at:%d.%m.%Y},{1950 + n},hi,A,{PAID[n % 2]},ios",
        {"activated_on": "activation_date", "prepaid": "payment", "language": "lang", "device_os": "os"},
    ),
    "commas within quotes": (
        '"Call ID","Direction","Subscriber","Other Party","Start Time","Minutes","Cost"\n', "utf-8",
        lambda n, at: f'"{n}","Outgoing","{number()}","=""{number()}""","11/0{1 + n % 3}/2026 01:30:00 PM",'
                      f'"{n}.5","$1,0{10 + n}.50"',
        {"correspondent": "Other Party", "started_at": "Start Time", "duration_s": "Minutes"},
    ),
    "of a database": (
        "CALL_ID,CALLING_NUM,CALLED_NUM,START_TIME,DUR_SEC,CALL_TYPE\n", "utf-8",
        lambda n, at: f"{n},{number()},{number()},{at:%d-%b-%y %I.%M.%S.000000 %p},{n},ORIG".upper(),
        {"started_at": "START_TIME", "kind": "CALL_TYPE"},
    ),
    "fractions of seconds since 1970": (
        "id,src,dst,start,billsec,direction\n", "utf-8",
        lambda n, at: f"{n},{number()},{number()},{at.timestamp():.3f},{n},{['in', 'out'][n % 2]}bound",
        {"started_at": "start", "kind": "direction"},
    ),
    "devices": (
        "tac;marketing_name;manufacturer;os;launch\n", "utf-8",
        lambda n, at: f"{35_000_000 + n};Phone {n};Acme;Android;{2010 + n % 9}",
        {"tac": "tac", "model": "marketing_name", "brand": "manufacturer", "release_year": "launch"},
    ),
    "plans": (
        "code,plan name,monthly price,validity days\n", "utf-8", lambda n, at: f"P{n},Plan {n},{n}.50,30",
        {"plan_code": "code", "name": "plan name", "price": "monthly price", "period_days": "validity days"},
    ),
    "subscribers in French": (
        "MSISDN\tIMSI\tDate activation\tAnnée de naissance\tLangue\tOffre\tPrépayé\tIMEI\n", "utf-16",
        lambda n, at: f"{number()}\t40445{n:010d}\t{at:%d/%m/2019}\t{1950 + n}\tfr\tF{n % 3}\t"
                      f"{['oui', 'non'][n % 2]}\t35693803{n:07d}",
        {"activated_on": "Date activation", "birth_year": "Année de naissance", "device_tac": "IMEI"},
    ),
    "asterisk": (
        "", "utf-8",
        lambda n, at: f'"","{number()}","{number()}","in","""A"" <1>","c","","Dial","x",'
        f'"{at:%Y-%m-%d %T}","{at:%Y-%m-%d %T}","{at:%Y-%m-%d %T}",{n},{n},"ANSWERED","DOCUMENTATION"',
        {},
    ),
}  # fmt: skip


def written(tmp_path: Path, name: str) -> Path:
    header, encoding, row, _ = FILES[name]
    text = header + "".join(f"{row(n, moment())}\n" for n in range(ROWS))
    path = tmp_path / "calls.txt"
    path.write_bytes(gzip.compress(text.encode(encoding)))
    return path


@pytest.mark.parametrize("name", FILES)
def test_what_is_proposed_reads_the_file(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    found = sniff_file(path, "", "UTC")
    assert found["trial"] == {
        "read": ROWS, "good": ROWS, "rejected": 0, "rejected_by_reason": {}, "first_lines": {},
    }  # fmt: skip
    assert found["missing"] == []
    assert (found["shipped"] == "asterisk") == (name == "asterisk")
    mapping = read_mapping(found["mapping"], "proposed")
    columns = {field: source.sources[0] for field, source in mapping.fields.items() if source.sources}
    assert {field: columns.get(field) for field in FILES[name][3]} == FILES[name][3]
    assert len(list(seen_rows(path, mapping.row_kind, mapping, "UTC"))) == ROWS
    for guess in found["guesses"].values():
        assert guess["reason"]
        assert 0 < guess["confidence"] <= 1


def test_a_day_that_could_be_a_month_is_the_one_that_keeps_the_file_together(tmp_path: Path) -> None:
    path = written(tmp_path, "commas within quotes")
    assert "%m/%d/%Y" in sniff_file(path, "", "UTC")["mapping"]
    days = "".join(f"{number()},{number()},{day:02d}/11/2026 10:00,{day}\n" for day in range(1, 13))
    (tmp_path / "x.csv").write_text("caller,called,start,billsec\n" + days)
    found = sniff_file(tmp_path / "x.csv", "", "UTC")["mapping"]
    assert 'date = "%d/%m/%Y %H:%M" }  # a guess (50%): days and months could change places' in found


def test_amounts_in_small_coins_are_read_so(tmp_path: Path) -> None:
    rows = "".join(f"{number()},{n}00,2026-11-0{1 + n % 9} 10:00:00\n" for n in range(30))
    (tmp_path / "x.csv").write_text("msisdn,amount_paise,when\n" + rows)
    assert 'unit = "minor"' in sniff_file(tmp_path / "x.csv", "", "UTC")["mapping"]


def test_fixed_width_without_spaces_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("".join(f"{n:06d}MO{number()}20261103100000\n" for n in range(30)))
    found = sniff_file(tmp_path / "x.txt", "", "UTC")
    assert "write [text.positions]" in found["guesses"]["form"]["reason"]


def test_national_numbers_need_a_country(tmp_path: Path) -> None:
    text = "caller,called,start,billsec\n"
    text += "".join(f"098450000{n:02d},98451111{n:02d},2026-10-10 12:00:{n:02d},5\n" for n in range(30))
    (tmp_path / "x.csv").write_text(text)
    assert sniff_file(tmp_path / "x.csv", "", "UTC")["trial"]["good"] == 0
    found = sniff_file(tmp_path / "x.csv", "91", "UTC")
    assert found["trial"]["good"] == 30
    assert 'national_prefix = "0"' in found["mapping"]
    assert "national_digits = 10" in found["mapping"]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("called,start,billsec\n9198451111,2026-10-10 12:00:00,5\n")
    found = sniff_file(tmp_path / "x.csv", "", "UTC")
    assert "msisdn" in found["missing"] or found["trial"]["good"] == 0


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"")
    with pytest.raises(OperatorError, match="the file is empty"):
        sniff_file(tmp_path / "x.csv", "", "UTC")


KINDS = """
MOC           MO_CALL
mt-sms        MT_SMS
SMS_OUT       MO_SMS
call in       MT_CALL
Incoming Call MT_CALL
text out      MO_SMS
GPRS          DATA_SESSION
voice         MO_CALL
T             MT_CALL
"""


@pytest.mark.parametrize("case", KINDS.strip().splitlines())
def test_words_of_kinds(case: str) -> None:
    words, kind = case.rsplit(maxsplit=1)
    assert kind_of(words.strip())[0] == kind


def test_the_commands(tmp_path: Path) -> None:
    path = written(tmp_path, "pipes")
    sniffed = CliRunner().invoke(main, ["sniff", str(path)])
    assert sniffed.exit_code == 0
    (tmp_path / "m.toml").write_text(sniffed.stdout)
    checked: Any = CliRunner().invoke(
        main, ["mapping", "check", str(tmp_path / "m.toml"), str(path), "--json"]
    )
    assert json.loads(checked.stdout)["good"] == ROWS
    shown = CliRunner().invoke(main, ["show", str(path), "--mapping", str(tmp_path / "m.toml"), "--json"])
    first = json.loads(shown.stdout.splitlines()[0])
    assert first["msisdn"].startswith("919…")
    listed = CliRunner().invoke(main, ["mapping", "list", "--json"])
    assert "asterisk" in [one["name"] for one in json.loads(listed.stdout)]
    assert CliRunner().invoke(main, ["mapping", "show", "asterisk"]).stdout.startswith('name = "asterisk"')
    assert json.loads(CliRunner().invoke(main, ["sniff", str(path), "--json"]).stdout)["kind"] == "cdr"

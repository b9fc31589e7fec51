"""cdr decode: one JSON object a record, people masked, and a broken file told with its octet."""

import json
from pathlib import Path

from cdr_samples import smsc_message
from click.testing import CliRunner

from operator_push.cdr.file_32297 import FileHeader, Release, write_file
from operator_push.cdr.smsc_writing import sc_smt
from operator_push.cli.main import main

RECORDS = [sc_smt(smsc_message(smsc_message_id=f"m{number}"), "19990000001", number) for number in (1, 2)]
FILE = write_file(FileHeader(Release(16, 0), Release(16, 0), 0, 0, 0, 7), RECORDS)


def decode(path: Path, *options: str) -> tuple[int, list[dict[str, dict[str, object]]], str]:
    result = CliRunner().invoke(main, ["cdr", "decode", str(path), *options])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


def test_a_file_is_told_with_its_header(tmp_path: Path) -> None:
    path = tmp_path / "a.cdr"
    path.write_bytes(FILE)
    status, lines, _ = decode(path, "--numbers")
    assert status == 0
    assert lines[0]["header"]["sequence_number"] == 7
    assert [line["fields"]["messageReference"] for line in lines[1:]] == [b"m1".hex(), b"m2".hex()]
    assert lines[1]["fields"]["recipientInfo"]["recipientMSISDN"]["digits"] == "919800000001"  # type: ignore[index]


def test_numbers_of_people_are_masked_unless_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.ber"
    path.write_bytes(b"".join(RECORDS))
    result = CliRunner().invoke(main, ["cdr", "decode", str(path)])
    assert "919800000001" not in result.output


def test_a_broken_file_is_told_with_its_octet(tmp_path: Path) -> None:
    path = tmp_path / "a.ber"
    path.write_bytes(RECORDS[0] + RECORDS[1][:-1])
    status, lines, told = decode(path)
    assert status == 2
    assert len(lines) == 1
    assert f"octet {len(RECORDS[0])}" in told

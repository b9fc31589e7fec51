"""operator-push ledger: seal, key, verify against published heads, and exports that other houses check."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from campaign_desk import write_config
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from peers import require_program
from proof_sample import PRICE, TOP_UP, fill, transfer
from store_rows import SHARD, ids

from operator_push.bootstrap.ledger_key import public_key_text
from operator_push.cli.main import main
from operator_push.domain.transfers import TransferKind
from operator_push.services.changes import Changes
from operator_push.services.sign_heads import signed_line
from operator_push.store import migrate
from operator_push.store.database import Database
from operator_push.store.hot_rows import write_batch

PAGE = Path(__file__).parents[3] / "docs" / "ledger-proof.md"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a configuration with the sample store and two commits more."""
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    url = f"sqlite:///{tmp_path / 'data' / 'operator-push.db'}"
    migrate.upgrade(url)
    database = Database.open(url)
    database.run(fill)
    for reference in ids(12)[10:]:
        changes = Changes(ledger_transfer=[transfer(reference, TransferKind.TOP_UP, PRICE)])
        changes.balance_micros.update({(1, 1): PRICE, (1, 4): -PRICE})
        database.run(lambda connection, changes=changes: write_batch(connection, changes, SHARD))
    database.close()
    return tmp_path / "data"


def run(*words: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["ledger", *words])
    assert result.exit_code == code, result.output
    return result


def harm(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / "operator-push.db")) as rows, rows:
        for statement in statements:
            assert rows.execute(statement).rowcount > 0


def public_key_file(data: Path) -> str:
    file = data / "public.pem"
    file.write_text(run("key", "show").stdout)
    return str(file)


def test_a_head_is_signed_published_and_checked_by_who_has_the_file_alone(data: Path) -> None:
    key = public_key_file(data)
    assert (data / "secrets" / "ledger-signing.key").stat().st_mode & 0o077 == 0
    (head,) = json.loads(run("seal", "--now", "--json").stdout)
    assert head["seal_no"] == 3
    heads = data / "ledger-heads.jsonl"
    assert len(heads.read_text().splitlines()) == 1
    assert json.loads(run("seal", "--now", "--json").stdout) == []  # nothing was posted since
    told = json.loads(run("check-heads", str(heads), "--public-key", key, "--json").stdout)
    assert (told["lines"], told["last"]["head"]) == (1, head["head"])
    assert (
        json.loads(run("verify", "--heads", str(heads), "--public-key", key, "--json").stdout)["ok"] is True
    )
    assert "--public-key" in run("verify", "--heads", str(heads), code=2).output


def test_a_tail_that_was_cut_off_with_everything_of_it_is_found_by_the_published_file(data: Path) -> None:
    key = public_key_file(data)
    run("seal", "--now")
    harm(
        data,
        f"DELETE FROM ledger_transfer WHERE reference = {ids(12)[11]}",
        "DELETE FROM ledger_seal WHERE seal_no = 3",
        f"UPDATE balance SET amount_micros = amount_micros - {PRICE} WHERE side = 1",
        f"UPDATE balance SET amount_micros = amount_micros + {PRICE} WHERE side = 4",
    )
    told = json.loads(run("verify", "--json", code=1).stdout)  # the store's own copy of the head tells
    assert "the chain ends with seal 2: its tail is gone" in told["first_error"]
    harm(data, "DELETE FROM ledger_head")
    assert json.loads(run("verify", "--json").stdout)["ok"] is True
    heads = str(data / "ledger-heads.jsonl")
    told = json.loads(run("verify", "--heads", heads, "--public-key", key, "--json", code=1).stdout)
    assert (told["ok"], told["errors"]) == (False, 1)
    assert "names it, and the chain ends with seal 2: its tail is gone" in told["first_error"]


def test_a_head_that_was_changed_in_the_store_or_in_the_file_is_found(data: Path) -> None:
    run("seal", "--now")
    harm(data, "UPDATE ledger_head SET line = replace(line, '\"seal_no\":3', '\"seal_no\":2')")
    told = json.loads(run("verify", "--json", code=1).stdout)
    assert "ledger_head:1: this line has a signature that is not of its octets" in told["first_error"]
    assert "one of the two was changed" in run("seal", "--now", code=2).output


@pytest.mark.parametrize("column", ["shard", "seal_no", "day", "signed_us"])
def test_a_head_that_stands_elsewhere_than_its_line_says_is_found(data: Path, column: str) -> None:
    run("seal", "--now")
    harm(data, f"UPDATE ledger_head SET {column} = {column} + 1")
    told = json.loads(run("verify", "--json", code=1).stdout)
    assert f"{column} is " in told["first_error"]
    assert "its line says " in told["first_error"]


def test_a_changed_octet_of_the_ledger_ends_with_status_1_and_its_name(data: Path) -> None:
    harm(data, f"UPDATE ledger_transfer SET currency = 'INS' WHERE reference = {TOP_UP}")
    told = json.loads(run("verify", "--json", code=1).stdout)
    assert told["ok"] is False
    assert f"reference {TOP_UP}, kind 1): currency is 'INS', was sealed as 'INR'" in told["first_error"]
    assert run("verify", code=1).stdout.startswith("The ledger does NOT balance.")


def test_a_damaged_file_is_an_answer_too(data: Path) -> None:
    file = data / "operator-push.db"
    with closing(sqlite3.connect(file)) as rows:
        rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        statement = "SELECT rootpage FROM sqlite_master WHERE name = 'ledger_transfer'"
        (page,) = rows.execute(statement).fetchone()
    octets = bytearray(file.read_bytes())
    octets[(page - 1) * 4096] = 0xFF
    file.write_bytes(octets)
    told = json.loads(run("verify", "--json", code=1).stdout)
    assert (told["ok"], told["postings"]) == (False, 0)
    assert "is damaged" in told["first_error"]


def exported(data: Path, style: str, by: str) -> Path:
    file = data / f"ledger.{style}"
    run("export", "--format", style, "--by", by, "--out", str(file))
    return file


@pytest.mark.parametrize("by", ["transfer", "day"])
def test_beancount_rebuilds_every_balance(data: Path, by: str) -> None:
    file = exported(data, "beancount", by)
    assert "balance Liabilities:Chai-1:Available  -0.900000 ~ 0 INR" in file.read_text()
    check = [sys.executable, "-m", "beancount.scripts.check", "--no-cache", str(file)]
    subprocess.run(check, check=True, timeout=60, env={**os.environ, "HOME": str(data)})
    harm(data, "UPDATE balance SET amount_micros = amount_micros + 1 WHERE side = 1")
    wrong = subprocess.run(
        [*check[:-1], str(exported(data, "beancount", by))], capture_output=True, text=True, timeout=60
    )
    assert wrong.returncode != 0
    assert "Balance failed for 'Liabilities:Chai-1:Available'" in wrong.stdout + wrong.stderr


@pytest.mark.parametrize("by", ["transfer", "day"])
@pytest.mark.parametrize(
    ("program", "words"),
    [("ledger", ["balance", "--flat"]), ("hledger", ["check"])],
    ids=["ledger", "hledger"],
)
def test_ledger_and_hledger_rebuild_every_balance(
    data: Path, program: str, words: list[str], by: str
) -> None:
    path = require_program(program, package=program)
    checked = [path, "-f", str(exported(data, "ledger", by)), *words]
    sound = subprocess.run(checked, capture_output=True, text=True, timeout=60, env={"LC_ALL": "C.UTF-8"})
    assert sound.returncode == 0, sound.stderr
    harm(data, "UPDATE balance SET amount_micros = amount_micros + 1 WHERE side = 1")
    exported(data, "ledger", by)
    wrong = subprocess.run(checked, capture_output=True, text=True, timeout=60, env={"LC_ALL": "C.UTF-8"})
    assert wrong.returncode != 0
    assert "assert" in wrong.stderr.lower()


def test_csv_has_a_posting_a_line(data: Path) -> None:
    lines = exported(data, "csv", "transfer").read_text().splitlines()
    assert lines[0] == "date,reference,kind,account,debit,credit,amount,currency"
    assert len(lines) == 1 + 10
    told = run("export", "--format", "csv", "--out", str(data / "again.csv"), "--json").stdout
    assert json.loads(told)["lines"] == 1 + 10
    assert "--out" in run("export", "--json", code=2).output
    assert len(json.loads(run("key", "show", "--json").stdout)["key"]) == 16
    assert f",{TOP_UP},top_up,1,Assets:Chai-1:Funding,Liabilities:Chai-1:Available,1.000000,INR" in "".join(
        lines
    )


def test_the_check_on_the_page_tells_sound_lines_from_changed_ones(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    (tmp_path / "public.pem").write_text(public_key_text(key))
    first = signed_line(key, 0, 20_833, 4, bytes(32), None, 1_800_000_000_000_000)
    second = signed_line(key, 0, 20_834, 9, bytes([7] * 32), first, 1_800_000_000_000_000)
    heads = tmp_path / "ledger-heads.jsonl"

    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60
        )

    heads.write_text(f"{first}\n{second}\n")
    assert check().stdout == f"2027-01-16 9 {'07' * 32}\n"
    heads.write_text(f"{first}\n{second.replace(':9,', ':8,')}\n")
    assert "InvalidSignature" in check().stderr
    heads.write_text(f"{second}\n")
    assert "AssertionError" in check().stderr

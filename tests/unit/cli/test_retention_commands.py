"""Retention by the real ingester: the server's snapshot in, a proof without names out."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from campaign_desk import write_config
from click.testing import CliRunner
from ingest_drop import EVERYTHING, NOW, Drop, write_snapshot

from operator_push.bootstrap.feature_retention import PROOFS_FILE
from operator_push.cli import retention_commands
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError, ResourceError

ASHA, BINA = "919845000001", "919845000002"


class SnapshotDesk:
    """As the server: Asha permits everything, Bina is erased, nobody knows her any more."""

    people = {ASHA: (1, EVERYTHING)}  # noqa: RUF012

    def __enter__(self) -> "SnapshotDesk":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        assert do == "permission.snapshot"
        write_snapshot(Path(args["out"]), self.people)
        return {"subscribers": 1, "permitting": 1, "sequence": 42}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A server's configuration beside a run over the records of two people."""
    drop = Drop(tmp_path / "drop", {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    day = f"{NOW.date().isoformat()}T05:00:00Z"
    drop.cdrs(*(f"{who},MO_CALL,{who},919845111111,{day},60,,," for who in (ASHA, BINA)))
    drop.run()
    path = write_config(tmp_path)
    text = path.read_text().replace('"features.json"', f'"{drop.out}/features.json"')
    path.write_text(text)
    (tmp_path / "data" / "secrets").mkdir()
    (tmp_path / "data" / "secrets" / "pseudonym.key").write_bytes(drop.key_file.read_bytes())
    monkeypatch.setattr(retention_commands, "server_of", lambda settings: SnapshotDesk())
    return path


def ask(config: Path, *words: str) -> Any:
    done = CliRunner().invoke(retention_commands.retention, [*words, "--config", str(config)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.stdout


def people_in(folder: Path) -> set[int]:
    found: set[int] = set()
    for path in folder.rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        if "subscriber_no" in table.column_names:
            found |= set(table.column("subscriber_no").to_pylist())
    return found


def test_who_was_erased_leaves_no_row_and_the_proof_names_nobody(config: Path, tmp_path: Path) -> None:
    ask(config, "run", "--json")
    assert people_in(tmp_path / "drop" / "out") == {1}
    (proof,) = json.loads(ask(config, "list", "--json"))
    assert (proof["run"], proof["records"], proof["permission_sequence"]) == (2, 1, 42)
    assert proof["withdrawn"]["call_data"] == 1
    assert "91984500000" not in (tmp_path / "data" / PROOFS_FILE).read_text()
    assert not list((tmp_path / "data").glob("*.parquet"))  # the snapshot is gone
    ask(config, "run")
    assert [each["records"] for each in json.loads(ask(config, "list", "--json"))] == [1, 0]
    assert "nobody" in ask(config, "list")


def test_what_is_not_proved_is_no_proof(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_commands, "program", lambda name: ["false"])
    with pytest.raises(ResourceError, match="nothing is proved"):
        ask(config, "run")
    assert json.loads(ask(config, "list", "--json")) == []


def test_before_the_first_run_there_is_nothing(config: Path, tmp_path: Path) -> None:
    next((tmp_path / "drop").rglob("features.json")).unlink()
    with pytest.raises(OperatorError, match="no features yet"):
        ask(config, "run")


def test_a_withdrawal_of_one_use_is_told_by_its_name(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people = {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING & ~DataPurpose.LOCATION)}
    monkeypatch.setattr(SnapshotDesk, "people", people)
    assert json.loads(ask(config, "run", "--json"))["withdrawn"] == {"location": 1}

"""The disk's side of an acknowledgement: pragmas of the live connection, flushes counted, the power cut."""

import os
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from peers import require_program
from power_cut import files_after_cut, flushes, recording
from product import Programs, until
from raw_esme import AskingEsme

from operator_push.cli.child_programs import ChildProgram, program
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.pdu import DeliverSm, SubmitSm, SubmitSmResp
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.writer_thread import WriterThread

ONE_BY_ONE = 10
BURST = 90  # within the window of an account


class RecordedProduct(Programs):
    """The product under strace; its own process is `pid`."""

    pid = 0

    def start_recorded(self, strace: str, trace: Path) -> None:
        ready = self.folder / "product.ready.json"
        ready.unlink(missing_ok=True)
        file = self.folder / "operator-push.toml"
        command = [*program("operator-push"), "serve", "--config", str(file), "--ready-file", str(ready)]
        self.product = ChildProgram([*recording(strace, trace), *command], self.folder / "operator-push.log")
        told = self.product.wait_ready(ready)
        self.smpp_port, self.pid = int(told["smpp_port"]), int(told["pid"])

    def kill_product(self) -> None:
        assert self.product is not None
        os.kill(self.pid, signal.SIGKILL)
        self.product.wait(60.0)


def test_the_writers_own_connection_flushes_every_commit(tmp_path: Path, postgresql_url: str) -> None:
    """As WriterThread opens it, for both databases."""
    asked = {
        f"sqlite:///{tmp_path}/store.db": ("PRAGMA journal_mode", "wal", "PRAGMA synchronous", 2),
        postgresql_url: ("SHOW synchronous_commit", "on", "SHOW transaction_read_only", "off"),
    }
    for url, (first, expected, second, also) in asked.items():
        told: list[Any] = []
        writer = WriterThread(url, lambda call: call())
        for question in (first, second):
            writer.submit(lambda c, question=question: c.exec_driver_sql(question).scalar(), told.append)
        writer.stop()
        assert told == [expected, also]


def submit(place: int) -> SubmitSm:
    return SubmitSm(
        sequence_number=1_000 + place,
        source_addr="SHOP",
        source_addr_ton=5,
        destination_addr=f"9198765{place:05d}",
        short_message=b"first",
    )


def burst(esme: AskingEsme) -> list[tuple[str, float]]:
    """Many in one write; (message_id, the moment at which its answer was read)."""
    esme.send_octets(b"".join(encode_pdu(submit(place)) for place in range(BURST)))
    answered = []
    while len(answered) < BURST:
        pdu = esme.read()
        if isinstance(pdu, SubmitSmResp):
            assert pdu.command_status == 0
            answered.append((pdu.message_id, time.time()))
        else:
            assert isinstance(pdu, DeliverSm)
    return answered


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A recorded run: its folder, the copy of before, the trace, and what was acknowledged when."""
    strace = require_program("strace", package="strace")
    root = tmp_path_factory.mktemp("power")
    folder, before, trace = root / "live", root / "before", root / "trace.txt"
    folder.mkdir()
    programs = RecordedProduct(folder)
    try:
        programs.start_simulator("seed = 7\n[receipts]\ndelay_ms = [5.0, 20.0]\n")
        programs.start_product()
        programs.add_account(prepaid_micros=1_000_000_000)
        assert programs.product is not None
        programs.product.stop()
        before.mkdir()
        for file in folder.glob("operator-push.db*"):
            shutil.copy(file, before)
        programs.start_recorded(strace, trace)
        with AskingEsme(programs.smpp_port) as esme:
            esme.bind()
            commits = programs.call("stats")["commits"]
            started = time.time()
            single = [
                (esme.submit(f"91981234{n:04d}", registered_delivery=0), time.time())
                for n in range(ONE_BY_ONE)
            ]
            many = burst(esme)
            ended = time.time()
        commits = programs.call("stats")["commits"] - commits
        programs.kill_product()
        assert programs.simulator is not None
    finally:
        if programs.pid and programs.product is not None and programs.product.process.poll() is None:
            programs.kill_product()
        programs.stop()
    return {
        "folder": folder, "before": before, "trace": trace, "single": single, "many": many,
        "commits": commits, "span": (started, ended), "sim_port": programs.sim_port,
    }  # fmt: skip


def test_every_answer_has_a_flush_before_it_and_a_burst_shares_them(cut: Any) -> None:
    done = flushes(cut["trace"], "operator-push.db-wal")
    last = cut["span"][0]
    for _, at in cut["single"]:
        assert any(last < flushed <= at for flushed in done), "an answer without a flush"
        last = at
    in_the_burst = sum(last < flushed <= cut["span"][1] for flushed in done)
    assert 1 <= in_the_burst < BURST / 2, "a commit for each message: no group commit"
    assert len([at for at in done if at >= cut["span"][0]]) >= cut["commits"]


def test_whenever_the_power_goes_nothing_acknowledged_is_lost(cut: Any, tmp_path: Path) -> None:
    answered = [*cut["single"], *cut["many"]]
    moments = sorted({at for _, at in answered})
    for number, at in enumerate([*moments[:: max(1, len(moments) // 12)], moments[-1]]):
        image = tmp_path / f"image{number}"
        files_after_cut(cut["trace"], cut["before"], cut["folder"], at, image)
        connection = sqlite3.connect(image / "operator-push.db")
        stored = {str(row[0]) for row in connection.execute("SELECT message_id FROM message")}
        connection.close()
        missing = [message_id for message_id, then in answered if then <= at and message_id not in stored]
        assert not missing, f"{len(missing)} acknowledged messages went with the power"


def test_the_product_goes_on_from_what_the_power_cut_left(cut: Any, tmp_path: Path) -> None:
    at = cut["many"][BURST // 2][1]
    folder = tmp_path / "again"
    files_after_cut(cut["trace"], cut["before"], cut["folder"], at, folder)
    shutil.copytree(cut["folder"] / "secrets", folder / "secrets")
    programs = Programs(folder)
    programs.sim_port = cut["sim_port"]  # where the store says that the SMSC is
    try:
        programs.start_simulator()
        programs.start_product()
        # What had an attempt is unknown and stays so; whatever had none is sent.
        until(lambda: not programs.call("stats")["unsent_segments"], "the unsent messages to leave")
    finally:
        programs.stop()
    database = Database.open(f"sqlite:///{folder}/operator-push.db")
    proof = database.read(lambda connection: verify_ledger(connection, 0))
    database.close()
    assert proof.ok, proof.first_error

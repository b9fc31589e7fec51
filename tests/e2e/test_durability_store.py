"""What breaks beneath a running product: disk full, database locked, PostgreSQL gone, and back."""

import resource
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import PostgresqlServer
from product import Programs, running, until
from raw_esme import AskingEsme

from operator_push.smpp.pdu import SubmitSm, SubmitSmResp
from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger

STALL = "the store does not take a commit, nothing is acknowledged until it does"
BACK = "the store answers again; what waited is committed"
HELD_S = 1.0  # how long an answer is seen not to come; the lock or the limit stands as long as that


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """One product for the tests of this page; each writes to numbers of its own."""
    with running(tmp_path_factory.mktemp("broken")) as both:
        both.add_account(prepaid_micros=1_000_000_000)
        yield both


def number(test: int, place: int) -> str:
    return f"9198765{test}{place:04d}"


def submit(destination: str) -> SubmitSm:
    return SubmitSm(
        source_addr="SHOP", source_addr_ton=5, destination_addr=destination, short_message=b"first"
    )


class Asked:
    """A submission whose answer is waited for in a thread, so that its absence can be seen."""

    def __init__(self, esme: AskingEsme, destination: str) -> None:
        self.answer: SubmitSmResp | None = None
        self._thread = threading.Thread(target=self._ask, args=(esme, destination), daemon=True)
        self._thread.start()

    def _ask(self, esme: AskingEsme, destination: str) -> None:
        answer = esme.ask(submit(destination))
        assert isinstance(answer, SubmitSmResp)
        self.answer = answer

    def no_answer_within(self, seconds: float) -> None:
        self._thread.join(seconds)
        assert self.answer is None, "acknowledged without the disk"

    def message_id(self) -> str:
        self._thread.join(60.0)
        assert self.answer is not None
        assert self.answer.command_status == 0
        return self.answer.message_id


def log_of(programs: Programs) -> str:
    return (programs.folder / "operator-push.log").read_text()


def stored_once(database_url: str, test: int, message_ids: list[str]) -> None:
    database = Database.open(database_url)
    stored = database.read(
        lambda connection: (
            connection.exec_driver_sql(
                f"SELECT message_id FROM message WHERE destination LIKE '{number(test, 0)[:8]}%'"
            )
            .scalars()
            .all()
        )
    )
    proof = database.read(lambda connection: verify_ledger(connection, 0))
    database.close()
    assert sorted(stored) == sorted(int(each) for each in message_ids)
    assert proof.ok, proof.first_error


def arrived(programs: Programs, test: int, at_least: int) -> list[str]:
    """The numbers of this test in the simulator's own record, which is flushed by and by."""

    def recorded() -> list[str]:
        rows = [row["destination"] for row in programs.witness() if row["command"] == "submit_sm"]
        return sorted(each for each in rows if each.startswith(number(test, 0)[:8]))

    until(lambda: len(recorded()) >= at_least, "the simulator's record")
    return recorded()


def test_a_full_disk_holds_every_answer_back_until_there_is_room(programs: Programs) -> None:
    assert programs.product is not None
    pid, log = programs.product.pid, programs.folder / "operator-push.db-wal"
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        ids = [esme.submit(number(1, 1), registered_delivery=0)]
        until(lambda: not programs.call("stats")["open_messages"], "quiet")
        # The kernel refuses to let a file grow: what ENOSPC is to SQLite, and needs no disk of our own.
        everything = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (log.stat().st_size, everything[1]))
        asked = Asked(esme, number(1, 2))
        asked.no_answer_within(HELD_S)
        until(lambda: STALL in log_of(programs), "a word in the log")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, everything)
        ids.append(asked.message_id())
        until(lambda: BACK in log_of(programs), "a word that it is over")
        until(lambda: not programs.call("stats")["open_messages"], "the end of both messages")
    stored_once(f"sqlite:///{programs.folder}/operator-push.db", 1, ids)
    assert arrived(programs, 1, 2) == [number(1, 1), number(1, 2)]


def test_a_locked_database_holds_every_answer_back(programs: Programs) -> None:
    other = sqlite3.connect(programs.folder / "operator-push.db", isolation_level=None)
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        ids = [esme.submit(number(2, 1), registered_delivery=0)]
        other.execute("BEGIN EXCLUSIVE")
        asked = Asked(esme, number(2, 2))
        asked.no_answer_within(HELD_S)
        other.execute("ROLLBACK")
        ids.append(asked.message_id())
        until(lambda: not programs.call("stats")["open_messages"], "the end of both messages")
    other.close()
    stored_once(f"sqlite:///{programs.folder}/operator-push.db", 2, ids)


def test_postgresql_may_stop_and_start_under_the_product(
    tmp_path: Path, mortal_postgresql: PostgresqlServer
) -> None:
    """Stopped at once, as a crash would, while a submission comes."""
    url = mortal_postgresql.create_database("stops")
    with running(tmp_path, database=f'[database]\nurl = "{url}"') as programs:
        programs.add_account(prepaid_micros=1_000_000_000)
        with AskingEsme(programs.smpp_port, timeout_s=60.0) as esme:  # a start under load takes its time
            esme.bind()
            ids = [esme.submit(number(3, 10 + n), registered_delivery=0) for n in range(5)]
            mortal_postgresql.halt(signal.SIGQUIT)
            asked = Asked(esme, number(3, 2))
            asked.no_answer_within(HELD_S)
            until(lambda: STALL in log_of(programs), "a word in the log")
            mortal_postgresql.go_on()
            ids.append(asked.message_id())
            ids += [esme.submit(number(3, 20 + n), registered_delivery=0) for n in range(5)]
            until(lambda: not programs.call("stats")["open_messages"], "the end of every message")
    stored_once(url, 3, ids)


def test_an_smsc_that_dies_and_comes_back_gets_everything_once(programs: Programs) -> None:
    assert programs.simulator is not None
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        esme.submit(number(4, 99), registered_delivery=0)
        until(lambda: not programs.call("stats")["open_messages"], "the end of the first")
        programs.simulator.kill()
        until(lambda: not programs.call("stats")["links"]["main"], "the link to be down")
        for place in range(20):
            esme.submit(number(4, place), registered_delivery=0)
        (programs.folder / "sim.ready.json").unlink()
        (programs.folder / "smsc").rename(programs.folder / "smsc-before")
        programs.start_simulator()
        until(lambda: not programs.call("stats")["open_messages"], "the end of what waited")
    assert arrived(programs, 4, 20) == [number(4, place) for place in range(20)]

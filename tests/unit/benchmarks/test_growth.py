"""A grown store is one that the product accepts and proves; the slope of memory leaves out what settles."""

import sqlite3
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from grown_store import grow
from growth import (
    MESSAGES,
    ROUNDS,
    SETTLING_S,
    SUBSCRIBERS,
    TEMPLATE_MESSAGES,
    by_minute,
    judged,
    settled,
    skipped_by,
)
from in_process import Rig

from operator_push.store.database import Database
from operator_push.store.ledger_audit import verify_ledger
from operator_push.store.loading import highest_sequence, open_messages, owed_deliveries

LIVED, STORED, DAYS = 20, 200, 9


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown")
    rig = Rig(folder, 50)
    rig.live(LIVED)
    rig.close()
    assert grow(folder / "operator-push.db", STORED, DAYS) == STORED
    return folder / "operator-push.db"


def test_a_grown_store_is_proved_and_nothing_in_it_is_open(grown: Path) -> None:
    database = Database.open(f"sqlite:///{grown}")
    try:
        proof = database.read(lambda connection: verify_ledger(connection, 0))
        assert (proof.ok, proof.postings) == (True, 2 * STORED + 1)
        assert database.read(lambda connection: list(open_messages(connection, 0))) == []
        assert database.read(lambda connection: list(owed_deliveries(connection, 0))) == []
        assert database.read(lambda connection: highest_sequence(connection, 0)) == STORED
    finally:
        database.close()


def test_copies_are_spread_over_days_and_keep_their_names_apart(grown: Path) -> None:
    rows = sqlite3.connect(grown)
    counted = "SELECT count(DISTINCT day), count(DISTINCT smsc_message_id) FROM submit_result"
    assert rows.execute(counted).fetchone() == (DAYS + 1, STORED)
    assert rows.execute("SELECT count(DISTINCT sequence) FROM message_final").fetchone() == (STORED,)
    rows.close()


MIB = 1024


def line(seconds: int, mib_an_hour: float, mib: float = 200.0) -> list[tuple[float, int]]:
    """A sample every ten seconds of memory that grows by so much."""
    return [(float(at), round((mib + mib_an_hour * at / 3600) * MIB)) for at in range(0, seconds + 1, 10)]


def test_what_settles_is_left_out() -> None:
    assert settled(line(600, 0.0))[0][0] == 200.0
    assert settled(line(3_600, 0.0))[0][0] == 1_200.0
    assert settled(line(900, 0.0))[0][0] == SETTLING_S


@pytest.mark.parametrize(
    ("mib_an_hour", "verdict"), [(0.0, "flat"), (9.0, "flat"), (11.0, "grows"), (-50.0, "flat")]
)
def test_memory_is_flat_below_a_twentieth_an_hour(mib_an_hour: float, verdict: str) -> None:
    figures = judged(line(3_600, mib_an_hour))
    assert figures["verdict"] == verdict
    assert figures["mib_an_hour"] == pytest.approx(mib_an_hour, abs=0.1)


def test_a_short_run_and_no_samples_are_not_judged() -> None:
    assert judged(line(150, 500.0))["verdict"] == "too short"
    assert judged([]) == {"mib_an_hour": None, "flat_below_mib_an_hour": None, "verdict": "too short"}


def test_the_series_is_a_figure_a_minute() -> None:
    samples = [(3.0, 1 * MIB), (30.0, 2 * MIB), (40.0, 9 * MIB), (63.5, 4 * MIB), (200.0, 5 * MIB)]
    assert by_minute(samples) == [2.0, 4.0, 5.0]
    assert by_minute([]) == []


def test_runs_in_one_store_write_to_other_numbers_each() -> None:
    """A long text that comes again to its number is a retry, which the product does not send twice."""
    starts = [skipped_by(turn, MESSAGES) for turn in range(ROUNDS)]
    ends = [start + MESSAGES for start in starts]
    assert starts[0] >= TEMPLATE_MESSAGES
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] <= SUBSCRIBERS
    assert skipped_by(9, 3 * SUBSCRIBERS) == 0

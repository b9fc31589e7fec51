"""A grown store is one that the product accepts and proves; the slope of memory leaves out what settles."""

import sqlite3
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from grown_store import grow
from growth import MESSAGES, ROUNDS, SUBSCRIBERS, TEMPLATE_MESSAGES, skipped_by, slope_a_minute
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


def test_the_slope_leaves_the_first_third_out() -> None:
    samples = [(0.0, 100), (10.0, 500), (20.0, 900), (40.0, 910), (60.0, 920)]
    assert slope_a_minute(samples) == 30.0
    assert slope_a_minute([(0.0, 100), (60.0, 100), (90.0, 100)]) == 0.0


def test_no_samples_have_no_slope() -> None:
    assert slope_a_minute([]) is None
    assert slope_a_minute([(0.0, 5)]) is None


def test_runs_in_one_store_write_to_other_numbers_each() -> None:
    """A long text that comes again to its number is a retry, which the product does not send twice."""
    starts = [skipped_by(turn, MESSAGES) for turn in range(ROUNDS)]
    ends = [start + MESSAGES for start in starts]
    assert starts[0] >= TEMPLATE_MESSAGES
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] <= SUBSCRIBERS
    assert skipped_by(9, 3 * SUBSCRIBERS) == 0

"""The mode without a mutex a connection is chosen in time or not at all, and the store works either way."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys
if sys.argv[1] == "late":
    import sqlite3
from operator_push.store.sqlite_mutexes import leave_out_mutexes
print(leave_out_mutexes())
from operator_push.store.database import Database
database = Database.open("sqlite:///" + sys.argv[2])
database.run(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"))
database.run(lambda connection: connection.exec_driver_sql("INSERT INTO t VALUES (?)", (7,)))
print(database.read(lambda connection: connection.exec_driver_sql("SELECT x FROM t").scalar()))
database.close()
"""


@pytest.mark.parametrize("when", ["early", "late"])
def test_the_store_works_with_and_without_them(when: str, tmp_path) -> None:
    command = [sys.executable, "-c", PROGRAM, when, str(tmp_path / "store.db")]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert told[1] == "7"
    assert when == "early" or told[0] == "False"


def test_a_server_asks_before_sqlite3_is_there(tmp_path) -> None:
    program = (
        "import sys, operator_push.cli.main, operator_push.cli.serve_command\n"
        "print('_sqlite3' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"

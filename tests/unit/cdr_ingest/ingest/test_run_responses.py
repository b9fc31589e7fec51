"""A run that is told how people answered messages: by the permissions of the run, until the next telling."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ingest_drop import KEY, Drop

from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import DERIVED
from operator_push.profiles.kept_records import read_records
from operator_push.profiles.response_file import write_responses

ASHA, BINA, CHET = (f"91984500000{n}" for n in range(1, 4))
AS_OF = date(2026, 10, 31)
TODAY = (AS_OF - date(1970, 1, 1)).days
CALLS = DataPurpose.CALL_DATA
NAMES = tuple(feature.name for feature in DERIVED if feature.name.startswith("messages."))
ROWS = [
    # subscriber_no, day, delivered, replied, clicked, opted_out
    (1, TODAY - 89, 3, 1, 2, 0),
    (1, TODAY - 90, 9, 9, 9, 9),  # before every window
    (1, TODAY - 29, 1, 0, 0, 1),
    (1, TODAY + 1, 9, 9, 9, 9),  # after the last day
    (2, TODAY, 2, 2, 0, 0),
    (3, TODAY, 5, 5, 5, 5),  # permits no use of this
    (4, TODAY, 5, 5, 5, 5),  # nobody any more
]


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path, {ASHA: (1, CALLS), BINA: (2, CALLS), CHET: (3, DataPurpose.TOP_UP)})
    drop.cdrs(f"r1,MO_CALL,{BINA},919845111111,2026-10-31T12:00:00+05:30,60,,,")
    return drop


def told(drop: Drop, rows: list[tuple[int, ...]], key: bytes = KEY) -> Path:
    path = drop.root / "responses.parquet"
    assert write_responses(path, key, [rows[:1], [], rows[1:]], 0) == len(rows)
    return path


def run(drop: Drop, **more: Any) -> tuple[dict[str, Any], dict[int, list[Any]]]:
    """The report, and of each person the values of NAMES."""
    report = drop.run(AS_OF, features=NAMES, **more)
    people = drop.features()
    return report, {number: [person[name] for name in NAMES] for number, person in people.items()}


def test_what_people_answered_is_learnt_by_window(drop: Drop) -> None:
    assert run(drop)[1] == {2: [None] * len(NAMES)}
    report, people = run(drop, responses=told(drop, ROWS))
    assert report["responses"] == {"rows": 5, "not_permitted": 2}
    assert people == {1: [1, 4, 0.0, 0.25, 0.0, 0.5, 1.0, 0.25, 89], 2: [2, 2, 1.0, 1.0, 0, 0, 0, 0, 0]}
    # What is known stays, and its person's copy has it; what is told next takes its place.
    report, again = run(drop)
    assert (report["responses"], again) == ({}, people)
    [record] = read_records(drop.out / "records" / "manifest.json", 2, CALLS, None)["response"]
    assert record == {"day": "2026-10-31", "delivered": 2, "replied": 2, "clicked": 0, "opted_out": 0}
    _, people = run(drop, responses=told(drop, ROWS[:1]))
    assert people == {1: [0, 3, None, 1 / 3, None, 2 / 3, None, 0, 89], 2: [0, 0, *[None] * 7]}


def test_who_had_no_message_is_known_to_have_had_none(drop: Drop) -> None:
    for _ in range(2):
        report, people = run(drop, responses=told(drop, []))
        assert report["responses"] == {"rows": 0, "not_permitted": 0}
        assert people == {2: [0, 0, *[None] * 7]}
    assert run(drop)[1] == people


def test_who_withdraws_is_dropped_and_counted(drop: Drop) -> None:
    path = told(drop, ROWS)
    drop.permit({ASHA: (1, DataPurpose.TOP_UP), BINA: (2, CALLS)})
    report, people = run(drop, responses=path)
    assert (report["responses"], list(people)) == ({"rows": 1, "not_permitted": 6}, [2])
    drop.permit({ASHA: (1, CALLS), BINA: (2, DataPurpose.NONE)})
    report, people = run(drop)
    assert (report["erased"]["records"], people) == (2, {})  # the response, and the call
    kept = drop.out / "records" / "manifest.json"
    assert read_records(kept, 1, CALLS, None)["response"] == []
    assert read_records(kept, 2, CALLS, None)["response"] == []


def test_old_days_are_not_kept(drop: Drop) -> None:
    run(drop, responses=told(drop, ROWS))
    report, _ = run(drop, keep_records_days=92)
    assert report["erased"]["expired_records"] == 0
    report, people = run(drop, keep_records_days=40)
    assert report["erased"]["expired_records"] == 2
    assert people[1][:2] == [1, 1]


def test_files_of_others_are_refused_before_anything_is_read(drop: Drop) -> None:
    with pytest.raises(OperatorError, match="of other people"):
        run(drop, responses=told(drop, ROWS, key=bytes(32)))
    with pytest.raises(OperatorError, match=r"no file of responses of version 1; .operator-push campaign"):
        run(drop, responses=drop.snapshot)
    with pytest.raises(OperatorError, match="cannot be read"):
        run(drop, responses=drop.key_file)
    assert not (drop.out / "run.json").exists()

"""What an ESME saw, written and read."""

from pathlib import Path

from operator_push.cli.demo.esme_orders import Order
from operator_push.cli.demo.esme_record import EsmeRecord, EsmeStatus, read_record, read_status
from operator_push.cli.demo.esme_submits import Submit, submits_of_order


def submits(count: int) -> list[Submit]:
    return [
        submits_of_order(Order(number, "gsm7", "NAGARB", f"91980000000{number}", "hello"))[0]
        for number in range(1, count + 1)
    ]


def test_rows_come_back_by_kind(tmp_path: Path) -> None:
    accepted, refused, lost = submits(3)
    with EsmeRecord(tmp_path / "record.jsonl") as record:
        record.bound()
        for _ in range(3):
            record.submitted()
        record.answered(accepted, "ESME_ROK", "42")
        record.answered(refused, "ESME_RINVDSTADR", "")
        record.unacknowledged(lost)
        record.lost()
        record.bound()
        record.receipt("42", "DELIVRD")
        status = record.status(binds=1, waiting=0)
    seen = read_record(tmp_path / "record.jsonl")
    assert seen.submitted == 3
    assert [row.message_id for row in seen.accepted] == ["42"]
    assert seen.refused() == {"ESME_RINVDSTADR": 1}
    assert [row.order for row in seen.unacknowledged] == [3]
    assert [row.stat for row in seen.receipts] == ["DELIVRD"]
    assert seen.binds == 2
    assert status == EsmeStatus(True, 0, 3, 1, 1, 1, 1, 1)
    assert status.unanswered == 0


def test_the_status_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    assert read_status(file) is None
    for waiting in (5, 4):
        EsmeStatus(True, waiting, 1, 0, 0, 0, 0).write(file)
    status = read_status(file)
    assert status is not None
    assert (status.waiting, status.unanswered) == (4, 1)
    assert [entry.name for entry in tmp_path.iterdir()] == ["status.json"]

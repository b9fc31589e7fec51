"""dnd.import takes rows of the register, known subscribers or not."""

from control_desk import Written, call, committer_over

from operator_push.domain.dnd_register import DndRegister
from operator_push.gateway.dnd_commands import DndCommands

COLUMNS = ["line", "msisdn", "blocked", "channels", "days", "bands"]


def test_rows_are_applied_unchanged_or_rejected_with_their_reason() -> None:
    written, register, told = Written(), DndRegister(), list[int]()
    handlers = DndCommands(
        0,
        register,
        committer_over(written),
        lambda: told.append(1),
    ).handlers()
    rows = [
        [1, "+91 98123 45678", "*", "", "", ""],
        [2, "919812345679", "1;4", "sms", "sun", ""],
        [3, "12", "*", "", "", ""],
        [4, "919812345670", "9", "", "", ""],
    ]
    answer = call(handlers, "dnd.import", columns=COLUMNS, rows=rows)
    assert (answer["applied"], [each["line"] for each in answer["rejected"]]) == (2, [3, 4])
    assert register.blocks("919812345678", 0)
    (changes,) = written.committed
    assert [row["msisdn"] for _, row in changes.upserts] == [919812345678, 919812345679]
    assert call(handlers, "dnd.import", columns=COLUMNS, rows=rows[:2])["unchanged"] == 2
    assert told == [1]

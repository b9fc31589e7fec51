"""Rulings: two octets say which rule and what it found."""

from operator_push.domain.message import RefusalReason, Verdict
from operator_push.domain.ruling import deferred, not_asked, passed, refused


def test_marks() -> None:
    assert passed(5).mark == b"\x05\x00"
    assert not_asked(5).mark == b"\x05\x01"
    assert deferred(6, RefusalReason.QUIET_HOURS, 99).mark == b"\x06\x02"
    assert refused(5, RefusalReason.WITHDRAWN).mark == b"\x05\x15"
    longest = max(RefusalReason)
    assert refused(255, longest).mark == bytes((255, 16 + longest))


def test_verdicts() -> None:
    assert passed(1).verdict is not_asked(1).verdict is Verdict.ADMIT
    assert (
        deferred(6, RefusalReason.QUIET_HOURS, 99).verdict,
        refused(1, RefusalReason.BAD_SOURCE).verdict,
    ) == (
        Verdict.DEFER,
        Verdict.REFUSE,
    )
    assert deferred(6, RefusalReason.QUIET_HOURS, 99).defer_until_us == 99

"""The chain's octets: any change of an act, its salt or a seal gives another head."""

from operator_push.domain.consent_chain import (
    CHAIN_START,
    ChainEnd,
    commitment,
    entries_of,
    is_erased,
    next_consent_seal,
    why_broken,
)

ACT = (0, 20_000, 99, 7, 1, 8, 1, "sms", 1, 5, "web", "form 7", "", "", "", 1, 0, "*", "", bytes(16))


def test_each_column_and_the_salt_are_committed_to() -> None:
    found = {commitment(ACT), commitment((*ACT[:-1], b"x" * 16))}
    for at, value in enumerate(ACT[:-1]):
        other = value + 1 if isinstance(value, int) else value + "x"  # type: ignore[operator]
        found.add(commitment((*ACT[:at], other, *ACT[at + 1 :])))
    assert len(found) == len(ACT) + 1


def test_seals_follow_from_each_other() -> None:
    first = next_consent_seal(0, CHAIN_START, [ACT], 10)
    end = ChainEnd(first.seal_no, first.at_us, first.head)
    second = next_consent_seal(0, end, [ACT, ACT], 5)
    assert second.at_us == 10
    assert why_broken(CHAIN_START, first) is None
    assert why_broken(end, second) is None
    assert [event_id for event_id, _ in entries_of(second)] == [99, 99]
    assert "does not follow" in str(why_broken(end, second._replace(events=3)))
    assert "missing" in str(why_broken(CHAIN_START, second))
    assert "no seal" in str(why_broken(end, second._replace(at_us=-1)))


def test_an_erased_act_names_nobody_and_has_no_salt() -> None:
    assert not is_erased(ACT)
    assert is_erased((*ACT[:3], 0, *ACT[4:-1], b""))

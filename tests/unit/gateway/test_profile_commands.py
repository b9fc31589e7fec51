"""What a person says of themselves is kept whole or not at all."""

import pytest
from control_desk import Written, call, committer_over

from operator_push.gateway.profile_commands import ProfileCommands
from operator_push.kernel.errors import OperatorError


def numbers(msisdn: str) -> int:
    return 7 if msisdn == "919812345678" else 0


def test_all_of_it_or_nothing() -> None:
    written = Written()
    heard: list[object] = []
    handlers = ProfileCommands(
        0, numbers, lambda *told: heard.append(told[:4]), committer_over(written)
    ).handlers()
    told = call(
        handlers,
        "profile.declare",
        number="+919812345678",
        attributes={"age": "41", "interest.music": "yes"},
        by="self-care",
        incentive_ref="me",
        incentive_terms="5 rupees",
    )
    assert told == {"declared": 2}
    assert heard == [(7, frozenset({"age", "interest.music"}), "me", "5 rupees")]
    kept = {
        row["name"]: (row["subscriber_no"], row["value"], row["declared_by"]) for _, row in written.upserts
    }
    assert kept == {"age": (7, "41", "self-care"), "interest.music": (7, "yes", "self-care")}
    for wrong in ({"age": "41", "shoe": "44"}, {}, "age"):
        with pytest.raises(OperatorError):
            call(handlers, "profile.declare", number="919812345678", attributes=wrong)
    with pytest.raises(OperatorError, match="no subscriber"):
        call(handlers, "profile.declare", number="919800000000", attributes={"age": "41"})
    assert len(written.upserts) == 2

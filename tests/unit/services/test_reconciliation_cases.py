"""Cases: which state follows which, and that money which moved is named."""

import pytest

from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.reconciliation_cases import HOW, Case, CaseEvent, CaseState, step

OPEN = CaseEvent(CaseState.OPEN, "", 1, charged_micros=300, due_micros=100)
NOTE = {TransferKind.CREDIT_NOTE: 200}


def case(*events: CaseEvent) -> Case:
    return Case(7, "price_differs", 1, 1, "detail", 1, events)


def event(state: CaseState, **named: object) -> CaseEvent:
    return CaseEvent(state, "ravi", 2, **named)  # type: ignore[arg-type]


# from, to, how, posting of, what is said ("" where it is allowed)
STEPS = """
-         assigned   -               -     -
-         resolved   we_were_right   -     -
-         resolved   credit_note     note  -
-         resolved   credit_note     -     name its posting (CREDIT_NOTE, REFUND)
-         resolved   written_off     note  another kind
-         resolved   we_were_right   note  moves no money
-         resolved   magic           -     is none of credit_note
-         dismissed  -               -     -
assigned  assigned   -               -     -
assigned  open       -               -     -
resolved  open       -               -     -
resolved  assigned   -               -     can only be open
dismissed resolved   we_were_right   -     can only be open
"""


@pytest.mark.parametrize("line", STEPS.strip().splitlines())
def test_a_case_goes_its_way(line: str) -> None:
    start, to, how, posting, words = line.split(maxsplit=4)
    events = [OPEN] if start == "-" else [OPEN, event(CaseState(start))]
    postings, reference = (NOTE, 55) if posting == "note" else ({}, 0)
    asked = event(CaseState(to), how="" if how == "-" else how, posting=reference)
    if words == "-":
        assert step(case(*events), asked, postings) == asked
    else:
        with pytest.raises(OperatorError) as told:
            step(case(*events), asked, postings)
        assert words in str(told.value)


def test_a_case_is_where_its_last_event_left_it() -> None:
    assert case().state is CaseState.OPEN
    now = case(OPEN, event(CaseState.ASSIGNED, assignee="mina"))
    assert (now.state, now.assignee, now.at_risk_micros) == (CaseState.ASSIGNED, "mina", 200)


def test_every_way_to_resolve_is_known_to_move_money_or_not() -> None:
    assert {name for name, kinds in HOW.items() if not kinds} == {
        "smsc_was_wrong",
        "we_were_right",
        "settled_since",
    }

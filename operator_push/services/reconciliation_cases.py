"""Reconciliation cases: a queue of what somebody must look into, and the states of it.

open → assigned → resolved or dismissed; a case that has ended can be opened again. Law: a resolution that
moves money names the posting that moved it; which one that is, is `resolve_case`.
"""

from collections.abc import Mapping
from enum import Enum

import msgspec

from operator_push.domain.transfers import TransferKind
from operator_push.kernel.errors import OperatorError


class CaseState(Enum):
    """Where a case stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


_NEXT: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.OPEN: frozenset({CaseState.ASSIGNED, CaseState.RESOLVED, CaseState.DISMISSED}),
    CaseState.ASSIGNED: frozenset(
        {CaseState.ASSIGNED, CaseState.RESOLVED, CaseState.DISMISSED, CaseState.OPEN}
    ),
    CaseState.RESOLVED: frozenset({CaseState.OPEN}),
    CaseState.DISMISSED: frozenset({CaseState.OPEN}),
}

# How a case may be resolved → the kinds of posting that it then names, one of them; none: no money moves.
HOW: Mapping[str, frozenset[TransferKind]] = {
    "credit_note": frozenset({TransferKind.CREDIT_NOTE, TransferKind.REFUND}),
    "charged_after_all": frozenset({TransferKind.LATE_CHARGE, TransferKind.CHARGE, TransferKind.SETTLE}),
    "released": frozenset({TransferKind.RELEASE, TransferKind.FAILED_REFUND}),
    "written_off": frozenset({TransferKind.WRITE_OFF}),
    "smsc_was_wrong": frozenset(),
    "we_were_right": frozenset(),
    "settled_since": frozenset(),
}

# These correct the money beside the postings of the message, which go on saying what they said.
CORRECTED = frozenset({"credit_note", "charged_after_all", "written_off"})


class CaseEvent(msgspec.Struct, frozen=True):
    """One step of a case; the columns of store.case_tables."""

    state: CaseState
    who: str
    at_us: int
    assignee: str = ""
    how: str = ""
    note: str = ""
    posting: int = 0
    charged_micros: int = 0
    due_micros: int = 0


class Case(msgspec.Struct, frozen=True):
    """A case with its story, oldest event first. Amounts: charged, and due by the SMSC."""

    case_id: int
    found: str
    message_id: int
    segment_no: int
    detail: str
    at_us: int
    events: tuple[CaseEvent, ...] = ()

    @property
    def state(self) -> CaseState:
        """Where it stands now."""
        return self.events[-1].state if self.events else CaseState.OPEN

    @property
    def assignee(self) -> str:
        """Who has it, "" for nobody."""
        return self.events[-1].assignee if self.events else ""

    @property
    def at_risk_micros(self) -> int:
        """The money that the two sides disagree about."""
        return max((abs(event.charged_micros - event.due_micros) for event in self.events), default=0)


def is_resolved_so(case: Case, how: str, posting: int) -> bool:
    """True where the same resolution stands already, so that asking again changes nothing."""
    if case.state is not CaseState.RESOLVED:
        return False
    last = case.events[-1]
    return last.how == how and posting in (0, last.posting)


def check_step(case: Case, event: CaseEvent) -> None:
    """That a case may take a step, before any money is moved for it.

    Raises:
        OperatorError: the case has ended, or its resolution does not say how.
    """
    if event.state not in _NEXT[case.state]:
        allowed = ", ".join(sorted(state.value for state in _NEXT[case.state]))
        raise OperatorError(f"case {case.case_id} is {case.state.value}; from there it can only be {allowed}")
    if event.state is CaseState.RESOLVED and event.how not in HOW:
        raise OperatorError(f"how {event.how!r} is none of {', '.join(HOW)}")


def step(case: Case, event: CaseEvent, postings: Mapping[TransferKind, int]) -> CaseEvent:
    """The event where the case may take it. `postings`: kind → micros of the posting that the event names.

    Raises:
        OperatorError: the case has ended, or its resolution does not say how, or names no fitting posting.
    """
    check_step(case, event)
    if event.state is not CaseState.RESOLVED:
        return event
    kinds = HOW[event.how]
    if kinds and not kinds & set(postings):
        named = ", ".join(sorted(kind.name for kind in kinds))
        raise OperatorError(
            f"{event.how} moves money: name its posting ({named}) by --posting; "
            f"the ledger has {'another kind' if postings else 'none'} of that reference"
        )
    if event.posting and not kinds:
        raise OperatorError(f"{event.how} moves no money, so it names no posting")
    return event

"""Campaigns: the states of an order, who may do what in which, and the quote that it is bound to.

The transition table is the whole truth about a campaign's life. Counting, sending and money are elsewhere
(audience, services, ledger).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from operator_push.domain.charging import quote_hold
from operator_push.kernel.errors import OperatorError


class CampaignState(Enum):
    """Where a campaign stands; the value is what the store keeps."""

    DRAFT = "draft"
    QUOTED = "quoted"
    PENDING_APPROVAL = "pending_approval"  # ordered by the client, waits for the operator
    APPROVED = "approved"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class CampaignAction(Enum):
    """What somebody, or the product itself (FINISH), does to a campaign."""

    QUOTE = "quote"
    CHANGE = "change"  # rule, text or sender: whatever was agreed is agreed no more
    ORDER = "order"
    APPROVE = "approve"
    REJECT = "reject"
    LAUNCH = "launch"
    PAUSE = "pause"
    RESUME = "resume"
    FINISH = "finish"
    CANCEL = "cancel"


_S, _A = CampaignState, CampaignAction

TRANSITIONS: Mapping[tuple[CampaignState, CampaignAction], CampaignState] = {
    (_S.DRAFT, _A.QUOTE): _S.QUOTED,
    (_S.DRAFT, _A.CHANGE): _S.DRAFT,
    (_S.DRAFT, _A.CANCEL): _S.CANCELLED,
    (_S.QUOTED, _A.QUOTE): _S.QUOTED,
    (_S.QUOTED, _A.CHANGE): _S.DRAFT,
    (_S.QUOTED, _A.ORDER): _S.PENDING_APPROVAL,
    (_S.QUOTED, _A.CANCEL): _S.CANCELLED,
    (_S.PENDING_APPROVAL, _A.CHANGE): _S.DRAFT,
    (_S.PENDING_APPROVAL, _A.APPROVE): _S.APPROVED,
    (_S.PENDING_APPROVAL, _A.REJECT): _S.DRAFT,
    (_S.PENDING_APPROVAL, _A.CANCEL): _S.CANCELLED,
    (_S.APPROVED, _A.CHANGE): _S.DRAFT,
    (_S.APPROVED, _A.LAUNCH): _S.RUNNING,
    (_S.APPROVED, _A.REJECT): _S.DRAFT,
    (_S.APPROVED, _A.CANCEL): _S.CANCELLED,
    (_S.RUNNING, _A.PAUSE): _S.PAUSED,
    (_S.RUNNING, _A.FINISH): _S.FINISHED,
    (_S.RUNNING, _A.CANCEL): _S.CANCELLED,
    (_S.PAUSED, _A.RESUME): _S.RUNNING,
    (_S.PAUSED, _A.CANCEL): _S.CANCELLED,
}

FINAL_CAMPAIGN_STATES = frozenset({CampaignState.FINISHED, CampaignState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Quote:
    """What a campaign will cost at most: `audience` people (as disclosed), `segments` each."""

    audience: int
    segments: int
    price_per_segment_micros: int
    total_micros: int
    valid_until_us: int

    def is_valid_at(self, at_us: int) -> bool:
        """True until its last moment."""
        return at_us < self.valid_until_us


def make_quote(audience: int, segments: int, price_per_segment_micros: int, valid_until_us: int) -> Quote:
    """A quote for `audience` messages of `segments` segments.

    Raises:
        MoneyInvariantError: a negative price or a message without segments.
    """
    total = audience * quote_hold(price_per_segment_micros, segments)
    return Quote(audience, segments, price_per_segment_micros, total, valid_until_us)


def next_state(state: CampaignState, action: CampaignAction) -> CampaignState | None:
    """Where an action leads; None where it is not allowed in this state."""
    return TRANSITIONS.get((state, action))


def allowed_actions(state: CampaignState) -> tuple[CampaignAction, ...]:
    """What may be done in a state, in the order of the table."""
    return tuple(action for from_state, action in TRANSITIONS if from_state is state)


def take_action(
    state: CampaignState,
    action: CampaignAction,
    *,
    actor: str = "",
    made_by: Sequence[str] = (),
    quote: Quote | None = None,
    at_us: int = 0,
) -> CampaignState:
    """The state after `actor` does `action`.

    ORDER needs a quote that is still valid. APPROVE needs another person than those who made it
    what it is: who ordered, and who approved it for the other side.

    Raises:
        OperatorError: not allowed in this state, an expired quote, or maker and checker are one.
    """
    state_after = next_state(state, action)
    if state_after is None:
        allowed = ", ".join(each.value for each in allowed_actions(state))
        if not allowed:
            raise OperatorError(f"a campaign that is {state.value} has ended; nothing can be done with it")
        raise OperatorError(
            f"a campaign that is {state.value} cannot take the action {action.value}; allowed: {allowed}"
        )
    if action is CampaignAction.ORDER and (quote is None or not quote.is_valid_at(at_us)):
        raise OperatorError("the quote has expired; ask for a new one before ordering")
    made = {_person(name) for name in made_by}
    if action is CampaignAction.APPROVE and (not _person(actor) or _person(actor) in made):
        raise OperatorError(
            f"{actor or 'nobody'} cannot approve a campaign ordered or approved by"
            f" {', '.join(made_by) or 'nobody'}: maker and checkers are different people"
        )
    return state_after


def _person(name: str) -> str:
    """A name as people mean it: spaces around it and its case make nobody else."""
    return name.strip().casefold()

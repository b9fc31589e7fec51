"""Campaigns: the transition table as people read it, quotes, and two people for an approval."""

import pytest

from operator_push.domain.campaign import (
    FINAL_CAMPAIGN_STATES,
    TRANSITIONS,
    CampaignAction,
    CampaignState,
    allowed_actions,
    make_quote,
    next_state,
    take_action,
)
from operator_push.kernel.errors import MoneyInvariantError, OperatorError

LIVES = """
draft             quote    quoted
quoted            order    pending_approval
pending_approval  approve  approved
approved          launch   running
running           pause    paused
paused            resume   running
running           finish   finished
pending_approval  reject   draft
approved          reject   draft
quoted            change   draft
pending_approval  change   draft
approved          change   draft
running           cancel   cancelled
paused            cancel   cancelled
draft             launch   -
quoted            approve  -
running           change   -
pending_approval  launch   -
paused            finish   -
finished          cancel   -
cancelled         resume   -
"""


@pytest.mark.parametrize("line", LIVES.strip().splitlines())
def test_transition(line: str) -> None:
    state, action, after = line.split()
    expected = None if after == "-" else CampaignState(after)
    assert next_state(CampaignState(state), CampaignAction(action)) is expected


def test_every_state_can_be_reached_and_left_save_the_final_ones() -> None:
    reached = {CampaignState.DRAFT}
    while more := {after for (state, _), after in TRANSITIONS.items() if state in reached} - reached:
        reached |= more
    assert reached == set(CampaignState)
    assert {state for state in CampaignState if not allowed_actions(state)} == FINAL_CAMPAIGN_STATES


def test_maker_and_checker_are_two_people() -> None:
    pending = CampaignState.PENDING_APPROVAL
    assert take_action(pending, CampaignAction.APPROVE, actor="ravi", made_by=["asha"])
    for actor in ("asha", "Meena ", ""):
        with pytest.raises(OperatorError, match="different people"):
            take_action(pending, CampaignAction.APPROVE, actor=actor, made_by=["asha", "meena"])


def test_an_order_needs_a_quote_that_is_still_valid() -> None:
    quote = make_quote(audience=1_230, segments=2, price_per_segment_micros=150_000, valid_until_us=100)
    assert quote.total_micros == 369_000_000
    order = CampaignAction.ORDER
    assert take_action(CampaignState.QUOTED, order, quote=quote, at_us=99) is CampaignState.PENDING_APPROVAL
    for stale, at_us in ((quote, 100), (None, 0)):
        with pytest.raises(OperatorError, match="expired"):
            take_action(CampaignState.QUOTED, order, quote=stale, at_us=at_us)
    with pytest.raises(MoneyInvariantError):
        make_quote(10, 0, 1, 100)


def test_a_refused_action_says_what_is_allowed() -> None:
    with pytest.raises(OperatorError, match="running cannot take the action order; allowed: pause, finish"):
        take_action(CampaignState.RUNNING, CampaignAction.ORDER)
    with pytest.raises(OperatorError, match="has ended; nothing can be done"):
        take_action(CampaignState.FINISHED, CampaignAction.CANCEL)

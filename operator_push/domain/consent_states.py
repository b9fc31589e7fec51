"""Consent states: where one scope of one subscriber stands, and which act may follow there.

The table is the rule. An act that is not in it is refused with words when somebody wants to record it; what
is on disk is folded as it stands. Two moves need no act: time ends a grant (EXPIRED) and a challenge, and a
new grant of the same scope makes the former one SUPERSEDED.
"""

from collections.abc import Mapping
from enum import IntEnum

from operator_push.domain.consent import ConsentAction

_A = ConsentAction


class ConsentState(IntEnum):
    """Where a scope stands; only GRANTED permits."""

    PENDING = 0  # nobody has said or asked anything
    REQUESTED = 1
    CONFIRMING = 2  # opted in, the challenge of the double opt-in is not answered yet
    GRANTED = 3
    EXPIRED = 4
    WITHDRAWN = 5
    DENIED = 6
    OBJECTED = 7
    SUPERSEDED = 8  # of an event, not of a scope: a later grant of the same scope stands in its place
    VOID = 9  # the number was recycled, ported out or got another owner: as if nothing had been said


_S = ConsentState
_SAID_NO: Mapping[ConsentAction, ConsentState] = {
    _A.WITHDRAW: _S.WITHDRAWN,
    _A.DENY: _S.DENIED,
    _A.OBJECT: _S.OBJECTED,
    _A.VOID: _S.VOID,
}
_OPTS_IN: Mapping[ConsentAction, ConsentState] = {_A.GRANT: _S.GRANTED, _A.CHALLENGE: _S.CONFIRMING}
_MAY_BE_ASKED: Mapping[ConsentAction, ConsentState] = {**_OPTS_IN, **_SAID_NO, _A.REQUEST: _S.REQUESTED}

# state → act → next state. Who said no is not asked again, and leaves it by an opt-in of his own only.
TRANSITIONS: Mapping[ConsentState, Mapping[ConsentAction, ConsentState]] = {
    _S.PENDING: _MAY_BE_ASKED,
    _S.REQUESTED: _MAY_BE_ASKED,
    _S.CONFIRMING: {**_SAID_NO, _A.CHALLENGE: _S.CONFIRMING, _A.CONFIRM: _S.GRANTED},
    _S.GRANTED: {**_SAID_NO, _A.GRANT: _S.GRANTED, _A.END: _S.EXPIRED},
    _S.EXPIRED: _MAY_BE_ASKED,
    _S.WITHDRAWN: {**_SAID_NO, **_OPTS_IN},
    _S.DENIED: {**_SAID_NO, **_OPTS_IN},
    _S.OBJECTED: {**_SAID_NO, **_OPTS_IN},
    _S.SUPERSEDED: {},
    _S.VOID: _MAY_BE_ASKED,
}
_WHY = {
    _A.REQUEST: "a person who is asked already has said yes or no: ask only where the state is pending, "
    "requested, expired or void",
    _A.CHALLENGE: "what is granted needs no confirmation",
    _A.CONFIRM: "there is no challenge that could still be answered; record a challenge first, and the "
    "answer before its end",
    _A.GRANT: "the person was sent a challenge (double opt-in): record its answer as confirm",
}


def why_refused(state: ConsentState, action: ConsentAction) -> str | None:
    """Why an act may not follow in this state, in words; None where it may."""
    if action in TRANSITIONS[state]:
        return None
    allowed = ", ".join(sorted(act.name.lower() for act in TRANSITIONS[state])) or "nothing"
    why = _WHY.get(action, "it has no meaning here")
    return f"{action.name.lower()} may not follow {state.name.lower()}: {why} (here may follow: {allowed})"

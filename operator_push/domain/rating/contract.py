"""Contract: what is charged (by when, by final state) and how amounts are rounded, as data.

Law: a state that has no word in `states` follows `charge_on`; nothing is charged that was never accepted.
"""

from enum import Enum
from typing import Annotated, Final

import msgspec

from operator_push.domain.message import MessageState
from operator_push.kernel.money import Rounding


class ChargeOn(Enum):
    """By which event a message is owed."""

    ACCEPTANCE = "acceptance"  # we took it
    SUBMISSION = "submission"  # the SMSC took it
    DELIVERY = "delivery"  # the handset took it


class RoundingAt(Enum):
    """Where amounts become multiples of the contract's step."""

    LINE = "line"
    MESSAGE = "message"
    INVOICE = "invoice"


class Contract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The terms of payment; the defaults are what the product does without any.

    `step_micros` is the smallest amount at the place of rounding (10,000: a hundredth); `rounding` also names
    how a percentage becomes whole micros. `states`: final and intermediate states, whether they are charged;
    `unknown` is the end of what nobody has ever spoken of, so that its hold expired.
    """

    charge_on: ChargeOn = ChargeOn.DELIVERY
    states: dict[str, bool] = {}
    rounding: Rounding = Rounding.HALF_EVEN
    rounding_at: RoundingAt = RoundingAt.INVOICE
    step_micros: Annotated[int, msgspec.Meta(ge=1, le=10**12)] = 1


STATE_NAMES: Final = tuple(member.name.lower() for member in MessageState)
_SUBMITTED: Final = frozenset(
    {
        MessageState.SENT,
        MessageState.UNKNOWN,
        MessageState.DELIVERED,
        MessageState.EXPIRED,
        MessageState.DELETED,
        MessageState.UNDELIVERABLE,
    }
)
_CHARGED: Final = {
    ChargeOn.ACCEPTANCE: frozenset(MessageState),
    ChargeOn.SUBMISSION: _SUBMITTED,
    ChargeOn.DELIVERY: frozenset({MessageState.DELIVERED}),
}


def posts_at(contract: Contract) -> ChargeOn:
    """When a charge is posted: in the first of the states ACCEPTED, SENT and the end that is charged.

    What is charged before its end and is not owed by its end is given back then.
    """
    if contract.states.get("accepted", contract.charge_on is ChargeOn.ACCEPTANCE):
        return ChargeOn.ACCEPTANCE
    if contract.states.get("sent", contract.charge_on is not ChargeOn.DELIVERY):
        return ChargeOn.SUBMISSION
    return ChargeOn.DELIVERY


def is_charged(contract: Contract, state: MessageState, reached_smsc: bool = True) -> bool:
    """Whether a message in this state is owed: by the contract's own word on it, else by `charge_on`.

    `reached_smsc`: whether the SMSC has taken it. A message that expired or was cancelled before it was sent
    was never submitted; whoever prices by state alone takes such a state as the SMSC's word.
    """
    stated = contract.states.get(state.name.lower())
    if stated is None and state is MessageState.UNKNOWN:
        stated = contract.states.get("expired")  # its hold has expired: what is said of that holds here too
    if stated is not None:
        return stated
    owed = state in _CHARGED[contract.charge_on]
    return owed and (reached_smsc or contract.charge_on is not ChargeOn.SUBMISSION)

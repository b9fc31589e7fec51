"""Contact channels: by what a message comes to a handset. SMS is stored until the handset is back; USSD is
shown on the screen of one that is on, at once or never, and is kept nowhere.

Permission, the national register and contact wishes are asked for the channel of each message; caps and quiet
hours count the person, whatever the channel. Not here: the content channels that people subscribe to
(`domain.channels`), the names of all channels that a permission may be about (`domain.consent.CHANNELS`).
"""

from collections.abc import Mapping, Sequence
from typing import Final

from operator_push.domain.consent import SMS, USSD
from operator_push.kernel.errors import OperatorError

SENT_BY: Final = (SMS, USSD)
# In rows, so never renumbered. A message without a row is an SMS: nearly all are, and pay nothing for this.
CHANNEL_NUMBERS: Final[Mapping[str, int]] = {SMS: 0, USSD: 1}
_BY_NUMBER: Final = {number: channel for channel, number in CHANNEL_NUMBERS.items()}


def channel_of_number(number: int | None) -> str:
    """The channel of a stored number; SMS where there is none."""
    return _BY_NUMBER[number or 0]


def sent_channel(name: str, allowed: Sequence[str] = SENT_BY) -> str:
    """A channel that messages can be sent by, in any case.

    Raises:
        OperatorError: nothing is sent by it.
    """
    channel = name.strip().lower()
    if channel not in allowed:
        raise OperatorError(f"channel {name!r} is not one of {', '.join(allowed)}", key="channel")
    return channel

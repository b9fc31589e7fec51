"""Validity: when a message may first be tried and how long, from its SMPP times or the scenario's default.

SMPP v3.4 sections 5.2.15 (schedule_delivery_time), 5.2.16 (validity_period) and 7.1.1. Pure; in seconds of
the message's own time, before the scenario's acceleration.
"""

from operator_push.kernel.instants import from_epoch_us
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import ReplaceSm, SubmitSm
from operator_push.smpp.smpp_time import RelativeTime, parse_smpp_time

MessageTimes = tuple[float, float]  # seconds until the first try, seconds of validity after that


def message_times(pdu: SubmitSm | ReplaceSm, t: int, default_s: float) -> MessageTimes | CommandStatus:
    """(wait, validity) of a message that arrives at `t` (µs since 1970), or the status that refuses it.

    A time in the past is ESME_RINVSCHED or ESME_RINVEXPIRY, as is one that cannot be read.
    """
    wait_s, end_s = 0.0, None
    if pdu.schedule_delivery_time:
        scheduled_s = _seconds_from(pdu.schedule_delivery_time, t)
        if scheduled_s is None:
            return CommandStatus.ESME_RINVSCHED
        wait_s = scheduled_s
    if pdu.validity_period:
        end_s = _seconds_from(pdu.validity_period, t)
        if end_s is None or end_s <= wait_s:
            return CommandStatus.ESME_RINVEXPIRY
    return wait_s, default_s if end_s is None else end_s - wait_s


def _seconds_from(text: str, t: int) -> float | None:
    arrival = from_epoch_us(t)
    try:
        when = parse_smpp_time(text)
        moment = when.after(arrival) if isinstance(when, RelativeTime) else when
    except (ValueError, OverflowError):
        return None
    seconds = (moment - arrival).total_seconds()
    return seconds if seconds >= 0 else None

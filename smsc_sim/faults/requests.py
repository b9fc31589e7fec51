"""Request faults: refused, throttled, ignored or nacked on arrival; the message is never accepted."""

from operator_push.smpp.codec import response_to
from operator_push.smpp.constants import command_name, status_name
from operator_push.smpp.pdu import BindPdu, DataSm, GenericNack, Pdu, SubmitMulti, SubmitSm
from smsc_sim.counters import Counters
from smsc_sim.faults.armed import ArmedFault, one_of, status_number
from smsc_sim.faults.bind_faults import BindFaults
from smsc_sim.faults.tables import Ignore, Nack, Refuse, Throttle
from smsc_sim.message import message_reference
from smsc_sim.witness import Witness, key_part


def lets_through(fault: ArmedFault, faults: BindFaults, now: float) -> bool:
    """Whether a throttle that was hit has room for this request after all; others have none."""
    table = fault.table
    if not isinstance(table, Throttle) or (table.per_s is None and table.outstanding_max is None):
        return False
    if table.outstanding_max is not None and faults.bind.outstanding_submits >= table.outstanding_max:
        return False
    if table.per_s is None:
        return True
    tokens, since = faults.buckets.get(fault.name, (float(table.burst), now))
    tokens = min(float(table.burst), tokens + (now - since) * table.per_s)
    has_room = tokens >= 1
    faults.buckets[fault.name] = (tokens - 1 if has_room else tokens, now)
    return has_room


def deal_with(
    fault: ArmedFault,
    unit: float,
    faults: BindFaults,
    pdu: Pdu,
    addresses: str,
    counters: Counters,
    witness: Witness,
    t: int,
) -> None:
    """Do what the fault does instead of accepting the request."""
    bind, table = faults.bind, fault.table
    command = command_name(pdu.command_id) or "unknown"
    if isinstance(pdu, BindPdu):
        counters.binds_refused += 1
    elif isinstance(pdu, SubmitSm | DataSm):
        counters.submits_received += 1
        counters.submits_refused += 1
    elif isinstance(pdu, SubmitMulti):
        recipients = max(1, len(pdu.dest_address))
        counters.submits_received += recipients
        counters.submits_refused += recipients
    else:
        counters.other_requests_refused += 1
    if isinstance(table, Ignore):
        return
    status = one_of(table.status, unit) if isinstance(table, Refuse) else 0
    if isinstance(table, Throttle | Nack):
        status = status_number(table.status)
    counters.responses_sent += 1
    bind.mark_dirty()
    if isinstance(pdu, BindPdu) and not isinstance(table, Nack):
        bind.session.refuse_bind(pdu, status)
        witness.bind_event(t, bind.name, "in", command, pdu.system_id, "refused", status_name(status))
        return
    if isinstance(table, Nack):
        answer: Pdu = GenericNack(sequence_number=pdu.sequence_number, command_status=status)
    else:
        answer = response_to(pdu, status)
    bind.session.send_response(answer)
    key = key_part(message_reference(pdu) if isinstance(pdu, SubmitSm) else None, "")
    witness.request_refused(t, bind.name, command, pdu.sequence_number, addresses, key, status_name(status))

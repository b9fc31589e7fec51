"""Receipt reading: what else a delivery receipt says, for one whose id alone does not find its message.

Apart from `pdu_mapping.receipt_of`, because it costs more and is needed seldom.
"""

from datetime import tzinfo

from operator_push.gateway.message_cutting import payload_of
from operator_push.kernel.instants import to_epoch_us
from operator_push.smpp.pdu import DataSm, DeliverSm
from operator_push.smpp.receipt_text import parse_receipt, receipt_date


def explain_receipt(pdu: object, zone: tzinfo) -> tuple[str, str, int]:
    """(sender, id in the text, submit date in microseconds since 1970) of a deliver_sm or data_sm.

    The sender is where the receipt goes to; "", "" and 0 stand for what it does not tell. `zone` is that of
    the SMSC's clock: the dates of SMPP v3.4 appendix B name none.
    """
    if not isinstance(pdu, (DeliverSm, DataSm)):
        return "", "", 0
    fields = parse_receipt(payload_of(pdu))
    if fields is None:
        return pdu.destination_addr, "", 0
    submitted = receipt_date(fields.submit_date)
    submitted_us = to_epoch_us(submitted.replace(tzinfo=zone)) if submitted else 0
    return pdu.destination_addr, fields.id.partition("\0")[0], submitted_us

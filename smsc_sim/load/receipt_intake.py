"""Receipt intake: from the octets of responses and deliveries to the ledger and the tally.

Pure. Ids of responses and receipts meet here in one form; see `plan.Receipts.ids`.
"""

from operator_push.smpp.message_id import MessageIdForm
from smsc_sim.load.plan import Receipts
from smsc_sim.load.receipt_ledger import ReceiptLedger
from smsc_sim.load.receipt_reader import (
    INTERMEDIATE,
    MOBILE_ORIGINATED,
    UNREADABLE,
    canonical_id,
    read_delivery,
    receipt_id_form,
)
from smsc_sim.load.tally import Tally

_BODY_AT = 16
_OTHER_FORM = {
    MessageIdForm.HEXADECIMAL: MessageIdForm.DECIMAL,
    MessageIdForm.DECIMAL: MessageIdForm.HEXADECIMAL,
}


class ReceiptIntake:
    """What all binds of a run tell of accepted segments and receipts."""

    def __init__(self, receipts: Receipts, ledger: ReceiptLedger, tally: Tally) -> None:
        self._ask = receipts.ask
        self._ledger = ledger
        self._tally = tally
        self._receipt_form = receipt_id_form(receipts.ids)
        self._response_form = None if self._receipt_form is None else _OTHER_FORM[self._receipt_form]

    def accepted(self, submit_sm_resp: bytes, due_at: float) -> None:
        """A submit_sm_resp with ESME_ROK came; `due_at` is its segment's."""
        if not self._ask:
            return
        end = submit_sm_resp.find(b"\0", _BODY_AT)
        if end <= _BODY_AT:
            self._tally.violations["submit_sm_resp without a message_id"] += 1
            return
        message_id = submit_sm_resp[_BODY_AT:end]
        if self._response_form is not None:
            message_id = canonical_id(message_id, self._response_form)
        self._ledger.expect(message_id, due_at)

    def delivery(self, octets: bytes, now: float) -> None:
        """A deliver_sm or data_sm came."""
        told = read_delivery(octets)
        message_id, stat = told
        tally = self._tally
        if message_id:
            tally.receipt_states[stat] += 1
            if self._receipt_form is not None:
                message_id = canonical_id(message_id, self._receipt_form)
            self._ledger.receipt(message_id, now)
        elif told is MOBILE_ORIGINATED:
            tally.mo += 1
        elif told is INTERMEDIATE:
            tally.intermediate += 1
        elif told is UNREADABLE:
            tally.violations["receipt that tells no id or state"] += 1

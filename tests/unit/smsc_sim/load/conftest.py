"""A bind of a load run without its socket: an `LoadEsme` fed by hand, and PDUs read from what it writes."""

import pytest

from operator_push.smpp.codec import decode_pdu, encode_pdu, response_to
from operator_push.smpp.framer import Framer
from operator_push.smpp.pdu import DeliverSm, SubmitSmResp
from smsc_sim.load.esme import LoadEsme
from smsc_sim.load.feed import make_feeds
from smsc_sim.load.message_mix import prepare_kinds
from smsc_sim.load.plan import BindGroup, LoadPlan, Loop, Patience, Receipts
from smsc_sim.load.receipt_intake import ReceiptIntake
from smsc_sim.load.receipt_ledger import ReceiptLedger
from smsc_sim.load.tally import Tally

RECEIPT = "id:{} sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:{} err:000 text:"


class Wired:
    """One bind of a plan. `say` hands PDUs to it; `told` are the PDUs that it has written since."""

    def __init__(self, plan):
        self.now = 100.0
        self.kinds = prepare_kinds(plan)
        self.tally = Tally(len(self.kinds))
        self.ledger = ReceiptLedger(self.tally)
        intake = ReceiptIntake(plan.receipts, self.ledger, self.tally)
        [self.feed] = make_feeds(plan, self.kinds)
        self.esme = LoadEsme("1", plan.binds[0], self.feed, self.tally, intake, plan.patience)
        self.framer = Framer()

    def bind(self):
        self.esme.connected(self.now)
        [request] = self.told()
        self.say(response_to(request))
        self.tally.begin(self.now)
        self.feed.start(self.now)
        return request

    def say(self, *pdus):
        self.esme.receive(b"".join(map(encode_pdu, pdus)), self.now)

    def told(self):
        return [decode_pdu(octets) for octets in self.framer.feed(self.esme.take_output())]

    def fill(self, at=None):
        self.now = self.now if at is None else at
        self.esme.fill(self.now)
        return self.told()

    def accept(self, request, message_id, status=0):
        self.say(SubmitSmResp(request.sequence_number, status, message_id=message_id))

    def receipt(self, message_id, stat="DELIVRD", number=1):
        text = RECEIPT.format(message_id, stat).encode()
        self.say(DeliverSm(number, esm_class=4, source_addr="919800000000", short_message=text))


@pytest.fixture
def wired():
    def make(window=10, patience=None, receipts=None, **loop):
        loop = {"rate": 10.0, "duration_s": 10.0} | loop
        plan = LoadPlan(
            binds=(BindGroup(window=window),),
            loop=Loop(**loop),
            receipts=receipts or Receipts(),
            patience=patience or Patience(),
        )
        return Wired(plan)

    return make

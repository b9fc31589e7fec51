"""The load generator without sockets: 1,000 submit_sm out, their responses and receipts in.

What a submit_sm costs the generator apart from the kernel's part: divide by 1,000. With sockets:
`smsc-sim load --closed --duration 20s --bind trx:2 --window 500 --mix full`, which prints it.
"""

from typing import Any

import pytest

from operator_push.smpp.codec import encode_pdu, response_to
from operator_push.smpp.pdu import BindTransceiver, DeliverSm, SubmitSmResp
from smsc_sim.load.esme import LoadEsme
from smsc_sim.load.feed import make_feeds
from smsc_sim.load.message_mix import prepare_kinds
from smsc_sim.load.plan import MIXES, BindGroup, LoadPlan, Loop
from smsc_sim.load.receipt_intake import ReceiptIntake
from smsc_sim.load.receipt_ledger import ReceiptLedger
from smsc_sim.load.tally import Tally

MESSAGES = 1000
RECEIPT = b"id:%016d sub:001 dlvrd:001 submit date:2611212210 done date:2611212210 stat:DELIVRD err:000 text:"


class Rounds:
    """One bind; each round is a window of messages, answered and receipted in chunks of fifty."""

    def __init__(self) -> None:
        plan = LoadPlan(
            binds=(BindGroup(window=MESSAGES),),
            loop=Loop(kind="closed", duration_s=60),
            messages=MIXES["full"],
        )
        self.kinds = prepare_kinds(plan)
        self.tally = Tally(len(self.kinds))
        self.ledger = ReceiptLedger(self.tally)
        intake = ReceiptIntake(plan.receipts, self.ledger, self.tally)
        [self.feed] = make_feeds(plan, self.kinds)
        self.esme = LoadEsme("1", plan.binds[0], self.feed, self.tally, intake, plan.patience)
        self.now = 1.0
        self.sequence = 1
        self.esme.connected(self.now)
        self.esme.take_output()
        self.esme.receive(encode_pdu(response_to(BindTransceiver(1))), self.now)
        self.tally.begin(self.now)
        self.feed.start(self.now)

    def chunks(self) -> list[bytes]:
        """What the SMSC answers to the next round; made outside the measured time."""
        first = self.sequence + 1
        self.sequence += MESSAGES
        numbers = range(first, first + MESSAGES)
        responses = [encode_pdu(SubmitSmResp(number, message_id=f"{number:016d}")) for number in numbers]
        receipts = [
            encode_pdu(
                DeliverSm(
                    number,
                    source_addr="919800000000",
                    destination_addr="56070",
                    esm_class=4,
                    short_message=RECEIPT % number,
                    tlvs=((0x001E, b"%016d\0" % number), (0x0427, b"\x02")),
                )
            )
            for number in numbers
        ]
        return [
            b"".join(pdus[at : at + 50]) for pdus in (responses, receipts) for at in range(0, MESSAGES, 50)
        ]

    def round(self, chunks: list[bytes]) -> None:
        self.now += 0.01
        self.esme.fill(self.now)
        self.esme.take_output()
        for chunk in chunks:
            self.now += 0.0005
            self.esme.receive(chunk, self.now)
            self.esme.take_output()


@pytest.mark.benchmark(group="load generator, 1,000 submit_sm with response and receipt")
def test_round(benchmark: Any) -> None:
    rounds = Rounds()
    benchmark.pedantic(rounds.round, setup=lambda: ((rounds.chunks(),), {}), rounds=30, warmup_rounds=3)
    assert rounds.tally.accepted == rounds.tally.receipts == 33 * MESSAGES
    assert rounds.ledger.open_count == 0
    assert not rounds.tally.violations

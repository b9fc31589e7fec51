"""SIGTERM under traffic: nothing more is taken, what is on its way ends, both faces unbind, nothing lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from product import Programs, until
from raw_esme import RawEsme
from raw_smsc import RawSmsc

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import (
    EnquireLink,
    EnquireLinkResp,
    Pdu,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)

FIRST, SECOND = "919812360001", "919812360002"


@pytest.fixture(scope="module")
def smsc() -> Iterator[RawSmsc]:
    with RawSmsc() as one:
        yield one


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, smsc: RawSmsc) -> Iterator[Programs]:
    programs = Programs(
        tmp_path_factory.mktemp("graceful"), server="enquire_link_s = 0.5\nresponse_timeout_s = 1.0"
    )
    programs.sim_port = smsc.port
    try:
        programs.start_product()
        programs.add_account()
        programs.call("link.set", name="main", settings={"window": 1}, by="test")
        until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
        yield programs
    finally:
        programs.stop()


def read(esme: RawEsme) -> Pdu:
    """The next PDU that is no enquire_link, which is answered."""
    while isinstance(pdu := esme.read(), EnquireLink):
        esme.answer(EnquireLinkResp(sequence_number=pdu.sequence_number))
    return pdu


def submit(esme: RawEsme, destination: str) -> SubmitSmResp:
    sender = {"source_addr": "SHOP", "source_addr_ton": 5}
    esme.send(SubmitSm(destination_addr=destination, short_message=b"x", **sender))  # type: ignore[arg-type]
    answer = read(esme)
    assert isinstance(answer, SubmitSmResp)
    return answer


def test_an_esme_that_is_gone_without_a_word_is_let_go(programs: Programs):
    """Half-open: its octets still arrive nowhere, so enquire_link is what tells."""
    with RawEsme(programs.smpp_port) as silent, RawEsme(programs.smpp_port) as lively:
        silent.bind()
        lively.bind()
        assert isinstance(silent.read(), EnquireLink)
        asked = 1
        with suppress(EOFError, ConnectionResetError):
            while isinstance(silent.read(), EnquireLink):
                asked += 1
        assert asked < 10
        assert submit(lively, "919812360003").command_status == 0


def test_sigterm_ends_in_order_and_a_start_goes_on(programs: Programs, smsc: RawSmsc):
    until(lambda: programs.call("stats")["in_flight"] == 0, "the end of what came before")
    may_answer = threading.Event()

    def answer(pdu: Pdu) -> Pdu | None:
        if isinstance(pdu, SubmitSm):
            may_answer.wait(10)
            return SubmitSmResp(message_id=f"id-of-{pdu.destination_addr}")
        return None

    smsc.answer = answer
    product = programs.product
    assert product is not None
    with RawEsme(programs.smpp_port) as esme:
        esme.bind()
        for destination in (FIRST, SECOND):
            assert submit(esme, destination).command_status == 0
        until(lambda: programs.call("stats")["in_flight"] == 1, "one in a window of one")
        product.process.send_signal(signal.SIGTERM)
        until(lambda: "stopping: no more" in product.log_file.read_text(), "the stop to begin")
        with pytest.raises(OSError):
            RawEsme(programs.smpp_port)  # nobody listens
        assert submit(esme, "919812360009").command_status == CommandStatus.ESME_RMSGQFUL
        may_answer.set()
        ours = read(esme)
        assert isinstance(ours, Unbind)
        esme.answer(UnbindResp(sequence_number=ours.sequence_number))
        with pytest.raises((EOFError, ConnectionResetError)):
            read(esme)
    smsc.next(Unbind)
    assert product.wait(60) == 0
    assert smsc.ids_given <= 1, "the second one waited here"

    smsc.answer = lambda pdu: None
    programs.start_product()
    pdu = smsc.next(SubmitSm)
    while pdu.destination_addr != SECOND:  # type: ignore[attr-defined]
        pdu = smsc.next(SubmitSm)
    until(lambda: programs.call("stats")["in_flight"] == 0, "its answer")
    smsc.receipt(f"id-of-{FIRST}", source_addr=FIRST)  # its id was committed before the end
    smsc.receipt(f"m{smsc.ids_given}", source_addr=SECOND)
    until(lambda: programs.call("stats")["meters"].get("receipt.applied", 0) == 2, "both receipts")
    account = programs.call("account.show", name="shop")["account"]
    assert account["available_micros"] + account["held_micros"] == 10_000_000 - 2 * 100_000

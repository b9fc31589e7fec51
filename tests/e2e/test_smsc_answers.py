"""What an SMSC that does not understand, forgets or repeats costs: one message's fate, never the link."""

from collections.abc import Iterator

import pytest
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import DataSm, DeliverSm, EnquireLink, GenericNack, Pdu, SubmitSm, SubmitSmResp
from operator_push.smpp.tlv import TlvTag

MORE = """
[[mo_route]]
short_code = "56070"
account = "shop"
"""


@pytest.fixture(scope="module")
def smsc() -> Iterator[RawSmsc]:
    with RawSmsc() as one:
        yield one


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, smsc: RawSmsc) -> Iterator[Programs]:
    programs = Programs(tmp_path_factory.mktemp("answers"), more=MORE, database='short_codes = ["56070"]')
    programs.sim_port = smsc.port
    try:
        programs.start_product()
        programs.add_account("shop")
        until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
        yield programs
    finally:
        programs.stop()


@pytest.fixture
def esme(programs: Programs) -> Iterator[AskingEsme]:
    with AskingEsme(programs.smpp_port) as bound:
        assert bound.bind().command_status == 0
        yield bound


def test_the_forms_of_ids_that_were_found_out_hold_after_a_restart(programs: Programs, smsc: RawSmsc) -> None:
    def delivered(smsc_id: str, receipt_id: str) -> None:
        smsc.answer = lambda pdu: SubmitSmResp(message_id=smsc_id) if isinstance(pdu, SubmitSm) else None
        with AskingEsme(programs.smpp_port) as esme:
            esme.bind()
            esme.submit("919812340021", registered_delivery=0)
        smsc.next(SubmitSm)
        smsc.receipt(receipt_id, source_addr="919812340021")
        until(lambda: programs.call("stats")["open_messages"] == 0, "the message's end")

    def meter(name: str) -> int:
        found: int = programs.call("stats")["meters"].get(name, 0)
        return found

    delivered("001F", "1f")  # hexadecimal in both places, four digits
    assert programs.product is not None
    programs.product.stop()
    programs.start_product()
    until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
    delivered("0030", "30")  # which may be decimal too
    smsc.receipt("30", source_addr="919812340021")
    until(lambda: meter("receipt.duplicate") + meter("receipt.orphan") == 1, "the receipt that came twice")
    assert meter("receipt.duplicate") == 1
    smsc.answer = lambda pdu: None


@pytest.mark.parametrize("status", [CommandStatus.ESME_RINVCMDID, CommandStatus.ESME_RINVCMDLEN, 0])
def test_a_generic_nack_ends_its_message_and_the_link_goes_on(
    smsc: RawSmsc, esme: AskingEsme, status: int
) -> None:
    def answer(pdu: Pdu) -> Pdu | None:
        bad = isinstance(pdu, SubmitSm) and pdu.destination_addr.endswith("666")
        return GenericNack(pdu.sequence_number, status) if bad else None

    smsc.answer = answer
    esme.submit("919812340666")
    assert b"stat:REJECTD" in esme.receipt().short_message
    esme.submit("919812340001")
    smsc.next(SubmitSm)
    while (pdu := smsc.next(SubmitSm)).destination_addr != "919812340001":  # type: ignore[attr-defined]
        assert pdu is not None
    smsc.receipt(f"m{smsc.ids_given}")
    assert b"stat:DELIVRD" in esme.receipt().short_message


def test_the_window_of_a_link_that_is_up_follows_at_once(
    programs: Programs, smsc: RawSmsc, esme: AskingEsme
) -> None:
    held: list[Pdu] = []

    def answer(pdu: Pdu) -> Pdu | None:
        if not isinstance(pdu, SubmitSm):
            return None
        held.append(pdu)
        return EnquireLink()  # anything but an answer: the request stays open

    programs.call("link.set", name="main", settings={"window": 2}, by="test")
    smsc.answer = answer
    for number in range(8):
        esme.submit(f"91981235000{number}", registered_delivery=0)
    until(lambda: len(held) == 2, "two in a window of two")
    assert programs.call("stats")["in_flight"] == 2
    programs.call("link.set", name="main", settings={"window": 5}, by="test")
    until(lambda: len(held) == 5, "five in a window of five")
    assert programs.call("stats")["in_flight"] == 5


def test_a_part_that_the_smsc_repeats_is_no_new_message(smsc: RawSmsc, esme: AskingEsme) -> None:
    def part(number: int) -> DeliverSm:
        header = bytes((5, 0, 3, 77, 2, number))
        return DeliverSm(
            source_addr="919812340001",
            source_addr_ton=1,
            destination_addr="56070",
            esm_class=0x40,
            short_message=header + b"part %d." % number,
        )

    for number in (1, 2, 2, 1):
        smsc.deliver(part(number))
    smsc.deliver(
        DeliverSm(source_addr="919812340001", destination_addr="56070", short_message=b"that is all")
    )
    assert esme.receipt().short_message == b"part 1.part 2."
    assert esme.receipt().short_message == b"that is all"


def test_a_data_sm_from_a_long_address_reaches_the_esme(smsc: RawSmsc, esme: AskingEsme) -> None:
    tlvs = ((int(TlvTag.message_payload), b"from afar"),)
    smsc.deliver(DataSm(source_addr="x" * 45, source_addr_ton=5, destination_addr="56070", tlvs=tlvs))
    got = esme.receipt()
    assert (got.source_addr, got.tlv(TlvTag.message_payload)) == ("x" * 20, b"from afar")

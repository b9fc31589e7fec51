"""Messages from subscribers on their way to ESMEs, between sockets: routing, long ones, STOP, waiting."""

from collections.abc import Iterator

import pytest
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.smpp.pdu import DataSm, DeliverSm, SubmitSm
from operator_push.smpp.tlv import TlvTag

MORE = """
[mo]
parts_wait_s = 8
[[mo_route]]
short_code = "56070"
account = "shop"
[[mo_route]]
short_code = "56070"
keyword = "quiz"
account = "quiz"
[[numbering]]
link = "main"
country_code = "91"
[[numbering]]
account = "shop"
country_code = "91"
"""
PERSON = "919812340001"


@pytest.fixture(scope="module")
def smsc() -> Iterator[RawSmsc]:
    with RawSmsc() as one:
        yield one


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, smsc: RawSmsc) -> Iterator[Programs]:
    codes = 'short_codes = ["56070", "57000"]'  # stands before the tables, as [database] does
    programs = Programs(tmp_path_factory.mktemp("mo"), more=MORE, database=codes)
    programs.sim_port = smsc.port
    try:
        programs.start_product()
        for name in ("shop", "quiz"):
            programs.add_account(name)
        until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
        yield programs
    finally:
        programs.stop()


@pytest.fixture
def esme(programs: Programs) -> Iterator[AskingEsme]:
    with AskingEsme(programs.smpp_port) as bound:
        assert bound.bind().command_status == 0
        yield bound


def mo(text: bytes, code: str = "56070", **more: object) -> DeliverSm:
    asked: dict[str, object] = {"source_addr": PERSON, "source_addr_ton": 1, "short_message": text}
    return DeliverSm(destination_addr=code, **(asked | more))  # type: ignore[arg-type]


def part(number: int, total: int, text: bytes, reference: int) -> DeliverSm:
    return mo(bytes((5, 0, 3, reference, total, number)) + text, esm_class=0x40)


def test_a_message_goes_to_the_account_of_its_code_or_keyword(
    programs: Programs, smsc: RawSmsc, esme: AskingEsme
):
    with AskingEsme(programs.smpp_port) as quiz:
        quiz.bind("quiz")
        smsc.deliver(mo(b"hello"))
        smsc.deliver(mo(b"Quiz b"))
        got = esme.receipt()
        assert (got.source_addr, got.destination_addr, got.short_message) == (PERSON, "56070", b"hello")
        assert quiz.receipt().short_message == b"Quiz b"


def test_without_a_route_the_last_conversation_counts_also_after_a_restart(programs: Programs, smsc: RawSmsc):
    with AskingEsme(programs.smpp_port) as quiz:
        quiz.bind("quiz")
        quiz.submit(PERSON, source_addr="57000", source_addr_ton=0, registered_delivery=0)
        smsc.next(SubmitSm)
        smsc.receipt(f"m{smsc.ids_given}")
        smsc.deliver(mo(b"yes", "57000"))
        assert quiz.receipt().short_message == b"yes"
    assert programs.product is not None
    programs.product.stop()
    programs.start_product()
    until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
    with AskingEsme(programs.smpp_port) as quiz:
        quiz.bind("quiz")
        smsc.deliver(mo(b"no", "57000"))
        assert quiz.receipt().short_message == b"no"


def test_messages_for_an_esme_that_is_away_wait_in_order_also_over_a_crash(programs: Programs, smsc: RawSmsc):
    texts = [f"waiting {number}".encode() for number in range(5)]
    waiting = programs.call("stats")["deliveries_waiting"]
    for text in texts:
        smsc.deliver(mo(text))
    until(lambda: programs.call("stats")["deliveries_waiting"] == waiting + 5, "five that wait")
    assert programs.product is not None
    programs.product.kill()
    programs.start_product()
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        assert [esme.receipt().short_message for _ in texts] == texts
    until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")


def test_a_long_message_arrives_whole_also_where_a_crash_lies_between_its_parts(
    programs: Programs, smsc: RawSmsc
):
    smsc.deliver(part(2, 2, b"y" * 130, 41))
    smsc.deliver(mo(b"marks the end"))
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        assert esme.receipt().short_message == b"marks the end"
    assert programs.product is not None
    programs.product.kill()
    programs.start_product()
    until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
    smsc.deliver(part(1, 2, b"x" * 130, 41))
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        got = esme.receipt()
        while got.short_message == b"marks the end":  # its acknowledgement was lost with the crash
            got = esme.receipt()
        payload = got.tlv(TlvTag.message_payload)
        if payload is None:  # the start took longer than parts wait for each other
            assert got.short_message.endswith(b"y" * 130)
        else:
            assert payload == b"x" * 130 + b"y" * 130
            assert got.esm_class == 0


def test_parts_that_find_no_others_arrive_as_they_are(smsc: RawSmsc, esme: AskingEsme):
    smsc.deliver(part(1, 3, b"only this", 42))
    got = esme.receipt()
    while b"only this" not in got.short_message:
        got = esme.receipt()
    assert got.esm_class == 0x40


def test_stop_is_heard_first_also_in_a_long_message(programs: Programs, smsc: RawSmsc, esme: AskingEsme):
    before = programs.call("stats")["meters"].get("mo.stop", 0)
    programs.call("subscriber.import", file="", rows=[{"line": 1, "msisdn": PERSON}])
    smsc.deliver(mo(b"STOP"))
    smsc.deliver(part(1, 2, b"un", 43))
    smsc.deliver(part(2, 2, b"subscribe", 43))
    until(lambda: programs.call("stats")["meters"].get("mo.stop", 0) == before + 2, "both stops")
    smsc.deliver(mo(b"after"))
    assert esme.receipt().short_message == b"after"


def test_numbers_are_made_international_by_link_and_by_account(smsc: RawSmsc, esme: AskingEsme):
    smsc.deliver(mo(b"national", source_addr="09812340001", source_addr_ton=0))
    got = esme.receipt()
    assert (got.source_addr, got.source_addr_ton) == (PERSON, 1)
    esme.submit("09812340002", source_addr_ton=0, registered_delivery=0)
    sent = smsc.next(SubmitSm)
    assert isinstance(sent, SubmitSm)
    assert sent.destination_addr == "919812340002"
    assert (sent.source_addr, sent.source_addr_ton) == ("SHOP", 5)
    smsc.receipt(f"m{smsc.ids_given}")


def test_a_data_sm_of_the_smsc_arrives_too(smsc: RawSmsc, esme: AskingEsme):
    payload = (int(TlvTag.message_payload), b"by data_sm")
    smsc.deliver(DataSm(source_addr=PERSON, destination_addr="56070", tlvs=(payload,)))
    assert esme.receipt().tlv(TlvTag.message_payload) == b"by data_sm"


@pytest.mark.parametrize(("ton", "written"), [(0, "09812340009"), (2, "9812340009"), (0, "00919812340009")])
def test_a_receipt_has_the_addresses_as_its_esme_wrote_them(
    smsc: RawSmsc, esme: AskingEsme, ton: int, written: str
):
    esme.submit(written, dest_addr_ton=ton, dest_addr_npi=1, source_addr="56070", source_addr_ton=3)
    sent = smsc.next(SubmitSm)
    while sent.destination_addr != "919812340009":  # type: ignore[attr-defined]
        sent = smsc.next(SubmitSm)
    assert isinstance(sent, SubmitSm)
    assert (sent.dest_addr_ton, sent.dest_addr_npi) == (1, 1)
    smsc.receipt(f"m{smsc.ids_given}", source_addr=sent.destination_addr, source_addr_ton=1)
    receipt = esme.receipt()
    while receipt.esm_class != 0x04:
        receipt = esme.receipt()
    assert (receipt.source_addr_ton, receipt.source_addr_npi, receipt.source_addr) == (ton, 1, written)
    assert (receipt.dest_addr_ton, receipt.destination_addr) == (3, "56070")

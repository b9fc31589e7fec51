"""How submissions are read, over real sockets: retries, parts of long messages, the class of traffic."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from product import Programs, running, until
from raw_esme import RawEsme
from raw_smsc import RawSmsc

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import DeliverSm, DeliverSmResp, SubmitSm, SubmitSmResp
from operator_push.smpp.tlv import TlvTag

CLASS_TAG = 0x1500
MORE = f"""
[submissions]
traffic_class_tlv = {CLASS_TAG}
[policy.caps]
per_handset_per_day = 1
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("submissions"), more=MORE) as both:
        both.add_account()
        yield both


def submit(destination: str, *tlvs: tuple[int, bytes], **more: object) -> SubmitSm:
    asked: dict[str, object] = {"source_addr": "SHOP", "source_addr_ton": 5, "short_message": b"hello"}
    return SubmitSm(destination_addr=destination, tlvs=tlvs, **(asked | more))  # type: ignore[arg-type]


def reference(number: int) -> tuple[int, bytes]:
    return int(TlvTag.user_message_reference), number.to_bytes(2, "big")


def answer_to(esme: RawEsme, pdu: SubmitSm) -> SubmitSmResp:
    """The response, with receipts that come in between acknowledged."""
    esme.send(pdu)
    while True:
        response = esme.read()
        if isinstance(response, SubmitSmResp):
            return response
        assert isinstance(response, DeliverSm)
        esme.answer(DeliverSmResp(sequence_number=response.sequence_number))


def available(programs: Programs, name: str = "shop") -> int:
    return int(programs.call("account.show", name=name)["account"]["available_micros"])


def permit(programs: Programs, msisdn: str) -> None:
    """Marketing of every brand is welcome there."""
    act = {"brand": "shop", "category": "*", "purpose": "marketing", "channel": "*", "action": "grant"}
    row = {"line": 1, "msisdn": msisdn, "at": "2026-01-01T00:00:00Z", "method": "web", "evidence": "form 7"}
    more = {"notice_version": "", "language": "", "reference": ""}
    programs.call("subscriber.import", file="", rows=[{"line": 1, "msisdn": msisdn}])
    assert programs.call("consent.import", file="", rows=[act | row | more])["rejected"] == []


def sent_to(programs: Programs, destination: str) -> int:
    return sum(
        line.get("command") == "submit_sm" and line.get("destination") == destination
        for line in programs.witness()
    )


def test_a_retry_gets_the_first_id_and_is_billed_once_also_after_a_crash(programs: Programs):
    destination = "919812310001"
    before = available(programs)
    pdu = submit(destination, reference(77))
    with RawEsme(programs.smpp_port) as esme:
        esme.bind()
        first = answer_to(esme, pdu)
        assert answer_to(esme, pdu).message_id == first.message_id
        assert answer_to(esme, submit(destination, reference(78))).message_id != first.message_id
    assert programs.product is not None
    until(lambda: programs.call("stats")["open_messages"] == 0, "the end of both messages")
    programs.product.kill()
    programs.start_product()
    with RawEsme(programs.smpp_port) as esme:
        esme.bind()
        assert answer_to(esme, pdu).message_id == first.message_id
    until(lambda: programs.call("stats")["open_messages"] == 0, "the end of everything")
    assert sent_to(programs, destination) == 2
    assert before - available(programs) == 2 * 100_000


def test_parts_of_one_long_message_count_once_against_caps_and_are_each_charged(programs: Programs):
    destination, promotional = "919812310002", (CLASS_TAG, b"\3")
    permit(programs, destination)
    before = available(programs)
    with RawEsme(programs.smpp_port) as esme:
        esme.bind()
        for number in (1, 2, 3):
            header = bytes((5, 0, 3, 42, 3, number))
            pdu = submit(destination, promotional, esm_class=0x40, short_message=header + b"part")
            assert answer_to(esme, pdu).command_status == 0
        another = answer_to(esme, submit(destination, promotional))
        assert another.command_status == CommandStatus.ESME_RSUBMITFAIL
        words = another.tlv(TlvTag.additional_status_info_text)
        assert words is not None
        assert b"enough today" in words
    assert before - available(programs) == 3 * 100_000


def test_an_account_is_never_more_than_it_was_given_and_promotional_by_default(programs: Programs):
    programs.call("account.add", name="plain", password="pw", prepaid_micros=1_000_000)
    programs.add_account("service", traffic_class="service")
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("plain")
        for claimed in (b"\1", b"\2"):
            refused = answer_to(esme, submit("919812310003", (CLASS_TAG, claimed)))
            assert refused.command_status == CommandStatus.ESME_RSUBMITFAIL
            words = refused.tlv(TlvTag.additional_status_info_text)
            assert words is not None
            assert b"class of traffic" in words
        (story,) = [programs.call("account.show", name="plain")["account"]]
        assert story["traffic_class"] == "promotional"


def test_a_registered_header_gives_its_class_and_the_retry_window_is_off_by_contract(programs: Programs):
    headers = {"OFFERS": "promotional"}
    programs.add_account("headers", traffic_class="transactional", headers=headers, dedupe_window_s=0)
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("headers")
        pdu = submit("919812310005", reference(5))
        assert answer_to(esme, pdu).message_id != answer_to(esme, pdu).message_id
        refused = answer_to(esme, submit("919812310005", source_addr="OFFERS"))
        words = refused.tlv(TlvTag.additional_status_info_text)
        assert words is not None
        assert b"permission" in words  # as a transactional message it would have been sent


def test_the_class_tlv_stays_here_and_the_client_s_other_tlvs_travel_on(tmp_path: Path):
    dlt = [(0x1400, b"1101234567890"), (0x1401, b"1107654321"), (0x1402, b"hash"), (0x1600, b"vendor")]
    ports = [(int(TlvTag.source_port), b"\x0b\x84"), (int(TlvTag.destination_port), b"\x0b\x85")]
    with RawSmsc() as smsc:
        programs = Programs(tmp_path, more=MORE)
        programs.sim_port = smsc.port
        try:
            programs.start_product()
            programs.add_account()
            with RawEsme(programs.smpp_port) as esme:
                esme.bind()
                pdu = submit(
                    "919812310004", (CLASS_TAG, b"\1"), *dlt, *ports, priority_flag=3, service_type="OTP"
                )
                assert answer_to(esme, pdu).command_status == 0
                sent = smsc.next()
        finally:
            programs.stop()
    assert isinstance(sent, SubmitSm)
    ours = int(TlvTag.user_message_reference)
    assert [tlv for tlv in sent.tlvs if tlv[0] != ours] == [*dlt, *ports]
    assert (sent.priority_flag, sent.service_type) == (3, "OTP")

"""The ESME face octet by octet: refusals, text of every kind, bad PDUs that cost one answer."""

import struct
import subprocess
from collections.abc import Iterator

import pytest
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.cli.child_programs import program
from operator_push.kernel.errors import OperatorError
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import (
    DataSm,
    DataSmResp,
    DeliverSm,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    QuerySm,
    SubmitSm,
    SubmitSmResp,
    Unbind,
    UnbindResp,
)
from operator_push.smpp.tlv import TlvTag

SCENARIO = """
seed = 3
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("wire")) as both:
        both.add_account()
        both.add_account("promo", traffic_class="promotional", any_destination=False)
        yield both


@pytest.fixture
def esme(programs: Programs) -> Iterator[RawEsme]:
    with RawEsme(programs.smpp_port) as bound:
        assert bound.bind().command_status == 0
        yield bound


def submit(destination: str = "919812345670", **more: object) -> SubmitSm:
    asked: dict[str, object] = {
        "source_addr_ton": 5,
        "source_addr": "SHOP",
        "dest_addr_ton": 1,
        "dest_addr_npi": 1,
        "destination_addr": destination,
        "registered_delivery": 1,
        "short_message": b"hello",
    }
    return SubmitSm(**(asked | more))  # type: ignore[arg-type]


def exchange(esme: RawEsme, count: int) -> tuple[list[Pdu], list[DeliverSm]]:
    """Read `count` responses and as many receipts, acknowledging each."""
    responses: list[Pdu] = []
    receipts: list[DeliverSm] = []
    while len(responses) < count or len(receipts) < count:
        pdu = esme.read()
        if isinstance(pdu, DeliverSm):
            receipts.append(pdu)
            esme.answer(DeliverSmResp(sequence_number=pdu.sequence_number))
        else:
            responses.append(pdu)
    return responses, receipts


def segments_sent(programs: Programs, destination: str) -> list[dict[str, object]]:
    return [
        line
        for line in programs.witness()
        if line.get("command") == "submit_sm" and line.get("destination") == destination
    ]


@pytest.mark.parametrize(
    ("version", "status"),
    [(0x34, "ESME_RSUBMITFAIL"), (0x50, "ESME_RPROHIBITED"), (0x33, "ESME_RSUBMITFAIL")],
)
def test_no_permission_by_version_with_the_reason_for_those_who_know_tlvs(
    programs: Programs, version: int, status: str
):
    with RawEsme(programs.smpp_port) as esme:
        if version == 0x33:
            from operator_push.smpp.pdu import BindTransmitter

            esme.send(BindTransmitter(system_id="promo", password="pw", interface_version=0x33))
            assert esme.read().command_status == 0
        else:
            esme.bind("promo", interface_version=version)
        esme.send(submit())
        response = esme.read()
    assert isinstance(response, SubmitSmResp)
    assert response.command_status == CommandStatus[status]
    words = response.tlv(TlvTag.additional_status_info_text)
    assert (words is None) == (version == 0x33)
    if words is not None:
        assert b"permission" in words


@pytest.mark.parametrize(
    ("destination", "pdu", "segments"),
    [
        ("919812300001", {"short_message": b"x" * 160}, 1),
        ("919812300002", {"data_coding": 8, "short_message": "नमस्ते".encode("utf-16-be")}, 1),
        ("919812300003", {"short_message": b"", "tlvs": ((0x0424, b"y" * 400),)}, 3),
        (
            "919812300004",
            {"esm_class": 0x40, "short_message": bytes((5, 0, 3, 1, 2, 1)) + b"part one"},
            1,
        ),
        ("919812300005", {"short_message": b"z" * 200}, 2),
    ],
    ids=["GSM 7-bit", "UCS-2", "message_payload", "UDH of its own", "short_message of two segments"],
)
def test_every_text_is_billed_by_the_segments_that_reach_the_smsc(
    programs: Programs, esme: RawEsme, destination: str, pdu: dict[str, object], segments: int
):
    before = programs.call("account.show", name="shop")["account"]["available_micros"]
    esme.send(submit(destination, **pdu))
    (response,), (receipt,) = exchange(esme, 1)
    assert isinstance(response, SubmitSmResp)
    assert receipt.tlv(TlvTag.receipted_message_id) == response.message_id.encode() + b"\0"
    assert receipt.tlv(TlvTag.message_state) == b"\2"
    after = programs.call("account.show", name="shop")["account"]["available_micros"]
    assert before - after == segments * 100_000
    until(lambda: len(segments_sent(programs, destination)) == segments, "the witness")


def test_the_client_s_reference_comes_back_in_the_receipt(esme: RawEsme):
    esme.send(submit(tlvs=((int(TlvTag.user_message_reference), b"\x12\x34"),)))
    _, (receipt,) = exchange(esme, 1)
    assert receipt.tlv(TlvTag.user_message_reference) == b"\x12\x34"


def test_data_sm_is_a_submission_too(esme: RawEsme):
    esme.send(
        DataSm(
            source_addr="SHOP",
            source_addr_ton=5,
            destination_addr="919812300009",
            registered_delivery=1,
            tlvs=((int(TlvTag.message_payload), b"hi"),),
        )
    )
    (response,), _ = exchange(esme, 1)
    assert isinstance(response, DataSmResp)
    assert response.command_status == 0


def test_a_burst_is_answered_in_order(esme: RawEsme):
    sequence_numbers = [esme.send(submit()) for _ in range(50)]
    responses, _ = exchange(esme, 50)
    assert [response.sequence_number for response in responses] == sequence_numbers


def test_bad_pdus_cost_one_answer_each_and_the_bind_lives(esme: RawEsme):
    esme.send_octets(struct.pack("!IIII", 16, 0x00000199, 0, 900))
    nack = esme.read()
    assert isinstance(nack, GenericNack)
    assert (nack.sequence_number, nack.command_status) == (900, CommandStatus.ESME_RINVCMDID)
    esme.send_octets(struct.pack("!IIII", 20, 0x00000004, 0, 901) + b"abcd")
    refused = esme.read()
    assert isinstance(refused, SubmitSmResp)
    assert refused.sequence_number == 901
    assert refused.command_status != 0
    esme.send_octets(struct.pack("!IIII", 16, 0x80000004, 0, 902))  # a response to nothing: no answer
    esme.send(QuerySm(message_id="1"))
    assert esme.read().command_status == CommandStatus.ESME_RQUERYFAIL
    esme.send(EnquireLink())
    assert isinstance(esme.read(), EnquireLinkResp)


@pytest.mark.parametrize("length", [0, 15, 70_001, 0xFFFFFFFF])
def test_lost_framing_gets_a_nack_and_the_end(esme: RawEsme, length: int):
    esme.send_octets(struct.pack("!IIII", length, 0x00000015, 0, 1))
    nack = esme.read()
    assert isinstance(nack, GenericNack)
    assert nack.command_status == CommandStatus.ESME_RINVCMDLEN
    with pytest.raises((EOFError, ConnectionError)):
        esme.read()


def test_a_submit_before_the_bind_is_refused(programs: Programs):
    with RawEsme(programs.smpp_port) as esme:
        esme.send(submit())
        assert esme.read().command_status == CommandStatus.ESME_RINVBNDSTS


def test_unbind_is_answered_and_ends_the_stream(esme: RawEsme):
    esme.send(Unbind())
    assert isinstance(esme.read(), UnbindResp)
    with pytest.raises((EOFError, ConnectionError)):
        esme.read()


def test_a_suspended_account_is_refused_message_by_message(programs: Programs):
    programs.add_account("paused")
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("paused")
        programs.call("account.suspend", name="paused")
        esme.send(submit())
        assert esme.read().command_status == CommandStatus.ESME_RSUBMITFAIL
        programs.call("account.resume", name="paused")
        esme.send(submit())
        assert exchange(esme, 1)[0][0].command_status == 0


def test_a_peer_that_does_not_wait_for_its_answers_is_throttled_and_keeps_its_bind(
    tmp_path_factory: pytest.TempPathFactory,
):
    with running(tmp_path_factory.mktemp("window"), server="window = 10") as both:
        both.add_account()
        with RawEsme(both.smpp_port) as esme:
            esme.bind()
            pdus = [submit(registered_delivery=0) for _ in range(50)]
            for number, pdu in enumerate(pdus, 100):
                pdu.sequence_number = number
            esme.send_octets(b"".join(encode_pdu(pdu) for pdu in pdus))
            statuses = [esme.read().command_status for _ in pdus]
            assert statuses.count(0) >= 10
            assert statuses.count(CommandStatus.ESME_RTHROTTLED) >= 1
            assert len(statuses) == statuses.count(0) + statuses.count(CommandStatus.ESME_RTHROTTLED)
            esme.send(submit(registered_delivery=0))
            assert esme.read().command_status == 0


def test_clients_that_submit_and_hang_up_harm_nobody_else(programs: Programs):
    programs.add_account("hasty", prepaid_micros=100_000_000)
    for number in range(60):
        with RawEsme(programs.smpp_port) as esme:
            esme.bind("hasty")
            for _ in range(number % 4 + 1):
                esme.send(submit(registered_delivery=0))
            esme.hang_up(reset=number % 2 == 0)
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("hasty")
        esme.send(submit())
        assert exchange(esme, 1)[0][0].command_status == 0
    until(lambda: programs.call("stats")["open_messages"] == 0, "the end of every message")


def test_a_second_product_does_not_start_on_the_same_data(programs: Programs):
    command = [*program("operator-push"), "serve", "--config", str(programs.folder / "operator-push.toml")]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2
    assert "another operator-push runs with this data_dir" in second.stderr
    assert programs.call("ping") == {}


def test_numbers_that_no_database_holds_are_refused_and_stop_nothing(programs: Programs):
    for micros in (10**19, -5, 0, 1.5, True):
        with pytest.raises(OperatorError):
            programs.call("account.top_up", name="shop", amount_micros=micros, reference=f"r{micros}")
    with pytest.raises(OperatorError):
        programs.call("account.add", name="wide", password="abc", window=10**20)
    with pytest.raises(OperatorError):
        programs.call("account.add", name="debtor", prepaid_micros=-5)
    assert {account["name"] for account in programs.call("account.list")["accounts"]}.isdisjoint(
        {"wide", "debtor"}
    )


def test_a_status_can_be_one_account_s_own(tmp_path_factory: pytest.TempPathFactory):
    own = "[refusals]\nno_credit = 0x400\n[account_refusals.special]\nno_credit = 0x401\n"
    with running(tmp_path_factory.mktemp("refusals"), more=own) as both:
        for name, status in (("common", 0x400), ("special", 0x401)):
            both.add_account(name, prepaid_micros=0)
            with RawEsme(both.smpp_port) as esme:
                esme.bind(name)
                esme.send(submit())
                assert esme.read().command_status == status

"""An SMPP 3.3 client: short ids, receipts as text alone, the same id after a restart and for people."""

from pathlib import Path

import pytest
from operator_desk import asked
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.smpp.pdu import (
    BindPdu,
    BindReceiver,
    BindTransmitter,
    DeliverSm,
    DeliverSmResp,
    QuerySm,
    QuerySmResp,
    SubmitSm,
    SubmitSmResp,
)
from operator_push.smpp.receipt_text import parse_receipt


def bound(programs: Programs, kind: type[BindPdu], version: int = 0x33, name: str = "old") -> RawEsme:
    esme = RawEsme(programs.smpp_port, timeout_s=30)
    esme.send(kind(system_id=name, password="pw", interface_version=version))
    response = esme.read()
    assert response.command_status == 0
    if version < 0x34:
        assert response.tlvs == ()
    return esme


def submitted(esme: RawEsme, count: int = 1) -> list[str]:
    for _ in range(count):
        esme.send(
            SubmitSm(
                source_addr_ton=5,
                source_addr="SHOP",
                dest_addr_ton=1,
                destination_addr="919812345670",
                registered_delivery=1,
                short_message=b"hi",
            )
        )
    responses = [esme.read() for _ in range(count)]
    assert {response.command_status for response in responses} == {0}
    return [response.message_id for response in responses if isinstance(response, SubmitSmResp)]


def receipts(esme: RawEsme, count: int) -> list[DeliverSm]:
    found = []
    while len(found) < count:
        pdu = esme.read()
        if isinstance(pdu, DeliverSm):
            found.append(pdu)
            esme.answer(DeliverSmResp(sequence_number=pdu.sequence_number))
    return found


def ids_in(pdus: list[DeliverSm]) -> list[str]:
    parsed = [parse_receipt(pdu.short_message) for pdu in pdus]
    return sorted(fields.id for fields in parsed if fields is not None)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory):
    with running(tmp_path_factory.mktemp("v33")) as both:
        both.add_account("old")
        both.add_account("new", message_id_form="short")
        yield both


def test_ids_have_eight_characters_and_receipts_the_same_and_no_tlvs(programs: Programs) -> None:
    with bound(programs, BindTransmitter) as sender, bound(programs, BindReceiver) as receiver:
        told = submitted(sender, 3)
        assert {len(identifier) for identifier in told} == {8}
        assert all(int(identifier, 16) >= 0 for identifier in told)
        pdus = receipts(receiver, 3)
    assert ids_in(pdus) == sorted(told)
    assert {pdu.tlvs for pdu in pdus} == {()}


def test_a_newer_client_may_agree_on_short_ids_and_otherwise_gets_decimal_ones(programs: Programs) -> None:
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("new")
        (told,) = submitted(esme)
        assert len(told) == 8
        programs.call("account.set", name="new", message_id_form=None)
        (decimal,) = submitted(esme)
        assert decimal.isdecimal()
        assert len(decimal) > 8


def test_a_short_id_outlives_a_restart_in_receipts_queries_and_stories(tmp_path: Path) -> None:
    with running(tmp_path) as both:
        both.add_account("old")
        with bound(both, BindTransmitter) as sender:
            (before,) = submitted(sender)
        until(lambda: both.call("stats")["open_messages"] == 0, "the message's end")
        assert both.product is not None
        both.product.kill()
        both.start_product()
        with bound(both, BindReceiver) as receiver:
            assert ids_in(receipts(receiver, 1)) == [before]
        with bound(both, BindTransmitter) as sender:
            (after,) = submitted(sender)
            assert after != before
            sender.send(QuerySm(message_id=before.upper(), source_addr_ton=5, source_addr="SHOP"))
            answer = sender.read()
            assert isinstance(answer, QuerySmResp)
            assert (answer.command_status, answer.message_id) == (0, before.upper())
        for spelling in (before.upper(), str(int(before, 16))):
            shown = asked(both, "message", "show", spelling)
            assert (shown["account"], shown["client_message_id"]) == ("old", before)

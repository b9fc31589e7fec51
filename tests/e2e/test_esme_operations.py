"""query_sm, cancel_sm and replace_sm over real sockets, with an SMSC that shows what reaches it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.smpp.constants import CommandStatus, MessageState
from operator_push.smpp.pdu import (
    CancelSm,
    CancelSmResp,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    ReplaceSmResp,
    SubmitSm,
)
from operator_push.smpp.smpp_time import format_absolute
from operator_push.smpp.tlv import TlvTag

LATER = format_absolute(datetime.now(UTC) + timedelta(hours=5))
FAILED = {CancelSm: CommandStatus.ESME_RCANCELFAIL, ReplaceSm: CommandStatus.ESME_RREPLACEFAIL}


class _World:
    """The product between an ESME and an SMSC of plain sockets."""

    def __init__(self, programs: Programs, smsc: RawSmsc) -> None:
        self.programs = programs
        self.smsc = smsc

    @property
    def money(self) -> tuple[int, int]:
        account = self.programs.call("account.show", name="shop")["account"]
        return account["available_micros"], account["held_micros"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_World]:
    with RawSmsc() as smsc:
        programs = Programs(tmp_path_factory.mktemp("operations"))
        programs.sim_port = smsc.port
        try:
            programs.start_product()
            programs.add_account()
            programs.add_account("other")
            yield _World(programs, smsc)
        finally:
            programs.stop()


@pytest.fixture
def esme(world: _World) -> Iterator[AskingEsme]:
    with AskingEsme(world.programs.smpp_port) as bound:
        assert bound.bind().command_status == 0
        yield bound


def state_of(esme: AskingEsme, message_id: str, source: str = "SHOP") -> tuple[int, int, str]:
    answer = esme.ask(QuerySm(message_id=message_id, source_addr=source))
    assert isinstance(answer, QuerySmResp)
    assert answer.message_id == (message_id if not answer.command_status else "")
    return answer.command_status, answer.message_state, answer.final_date


def test_an_unsent_message_is_cancelled_its_hold_released_and_its_receipt_says_deleted(
    world: _World, esme: AskingEsme
):
    available, held = world.money
    message_id = esme.submit("919812320001", schedule_delivery_time=LATER)
    assert world.money == (available - 100_000, held + 100_000)
    answer = esme.ask(CancelSm(message_id=message_id, source_addr="SHOP"))
    assert isinstance(answer, CancelSmResp)
    assert answer.command_status == 0
    assert world.money == (available, held)
    receipt = esme.receipt()
    assert receipt.tlv(TlvTag.message_state) == bytes([MessageState.DELETED])
    assert receipt.tlv(TlvTag.receipted_message_id) == message_id.encode() + b"\0"
    again = esme.ask(CancelSm(message_id=message_id, source_addr="SHOP"))
    assert again.command_status == CommandStatus.ESME_RCANCELFAIL


@pytest.mark.parametrize("smsc_says", [0, CommandStatus.ESME_RCANCELFAIL])
def test_what_is_at_the_smsc_is_cancelled_there_and_the_answer_follows_it(
    world: _World, esme: AskingEsme, smsc_says: int
):
    available, held = world.money
    message_id = esme.submit("919812320002")
    world.smsc.next(SubmitSm)
    until(lambda: world.programs.call("stats")["in_flight"] == 0, "the SMSC's id")
    world.smsc.answer = lambda pdu: (
        CancelSmResp(command_status=smsc_says) if isinstance(pdu, CancelSm) else None
    )
    answer = esme.ask(CancelSm(message_id=message_id, source_addr="SHOP", destination_addr="919812320002"))
    assert answer.command_status == smsc_says
    asked = world.smsc.next(CancelSm)
    assert isinstance(asked, CancelSm)
    assert asked.message_id.startswith("m")
    assert (asked.source_addr, asked.source_addr_ton) == ("SHOP", 5)
    assert asked.destination_addr == "919812320002"
    if smsc_says == 0:
        assert esme.receipt().tlv(TlvTag.message_state) == bytes([MessageState.DELETED])
        assert world.money == (available, held)
        return
    assert state_of(esme, message_id)[1] == MessageState.ENROUTE
    world.smsc.receipt(asked.message_id)
    assert esme.receipt().tlv(TlvTag.message_state) == bytes([MessageState.DELIVERED])


def test_all_between_two_addresses_of_one_service_type_are_cancelled_without_an_id(esme: AskingEsme):
    to = {"source_addr": "SHOP", "destination_addr": "919812320003"}
    ids = {esme.submit("919812320003", schedule_delivery_time=LATER, service_type="OTP") for _ in range(2)}
    kept = esme.submit("919812320003", schedule_delivery_time=LATER)
    assert esme.ask(CancelSm(service_type="WAP", **to)).command_status == CommandStatus.ESME_RCANCELFAIL  # type: ignore[arg-type]
    assert esme.ask(CancelSm(service_type="OTP", **to)).command_status == 0  # type: ignore[arg-type]
    receipts = [esme.receipt().tlv(TlvTag.receipted_message_id) for _ in ids]
    assert set(receipts) == {message_id.encode() + b"\0" for message_id in ids}
    assert state_of(esme, kept)[1] == MessageState.ENROUTE
    assert esme.ask(CancelSm(message_id=kept)).command_status == 0
    esme.receipt()


@pytest.mark.parametrize(
    ("submitted", "asked"),
    [
        (("442071234567", 1, "919812320013", 0), ("+442071234567", 1, "+919812320013", 1)),
        (("+442071234567", 0, "+919812320013", 1), ("442071234567", 1, "919812320013", 0)),
        (("442071234567", 0, "00919812320013", 0), ("442071234567", 2, "919812320013", 2)),
    ],
)
def test_a_message_is_found_by_its_addresses_however_its_peer_writes_them(
    esme: AskingEsme, submitted: tuple[str, int, str, int], asked: tuple[str, int, str, int]
):
    """No [[numbering]] is configured: a leading +, or 00, and the type of number do not count."""
    source, source_ton, destination, destination_ton = submitted
    kinds = {"source_addr": source, "source_addr_ton": source_ton, "dest_addr_ton": destination_ton}
    message_id = esme.submit(destination, schedule_delivery_time=LATER, **kinds)
    source, source_ton, destination, destination_ton = asked
    sender = {"source_addr": source, "source_addr_ton": source_ton}
    recipient = {"destination_addr": destination, "dest_addr_ton": destination_ton}
    told = esme.ask(QuerySm(message_id=message_id, **sender))  # type: ignore[arg-type]
    assert (told.command_status, told.message_state) == (0, MessageState.ENROUTE)  # type: ignore[attr-defined]
    instead = ReplaceSm(message_id=message_id, short_message=b"second", **sender)  # type: ignore[arg-type]
    assert esme.ask(instead).command_status == 0
    assert esme.ask(CancelSm(**sender, **recipient)).command_status == 0  # type: ignore[arg-type]
    gone = esme.ask(QuerySm(message_id=message_id, **sender))  # type: ignore[arg-type]
    assert gone.message_state == MessageState.DELETED  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "pdu",
    [QuerySm(message_id="1"), CancelSm(message_id="1"), ReplaceSm(message_id="1"), CancelSm()],
    ids=["query", "cancel", "replace", "cancel nothing"],
)
def test_an_unknown_message_is_answered_with_the_failure_of_its_operation(esme: AskingEsme, pdu: Pdu):
    assert esme.ask(pdu).command_status == FAILED.get(type(pdu), CommandStatus.ESME_RQUERYFAIL)


@pytest.mark.parametrize("message_id", ["x1", "-1", "9" * 20, "0"])
def test_an_id_that_can_be_none_is_said_to_be_invalid(esme: AskingEsme, message_id: str):
    answer = esme.ask(QuerySm(message_id=message_id))
    assert answer.command_status == CommandStatus.ESME_RINVMSGID


def test_a_query_tells_the_state_while_a_message_waits_is_under_way_and_has_ended_also_after_a_restart(
    world: _World, tmp_path_factory: pytest.TempPathFactory
):
    with AskingEsme(world.programs.smpp_port) as esme:
        esme.bind()
        waiting = esme.submit("919812320004", schedule_delivery_time=LATER)
        assert state_of(esme, waiting) == (0, MessageState.ENROUTE, "")
        message_id = esme.submit("919812320005")
        world.smsc.next(SubmitSm)
        until(lambda: world.programs.call("stats")["in_flight"] == 0, "the SMSC's id")
        assert state_of(esme, message_id) == (0, MessageState.ENROUTE, "")
        world.smsc.receipt(f"m{world.smsc.ids_given}", "UNDELIV", err="034")
        esme.receipt()
        answer = esme.ask(QuerySm(message_id=message_id, source_addr="SHOP"))
        assert isinstance(answer, QuerySmResp)
        assert (answer.message_state, answer.error_code) == (MessageState.UNDELIVERABLE, 34)
        assert len(answer.final_date) == 16
        assert state_of(esme, message_id, "OTHER")[0] == CommandStatus.ESME_RQUERYFAIL
    with AskingEsme(world.programs.smpp_port) as stranger:
        stranger.bind("other")
        assert state_of(stranger, message_id)[0] == CommandStatus.ESME_RQUERYFAIL
        assert stranger.ask(CancelSm(message_id=waiting)).command_status == CommandStatus.ESME_RCANCELFAIL
    assert world.programs.product is not None
    world.programs.product.stop()
    world.programs.start_product()
    with AskingEsme(world.programs.smpp_port) as esme:
        esme.bind(interface_version=0x50)
        assert state_of(esme, message_id)[1:] == (MessageState.UNDELIVERABLE, answer.final_date)
        assert state_of(esme, waiting) == (0, MessageState.SCHEDULED, "")
        assert esme.ask(CancelSm(message_id=waiting)).command_status == 0


def test_an_unsent_text_is_replaced_re_priced_and_keeps_its_id_over_a_restart(world: _World):
    available, held = world.money
    with AskingEsme(world.programs.smpp_port) as esme:
        esme.bind()
        soon = format_absolute(datetime.now(UTC) + timedelta(seconds=6))
        message_id = esme.submit("919812320006", schedule_delivery_time=soon)
        answer = esme.ask(
            ReplaceSm(
                message_id=message_id,
                source_addr="SHOP",
                registered_delivery=1,
                short_message=b"z" * 200,
            )
        )
        assert isinstance(answer, ReplaceSmResp)
        assert answer.command_status == 0
        assert world.money == (available - 200_000, held + 200_000)
        assert state_of(esme, message_id)[1] == MessageState.ENROUTE
    assert world.programs.product is not None
    world.programs.product.stop()
    world.programs.start_product()
    with AskingEsme(world.programs.smpp_port) as esme:
        esme.bind()
        for _ in range(2):
            sent = world.smsc.next(SubmitSm, 30)
            assert isinstance(sent, SubmitSm)
            assert b"zzz" in sent.short_message
            world.smsc.receipt(f"m{world.smsc.ids_given}")
        receipt = esme.receipt()
        assert receipt.tlv(TlvTag.receipted_message_id) == message_id.encode() + b"\0"
        assert receipt.tlv(TlvTag.message_state) == bytes([MessageState.DELIVERED])
        assert state_of(esme, message_id)[1] == MessageState.DELIVERED
    assert world.money == (available - 200_000, held)


def test_a_replacement_without_credit_is_refused_and_changes_nothing(world: _World):
    world.programs.add_account("poor", prepaid_micros=200_000)
    with AskingEsme(world.programs.smpp_port) as esme:
        esme.bind("poor")
        message_id = esme.submit("919812320007", schedule_delivery_time=LATER)
        asked = ReplaceSm(message_id=message_id, source_addr="SHOP", short_message=b"z" * 200)
        assert esme.ask(asked).command_status == CommandStatus.ESME_RREPLACEFAIL
        account = world.programs.call("account.show", name="poor")["account"]
        assert (account["available_micros"], account["held_micros"]) == (100_000, 100_000)
        assert esme.ask(CancelSm(message_id=message_id)).command_status == 0


def test_what_is_at_the_smsc_is_replaced_there_where_it_costs_the_same(world: _World, esme: AskingEsme):
    message_id = esme.submit("919812320008")
    world.smsc.next(SubmitSm)
    until(lambda: world.programs.call("stats")["in_flight"] == 0, "the SMSC's id")
    asked = ReplaceSm(message_id=message_id, source_addr="SHOP", short_message=b"second")
    assert esme.ask(asked).command_status == 0
    relayed = world.smsc.next(ReplaceSm)
    assert isinstance(relayed, ReplaceSm)
    assert (relayed.short_message, relayed.registered_delivery) == (b"second", 1)
    longer = ReplaceSm(message_id=message_id, source_addr="SHOP", short_message=b"z" * 200)
    assert esme.ask(longer).command_status == CommandStatus.ESME_RREPLACEFAIL
    world.smsc.receipt(relayed.message_id)
    esme.receipt()


def test_replace_if_present_takes_the_place_of_what_waits_for_the_same_person(esme: AskingEsme):
    old = esme.submit("919812320009", schedule_delivery_time=LATER)
    new = esme.submit("919812320009", schedule_delivery_time=LATER, replace_if_present_flag=1)
    receipt = esme.receipt()
    assert receipt.tlv(TlvTag.receipted_message_id) == old.encode() + b"\0"
    assert receipt.tlv(TlvTag.message_state) == bytes([MessageState.DELETED])
    assert state_of(esme, new)[1] == MessageState.ENROUTE
    assert esme.ask(CancelSm(message_id=new)).command_status == 0

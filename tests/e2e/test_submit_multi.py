"""submit_multi, distribution lists, broadcast_sm and alert_notification between an ESME and an SMSC."""

import subprocess
from collections.abc import Iterator

import pytest
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.cli.child_programs import program
from operator_push.smpp.constants import CommandStatus, MessageState
from operator_push.smpp.pdu import (
    AlertNotification,
    BroadcastSm,
    CancelSm,
    DistributionList,
    QuerySm,
    QuerySmResp,
    SmeDestination,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
)
from operator_push.smpp.tlv import TlvTag

ONE, TWO, THREE = "919812350001", "919812350002", "919812350003"
LATER = "000000050000000R"  # five hours


@pytest.fixture(scope="module")
def smsc() -> Iterator[RawSmsc]:
    with RawSmsc() as one:
        yield one


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, smsc: RawSmsc) -> Iterator[Programs]:
    codes = 'short_codes = ["56070"]'
    programs = Programs(tmp_path_factory.mktemp("multi"), database=codes)
    programs.sim_port = smsc.port
    try:
        programs.start_product()
        programs.add_account()
        until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
        yield programs
    finally:
        programs.stop()


@pytest.fixture
def esme(programs: Programs) -> Iterator[AskingEsme]:
    with AskingEsme(programs.smpp_port) as bound:
        assert bound.bind().command_status == 0
        yield bound


def multi(*destinations: str | DistributionList, **more: object) -> SubmitMulti:
    addresses = tuple(SmeDestination(1, 1, one) if isinstance(one, str) else one for one in destinations)
    asked: dict[str, object] = {"source_addr": "SHOP", "source_addr_ton": 5, "short_message": b"to all"}
    asked |= {"registered_delivery": 1, "dest_address": addresses}
    return SubmitMulti(**(asked | more))  # type: ignore[arg-type]


def answer(esme: AskingEsme, pdu: SubmitMulti) -> SubmitMultiResp:
    response = esme.ask(pdu)
    assert isinstance(response, SubmitMultiResp)
    return response


def held(programs: Programs) -> int:
    return int(programs.call("account.show", name="shop")["account"]["held_micros"])


def deliver_all(smsc: RawSmsc, count: int) -> set[str]:
    """Send receipts for as many submit_sm; the numbers that they went to."""
    sent = set()
    for _ in range(count):
        pdu = smsc.next(SubmitSm)
        assert isinstance(pdu, SubmitSm)
        sent.add(pdu.destination_addr)
    for number in range(smsc.ids_given - count + 1, smsc.ids_given + 1):
        smsc.receipt(f"m{number}")
    return sent


def test_each_destination_is_a_message_of_its_own_and_failures_are_told_one_by_one(
    smsc: RawSmsc, esme: AskingEsme
):
    response = answer(esme, multi(ONE, "12", TWO))
    assert response.command_status == 0
    (failed,) = response.unsuccess_sme
    assert (failed.destination_addr, failed.error_status_code) == ("12", CommandStatus.ESME_RINVDSTADR)
    assert deliver_all(smsc, 2) == {ONE, TWO}
    receipts = [esme.receipt() for _ in range(2)]
    assert {receipt.source_addr for receipt in receipts} == {ONE, TWO}
    told = {receipt.tlv(TlvTag.receipted_message_id) for receipt in receipts}
    assert told == {response.message_id.encode() + b"\0"}
    status = esme.ask(QuerySm(message_id=response.message_id, source_addr="SHOP"))
    assert isinstance(status, QuerySmResp)
    assert status.message_state == MessageState.DELIVERED


def test_each_destination_is_held_and_all_or_one_can_be_cancelled(programs: Programs, esme: AskingEsme):
    before = held(programs)
    response = answer(esme, multi(ONE, TWO, THREE, schedule_delivery_time=LATER))
    assert held(programs) == before + 300_000
    one = CancelSm(message_id=response.message_id, source_addr="SHOP", destination_addr=TWO)
    assert esme.ask(one).command_status == 0
    assert esme.receipt().source_addr == TWO
    assert held(programs) == before + 200_000
    assert esme.ask(CancelSm(message_id=response.message_id)).command_status == 0
    assert {esme.receipt().source_addr for _ in range(2)} == {ONE, THREE}
    assert held(programs) == before


def test_who_is_named_twice_gets_and_pays_one_message(programs: Programs, smsc: RawSmsc, esme: AskingEsme):
    before = held(programs)
    response = answer(esme, multi(ONE, "+" + ONE, TWO, ONE))
    assert (response.command_status, response.unsuccess_sme) == (0, ())
    assert held(programs) == before + 200_000
    assert deliver_all(smsc, 2) == {ONE, TWO}
    assert {esme.receipt().source_addr for _ in range(2)} == {ONE, TWO}


def test_where_no_destination_is_accepted_the_status_says_so(esme: AskingEsme):
    response = answer(esme, multi("12", "13"))
    assert response.command_status == CommandStatus.ESME_RINVDSTADR
    assert [one.destination_addr for one in response.unsuccess_sme] == ["12", "13"]
    assert answer(esme, multi()).command_status == CommandStatus.ESME_RINVNUMDESTS


def test_a_distribution_list_is_resolved_when_it_is_submitted_to_also_after_a_restart(
    programs: Programs, smsc: RawSmsc
):
    def command(*arguments: str) -> str:
        asked = [*program("operator-push"), "list", *arguments, "--account", "shop"]
        told = subprocess.run(
            [*asked, "--data-dir", str(programs.folder)],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
        return told.stdout

    assert "2 added" in command("add", "vip", ONE, TWO, ONE)
    assert command("show", "vip").split() == [ONE, TWO]
    assert "1 added; the list has 3 now" in command("add", "vip", THREE)
    assert "1 removed" in command("remove", "vip", TWO)
    assert programs.product is not None
    programs.product.stop()
    programs.start_product()
    until(lambda: all(programs.call("stats")["links"].values()), "the bind at the SMSC")
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        assert answer(esme, multi(DistributionList("vip"))).command_status == 0
        assert deliver_all(smsc, 2) == {ONE, THREE}
        assert {esme.receipt().source_addr for _ in range(2)} == {ONE, THREE}
        unknown = answer(esme, multi(ONE, DistributionList("nobody")))
        assert unknown.command_status == CommandStatus.ESME_RINVDLNAME


def test_broadcast_sm_is_no_operation_of_ours(esme: AskingEsme):
    esme.send_octets(bytes.fromhex("00000010 00000111 00000000 00001000"))  # nothing but a header
    assert esme.read().command_status == CommandStatus.ESME_RINVCMDID
    pdu = esme.ask(BroadcastSm(source_addr="SHOP"))
    assert pdu.command_status == CommandStatus.ESME_RINVCMDID
    assert esme.ask(QuerySm(message_id="x")).command_status == CommandStatus.ESME_RINVMSGID  # the bind lives


@pytest.mark.parametrize("by", ["set_dpf", "last conversation"])
def test_an_alert_reaches_the_esme_that_waits_for_the_handset(smsc: RawSmsc, esme: AskingEsme, by: str):
    tlvs = ((int(TlvTag.set_dpf), b"\1"),) if by == "set_dpf" else ()
    source = {"source_addr": "56070", "source_addr_ton": 0}
    esme.submit(THREE, tlvs=tlvs, registered_delivery=0, **source)
    deliver_all(smsc, 1)
    code = "99999" if by == "set_dpf" else "56070"
    smsc.deliver(AlertNotification(source_addr_ton=1, source_addr=THREE, esme_addr=code))
    alert = esme.read()
    assert isinstance(alert, AlertNotification)
    assert (alert.source_addr, alert.source_addr_ton, alert.esme_addr) == (THREE, 1, code)

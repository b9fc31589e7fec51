"""Validity periods, moments of delivery and intermediate notifications between an ESME and an SMSC."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from product import Programs, until
from raw_esme import AskingEsme
from raw_smsc import RawSmsc

from operator_push.smpp.constants import CommandStatus, EsmClass, MessageState
from operator_push.smpp.pdu import DataSm, Pdu, SubmitSm, SubmitSmResp
from operator_push.smpp.smpp_time import format_absolute, parse_smpp_time
from operator_push.smpp.tlv import TlvTag

THROTTLED = "919812330000"


def _answer(pdu: Pdu) -> Pdu | None:
    """One number is never served: its messages are to be tried again later."""
    if isinstance(pdu, SubmitSm) and pdu.destination_addr == THROTTLED:
        return SubmitSmResp(command_status=CommandStatus.ESME_RMSGQFUL, raw_body=b"")
    return None


@pytest.fixture(scope="module")
def smsc() -> Iterator[RawSmsc]:
    with RawSmsc(_answer) as one:
        yield one


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, smsc: RawSmsc) -> Iterator[Programs]:
    programs = Programs(tmp_path_factory.mktemp("validity"))
    programs.sim_port = smsc.port
    try:
        programs.start_product()
        programs.add_account()
        yield programs
    finally:
        programs.stop()


@pytest.fixture
def esme(programs: Programs) -> Iterator[AskingEsme]:
    with AskingEsme(programs.smpp_port) as bound:
        assert bound.bind().command_status == 0
        yield bound


def next_sent(smsc: RawSmsc) -> SubmitSm:
    """The next submit_sm, past those to the number that is never served."""
    while True:
        sent = smsc.next(SubmitSm)
        assert isinstance(sent, SubmitSm)
        if sent.destination_addr != THROTTLED:
            return sent


def held(programs: Programs) -> int:
    return int(programs.call("account.show", name="shop")["account"]["held_micros"])


@pytest.mark.parametrize("relative", [True, False])
def test_a_validity_that_ends_in_our_queue_is_expired_released_and_told(
    programs: Programs, esme: AskingEsme, relative: bool
):
    ends = format_absolute(datetime.now(UTC) + timedelta(seconds=3))
    message_id = esme.submit(THROTTLED, validity_period="000000000002000R" if relative else ends)
    receipt = esme.receipt()
    assert receipt.tlv(TlvTag.message_state) == bytes([MessageState.EXPIRED])
    assert receipt.tlv(TlvTag.receipted_message_id) == message_id.encode() + b"\0"
    until(lambda: held(programs) == 0, "the hold back")


def test_the_rest_of_the_validity_goes_to_the_smsc_as_its_end(smsc: RawSmsc, esme: AskingEsme):
    began = datetime.now(UTC)
    esme.submit("919812330001", validity_period="000000001000000R")  # ten minutes
    sent = next_sent(smsc)
    ends = parse_smpp_time(sent.validity_period)
    assert isinstance(ends, datetime)
    assert timedelta(minutes=9) < ends - began < timedelta(minutes=11)
    smsc.receipt(f"m{smsc.ids_given}")
    esme.receipt()
    absolute = format_absolute(began.replace(microsecond=0) + timedelta(hours=1))
    esme.submit("919812330002", validity_period=absolute)
    sent = next_sent(smsc)
    assert sent.validity_period == absolute
    smsc.receipt(f"m{smsc.ids_given}")
    esme.receipt()


@pytest.mark.parametrize(
    ("times", "status"),
    [
        ({"validity_period": "nonsense"}, CommandStatus.ESME_RINVEXPIRY),
        ({"validity_period": "200101000000000+"}, CommandStatus.ESME_RINVEXPIRY),
        (
            {"schedule_delivery_time": "000000010000000R", "validity_period": "000000000500000R"},
            CommandStatus.ESME_RINVEXPIRY,
        ),
        ({"schedule_delivery_time": "nonsense"}, CommandStatus.ESME_RINVSCHED),
    ],
    ids=["no time", "over", "over before it may leave", "no moment"],
)
def test_times_that_are_none_are_refused(esme: AskingEsme, times: dict[str, str], status: int):
    answer = esme.ask(SubmitSm(source_addr="SHOP", destination_addr="919812330003", **times))  # type: ignore[arg-type]
    assert answer.command_status == status


def test_an_expiry_survives_a_restart(programs: Programs):
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        ends = format_absolute(datetime.now(UTC) + timedelta(seconds=5))
        message_id = esme.submit(THROTTLED, validity_period=ends)
    assert programs.product is not None
    programs.product.stop()
    programs.start_product()
    with AskingEsme(programs.smpp_port) as esme:
        esme.bind()
        receipt = esme.receipt()
        assert receipt.tlv(TlvTag.receipted_message_id) == message_id.encode() + b"\0"
        assert receipt.tlv(TlvTag.message_state) == bytes([MessageState.EXPIRED])


@pytest.mark.parametrize("asked", [0x11, 0x01])
def test_intermediate_notifications_reach_the_esme_that_asked_for_them(
    smsc: RawSmsc, esme: AskingEsme, asked: int
):
    message_id = esme.submit("919812330004", registered_delivery=asked)
    sent = next_sent(smsc)
    assert sent.registered_delivery == asked
    smsc_id = f"m{smsc.ids_given}"
    smsc.receipt(smsc_id, "ENROUTE", esm_class=int(EsmClass.INTERMEDIATE_NOTIFICATION))
    smsc.receipt(smsc_id)
    first = esme.receipt()
    if asked & 0x10:
        assert first.esm_class == EsmClass.INTERMEDIATE_NOTIFICATION
        assert first.tlv(TlvTag.message_state) == bytes([MessageState.ENROUTE])
        assert first.tlv(TlvTag.receipted_message_id) == message_id.encode() + b"\0"
        first = esme.receipt()
    assert first.esm_class == EsmClass.SMSC_DELIVERY_RECEIPT
    assert first.tlv(TlvTag.message_state) == bytes([MessageState.DELIVERED])


@pytest.mark.parametrize("priority", [0, 1, 2, 3])
def test_priority_is_kept_through_to_the_smsc(smsc: RawSmsc, esme: AskingEsme, priority: int):
    esme.submit(f"91981233001{priority}", priority_flag=priority, registered_delivery=0)
    sent = next_sent(smsc)
    assert sent.priority_flag == priority
    smsc.receipt(f"m{smsc.ids_given}")


def test_message_payload_and_data_sm_reach_the_smsc_whole(smsc: RawSmsc, esme: AskingEsme):
    payload = (int(TlvTag.message_payload), b"a longer way to say it")
    esme.submit("919812330005", short_message=b"", tlvs=(payload,), registered_delivery=0)
    sent = next_sent(smsc)
    assert sent.short_message == payload[1]
    smsc.receipt(f"m{smsc.ids_given}")
    answer = esme.ask(DataSm(source_addr="SHOP", destination_addr="919812330006", tlvs=(payload,)))
    assert answer.command_status == 0
    sent = next_sent(smsc)
    assert sent.short_message == payload[1]
    smsc.receipt(f"m{smsc.ids_given}")

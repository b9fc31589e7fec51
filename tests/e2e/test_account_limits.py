"""Rate and quota on the wire: refusals by name, binds that stay, counts that outlive a restart."""

from collections.abc import Iterator

import pytest
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import Pdu, SubmitSm
from operator_push.smpp.tlv import TlvTag

THROTTLED = CommandStatus.ESME_RTHROTTLED


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("limits")) as both:
        yield both


def submit(text: bytes = b"hi", source: str = "SHOP", **more: object) -> SubmitSm:
    plain = {"source_addr_ton": 5, "source_addr": source, "dest_addr_ton": 1, "dest_addr_npi": 1}
    return SubmitSm(**plain, destination_addr="919812345670", short_message=text, **more)  # type: ignore[arg-type]


def answers(esme: RawEsme, *pdus: Pdu) -> list[Pdu]:
    """The responses to PDUs that are sent in one chunk."""
    for number, pdu in enumerate(pdus, 1000):
        pdu.sequence_number = number
    esme.send_octets(b"".join(encode_pdu(pdu) for pdu in pdus))
    return [esme.read() for _ in pdus]


def test_a_rate_throttles_with_its_name_and_the_bind_lives(programs: Programs) -> None:
    programs.add_account("slow", rate_segments_per_s=1, burst_segments=5)
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind("slow").command_status == 0
        long = ((int(TlvTag.message_payload), b"x" * 700),)
        responses = answers(esme, submit(b"", tlvs=long), submit())  # five segments, then one
        assert [response.command_status for response in responses] == [0, THROTTLED]
        words = responses[1].tlv(TlvTag.additional_status_info_text)
        assert words is not None
        assert b"rate" in words
        programs.call("account.set", name="slow", rate_segments_per_s=None, burst_segments=None)
        assert answers(esme, submit())[0].command_status == 0  # changed while it is bound
        programs.call("account.set", name="slow", rate_segments_per_s=0)
        assert answers(esme, submit())[0].command_status == THROTTLED
    assert programs.call("account.show", name="slow")["account"]["throttled"] >= 1


def test_a_sender_that_is_not_agreed_has_a_name_of_its_own(programs: Programs) -> None:
    programs.add_account("senders", senders=["SHOP"])
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("senders")
        responses = answers(esme, submit(source="BANK"), submit())
    assert [response.command_status for response in responses] == [CommandStatus.ESME_RINVSRCADR, 0]


def test_a_quota_that_is_set_later_counts_what_was_admitted_before(programs: Programs) -> None:
    programs.add_account("late")
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("late")
        assert {response.command_status for response in answers(esme, submit(), submit())} == {0}
        programs.call("account.set", name="late", daily_quota_segments=3)
        until(lambda: quota_used(programs, "late") == 2, "the earlier segments")
        responses = answers(esme, submit(b"x" * 200), submit(), submit())
    assert [response.command_status for response in responses] == [THROTTLED, 0, THROTTLED]


def test_a_quota_outlives_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("restart")) as both:
        both.add_account("daily", daily_quota_segments=4, quota_zone="Asia/Kolkata")
        with RawEsme(both.smpp_port) as esme:
            esme.bind("daily")
            assert {response.command_status for response in answers(esme, submit(), submit(b"x" * 200))} == {
                0
            }
        assert both.product is not None
        both.product.kill()
        both.start_product()
        assert quota_used(both, "daily") == 3
        with RawEsme(both.smpp_port) as esme:
            esme.bind("daily")
            responses = answers(esme, submit(), submit())
            assert [response.command_status for response in responses] == [0, THROTTLED]


def quota_used(programs: Programs, name: str) -> int:
    return int(programs.call("account.show", name=name)["account"]["quota_used"])

"""What is cut at acceptance is what leaves and what is held, each link having its own way with texts."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from product import Programs
from raw_esme import RawEsme
from raw_smsc import RawSmsc

from operator_push.smpp.pdu import SubmitSm, SubmitSmResp
from operator_push.smpp.tlv import TlvTag
from operator_push.text.link_text import DefaultAlphabet, read_user_data
from operator_push.text.user_data_header import concatenation, national_language, split_user_data

PRICE_MICROS = 100_000
UDHI = 0x40
LINKS = """
[[smsc]]
name = "india"
host = "127.0.0.1"
port = {india}
system_id = "gateway"
password = "secret"
prefixes = ["91"]
long_messages = "udh16"
shift_tables = ["hi"]
[[smsc]]
name = "britain"
host = "127.0.0.1"
port = {britain}
system_id = "gateway"
password = "secret"
prefixes = ["44"]
long_messages = "sar"
default_alphabet = "latin1"
"""


@dataclass
class House:
    programs: Programs
    smscs: dict[str, RawSmsc]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with ExitStack() as stack:
        smscs = {name: stack.enter_context(RawSmsc()) for name in ("main", "india", "britain")}
        ports = {name: smsc.port for name, smsc in smscs.items()}
        programs = Programs(tmp_path_factory.mktemp("texts"), more=LINKS.format(**ports))
        programs.sim_port = ports["main"]
        stack.callback(programs.stop)
        programs.start_product()
        programs.add_account("plain")
        programs.add_account("hindi", shift_tables=["hi"])
        yield House(programs, smscs)


def submit(house: House, account: str, destination: str, payload: bytes, data_coding: int = 0) -> int:
    """Submit a text in message_payload; returns the micros that it holds."""
    before = held(house, account)
    with RawEsme(house.programs.smpp_port) as esme:
        assert esme.bind(account).command_status == 0
        esme.send(
            SubmitSm(
                source_addr_ton=5,
                source_addr="SHOP",
                dest_addr_ton=1,
                destination_addr=destination,
                data_coding=data_coding,
                tlvs=((int(TlvTag.message_payload), payload),),
            )
        )
        response = esme.read()
        assert isinstance(response, SubmitSmResp)
        assert response.command_status == 0
    return held(house, account) - before


def held(house: House, account: str) -> int:
    return int(house.programs.call("account.show", name=account)["account"]["held_micros"])


def taken(smsc: RawSmsc, count: int) -> list[SubmitSm]:
    parts = [smsc.next() for _ in range(count)]
    assert all(isinstance(part, SubmitSm) for part in parts)
    return parts  # type: ignore[return-value]


def test_a_link_with_sar_tlvs_and_latin_1(house: House):
    assert submit(house, "plain", "447700900123", b"\0" * 161) == 2 * PRICE_MICROS
    first, second = taken(house.smscs["britain"], 2)
    assert (first.short_message, second.short_message) == (b"@" * 153, b"@" * 8)
    assert (first.esm_class, first.data_coding) == (0, 0)
    assert first.tlv(TlvTag.sar_msg_ref_num) == second.tlv(TlvTag.sar_msg_ref_num)
    assert [part.tlv(TlvTag.sar_segment_seqnum) for part in (first, second)] == [b"\1", b"\2"]
    assert first.tlv(TlvTag.sar_total_segments) == b"\2"


HINDI = "आपका खाता तैयार है। " * 6
HINDI_UNITS = 120


def test_national_tables_where_the_account_and_the_link_enable_them(house: House):
    assert len(HINDI) == HINDI_UNITS
    octets = HINDI.encode("utf-16-be")
    assert submit(house, "hindi", "919812345678", octets, 8) == PRICE_MICROS
    (part,) = taken(house.smscs["india"], 1)
    assert (part.data_coding, part.esm_class) == (0, UDHI)
    elements, _ = split_user_data(part.short_message)
    assert national_language(elements) == (6, 6)
    assert read_user_data(part.short_message, 0, True, DefaultAlphabet.GSM7) == HINDI


def test_otherwise_ucs_2_with_16_bit_references_that_differ(house: House):
    octets = HINDI.encode("utf-16-be")
    references = []
    for _ in range(2):
        assert submit(house, "plain", "919812345678", octets, 8) == 2 * PRICE_MICROS
        parts = taken(house.smscs["india"], 2)
        assert [part.data_coding for part in parts] == [8, 8]
        split = [split_user_data(part.short_message) for part in parts]
        found = [concatenation(elements) for elements, _ in split]
        assert [len(text) for _, text in split] == [132, 2 * HINDI_UNITS - 132]
        assert b"".join(text for _, text in split) == octets
        references += [each.reference for each in found if each is not None]
    assert len(references) == 4
    assert len(set(references)) == 2


def test_the_other_link_goes_on_as_before(house: House):
    assert submit(house, "hindi", "331234567890", b"\0" * 161) == 2 * PRICE_MICROS
    first, second = taken(house.smscs["main"], 2)
    assert (first.short_message[:3], first.short_message[6:]) == (b"\5\0\3", b"\0" * 153)
    assert second.esm_class == UDHI

"""Who may bind, octet by octet: versions, addresses, numbers of binds, bad passwords, floods of streams."""

import contextlib
import time
from collections.abc import Iterator

import pytest
from product import Programs, running, until
from raw_esme import RawEsme

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import (
    BindPdu,
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    Pdu,
    SubmitSm,
    Unbind,
    UnbindResp,
)
from operator_push.smpp.tlv import TlvTag

SERVER = """
bind_timeout_s = 1.5
enquire_link_s = 0.5
max_unbound_per_address = 8
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    with running(tmp_path_factory.mktemp("binds"), server=SERVER) as both:
        both.add_account()
        yield both


def answer_to(programs: Programs, pdu: BindPdu, source: str = "") -> Pdu:
    with RawEsme(programs.smpp_port, source=source) as esme:
        esme.send(pdu)
        return esme.read()


def bind(name: str = "shop", password: str = "pw", kind: type[BindPdu] = BindTransceiver) -> BindPdu:
    return kind(system_id=name, password=password, interface_version=0x34)


def submit(count_of: str = "919812345670") -> SubmitSm:
    return SubmitSm(dest_addr_ton=1, dest_addr_npi=1, destination_addr=count_of, short_message=b"hi")


@pytest.mark.parametrize("kind", [BindTransmitter, BindReceiver, BindTransceiver])
@pytest.mark.parametrize(
    ("version", "told"), [(0x33, None), (0x00, None), (0x34, b"\x34"), (0x50, b"\x50"), (0x51, b"\x50")]
)
def test_every_kind_of_bind_in_every_version(
    programs: Programs, kind: type[BindPdu], version: int, told: bytes | None
) -> None:
    response = answer_to(programs, kind(system_id="shop", password="pw", interface_version=version))
    if kind is BindTransceiver and version < 0x34:
        assert response.command_status == CommandStatus.ESME_RINVCMDID
        return
    assert response.command_status == 0
    assert response.tlv(TlvTag.sc_interface_version) == told


def test_unbind_goes_both_ways(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running(tmp_path_factory.mktemp("unbind")) as both:
        both.add_account()
        with RawEsme(both.smpp_port) as first, RawEsme(both.smpp_port) as second:
            first.bind()
            second.bind()
            first.send(Unbind())
            assert isinstance(first.read(), UnbindResp)
            both.call("stop")
            ours = second.read()
            assert isinstance(ours, Unbind)
            second.answer(UnbindResp(sequence_number=ours.sequence_number))
            with pytest.raises(EOFError):
                second.read()


def test_enquire_link_goes_both_ways(programs: Programs) -> None:
    with RawEsme(programs.smpp_port) as esme:
        esme.bind()
        number = esme.send(EnquireLink())
        answer = esme.read()
        assert (type(answer), answer.sequence_number) == (EnquireLinkResp, number)
        ours = esme.read()  # after the silence of enquire_link_s
        assert isinstance(ours, EnquireLink)
        esme.answer(EnquireLinkResp(sequence_number=ours.sequence_number))
        assert isinstance(esme.read(), EnquireLink)


def test_only_the_agreed_addresses_and_versions_bind(programs: Programs) -> None:
    programs.add_account("ranged", source_ranges=["127.0.0.2/32"], versions=["3.4"])
    outside = answer_to(programs, bind("ranged"))
    assert outside.command_status == CommandStatus.ESME_RBINDFAIL
    assert answer_to(programs, bind("ranged"), "127.0.0.2").command_status == 0
    newer = BindTransceiver(system_id="ranged", password="pw", interface_version=0x50)
    assert answer_to(programs, newer, "127.0.0.2").command_status == CommandStatus.ESME_RBINDFAIL
    programs.call("account.set", name="ranged", source_ranges=[])
    assert answer_to(programs, bind("ranged"), "127.0.0.2").command_status == CommandStatus.ESME_RBINDFAIL
    programs.call("account.set", name="ranged", source_ranges=None)
    assert answer_to(programs, bind("ranged"), "127.0.0.3").command_status == 0


def test_one_bind_too_many_is_refused_and_the_others_stay(programs: Programs) -> None:
    programs.add_account("few", max_binds=2)
    with contextlib.ExitStack() as stack:
        binds = [stack.enter_context(RawEsme(programs.smpp_port)) for _ in range(2)]
        assert [esme.bind("few").command_status for esme in binds] == [0, 0]
        assert answer_to(programs, bind("few")).command_status == CommandStatus.ESME_RALYBND
        programs.call("account.set", name="few", max_binds=1)
        for esme in binds:
            number = esme.send(EnquireLink())
            assert esme.read().sequence_number == number


def test_a_suspended_account_and_an_unknown_one_do_not_bind(programs: Programs) -> None:
    programs.add_account("away")
    programs.call("account.suspend", name="away")
    assert answer_to(programs, bind("away")).command_status == CommandStatus.ESME_RBINDFAIL
    assert answer_to(programs, bind("nobody")).command_status == CommandStatus.ESME_RINVSYSID


def test_bad_passwords_are_slowed_and_logged_and_lock_out_nobody_else(programs: Programs) -> None:
    programs.add_account("guessed")
    started = time.monotonic()
    answers = [answer_to(programs, bind("guessed", f"no{number}"), "127.0.0.4") for number in range(3)]
    assert {answer.command_status for answer in answers} == {CommandStatus.ESME_RINVPASWD}
    assert time.monotonic() - started >= 1.5  # 0 + 0.5 + 1 s: the waits are the product's own
    assert answer_to(programs, bind("guessed")).command_status == 0  # from another address
    assert programs.call("stats")["meters"]["bind.delayed"] >= 2
    lines = [
        line
        for line in (programs.folder / "operator-push.log").read_text().splitlines()
        if "'guessed'" in line
    ]
    assert len(lines) == 2  # at failures 1 and 2, not at 3
    assert "wrong password; failures so far: 2" in lines[1]
    assert answer_to(programs, bind("guessed"), "127.0.0.4").command_status == 0  # slowed, not locked out
    assert answer_to(programs, bind("guessed", "no"), "127.0.0.4").command_status != 0


def test_a_new_password_holds_for_the_next_bind(programs: Programs) -> None:
    programs.add_account("renewed")
    with RawEsme(programs.smpp_port) as esme:
        assert esme.bind("renewed").command_status == 0
        programs.call("account.set", name="renewed", password="new")
        assert answer_to(programs, bind("renewed"), "127.0.0.5").command_status != 0
        assert answer_to(programs, bind("renewed", "new")).command_status == 0
        number = esme.send(EnquireLink())
        assert esme.read().sequence_number == number


def test_an_account_s_window_holds_for_what_it_submits(programs: Programs) -> None:
    programs.add_account("narrow", window=3)
    with RawEsme(programs.smpp_port) as esme:
        esme.bind("narrow")
        pdus = [submit() for _ in range(10)]
        for number, pdu in enumerate(pdus, 10):
            pdu.sequence_number = number
        esme.send_octets(b"".join(encode_pdu(pdu) for pdu in pdus))  # one chunk: no answer in between
        statuses = [esme.read().command_status for _ in pdus]
    assert statuses.count(CommandStatus.ESME_RTHROTTLED) == 7
    assert statuses.count(0) == 3


def test_a_flood_of_streams_that_do_not_bind_is_turned_away_and_harms_no_bind(programs: Programs) -> None:
    with contextlib.ExitStack() as stack:
        bound = stack.enter_context(RawEsme(programs.smpp_port))
        assert bound.bind().command_status == 0
        flood = [stack.enter_context(RawEsme(programs.smpp_port, source="127.0.0.6")) for _ in range(8)]
        one_more = stack.enter_context(RawEsme(programs.smpp_port, source="127.0.0.6"))
        goodbye = one_more.read()
        assert isinstance(goodbye, GenericNack)
        assert goodbye.command_status == CommandStatus.ESME_RTHROTTLED
        with pytest.raises(EOFError):
            one_more.read()
        assert answer_to(programs, bind()).command_status == 0  # another address has room
        bound.send(submit())
        assert bound.read().command_status == 0
        for esme in flood:  # none of them bound within bind_timeout_s
            with pytest.raises(EOFError):
                esme.read()
    until(lambda: answer_to(programs, bind(), "127.0.0.6").command_status == 0, "room for that address again")

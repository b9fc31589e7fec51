"""The ways in: submit_multi, data_sm, replace_if_present and accounts' limits."""

import pytest

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import DataSm, DistributionList, SmeDestination, SubmitMulti
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.tlv import TlvTag

NUMBER = "919876543210"
AT_ONCE = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'
ABSENT = '[[population.handsets]]\nstate = "absent"\nshare = 1.0\n'
LISTS = '[[distribution_lists]]\nname = "staff"\nnumbers = ["919000000001", "919000000002"]\n'
PAYLOAD = int(TlvTag.message_payload)


def multi(*recipients, **fields):
    addresses = tuple(
        SmeDestination(1, 1, one) if one.isdigit() or not one.isalpha() else DistributionList(one)
        for one in recipients
    )
    fields = {"source_addr": "56070", "registered_delivery": 1, "short_message": b"hello"} | fields
    return SubmitMulti(dest_address=addresses, **fields)


def statuses(esme):
    return [pdu.command_status for _, pdu in esme.responses]


def test_each_recipient_of_a_submit_multi_is_a_message_under_one_id(world):
    w = world(AT_ONCE + LISTS)
    esme = w.esme()
    response = esme.ask(multi(NUMBER, "staff", "91x", tlvs=((int(TlvTag.user_message_reference), b"\1\2"),)))
    w.run(0.2)
    [refused] = response.unsuccess_sme
    assert (refused.destination_addr, refused.error_status_code) == ("91x", CommandStatus.ESME_RINVDSTADR)
    rows = w.cdr_rows()
    assert [row["destination_addr"] for row in rows] == [NUMBER, "919000000001", "919000000002"]
    assert {row["smsc_message_id"] for row in rows} == {response.message_id}
    assert {row["user_message_reference"] for row in rows} == {"258"}
    assert {pdu.source_addr for _, pdu in esme.delivered} == {row["destination_addr"] for row in rows}
    counters = w.smsc.counters
    assert (counters.submits_received, counters.submits_accepted, counters.submits_refused) == (4, 3, 1)
    assert len(w.witness_rows(command="submit_multi", decision="accepted")) == 3
    assert len(w.witness_rows(command="submit_multi", decision="refused")) == 1
    assert len(w.witness_rows(command="submit_multi_resp", decision="answered")) == 1
    assert w.smsc.unfinished() == 0


def test_a_list_that_is_not_known_refuses_the_whole(world):
    w = world(AT_ONCE)
    assert w.esme().ask(multi(NUMBER, "staff")).command_status == CommandStatus.ESME_RINVDLNAME
    assert w.cdr_rows() == []


def test_a_submit_multi_for_nobody_that_can_be_reached_names_them_all(world):
    w = world()
    response = w.esme().ask(multi("91x", "+"))
    assert (response.command_status, response.message_id) == (0, "")
    assert [one.destination_addr for one in response.unsuccess_sme] == ["91x", "+"]


def test_a_data_sm_is_a_message(world):
    w = world(AT_ONCE)
    esme = w.esme()
    response = esme.ask(
        DataSm(
            source_addr="56070",
            destination_addr=NUMBER,
            registered_delivery=1,
            tlvs=((PAYLOAD, b"x" * 300),),
        )
    )
    w.run(0.2)
    assert type(response).__name__ == "DataSmResp"
    [row] = w.cdr_rows()
    assert (row["smsc_message_id"], row["octets"], row["state"]) == (response.message_id, "300", "DELIVERED")
    assert parse_receipt(esme.delivered[0][1].short_message).id == response.message_id
    assert len(w.witness_rows(command="data_sm_resp", decision="answered")) == 1


def test_a_data_sm_is_refused_like_a_submit_sm(world):
    w = world()
    pdu = DataSm(source_addr="56070", destination_addr="91x", tlvs=((PAYLOAD, b"x"),))
    response = w.esme().ask(pdu)
    assert type(response).__name__ == "DataSmResp"
    assert response.command_status == CommandStatus.ESME_RINVDSTADR


def test_receipts_come_as_data_sm_where_the_scenario_says_so(world):
    w = world(AT_ONCE + '[receipts]\noperation = "data_sm"\n')
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(0.2)
    [(_, receipt)] = esme.delivered
    assert isinstance(receipt, DataSm)
    assert receipt.esm_class == 0x04
    assert parse_receipt(receipt.tlv(PAYLOAD)).stat == "DELIVRD"
    assert receipt.tlv(TlvTag.receipted_message_id)
    assert w.smsc.counters.receipts_acknowledged == 1
    assert len(w.witness_rows(command="data_sm_resp", decision="acknowledged")) == 1


def test_replace_if_present_deletes_the_older_ones_of_its_kind(world):
    w = world(ABSENT)
    esme = w.esme()
    esme.submit(NUMBER, short_message=b"one")
    esme.submit(NUMBER, short_message=b"other kind", service_type="WAP")
    esme.submit(NUMBER, short_message=b"other source", source="99999")
    esme.submit(NUMBER, short_message=b"two", replace_if_present_flag=1)
    w.run(0.1)
    [row] = w.cdr_rows()
    assert (row["octets"], row["state"]) == ("3", "DELETED")
    assert w.smsc.counters.open_messages == 3
    assert len(w.witness_rows(decision="replaced_by")) == 1
    esme.submit(NUMBER, short_message=b"three", replace_if_present_flag=1)
    w.run(0.1)
    assert w.smsc.counters.open_messages == 3


def account(**fields):
    lines = "".join(f"{name} = {value}\n" for name, value in fields.items())
    return f'[[accounts]]\nsystem_id = "shop"\npassword = "x"\n{lines}'


def test_an_account_s_window_counts_before_the_smsc_s(world):
    w = world(account(window=2) + "[latency]\nsubmit_sm_resp_ms = 100\n")
    esme = w.esme()
    for i in range(3):
        esme.submit(f"91987654321{i}")
    w.run(0.2)
    assert sorted(statuses(esme)) == [0, 0, CommandStatus.ESME_RTHROTTLED]


def test_an_account_s_rate_and_the_time_that_heals_it(world):
    w = world(account(rate_per_s=10, burst=2))
    esme = w.esme()
    for i in range(3):
        esme.submit(f"91987654321{i}")
    w.run(0.2)
    assert sorted(statuses(esme)) == [0, 0, CommandStatus.ESME_RTHROTTLED]
    esme.submit(NUMBER)
    w.run(0.1)
    assert statuses(esme)[-1] == 0


def test_a_rate_counts_each_recipient_of_a_submit_multi(world):
    w = world(account(rate_per_s=1, burst=2))
    response = w.esme().ask(multi(NUMBER, "919000000001", "919000000002"))
    [refused] = response.unsuccess_sme
    assert refused.error_status_code == CommandStatus.ESME_RTHROTTLED


def test_sources_that_are_not_allowed(world):
    w = world(account(allowed_sources='["5607?"]'))
    esme = w.esme()
    esme.submit(NUMBER, source="56070")
    esme.submit(NUMBER, source="CHAI")
    w.run(0.1)
    assert statuses(esme) == [0, CommandStatus.ESME_RINVSRCADR]


@pytest.mark.parametrize(
    ("binding", "admitted"), [("transmitter", True), ("receiver", True), ("transceiver", False)]
)
def test_bind_types_that_are_not_allowed(world, binding, admitted):
    w = world(account(bind_types='["transmitter", "receiver"]'))
    assert (w.esme(binding).session.binding == binding) is admitted
    assert [row["status"] for row in w.witness_rows(decision="refused")] == ["ESME_RBINDFAIL"] * (
        not admitted
    )

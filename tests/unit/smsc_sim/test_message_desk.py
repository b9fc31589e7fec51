"""query_sm, cancel_sm and replace_sm: SMPP v3.4 sections 4.8 to 4.10."""

import pytest

from operator_push.smpp.constants import CommandStatus, MessageState
from operator_push.smpp.pdu import CancelSm, QuerySm, ReplaceSm, SmeDestination, SubmitMulti
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.smpp_time import parse_smpp_time

NUMBER = "919876543210"
ABSENT = '[[population.handsets]]\nstate = "absent"\nshare = 1.0\n'
AT_ONCE = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'


def submitted(esme, number=NUMBER, **fields):
    esme.submit(number, **fields)
    esme.write()
    esme.take()
    return esme.responses[-1][1].message_id


def query(esme, identifier, source="56070"):
    return esme.ask(QuerySm(message_id=identifier, source_addr=source))


def cancel(esme, identifier="", source="56070", **fields):
    return esme.ask(CancelSm(message_id=identifier, source_addr=source, **fields))


def replace(esme, identifier, source="56070", **fields):
    return esme.ask(ReplaceSm(message_id=identifier, source_addr=source, **fields))


def test_a_query_tells_the_state_on_the_way_and_at_the_end(world):
    w = world('[[population.handsets]]\nstate = "memory_full"\nshare = 1.0\ndelay_ms = 500\n')
    esme = w.esme()
    identifier = submitted(esme)
    before = query(esme, identifier)
    assert (before.message_state, before.final_date, before.error_code) == (MessageState.ENROUTE, "", 0)
    w.run(1)
    after = query(esme, identifier)
    assert (after.message_id, after.message_state, after.error_code) == (
        identifier,
        MessageState.UNDELIVERABLE,
        32,
    )
    assert parse_smpp_time(after.final_date).isoformat().startswith("2026-11-21T21:38:25.5")
    assert w.smsc.counters.queries == 2
    assert [row["decision"] for row in w.witness_rows(command="query_sm")] == ["queried", "queried"]


@pytest.mark.parametrize("ask", [query, cancel, replace])
def test_an_unknown_id_is_named_so(world, ask):
    w = world()
    assert ask(w.esme(), "77").command_status == CommandStatus.ESME_RINVMSGID
    assert w.smsc.counters.other_requests_refused == 1


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (query, CommandStatus.ESME_RQUERYFAIL),
        (cancel, CommandStatus.ESME_RCANCELFAIL),
        (replace, CommandStatus.ESME_RREPLACEFAIL),
    ],
)
def test_the_source_must_be_the_message_s_own(world, ask, status):
    w = world(ABSENT)
    esme = w.esme()
    identifier = submitted(esme)
    assert ask(esme, identifier, source="99999").command_status == status
    assert w.smsc.counters.open_messages == 1


@pytest.mark.parametrize("ask", [query, cancel, replace])
def test_another_account_s_message_is_not_there(world, ask):
    w = world(ABSENT)
    identifier = submitted(w.esme())
    assert ask(w.esme(system_id="bank"), identifier).command_status == CommandStatus.ESME_RINVMSGID


def test_another_bind_of_the_account_may_ask(world):
    w = world(ABSENT)
    identifier = submitted(w.esme())
    assert query(w.esme(), identifier).command_status == 0


def test_a_cancelled_message_is_deleted_and_its_receipt_says_so(world):
    w = world(ABSENT)
    esme = w.esme()
    identifier = submitted(esme)
    assert cancel(esme, identifier).command_status == 0
    w.run(0.1)
    assert parse_receipt(esme.delivered[0][1].short_message).stat == "DELETED"
    assert query(esme, identifier).message_state == MessageState.DELETED
    assert [row["state"] for row in w.cdr_rows()] == ["DELETED"]
    assert cancel(esme, identifier).command_status == CommandStatus.ESME_RCANCELFAIL
    assert w.smsc.unfinished() == 0


def test_a_cancel_without_an_id_takes_all_with_these_addresses(world):
    w = world(ABSENT)
    esme = w.esme()
    wap = submitted(esme, service_type="WAP")
    plain, other = submitted(esme), submitted(esme, "919876543211")
    assert cancel(esme, destination_addr=NUMBER, service_type="WAP").command_status == 0
    assert query(esme, wap).message_state == MessageState.DELETED
    assert query(esme, plain).message_state == MessageState.ENROUTE
    assert cancel(esme, destination_addr=NUMBER).command_status == 0
    assert query(esme, plain).message_state == MessageState.DELETED
    assert query(esme, other).message_state == MessageState.ENROUTE
    again = cancel(esme, destination_addr=NUMBER)
    assert again.command_status == CommandStatus.ESME_RCANCELFAIL


def test_a_message_that_was_delivered_cannot_be_cancelled_or_replaced(world):
    w = world(AT_ONCE)
    esme = w.esme()
    identifier = submitted(esme)
    w.run(0.1)
    assert cancel(esme, identifier).command_status == CommandStatus.ESME_RCANCELFAIL
    assert replace(esme, identifier, short_message=b"x").command_status == CommandStatus.ESME_RREPLACEFAIL


def test_a_replaced_message_has_the_new_text_and_wish_for_a_receipt(world):
    w = world('[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 300\n')
    esme = w.esme()
    identifier = submitted(esme, short_message=b"old", registered_delivery=1)
    assert replace(esme, identifier, short_message=b"brand new", registered_delivery=0).command_status == 0
    w.run(1)
    assert esme.delivered == []
    [row] = w.cdr_rows()
    assert (row["octets"], row["state"], row["smsc_message_id"]) == ("9", "DELIVERED", identifier)
    assert w.witness_rows(decision="replaced")[0]["smsc_message_id"] == identifier
    assert w.smsc.counters.replaces == 1
    [message] = w.smsc.book.find(identifier)
    assert message.final_us - message.submit_us == pytest.approx(300_000, abs=20_000)


def test_a_replace_may_move_schedule_and_validity(world):
    w = world(AT_ONCE)
    esme = w.esme()
    start = w.now
    identifier = submitted(esme, schedule_delivery_time="000000010000000R")
    later = {"schedule_delivery_time": "000000000001000R", "short_message": b"x", "registered_delivery": 1}
    assert replace(esme, identifier, **later).command_status == 0
    w.run(2)
    assert 1.0 <= esme.delivered[0][0] - start < 1.1


def test_a_replace_with_a_validity_that_cannot_be_is_refused(world):
    w = world(ABSENT)
    esme = w.esme()
    identifier = submitted(esme)
    past = replace(esme, identifier, validity_period="200101000000000+")
    assert past.command_status == CommandStatus.ESME_RINVEXPIRY
    shorter = replace(esme, identifier, validity_period="000000000001000R", registered_delivery=1)
    assert shorter.command_status == 0
    w.run(2)
    assert parse_receipt(esme.delivered[0][1].short_message).stat == "EXPIRED"


def test_a_submit_multi_is_cancelled_as_a_whole(world):
    w = world(ABSENT)
    esme = w.esme()
    recipients = tuple(SmeDestination(1, 1, f"91987654321{i}") for i in range(3))
    response = esme.ask(SubmitMulti(source_addr="56070", dest_address=recipients, short_message=b"x"))
    assert cancel(esme, response.message_id).command_status == 0
    assert [row["state"] for row in w.cdr_rows()] == ["DELETED"] * 3


def test_ended_messages_are_forgotten_oldest_first(world):
    w = world(AT_ONCE + "[limits]\nhistory_messages_max = 2\n")
    esme = w.esme()
    identifiers = [submitted(esme) for _ in range(3)]
    w.run(0.1)
    statuses = [query(esme, identifier).command_status for identifier in identifiers]
    assert statuses == [CommandStatus.ESME_RINVMSGID, 0, 0]


def test_a_message_whose_time_has_not_come_is_scheduled_for_a_5_0_peer_and_on_its_way_for_a_3_4_one(world):
    w = world(AT_ONCE)
    for version, state in ((0x50, MessageState.SCHEDULED), (0x34, MessageState.ENROUTE)):
        esme = w.esme()
        esme.smsc_session.peer_version = version
        identifier = submitted(esme, schedule_delivery_time="000000010000000R")
        assert query(esme, identifier).message_state == state

"""Request faults on the wire: refused, throttled, ignored, nacked; and nothing of it is accepted."""

import pytest

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import DataSm, GenericNack, QuerySm, SmeDestination, SubmitMulti
from operator_push.smpp.tlv import TlvTag

PAYLOAD = ((int(TlvTag.message_payload), b"x"),)


def statuses(esme):
    return [pdu.command_status for _, pdu in esme.responses]


@pytest.mark.parametrize("status", [one for one in CommandStatus if one], ids=lambda one: one.name)
def test_each_command_status_can_be_the_answer(faulty, status):
    w = faulty({"kind": "refuse", "status": status.name})
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.1)
    assert statuses(esme) == [status]
    assert (w.smsc.counters.submits_refused, w.smsc.counters.submits_accepted) == (1, 0)
    assert w.cdr_rows() == []
    [row] = w.witness_rows(decision="fault")
    assert (row["fault"], row["fault_kind"], row["command"]) == ("refuse", "refuse", "submit_sm")
    assert (row["destination"], row["sequence_number"]) == ("919876543210", 2)
    [row] = w.witness_rows(decision="refused")
    assert row["status"] == status.name


def test_a_vendor_s_status_by_its_number(faulty):
    w = faulty({"kind": "refuse", "status": 0x42E})
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.1)
    assert statuses(esme) == [0x42E]
    assert w.witness_rows(decision="refused")[0]["status"] == "0x0000042e"


def test_several_statuses_are_drawn_alike(faulty):
    w = faulty({"kind": "refuse", "status": ["ESME_RSYSERR", 0x42E, "ESME_RMSGQFUL"]})
    esme = w.esme()
    for i in range(300):
        esme.submit(f"919876543{i:03d}")
    w.run(0.1)
    counts = [statuses(esme).count(status) for status in (0x08, 0x42E, 0x14)]
    assert sum(counts) == 300
    assert min(counts) > 70


def test_a_prefix_is_refused_and_others_are_not(faulty):
    w = faulty({"kind": "refuse", "status": "ESME_RINVDSTADR", "prefix": ["9199", "9188"]})
    esme = w.esme()
    for number in ("919976543210", "918876543210", "919876543210"):
        esme.submit(number)
    w.run(1)
    assert statuses(esme) == [CommandStatus.ESME_RINVDSTADR, CommandStatus.ESME_RINVDSTADR, 0]
    assert len(w.cdr_rows()) == 1


@pytest.mark.parametrize(
    ("pdu", "command"),
    [
        (DataSm(destination_addr="919876543210", tlvs=PAYLOAD), "data_sm"),
        (
            SubmitMulti(
                dest_address=(SmeDestination(1, 1, "919876543210"), SmeDestination(1, 1, "919876543211")),
                short_message=b"x",
            ),
            "submit_multi",
        ),
        (QuerySm(message_id="1"), "query_sm"),
    ],
)
def test_other_operations_are_refused_where_they_are_named(faulty, pdu, command):
    w = faulty({"kind": "refuse", "commands": [command]})
    esme = w.esme()
    esme.session.send_request(pdu, w.now)
    w.run(0.1)
    assert statuses(esme) == [CommandStatus.ESME_RSYSERR]
    counters = w.smsc.counters
    assert (
        counters.submits_received
        == counters.submits_refused
        == {"submit_multi": 2, "data_sm": 1}.get(command, 0)
    )
    assert counters.other_requests_refused == (command == "query_sm")


def test_the_first_three_binds_are_refused(faulty):
    w = faulty(
        {"kind": "refuse", "status": "ESME_RALYBND", "commands": ["bind_transceiver"], "count": 3},
    )
    assert [w.esme().session.binding for _ in range(5)] == [None, None, None, "transceiver", "transceiver"]
    assert w.smsc.counters.binds_refused == 3
    assert [row["status"] for row in w.witness_rows(decision="refused")] == ["ESME_RALYBND"] * 3
    assert w.esme(system_id="bank").session.binding is None


def test_throttled_without_more_is_every_one_that_is_hit(faulty):
    w = faulty({"kind": "throttle", "every": 2})
    esme = w.esme()
    for i in range(4):
        esme.submit(f"91987654321{i}")
    w.run(0.1)
    throttled = int(CommandStatus.ESME_RTHROTTLED)
    assert sorted(statuses(esme)) == [0, 0, throttled, throttled]


def test_throttled_beyond_a_rate_with_bursts(faulty):
    w = faulty({"kind": "throttle", "per_s": 10, "burst": 5})
    esme = w.esme()
    for i in range(20):
        esme.submit(f"9198765432{i:02d}")
    w.run(0.01)
    assert statuses(esme).count(0) == 5
    w.run(0.5)
    for i in range(20):
        esme.submit(f"9198765433{i:02d}")
    w.run(0.01)
    assert statuses(esme).count(0) == 10
    assert w.smsc.faults.states()[0].hits == 30


def test_throttled_beyond_a_window_of_one(faulty):
    w = faulty(
        {"kind": "throttle", "outstanding_max": 1, "status": "ESME_RMSGQFUL"},
        extra="[latency]\nsubmit_sm_resp_ms = 50\n",
    )
    esme = w.esme()
    esme.submit("919876543210")
    esme.submit("919876543211")
    w.run(0.1)
    esme.submit("919876543212")
    w.run(0.1)
    assert statuses(esme) == [CommandStatus.ESME_RMSGQFUL, 0, 0]


def test_an_ignored_request_is_never_answered_and_never_accepted(faulty):
    w = faulty({"kind": "ignore", "prefix": "9199"})
    esme = w.esme()
    esme.submit("919976543210")
    esme.submit("919876543210")
    w.run(1)
    assert len(esme.responses) == 1
    assert len(w.cdr_rows()) == 1
    assert esme.session.open_requests == 1
    counters = w.smsc.counters
    assert counters.submits_received == counters.submits_accepted + counters.submits_refused


def test_a_nack_names_no_operation(faulty):
    w = faulty({"kind": "nack", "status": "ESME_RINVCMDLEN"})
    esme = w.esme()
    esme.submit("919876543210")
    w.run(0.1)
    [(_, answer)] = esme.responses
    assert isinstance(answer, GenericNack)
    assert answer.command_status == CommandStatus.ESME_RINVCMDLEN


def test_an_ignored_bind_waits_for_ever_and_a_nacked_one_is_told(faulty):
    w = faulty(
        {"kind": "ignore", "commands": ["bind_receiver"]}, {"kind": "nack", "commands": ["bind_transmitter"]}
    )
    silent = w.esme("receiver")
    w.run(0.1)
    assert silent.session.open_requests == 1
    assert silent.bind.identity is None
    told = w.esme("transmitter")
    assert told.session.binding is None
    assert told.session.open_requests == 0

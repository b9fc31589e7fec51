"""Tries: schedules, timetables, states set by hand, and what an ESME hears on the way."""

import pytest

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import AlertNotification
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.tlv import TlvTag

NUMBER = "919876543210"


def handsets(state, **more):
    extra = "\n".join(f"{name} = {value}" for name, value in more.items())
    return f'[[population.handsets]]\nstate = "{state}"\nshare = 1.0\n{extra}\n'


def stats(esme):
    return [parse_receipt(pdu.short_message).stat for _, pdu in esme.delivered]


def failed_tries(w, start):
    return [round(row["t"] / 1e6 - start / 1e6, 1) for row in w.witness_rows(decision="not_reached")]


def first_t(w):
    return w.witness_rows(command="submit_sm")[0]["t"]


def test_a_handset_is_tried_by_the_schedule_and_the_last_wait_goes_on_until_the_validity_ends(world):
    w = world(handsets("absent") + "[retry]\nschedule_s = [0.2, 0.5]\n[validity]\ndefault_s = 2\n")
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(3)
    assert failed_tries(w, first_t(w)) == [0.0, 0.2, 0.7, 1.2, 1.7]
    assert stats(esme) == ["EXPIRED"]
    assert w.smsc.counters.tries_failed == 5
    assert w.cdr_rows()[0]["error_code"] == "27"


def test_an_off_handset_that_is_back_gets_its_message_at_the_next_try_not_before(world):
    w = world(handsets("off", delay_ms=300) + "[retry]\nschedule_s = [0.2]\n")
    esme = w.esme()
    start = w.now
    esme.submit(NUMBER)
    w.run(1)
    assert failed_tries(w, first_t(w)) == [0.0, 0.2]
    assert stats(esme) == ["DELIVRD"]
    assert 0.4 <= esme.delivered[0][0] - start < 0.45


def test_after_so_many_tries_the_message_is_undeliverable(world):
    w = world(handsets("memory_full") + "[retry]\nschedule_s = [0.1]\nattempts_max = 3\n")
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(1)
    assert len(w.witness_rows(decision="not_reached")) == 3
    fields = parse_receipt(esme.delivered[0][1].short_message)
    assert (fields.stat, fields.err) == ("UNDELIV", "032")


def test_an_outcome_that_the_scenario_names_counts_under_a_schedule_too(world):
    text = handsets("memory_full", outcome='"undeliverable"', delay_ms=300)
    w = world(text + "[retry]\nschedule_s = [10]\n")
    esme = w.esme()
    start = w.now
    esme.submit(NUMBER)
    w.run(1)
    assert stats(esme) == ["UNDELIV"]
    assert 0.3 <= esme.delivered[0][0] - start < 0.35


@pytest.mark.parametrize(
    ("state", "stat", "err"),
    [("ported", "UNDELIV", "001"), ("barred", "UNDELIV", "013"), ("roaming", "DELIVRD", "000")],
)
def test_ported_and_barred_end_at_once_and_roaming_arrives(world, state, stat, err):
    w = world(handsets(state) + "[retry]\nschedule_s = [60]\n")
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(4)
    fields = parse_receipt(esme.delivered[0][1].short_message)
    assert (fields.stat, fields.err) == (stat, err)
    assert w.smsc.counters.tries_failed == 0


@pytest.mark.parametrize(
    ("outcome", "stat", "state"),
    [
        ("deleted", "DELETED", "DELETED"),
        ("accepted", "ACCEPTD", "ACCEPTED"),
        ("unknown", "UNKNOWN", "UNKNOWN"),
        ("rejected", "REJECTD", "REJECTED"),
        ("expired", "EXPIRED", "EXPIRED"),
    ],
)
def test_every_final_state_can_be_had(world, outcome, stat, state):
    w = world(handsets("on", outcome=f'"{outcome}"') + "[validity]\ndefault_s = 0.5\n")
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(1)
    assert stats(esme) == [stat]
    assert w.cdr_rows()[0]["state"] == state


def test_numbers_beat_shares_and_the_first_that_fits_counts(world):
    w = world(
        handsets("on", delay_ms=0)
        + '[[population.numbers]]\nlike = "91987654321?"\nstate = "barred"\n'
        + '[[population.numbers]]\nlike = "9198*"\nstate = "ported"\n'
    )
    esme = w.esme()
    for number in (NUMBER, "919876500000", "919900000000"):
        esme.submit(number)
    w.run(1)
    codes = {row["destination_addr"]: row["error_code"] for row in w.cdr_rows()}
    assert codes == {NUMBER: "13", "919876500000": "1", "919900000000": "0"}


TIMETABLE = handsets("on", delay_ms=0) + '[[population.timetable]]\nstate = "off"\nuntil_s = 1\n'


def test_a_handset_that_a_timetable_switches_off_is_reached_when_the_entry_ends(world):
    w = world(TIMETABLE)
    start = w.now
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(2)
    assert stats(esme) == ["DELIVRD"]
    assert 1.0 <= esme.delivered[0][0] - start < 1.05


def test_under_a_schedule_it_is_reached_at_the_next_try(world):
    w = world(TIMETABLE + "[retry]\nschedule_s = [0.7]\n")
    start = w.now
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(2)
    assert 1.4 <= esme.delivered[0][0] - start < 1.45


def test_a_message_whose_validity_ends_before_the_timetable_s_entry_expires(world):
    w = world(TIMETABLE + "[validity]\ndefault_s = 0.5\n")
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(2)
    assert stats(esme) == ["EXPIRED"]


def test_a_state_set_by_hand_holds_until_it_is_taken_back(world):
    w = world(handsets("on", delay_ms=0))
    esme = w.esme()
    assert w.smsc.set_handset_state(NUMBER, "off", w.now) == 0
    assert w.smsc.handset_state(NUMBER, w.now) == "off"
    assert w.smsc.handset_state("919000000000", w.now) == "on"
    esme.submit(NUMBER)
    w.run(6)
    assert esme.delivered == []
    assert w.smsc.counters.open_messages == 1
    assert w.smsc.set_handset_state(NUMBER, None, w.now) == 1
    w.run(0.1)
    assert stats(esme) == ["DELIVRD"]
    assert w.smsc.set_handset_states() == {}


def test_a_message_that_was_planned_to_arrive_does_not_where_its_handset_is_switched_off_before(world):
    w = world(handsets("on", delay_ms=500) + "[validity]\ndefault_s = 2\n")
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(0.2)
    assert w.smsc.set_handset_state("9198*", "absent", w.now) == 1
    w.run(3)
    assert stats(esme) == ["EXPIRED"]
    assert len(w.cdr_rows()) == 1


def test_the_state_set_last_counts_first(world):
    w = world(handsets("on"))
    w.smsc.set_handset_state("9198*", "barred", w.now)
    w.smsc.set_handset_state(NUMBER, "ported", w.now)
    assert w.smsc.handset_state(NUMBER, w.now) == "ported"
    w.smsc.set_handset_state("9198*", "roaming", w.now)
    assert w.smsc.handset_state(NUMBER, w.now) == "roaming"


@pytest.mark.parametrize(("when", "count"), [("first", 1), ("each", 3), ("never", 0)])
def test_intermediate_notifications_come_where_they_are_asked_for(world, when, count):
    w = world(
        handsets("off", delay_ms=500)
        + "[retry]\nschedule_s = [0.2]\n"
        + f'[receipts]\nintermediate = "{when}"\n'
    )
    esme = w.esme()
    esme.submit(NUMBER, registered_delivery=0x11)
    esme.submit("919876543211", registered_delivery=0x01)
    w.run(1)
    notices = [pdu for _, pdu in esme.delivered if pdu.esm_class == 0x20]
    receipts = [pdu for _, pdu in esme.delivered if pdu.esm_class == 0x04]
    assert (len(notices), len(receipts)) == (count, 2)
    assert {parse_receipt(pdu.short_message).stat for pdu in notices} <= {"ENROUTE"}
    assert {pdu.source_addr for pdu in notices} <= {NUMBER}
    counters = w.smsc.counters
    assert (counters.notifications_acknowledged, counters.receipts_acknowledged) == (count, 2)
    assert len(w.witness_rows(command="deliver_sm", kind="intermediate")) == count


def test_an_esme_that_set_the_pending_flag_hears_when_the_handset_is_back(world):
    w = world(handsets("off", delay_ms=300))
    esme = w.esme()
    esme.submit(NUMBER, registered_delivery=0, tlvs=((int(TlvTag.set_dpf), b"\1"),))
    w.run(1)
    [(_, response)] = esme.responses
    assert response.tlv(TlvTag.dpf_result) == b"\1"
    [(_, alert)] = esme.delivered
    assert isinstance(alert, AlertNotification)
    assert (alert.source_addr, alert.esme_addr) == (NUMBER, "56070")
    assert alert.tlv(TlvTag.ms_availability_status) == b"\0"
    assert w.smsc.unfinished() == 0
    assert len(w.witness_rows(command="alert_notification", decision="sent")) == 1


def test_a_handset_switched_on_by_hand_alerts_even_after_its_message_expired(world):
    w = world(handsets("absent") + "[validity]\ndefault_s = 0.2\n")
    esme = w.esme()
    esme.submit(NUMBER, registered_delivery=0, tlvs=((int(TlvTag.set_dpf), b"\1"),))
    w.run(0.5)
    assert esme.delivered == []
    w.smsc.set_handset_state(NUMBER, "on", w.now)
    w.run(0.1)
    assert [type(pdu) for _, pdu in esme.delivered] == [AlertNotification]


def test_an_alert_can_be_sent_by_hand(world):
    w = world()
    esme = w.esme()
    w.smsc.send_alert("shop", NUMBER, "56070", w.now)
    esme.take()
    assert [type(pdu) for _, pdu in esme.delivered] == [AlertNotification]


def test_the_clock_s_speed_moves_everything_but_what_an_esme_feels(world):
    w = world(
        "[clock]\nspeed = 3600\n"
        + handsets("absent")
        + "[retry]\nschedule_s = [900]\n[validity]\ndefault_s = 3600\n[latency]\nsubmit_sm_resp_ms = 200\n"
    )
    esme = w.esme()
    start = w.now
    esme.submit(NUMBER)
    w.run(2)
    assert 0.2 <= esme.responses[0][0] - start < 0.25
    assert 1.2 <= esme.delivered[0][0] - start < 1.25
    assert len(w.witness_rows(decision="not_reached")) == 4
    receipt = parse_receipt(esme.delivered[0][1].short_message)
    minutes = (
        int(receipt.done_date[6:8]) * 60
        + int(receipt.done_date[8:])
        - (int(receipt.submit_date[6:8]) * 60 + int(receipt.submit_date[8:]))
    )
    assert minutes == pytest.approx(72, abs=2)


def test_the_same_seed_gives_the_same_tries(world):
    text = (
        "".join(
            f'[[population.handsets]]\nstate = "{state}"\nshare = 0.25\n'
            for state in ("on", "off", "absent", "memory_full")
        )
        + '[[population.timetable]]\nstate = "absent"\nshare = 0.5\nfrom_s = 0.3\nuntil_s = 0.8\n'
        + "[retry]\nschedule_s = [0.1, 0.3]\n[validity]\ndefault_s = 2\n"
    )

    def run(seed):
        w = world(text, seed)
        esme = w.esme()
        for i in range(60):
            esme.submit(f"91987654{i:04d}", registered_delivery=0x11)
            w.run(0.005)
        w.run(3)
        assert w.smsc.unfinished() == 0
        return w.witness_file.lines, w.cdr_rows()

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_a_scheduled_message_is_not_tried_before_its_time_even_when_its_handset_changes(world):
    w = world(handsets("on", delay_ms=0))
    esme = w.esme()
    start = w.now
    esme.submit(NUMBER, schedule_delivery_time="000000000001000R")
    w.run(0.2)
    w.smsc.set_handset_state(NUMBER, "on", w.now)
    w.run(2)
    assert [status for _, pdu in esme.responses if (status := pdu.command_status)] == []
    assert 1.0 <= esme.delivered[0][0] - start < 1.3
    assert esme.responses[0][1].command_status == CommandStatus.ESME_ROK


@pytest.mark.parametrize(
    ("state", "stat", "err"),
    [
        ("on", "DELIVRD", "000"),
        ("off", "UNDELIV", "027"),
        ("absent", "UNDELIV", "027"),
        ("memory_full", "DELIVRD", "000"),
        ("barred", "UNDELIV", "013"),
    ],
)
def test_a_text_for_the_screen_is_shown_at_once_or_never(world, state, stat, err):
    w = world(handsets(state) + "[retry]\nschedule_s = [0.2]\n")
    esme = w.esme()
    start = w.now
    esme.submit(NUMBER, service_type="USSD")
    w.run(1)
    (arrived, receipt) = esme.delivered[0]
    fields = parse_receipt(receipt.short_message)
    assert (fields.stat, fields.err, len(esme.delivered)) == (stat, err, 1)
    assert arrived - start < 0.25
    assert w.witness_rows(command="submit_sm")[0]["service_type"] == "USSD"


def test_a_screen_shows_nothing_that_a_scenario_lets_expire(world):
    w = world(handsets("on", outcome='"expired"') + "[validity]\ndefault_s = 5\n")
    esme = w.esme()
    esme.submit(NUMBER, service_type="USSD")
    w.run(1)
    assert stats(esme) == ["UNDELIV"]

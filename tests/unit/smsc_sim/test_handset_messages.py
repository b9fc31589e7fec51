"""What handsets send: surveys, keywords, copies, CSV files, and messages between ESMEs."""

from collections import Counter

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import DataSm, DeliverSmResp
from operator_push.smpp.receipt_text import parse_receipt
from operator_push.smpp.tlv import TlvTag

NUMBER = "919876543210"
AT_ONCE = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'
ROUTE = AT_ONCE + '[[mo.routes]]\ndestination_like = "5607?"\nsystem_id = "bank"\n'
SURVEY = (
    AT_ONCE
    + """
[[mo.answers]]
share = 0.5
choices = [{text = "1", share = 0.7}, {text = "2", share = 0.3}]
after_ms = 10
to_text_like = "*how was it*"
"""
)


def texts(esme):
    return [pdu.short_message for _, pdu in esme.delivered]


def test_a_survey_is_answered_in_the_shares_of_its_choices(world):
    w = world(SURVEY)
    esme = w.esme()
    for i in range(400):
        esme.submit(f"91987654{i:04d}", registered_delivery=0, short_message=b"Hi, how was it?")
        esme.submit(f"91987654{i:04d}", registered_delivery=0, short_message=b"Good bye")
    w.run(0.5)
    answers = Counter(texts(esme))
    assert sum(answers.values()) == pytest.approx(200, abs=40)
    assert answers[b"1"] / sum(answers.values()) == pytest.approx(0.7, abs=0.1)
    assert set(answers) == {b"1", b"2"}


def test_a_handset_chooses_the_same_every_time(world):
    def answers():
        w = world(SURVEY)
        esme = w.esme()
        for i in range(50):
            esme.submit(f"91987654{i:04d}", registered_delivery=0, short_message=b"how was it")
        w.run(0.2)
        return {pdu.source_addr: pdu.short_message for _, pdu in esme.delivered}

    assert answers() == answers()


def test_a_rule_may_be_answered_more_than_once(world):
    w = world(AT_ONCE + '[[mo.answers]]\nshare = 1.0\ntext = "OK"\nafter_ms = 10\ntimes_max = 2\n')
    esme = w.esme()
    for _ in range(3):
        esme.submit(NUMBER, registered_delivery=0)
    w.run(0.2)
    assert texts(esme) == [b"OK", b"OK"]


def test_a_keyword_is_looked_for_in_the_text_whatever_its_alphabet(world):
    w = world(AT_ONCE + '[[mo.answers]]\nshare = 1.0\ntext = "हाँ"\nafter_ms = 10\nto_text_like = "*चाय*"\n')
    esme = w.esme()
    esme.submit(NUMBER, registered_delivery=0, data_coding=8, short_message="चाय?".encode("utf-16-be"))
    esme.submit("919876543211", registered_delivery=0, short_message=b"tea?")
    w.run(0.2)
    assert texts(esme) == ["हाँ".encode("utf-16-be")]


def test_a_long_message_is_answered_after_its_last_part(world):
    w = world(AT_ONCE + '[[mo.answers]]\nshare = 1.0\ntext = "OK"\nafter_ms = 0\nto_text_like = "*end"\n')
    esme = w.esme()
    for part, text in ((1, b"begin"), (2, b"end")):
        header = bytes((5, 0, 3, 9, 2, part))
        esme.submit(NUMBER, registered_delivery=0, esm_class=0x40, short_message=header + text)
    w.run(0.2)
    assert texts(esme) == [b"OK"]


def test_loopback_brings_a_delivered_message_back_word_for_word(world):
    w = world(AT_ONCE + '[[mo.loopback]]\ndestination_like = "91*"\ndelay_ms = 100\n')
    esme = w.esme()
    start = w.now
    payload = ((int(TlvTag.message_payload), b"x" * 300),)
    esme.submit(NUMBER, registered_delivery=0, esm_class=0x40, short_message=b"\5\0\3\1\1\1hey")
    esme.submit(NUMBER, registered_delivery=0, short_message=b"", tlvs=payload)
    esme.submit("123", registered_delivery=0)
    w.run(0.5)
    (when, one), (_, two) = esme.delivered
    assert (one.source_addr, one.destination_addr) == (NUMBER, "56070")
    assert (one.short_message, one.esm_class) == (b"\5\0\3\1\1\1hey", 0x40)
    assert two.tlv(TlvTag.message_payload) == b"x" * 300
    assert 0.1 <= when - start < 0.15
    assert len(w.witness_rows(command="deliver_sm", kind="mo_loopback")) == 2


def test_mo_comes_as_data_sm_where_the_scenario_says_so(world):
    w = world(AT_ONCE + '[mo]\noperation = "data_sm"\n')
    esme = w.esme()
    w.smsc.send_mo("shop", NUMBER, "56070", "YES", w.now)
    esme.take()
    [(_, pdu)] = esme.delivered
    assert isinstance(pdu, DataSm)
    assert pdu.tlv(TlvTag.message_payload) == b"YES"


def test_a_message_goes_from_one_esme_to_another_and_its_answer_is_the_outcome(world):
    w = world(ROUTE)
    shop, bank = w.esme(), w.esme(system_id="bank")
    shop.submit("56071", source="56070", short_message=b"hello bank")
    w.run(0.2)
    [(_, at_bank)] = bank.delivered
    assert (at_bank.source_addr, at_bank.destination_addr, at_bank.short_message) == (
        "56070",
        "56071",
        b"hello bank",
    )
    assert parse_receipt(shop.delivered[0][1].short_message).stat == "DELIVRD"
    assert [row["state"] for row in w.cdr_rows()] == ["DELIVERED"]
    row = w.witness_rows(command="deliver_sm", kind="mo_esme")[0]
    assert row["smsc_message_id"] == shop.responses[0][1].message_id
    assert w.smsc.unfinished() == 0


def test_an_esme_that_never_takes_it_makes_it_undeliverable(world):
    w = world(ROUTE)
    shop, _ = w.esme(), w.esme(system_id="bank", deliver_status=int(CommandStatus.ESME_RX_R_APPN))
    shop.submit("56071")
    w.run(0.2)
    assert parse_receipt(shop.delivered[0][1].short_message).stat == "UNDELIV"


def test_an_esme_that_stays_away_lets_it_expire_and_hears_nothing_later(world):
    w = world(ROUTE + "[validity]\ndefault_s = 0.3\n")
    shop = w.esme()
    shop.submit("56071")
    w.run(1)
    assert parse_receipt(shop.delivered[0][1].short_message).stat == "EXPIRED"
    assert w.smsc.unfinished() == 0
    bank = w.esme(system_id="bank")
    w.run(0.2)
    assert bank.delivered == []


def test_an_answer_after_the_message_expired_changes_nothing(world):
    w = world(ROUTE + "[validity]\ndefault_s = 0.3\n")
    shop, bank = w.esme(), w.esme(system_id="bank", deliver_status=None)
    shop.submit("56071")
    w.run(0.6)
    [(_, pdu)] = bank.delivered
    bank.session.send_response(DeliverSmResp(sequence_number=pdu.sequence_number))
    w.run(0.1)
    assert [row["state"] for row in w.cdr_rows()] == ["EXPIRED"]
    assert w.smsc.unfinished() == 0
    assert w.smsc.counters.mo_acknowledged == 0


def test_rows_of_a_csv_file_come_at_its_rate_and_again(world, tmp_path):
    path = tmp_path / "mo.csv"
    path.write_text("source,destination,text\n91981,56070,a\n91982,56070,b\n")
    w = world(
        f'[[mo.csv]]\nfile = "{path}"\nsystem_id = "shop"\nrate_per_s = 10\nstart_s = 0.2\nrepeat = true\n'
    )
    esme = w.esme()
    start = w.now
    w.run(0.75)
    assert texts(esme) == [b"a", b"b", b"a", b"b", b"a", b"b"]
    moments = [when - start for when, _ in esme.delivered]
    assert moments == pytest.approx([0.2, 0.3, 0.4, 0.5, 0.6, 0.7], abs=0.02)
    assert len(w.witness_rows(command="deliver_sm", kind="mo_csv")) == 6


def test_rows_at_their_moments_end_with_the_file(world, tmp_path):
    path = tmp_path / "mo.csv"
    path.write_text(
        "at_s,system_id,source,destination,text\n0.3,shop,91981,56070,b\n0.1,shop,91982,56070,a\n"
    )
    w = world(f'[clock]\nspeed = 0.5\n[[mo.csv]]\nfile = "{path}"\n')
    esme = w.esme()
    assert w.smsc.unfinished() == 2
    w.run(1)
    assert texts(esme) == [b"a", b"b"]
    assert w.smsc.unfinished() == 0


def test_mo_by_hand_and_what_cannot_be_sent(world):
    w = world('[[accounts]]\nsystem_id = "shop"\npassword = "x"\n')
    esme = w.esme()
    assert w.smsc.send_mo("shop", NUMBER, "56070", "ж" * 100, w.now) == 2
    esme.take()
    assert len(esme.delivered) == 2
    for wrong in (
        ("bank", NUMBER, "56070", "x"),
        ("shop", "", "5", "x"),
        ("shop", "9" * 21, "5", "x"),
        ("shop", "9", "5", ""),
    ):
        with pytest.raises(OperatorError):
            w.smsc.send_mo(*wrong, w.now)

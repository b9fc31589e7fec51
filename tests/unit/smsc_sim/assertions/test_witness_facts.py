"""Facts are counted from rows as the witness and the CDR files write them."""

import json

from smsc_sim.assertions.witness_facts import WitnessFacts

BIND = {"bind": "b1"}


def taking(*rows):
    facts = WitnessFacts()
    defaults = {"t": 0, "bind": "b1", "direction": "in", "command": "submit_sm"}
    facts.take_witness([json.dumps(defaults | row) + "\n" for row in rows])
    return facts


def submit(t, decision="accepted", **members):
    return {"t": t, "decision": decision, "source": "56070", "destination": "91987"} | members


def said(t, text, decision="acknowledged"):
    return {
        "t": t,
        "command": "deliver_sm_resp",
        "decision": decision,
        "kind": "mo_answer",
        "source": "91987",
        "destination": "56070",
        "text": text,
    }


def test_states_are_read_from_cdr_rows_whatever_the_addresses_look_like():
    facts = WitnessFacts()
    facts.take_cdr(
        [
            "smsc_message_id,system_id,source_addr,destination_addr,user_message_reference,submit_time,"
            "final_time,state,error_code,data_coding,octets,concat_reference,concat_total,concat_part\n",
            '1,shop,"a,b",9198,,x,y,DELIVERED,0,0,2,,,\n',
            "2,shop,56070,9198,7,x,y,EXPIRED,27,0,2,1,2,1\n",
        ]
    )
    assert facts.messages == {"DELIVERED": 1, "EXPIRED": 1}


def test_a_message_after_an_acknowledged_stop_is_counted_and_one_before_is_not():
    facts = taking(
        submit(1),
        said(2, "stop it", "sent"),
        submit(3),
        said(4, "stop it"),
        submit(5),
        submit(6, "refused", status="ESME_RTHROTTLED"),
        submit(7, destination="91988"),
        submit(8, source="BANK"),
    )
    assert facts.sent_after_stop == 2
    assert facts.refusals == {"ESME_RTHROTTLED": 1}


def test_start_takes_a_stop_back_and_other_words_are_no_stop():
    facts = taking(said(1, "STOP"), said(2, "start"), submit(3), said(4, "nonstop"), said(5, " "), submit(6))
    assert facts.sent_after_stop == 0


def test_only_first_receipts_count_and_intermediate_ones_do_not():
    row = {"command": "deliver_sm", "direction": "out", "kind": "receipt", "state": "DELIVERED"}
    facts = taking(
        row | {"decision": "sent"},
        row | {"decision": "sent_again"},
        row | {"decision": "sent", "kind": "alert"},
    )
    assert facts.receipts == {"DELIVERED": 1}


def test_latencies_are_taken_per_bind_and_sequence_number():
    facts = taking(
        submit(1_000, sequence_number=1),
        submit(2_000, sequence_number=2),
        submit(3_000, sequence_number=1, bind="b2"),
        submit(5_000, "answered", sequence_number=2, command="submit_sm_resp"),
        submit(9_000, "answered", sequence_number=1, command="submit_sm_resp"),
    )
    assert facts.response_us.cells.total() == 2
    assert 7_900 <= facts.response_us.percentile_us(1.0) <= 8_000
    assert 2_950 <= facts.response_us.percentile_us(0.5) <= 3_000


def test_the_same_reference_to_the_same_number_is_a_repeated_submit():
    rows = [submit(t, user_message_reference=reference) for t, reference in ((1, 7), (2, 8), (3, 7))]
    assert taking(*rows).repeated_submits == 1
    assert taking(submit(1), submit(2)).repeated_submits == 0
    assert taking(rows[0], submit(2, "refused", user_message_reference=7)).repeated_submits == 0


def test_a_bind_that_ends_without_unbind_is_lost():
    bound = {"command": "bind_transceiver", "decision": "accepted"}
    facts = taking(
        bound,
        bound | {"bind": "b2"},
        {"decision": "unbound", "bind": "b2"},
        {"decision": "closed", "bind": "b2"},
        {"decision": "closed"},
        {"decision": "closed", "bind": "b3"},
        {"decision": "violation"},
        {"decision": "unanswered"},
    )
    assert (facts.binds_made, facts.binds_lost) == (2, 1)
    assert (facts.violations, facts.deliveries_unanswered) == (1, 1)

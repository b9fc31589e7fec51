"""Fault checks: a mistake in a [[fault]] names the key and what is allowed."""

import re

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario_file import parse_scenario


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ('kind = "lost"', "fault[0].kind", ["'lost'", "response_lost"]),
        ("share = 1", "fault[0]", ["'kind' is missing"]),
        ('kind = "cut"\npart = 2', "fault[0].part", ["from 0 to 1"]),
        ('kind = "cut"\npart = 0.1\noctets = 3', "fault[0]", ["either octets or part"]),
        ('kind = "cut"\nprefix = "+9199"', "fault[0].prefix", ["never strike", "without +"]),
        ('kind = "cut"\nprefix = ["91", "92*"]', "fault[0].prefix", ["'92*'"]),
        ('kind = "cut"\nparts = 0.5', "fault[0].parts", ["did you mean 'part'"]),
        ('kind = "latency"', "fault[0]", ["one of delay_ms"]),
        ('kind = "latency"\ndelay_ms = [5, 1]', "fault[0].delay_ms", ["runs backwards"]),
        ('kind = "latency"\ndelay_ms = 5\nlognormal_ms = {median = 1, p99 = 2}', "fault[0]", ["one of"]),
        ('kind = "latency"\nlognormal_ms = {median = 9, p99 = 2}', "fault[0].lognormal_ms", ["below median"]),
        ('kind = "latency"\npercentiles_ms = {q50 = 1}', "fault[0].percentiles_ms", ["'q50'", "p99.9"]),
        ('kind = "latency"\npercentiles_ms = {p50 = 5, p90 = 1}', "fault[0].percentiles_ms", ["lower"]),
        ('kind = "refuse"\nstatus = "ESME_RTHROTLED"', "fault[0].status", ["did you mean 'ESME_RTHROTTLED'"]),
        ('kind = "refuse"\nstatus = "ESME_ROK"', "fault[0].status", ["'ESME_ROK'"]),
        ('kind = "refuse"\nstatus = []', "fault[0].status", ["empty"]),
        ('kind = "refuse"\nstatus = 0', "fault[0].status", ["from 1 to 4294967295"]),
        ('kind = "refuse"\ncommands = ["submit_sm_resp"]', "fault[0].commands", ["'submit_sm'"]),
        ('kind = "refuse"\ncommands = ["enquire_link"]', "fault[0].commands", ["'enquire_link'"]),
        ('kind = "refuse"\ncommands = []', "fault[0].commands", ["empty"]),
        ('kind = "response_lost"\ncommands = ["submit_sm"]', "fault[0].commands", ["'submit_sm_resp'"]),
        ('kind = "unknown_tlv"\nvalue_hex = "0g"', "fault[0].value_hex", ["hexadecimal"]),
        ('kind = "unknown_pdu"\nbody_hex = "0"', "fault[0].body_hex", ["hexadecimal"]),
        ('kind = "tlv_omitted"\ntlvs = ["message_stat"]', "fault[0].tlvs", ["'message_state'"]),
        ('kind = "receipt_text"\nvendor = "tintec"', "fault[0].vendor", ["did you mean 'tyntec'"]),
        (
            'kind = "bad_length"\nform = "sm_length"\ncommands = ["submit_sm_resp"]',
            "fault[0].commands",
            ["deliver_sm"],
        ),
        ('kind = "cut"\nfrom_s = 5\nto_s = 5', "fault[0].to_s", ["not after"]),
        ('kind = "cut"\nname = "a"\n[[fault]]\nkind = "stall"\nname = "a"', "fault[0].name", ["twice"]),
    ],
)
def test_a_mistake_names_the_key_and_what_is_allowed(text, key, words):
    with pytest.raises(OperatorError) as caught:
        parse_scenario(f"[[fault]]\n{text}\n", "x.toml")
    message = str(caught.value)
    assert re.match(rf"x\.toml:\d+: {re.escape(key)}: ", message)
    for word in words:
        assert word in message


def test_two_of_a_kind_need_no_names():
    scenario = parse_scenario('[[fault]]\nkind = "cut"\n[[fault]]\nkind = "cut"\n', "x.toml")
    assert len(scenario.fault) == 2

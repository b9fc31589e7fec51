"""Reloading: what is told, and what an engine goes on with."""

import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.receipt_text import parse_receipt
from smsc_sim.reloading import changes, virtual_seed
from smsc_sim.scenario_file import parse_scenario

NUMBER = "919876543210"
ON = '[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 0\n'
FULL = '[[population.handsets]]\nstate = "memory_full"\nshare = 1.0\ndelay_ms = 0\n'
TWO = '[[smsc]]\nname = "n"\nlisten.port = 1\n[[smsc]]\nname = "s"\nlisten.port = 2\n'


def scenario(text):
    return parse_scenario(text, "x.toml")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "", "nothing changed"),
        ("", ON, "changed are population"),
        ("", "[listen]\nport = 5\n" + ON, "changed are population; listen will count at the next start"),
        ("seed = 1", "seed = 2", "nothing changed; seed will count at the next start"),
        (TWO, TWO + "[smsc.latency]\nsubmit_sm_resp_ms = 5", "changed are s.latency"),
    ],
)
def test_what_changes_is_told(before, after, told):
    assert changes(scenario(before), scenario(after)) == told


def test_other_virtual_smscs_need_a_new_start():
    with pytest.raises(OperatorError, match="are one without a name, the file names n, s"):
        changes(scenario(""), scenario(TWO))


def test_each_virtual_smsc_has_a_seed_of_its_own_and_one_without_a_name_the_run_s():
    assert virtual_seed(7, "") == 7
    assert virtual_seed(7, "north") == virtual_seed(7, "north")
    assert len({virtual_seed(seed, name) for seed in range(10) for name in ("north", "south")}) == 20
    assert all(virtual_seed(seed, "n") < 2**53 for seed in range(1000))


def test_new_messages_meet_the_new_scenario_and_open_ones_go_on(world):
    w = world('[[population.handsets]]\nstate = "on"\nshare = 1.0\ndelay_ms = 300\n')
    esme = w.esme()
    esme.submit(NUMBER)
    w.run(0.1)
    w.smsc.reload(scenario(FULL), w.now)
    esme.submit("919876543211")
    w.run(0.5)
    outcome = {pdu.source_addr: parse_receipt(pdu.short_message).stat for _, pdu in esme.delivered}
    assert outcome == {NUMBER: "DELIVRD", "919876543211": "UNDELIV"}


def test_accounts_limits_and_passwords_change_and_binds_stay(world):
    account = '[[accounts]]\nsystem_id = "shop"\npassword = "{}"\n'
    w = world(account.format("x"))
    esme = w.esme()
    w.smsc.reload(scenario(account.format("new") + 'allowed_sources = ["1"]\n'), w.now)
    esme.submit(NUMBER)
    w.run(0.1)
    assert esme.responses[0][1].command_status == 0x0A
    assert w.esme(password="x").session.binding is None
    assert w.esme(password="new").session.binding == "transceiver"


def test_states_set_by_hand_and_answers_given_outlive_a_reload(world):
    rule = '[[mo.answers]]\nshare = 1.0\ntext = "STOP"\nafter_ms = 0\n'
    w = world(ON + rule)
    esme = w.esme()
    esme.submit(NUMBER, registered_delivery=0)
    w.run(0.1)
    w.smsc.set_handset_state("919999999999", "barred", w.now)
    w.smsc.reload(scenario(ON + rule + "[latency]\nsubmit_sm_resp_ms = 1\n"), w.now)
    esme.submit(NUMBER, registered_delivery=0)
    w.run(0.1)
    assert len(esme.delivered) == 1
    assert w.smsc.handset_state("919999999999", w.now) == "barred"


def test_a_new_script_counts_from_the_start_of_the_run(world):
    def entry(at_s, text):
        addresses = 'system_id = "shop"\nsource = "1"\ndestination = "2"'
        return f'[[mo.script]]\nat_s = {at_s}\n{addresses}\ntext = "{text}"\n'

    w = world(entry(0.1, "one") + entry(0.6, "old"))
    esme = w.esme()
    w.run(0.3)
    w.smsc.reload(scenario(entry(0.1, "past") + entry(0.5, "new")), w.now)
    assert w.smsc.unfinished() == 1
    w.run(0.6)
    assert [pdu.short_message for _, pdu in esme.delivered] == [b"one", b"new"]
    assert w.smsc.unfinished() == 0

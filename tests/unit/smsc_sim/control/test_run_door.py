"""The door of a real engine: two virtual SMSCs without sockets."""

from types import SimpleNamespace

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.cdr_files import CdrFiles
from smsc_sim.control.run_door import RunDoor
from smsc_sim.line_file import LineFile
from smsc_sim.moments import RunClock
from smsc_sim.scenario_file import parse_scenario
from smsc_sim.smsc import VirtualSmsc
from smsc_sim.witness import Witness

START_US = 1_795_297_105_000_000
FAULT = '[[fault]]\nname = "busy"\nkind = "refuse"\non = false\n'


class OneSmsc:
    def __init__(self, name, clock, text):
        self.name = name
        self.file = LineFile(None)
        self.ticks = 0
        scenario = parse_scenario(text, "test.toml")
        self.smsc = VirtualSmsc(scenario, 7, clock, Witness(self.file), CdrFiles(None, True, START_US), 0.0)

    def chunk_done(self, now):
        self.ticks += 1


@pytest.fixture
def run():
    clock = RunClock(0.0, START_US)
    smscs = [OneSmsc("north", clock, FAULT), OneSmsc("south", clock, "")]
    return SimpleNamespace(seed=7, clock=clock, smscs=smscs, ports={"north": 1, "south": 2})


@pytest.fixture
def door(run):
    return RunDoor(run, lambda: None)


def test_counters_come_by_virtual_smsc(door):
    assert set(door.counters()) == {"north", "south"}
    assert door.counters()["north"]["open_messages"] == 0
    assert door.unfinished() == 0


def test_a_message_from_a_handset_needs_one_smsc(run, door):
    with pytest.raises(OperatorError, match="north, south"):
        door.send_mo("", "shop", "91987", "56070", "STOP")
    assert door.send_mo("south", "shop", "91987", "56070", "x" * 200) == 2
    assert [counters["mo_due"] for counters in door.counters().values()] == [0, 2]
    assert [one.ticks for one in run.smscs] == [0, 1]
    with pytest.raises(OperatorError, match="there is no virtual SMSC 'west'"):
        door.send_mo("west", "shop", "91987", "56070", "STOP")


def test_an_alert_enters_the_mailbox_of_one_smsc(run, door):
    with pytest.raises(OperatorError, match="north, south"):
        door.send_alert("", "shop", "91987", "56070")
    door.send_alert("south", "shop", "91987", "56070")
    assert [counters["notifications_due"] for counters in door.counters().values()] == [0, 1]


def test_a_handset_is_meant_everywhere_unless_an_smsc_is_named(door):
    assert door.set_handset("", "919876543210", "absent").state == "absent"
    assert {door.handset(name, "919876543210").state for name in ("north", "south")} == {"absent"}
    door.set_handset("north", "919876543210", None)
    assert door.handset("north", "919876543210").set_by_hand is False
    assert door.handset("south", "919876543210").set_by_hand is True


def test_a_pattern_sets_many_by_hand(door):
    door.set_handset("south", "91987*", "barred")
    assert (door.handset("south", "919870000001").state, door.handset("south", "9188").state) == (
        "barred",
        "on",
    )
    assert door.handset("south", "919870000001").set_by_hand is True
    assert "barred" in door.handset_states()


def test_a_fault_is_switched_where_there_is_one_and_the_witness_has_it(run, door):
    [fault] = door.faults()
    assert (fault.smsc, fault.name, fault.kind, fault.on, fault.hits) == ("north", "busy", "refuse", False, 0)
    assert fault.told
    assert door.set_fault("", "busy", True).on is True
    assert any('"fault_on"' in line for line in run.smscs[0].file.lines)
    with pytest.raises(OperatorError, match="'busy'"):
        door.set_fault("south", "busy", True)

"""A control without an engine behind it: an engine in memory that remembers what it was asked."""

import msgspec
import pytest

from operator_push.kernel.errors import OperatorError
from operator_push.smpp.codec import encode_pdu
from smsc_sim.control.calls import Calls
from smsc_sim.control.capture import Address
from smsc_sim.control.engine import FaultView, HandsetView
from smsc_sim.control.observed import Observed
from smsc_sim.scenario_control import Control

START_US = 1_795_297_105_000_000
ESME = Address("127.0.0.1", 50_000)
SMSC = Address("127.0.0.1", 2775)


class EngineInMemory:
    """Two virtual SMSCs with one account each."""

    def __init__(self):
        self.seed = 7
        self.ports = {"north": 2775, "south": 2776}
        self.sent = []
        self.alerts = []
        self.states = {}
        self.stopped = False
        self.waiting = 3
        self.fault_rows = [
            FaultView("north", "slow", "latency", "", True, 12),
            FaultView("south", "slow", "latency", "", False, 0),
        ]
        self.by_smsc = {
            "north": {"submits_accepted": 10, "open_messages": 2},
            "south": {"submits_accepted": 5, "open_messages": 1},
        }

    def counters(self):
        return self.by_smsc

    def unfinished(self):
        return self.waiting

    def send_mo(self, smsc, system_id, source, destination, text):
        if system_id != "shop":
            raise OperatorError(f"{system_id!r} is not among the accounts")
        self.sent.append((smsc, system_id, source, destination, text))
        return 1 + len(text) // 161

    def send_alert(self, smsc, system_id, number, esme_addr):
        self.alerts.append((smsc, system_id, number, esme_addr))

    def handset(self, smsc, number):
        state = self.states.get(number)
        return HandsetView(smsc or "north", number, state or "on", state is not None)

    def set_handset(self, smsc, number, state):
        self.states[number] = state
        return self.handset(smsc, number)

    def handset_states(self):
        return ["on", "off", "absent"]

    def faults(self):
        return self.fault_rows

    def set_fault(self, smsc, name, on):
        place = next(
            at for at, row in enumerate(self.fault_rows) if row.name == name and smsc in ("", row.smsc)
        )
        self.fault_rows[place] = msgspec.structs.replace(self.fault_rows[place], on=on)
        return self.fault_rows[place]

    def close_cdr_period(self):
        return ["smsc_cdr_20261121T093000Z_1.csv"]

    def reload(self):
        return "the scenario was read again"

    def stop(self):
        self.stopped = True

    def status(self):
        return {"settled": self.waiting == 0}


class World:
    def __init__(self, control):
        self.t = START_US
        self.engine = EngineInMemory()
        self.observed = Observed(control, lambda: self.t)
        self.calls = Calls(self.engine, self.observed, lambda: self.t)

    def stream(self, bind="b1", esme=ESME, smsc=SMSC):
        return self.observed.capture.open(self.t, bind, esme, smsc)

    def came_in(self, stream, *pdus):
        self.observed.capture.came_in(self.t, stream, b"".join(encode_pdu(pdu) for pdu in pdus))

    def went_out(self, stream, *pdus):
        self.observed.capture.went_out(self.t, stream, b"".join(encode_pdu(pdu) for pdu in pdus))


@pytest.fixture
def world():
    return World(Control())

"""The calls of the HTTP API: each a function from a `Call` to an `Answer`; docs/smsc-sim-control.md has them.

Reading calls change nothing. Changing ones go through the engine's doors: the witness has what follows.
"""

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from operator_push.smpp.constants import CommandId
from smsc_sim.control.answers import Answer, Call, CallError, json_answer
from smsc_sim.control.engine import Engine
from smsc_sim.control.last_pdus import Wanted, last_pdus
from smsc_sim.control.messages import messages_of
from smsc_sim.control.observed import Observed
from smsc_sim.control.pcap import pcap_pieces
from smsc_sim.control.routes import Route
from smsc_sim.scenario_section import MoText, SmeAddressText

LIST_MAX = 1_000
_NUMBER = re.compile(r"[0-9]{1,20}")
_NUMBERS = re.compile(r"[0-9*?\[\]!-]{1,100}")  # Digits and the marks of a pattern
_HEX = re.compile(r"0x[0-9a-f]{8}")  # How `pdu_view` calls a command that has no name.
_PCAP = "application/vnd.tcpdump.pcap"


class MoRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """POST /api/mo: a message from a handset to an ESME."""

    system_id: Annotated[str, Meta(min_length=1, max_length=15)]
    source: SmeAddressText
    destination: SmeAddressText
    text: MoText
    smsc: str = ""


class AlertRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """POST /api/alerts: an alert_notification that a handset is available."""

    system_id: Annotated[str, Meta(min_length=1, max_length=15)]
    source: SmeAddressText
    destination: SmeAddressText
    smsc: str = ""


class HandsetRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """PUT /api/handsets/{number}."""

    state: str
    smsc: str = ""


class FaultRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """PUT /api/faults/{name}."""

    on: bool
    smsc: str = ""


class Calls:
    """The API of one run."""

    def __init__(self, engine: Engine, observed: Observed, now_us: Callable[[], int]) -> None:
        self._engine = engine
        self._observed = observed
        self._now_us = now_us
        self._routes = self._table()

    def routes(self) -> Sequence[Route]:
        """Every call with its method and path."""
        return self._routes

    def _table(self) -> list[Route]:
        return [
            Route("GET", "/api", self._index),
            Route("GET", "/api/state", self._state),
            Route("GET", "/api/counters", self._counters),
            Route("GET", "/api/binds", self._binds),
            Route("GET", "/api/messages", self._messages),
            Route("GET", "/api/pdus", self._pdus),
            Route("GET", "/api/capture.pcap", self._pcap),
            Route("POST", "/api/mo", self._send_mo),
            Route("POST", "/api/alerts", self._send_alert),
            Route("GET", "/api/handsets/{number}", self._handset),
            Route("PUT", "/api/handsets/{number}", self._set_handset),
            Route("DELETE", "/api/handsets/{number}", self._free_handset),
            Route("GET", "/api/faults", self._faults),
            Route("PUT", "/api/faults/{name}", self._set_fault),
            Route("POST", "/api/cdr/close", self._close_cdr_period),
            Route("POST", "/api/reload", self._reload),
            Route("POST", "/api/stop", self._stop),
            Route("GET", "/metrics", self._metrics),
        ]

    # What happens.

    def _index(self, call: Call) -> Answer:
        call.only()
        return json_answer({"calls": [f"{route.method} {route.pattern}" for route in self._routes]})

    def _state(self, call: Call) -> Answer:
        """All that the page draws, in one call."""
        after = call.only("after").integer("after", 0, 0, 2**53)
        engine, observed = self._engine, self._observed
        unfinished = engine.unfinished()
        state = {
            "t": self._now_us(),
            "started": observed.started_us,
            "seed": engine.seed,
            "ports": engine.ports,
            "counters": _summed(engine),
            "unfinished": unfinished,
            "settled": unfinished == 0,
            "binds": observed.binds(),
            "faults": engine.faults(),
            "handset_states": engine.handset_states(),
            "rates": observed.rates.since(after),
            "capture": {
                "octets": observed.capture.octets_kept,
                "chunks_dropped": observed.capture.chunks_dropped,
            },
        }
        return json_answer(state)

    def _counters(self, call: Call) -> Answer:
        call.only()
        engine = self._engine
        return json_answer(
            {
                "t": self._now_us(),
                "counters": _summed(engine),
                "by_smsc": engine.counters(),
                "status": engine.status(),
            }
        )

    def _binds(self, call: Call) -> Answer:
        call.only()
        return json_answer({"binds": self._observed.binds()})

    def _messages(self, call: Call) -> Answer:
        call.only("number", "limit")
        number, limit = call.text("number"), call.integer("limit", 50, 1, LIST_MAX)
        return json_answer(messages_of(number, self._observed.rows, limit))

    def _pdus(self, call: Call) -> Answer:
        call.only("limit", "bind", "command", "direction", "number")
        direction = call.query.get("direction")
        if direction not in (None, "in", "out"):
            raise CallError(400, f"direction = {direction!r} is not allowed: in or out")
        command = call.query.get("command")
        if command is not None and command not in CommandId.__members__ and not _HEX.fullmatch(command):
            near = get_close_matches(command, CommandId.__members__, n=1)
            advice = (
                f"did you mean {near[0]!r}?" if near else "such as submit_sm, or 0x00010200 without a name"
            )
            raise CallError(400, f"command = {command!r} is not allowed: {advice}")
        wanted = Wanted(
            limit=call.integer("limit", 50, 1, LIST_MAX),
            bind=call.query.get("bind"),
            command=command,
            direction=direction,
            number=call.query.get("number"),
        )
        return json_answer({"pdus": last_pdus(self._observed.capture, wanted)})

    def _pcap(self, call: Call) -> Answer:
        call.only("bind", "port")
        port = call.integer("port", 0, 0, 65535) or None
        chunks = self._observed.capture.chunks(call.query.get("bind"))
        return Answer(content_type=_PCAP, pieces=pcap_pieces(chunks, port), file_name="smsc-sim.pcap")

    def _metrics(self, call: Call) -> Answer:
        return self._observed.metrics(self._engine)

    # What changes something.

    def _send_mo(self, call: Call) -> Answer:
        wanted = call.only().read(MoRequest)
        segments = self._engine.send_mo(
            wanted.smsc, wanted.system_id, wanted.source, wanted.destination, wanted.text
        )
        return json_answer({"segments": segments}, 202)

    def _send_alert(self, call: Call) -> Answer:
        wanted = call.only().read(AlertRequest)
        self._engine.send_alert(wanted.smsc, wanted.system_id, wanted.source, wanted.destination)
        return json_answer({"told": f"{wanted.system_id} is told that {wanted.source} is available"}, 202)

    def _handset(self, call: Call) -> Answer:
        call.only("smsc")
        number = call.parts["number"]
        if not _NUMBER.fullmatch(number):
            raise CallError(400, f"{number!r} is no number; one of 1 to 20 digits is asked for here")
        return json_answer(self._engine.handset(call.query.get("smsc", ""), number))

    def _set_handset(self, call: Call) -> Answer:
        wanted = call.only().read(HandsetRequest)
        states = self._engine.handset_states()
        if wanted.state not in states:
            raise CallError(400, f"state {wanted.state!r} is not allowed: {', '.join(states)}")
        return json_answer(self._engine.set_handset(wanted.smsc, _handsets(call), wanted.state))

    def _free_handset(self, call: Call) -> Answer:
        call.only("smsc")
        return json_answer(self._engine.set_handset(call.query.get("smsc", ""), _handsets(call), None))

    def _faults(self, call: Call) -> Answer:
        call.only()
        return json_answer({"faults": self._engine.faults()})

    def _set_fault(self, call: Call) -> Answer:
        wanted = call.only().read(FaultRequest)
        name = call.parts["name"]
        known = [fault.name for fault in self._engine.faults()]
        if name not in known:
            there = f"there are: {', '.join(known)}" if known else "the scenario has none"
            raise CallError(404, f"there is no fault {name!r}; {there}")
        return json_answer(self._engine.set_fault(wanted.smsc, name, wanted.on))

    def _close_cdr_period(self, call: Call) -> Answer:
        call.only()
        return json_answer({"closed": list(self._engine.close_cdr_period())})

    def _reload(self, call: Call) -> Answer:
        call.only()
        return json_answer({"told": self._engine.reload()})

    def _stop(self, call: Call) -> Answer:
        call.only()
        answer = json_answer({"told": "the simulator ends"}, 202)
        return msgspec.structs.replace(answer, then=self._engine.stop)


def _handsets(call: Call) -> str:
    """The number or pattern of a path. What could be no handset's would silently change nothing."""
    like = call.parts["number"]
    if not _NUMBERS.fullmatch(like):
        raise CallError(
            400, f"{like!r} is not allowed: the digits of a number without +, or a pattern such as 91987*"
        )
    return like


def _summed(engine: Engine) -> dict[str, Any]:
    total: dict[str, int] = {}
    for counters in engine.counters().values():
        for name, value in counters.items():
            total[name] = total.get(name, 0) + value
    return total

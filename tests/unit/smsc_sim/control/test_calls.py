"""The calls of the API, asked without HTTP."""

import json
from pathlib import Path

import pytest

from operator_push.smpp.pdu import EnquireLink, SubmitSm
from smsc_sim.control.answers import Call, CallError, answered
from smsc_sim.control.routes import call_of, find


def ask(world, method, path, body=None, **query):
    """(status, JSON) of a call."""
    route, parts = find(world.calls.routes(), method, path)
    octets = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    answer = answered(route.handler, Call(parts, query, octets))
    return answer.status, json.loads(answer.content)


def refused(world, method, path, body=None, **query):
    status, content = ask(world, method, path, body, **query)
    assert 400 <= status < 500
    return status, content["error"]


def test_the_index_lists_every_call_and_the_page_of_the_documentation_too(world):
    _, index = ask(world, "GET", "/api")
    page = (Path(__file__).parents[4] / "docs" / "smsc-sim-control.md").read_text(encoding="utf-8")
    assert len(index["calls"]) >= 16
    for call in index["calls"]:
        assert f"`{call}`" in page, call


def test_the_state_sums_all_virtual_smscs(world):
    world.observed.sample(world.engine)
    _, state = ask(world, "GET", "/api/state")
    assert state["counters"] == {"submits_accepted": 15, "open_messages": 3}
    assert (state["unfinished"], state["settled"], state["seed"]) == (3, False, 7)
    assert state["ports"] == {"north": 2775, "south": 2776}
    assert state["rates"]["samples"] == [[world.t, 15, 0, 0, 0, 3]]
    assert [fault["hits"] for fault in state["faults"]] == [12, 0]


def test_a_page_that_asks_again_gets_only_what_is_new(world):
    for _ in range(3):
        world.t += 1_000_000
        world.observed.sample(world.engine)
    _, state = ask(world, "GET", "/api/state", after=str(world.t - 1_000_000))
    assert [sample[0] for sample in state["rates"]["samples"]] == [world.t]


def test_settled_means_that_nothing_is_on_its_way(world):
    world.engine.waiting = 0
    assert ask(world, "GET", "/api/state")[1]["settled"] is True
    assert ask(world, "GET", "/api/counters")[1]["by_smsc"] == world.engine.by_smsc


def test_pdus_are_filtered_by_the_query(world):
    stream = world.stream()
    world.came_in(stream, SubmitSm(1, destination_addr="91987"), EnquireLink(2), EnquireLink(3))
    _, found = ask(world, "GET", "/api/pdus", command="enquire_link", limit="1")
    assert [pdu["sequence_number"] for pdu in found["pdus"]] == [3]
    _, found = ask(world, "GET", "/api/pdus", number="91987", direction="in", bind="b1")
    assert [pdu["sequence_number"] for pdu in found["pdus"]] == [1]
    assert ask(world, "GET", "/api/pdus", command="0x00010200") == (200, {"pdus": []})


def test_the_capture_is_given_in_pieces_with_a_file_name(world):
    world.came_in(world.stream(), EnquireLink(1))
    route, parts = find(world.calls.routes(), "GET", "/api/capture.pcap")
    answer = answered(route.handler, Call(parts))
    octets = b"".join(answer.pieces)
    assert answer.file_name == "smsc-sim.pcap"
    assert octets[:4] == b"\xd4\xc3\xb2\xa1"
    assert (2775).to_bytes(2, "big") in octets
    moved = answered(route.handler, Call(parts, {"port": "4444"}))
    assert (4444).to_bytes(2, "big") in b"".join(moved.pieces)


def test_an_mo_goes_to_the_engine(world):
    mo = {"system_id": "shop", "source": "91987", "destination": "56070", "text": "STOP", "smsc": "south"}
    assert ask(world, "POST", "/api/mo", mo) == (202, {"segments": 1})
    assert world.engine.sent == [("south", "shop", "91987", "56070", "STOP")]


def test_an_alert_goes_to_the_engine(world):
    alert = {"system_id": "shop", "source": "91987", "destination": "56070", "smsc": "south"}
    assert ask(world, "POST", "/api/alerts", alert)[0] == 202
    assert world.engine.alerts == [("south", "shop", "91987", "56070")]
    assert "'source' is missing" in refused(world, "POST", "/api/alerts", {"system_id": "shop"})[1]


@pytest.mark.parametrize("number", ["abc", "+91987", "91 987", "%00", "9" * 101])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_could_be_no_handset_is_refused(world, method, number):
    body = {"state": "off"} if method == "PUT" else None
    status, sentence = refused(world, method, f"/api/handsets/{number}", body)
    assert (status, "digits" in sentence) == (400, True)
    assert world.engine.states == {}


def test_a_pattern_sets_many_and_asks_for_none(world):
    assert ask(world, "PUT", "/api/handsets/91987*", {"state": "off"})[0] == 200
    assert ask(world, "DELETE", "/api/handsets/91987*")[0] == 200
    assert "'91987*' is no number" in refused(world, "GET", "/api/handsets/91987*")[1]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"text": ""}, "text"),
        ({"source": "9" * 21}, "source"),
        ({"txt": "x"}, "txt"),
        ({"system_id": "nobody"}, "'nobody' is not among the accounts"),
    ],
)
def test_a_wrong_mo_is_refused_with_a_sentence(world, change, word):
    mo = {"system_id": "shop", "source": "91987", "destination": "56070", "text": "STOP"} | change
    status, sentence = refused(world, "POST", "/api/mo", mo)
    assert (status, word in sentence) == (400, True)
    assert world.engine.sent == []


def test_a_body_that_is_no_json_is_refused(world):
    assert "not JSON" in refused(world, "POST", "/api/mo", b"{nonsense")[1]


def test_a_handset_is_set_asked_and_given_back(world):
    path = "/api/handsets/919876543210"
    assert ask(world, "PUT", path, {"state": "off"})[1]["state"] == "off"
    assert ask(world, "GET", path)[1]["set_by_hand"] is True
    assert ask(world, "DELETE", path)[1]["set_by_hand"] is False
    status, sentence = refused(world, "PUT", path, {"state": "asleep"})
    assert (status, "on, off, absent" in sentence) == (400, True)


def test_a_fault_is_switched_by_name(world):
    assert ask(world, "PUT", "/api/faults/slow", {"on": True, "smsc": "south"})[1]["on"] is True
    assert [fault["on"] for fault in ask(world, "GET", "/api/faults")[1]["faults"]] == [True, True]
    status, sentence = refused(world, "PUT", "/api/faults/quick", {"on": True})
    assert (status, "slow" in sentence) == (404, True)
    assert refused(world, "PUT", "/api/faults/slow", {"on": "yes"})[0] == 400


def test_a_period_is_closed_and_a_scenario_read_again(world):
    assert ask(world, "POST", "/api/cdr/close")[1] == {"closed": ["smsc_cdr_20261121T093000Z_1.csv"]}
    assert ask(world, "POST", "/api/reload")[1] == {"told": "the scenario was read again"}


def test_the_end_comes_after_the_answer(world):
    route, parts = find(world.calls.routes(), "POST", "/api/stop")
    answer = answered(route.handler, Call(parts))
    assert (answer.status, world.engine.stopped) == (202, False)
    answer.then()
    assert world.engine.stopped is True


@pytest.mark.parametrize(
    ("path", "query", "word"),
    [
        ("/api/pdus", {"limit": "0"}, "from 1 to 1000"),
        ("/api/pdus", {"limit": "many"}, "'many'"),
        ("/api/pdus", {"direction": "up"}, "in or out"),
        ("/api/pdus", {"command": "submit_ms"}, "did you mean 'submit_sm'"),
        ("/api/pdus", {"command": "zzz"}, "0x00010200"),
        ("/api/pdus", {"comand": "submit_sm"}, "'comand'"),
        ("/api/messages", {}, "'number' is missing"),
        ("/api/capture.pcap", {"port": "70000"}, "65535"),
        ("/api/state", {"after": "-1"}, "after"),
    ],
)
def test_a_slip_of_the_pen_is_told(world, path, query, word):
    status, sentence = refused(world, "GET", path, **query)
    assert (status, word in sentence) == (400, True)


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/api/nothing", 404, "GET /api lists"),
        ("DELETE", "/api/mo", 405, "allowed: POST"),
        ("GET", "/api/handsets/", 404, "nothing here"),
        ("PATCH", "/api/handsets/91987", 405, "GET, PUT, DELETE"),
    ],
)
def test_paths_and_methods_that_there_are_not(world, method, path, status, word):
    with pytest.raises(CallError) as caught:
        find(world.calls.routes(), method, path)
    assert (caught.value.status, word in caught.value.sentence) == (status, True)


def test_parts_of_a_path_are_decoded_and_the_last_parameter_counts(world):
    _, parts = find(world.calls.routes(), "PUT", "/api/faults/late%20receipts")
    assert parts == {"name": "late receipts"}
    assert call_of(parts, {b"limit": [b"1", b"2"]}, b"").query == {"limit": "2"}

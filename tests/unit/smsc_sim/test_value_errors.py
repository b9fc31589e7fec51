"""Words for wrong values: what is there, and all that may be there."""

from typing import Any

import msgspec
import pytest

from smsc_sim.control.calls import MoRequest
from smsc_sim.load.plan import LoadPlan
from smsc_sim.scenario import Scenario
from smsc_sim.value_errors import explain


def told(found: Any, kind: Any) -> tuple[str, str]:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(found, kind)
    return explain(caught.value, found, kind)


@pytest.mark.parametrize(
    ("found", "key", "sentence"),
    [
        ({"seed": -1}, "seed", "-1 is not allowed: a whole number of at least 0"),
        ({"seed": True}, "seed", "true is not allowed: a whole number of at least 0"),
        ({"listen": {"port": 70000}}, "listen.port", "70000 is not allowed: a whole number from 0 to 65535"),
        ({"retry": {"schedule_s": 5}}, "retry.schedule_s", "5 is not allowed: a list, each a number above 0"),
        (
            {"validity": {"default_s": 0}},
            "validity.default_s",
            "0 is not allowed: a number above 0 and at most 2678400",
        ),
        ({"accounts": {}}, "accounts", "{} is not allowed: tables, in [[double brackets]]"),
        ({"fault": "cut"}, "fault", "'cut' is not allowed: tables, in [[double brackets]]"),
        ({"mo": 5}, "mo", "5 is not allowed: a table"),
        ({"receipts": {"late": 5}}, "receipts.late", "5 is not allowed: a table"),
        (
            {"accounts": [{"any": "yes"}]},
            "accounts[0].any",
            "'yes' is not allowed: true or false",
        ),
        (
            {"latency": {"submit_sm_resp_ms": [1, 2, 3]}},
            "latency.submit_sm_resp_ms",
            "[1, 2, 3] is not allowed: milliseconds up to 2678400000, [shortest, longest] or {mean = …",
        ),
        (
            {"population": {"handsets": [{"state": "of", "share": 1}]}},
            "population.handsets[0].state",
            "'of' is not allowed: did you mean 'off'? Allowed are absent, barred, memory_full, off, on, "
            "ported, roaming",
        ),
        (
            {"population": {"timetable": [{"state": "off", "daily": ["22:00", "6:00"]}]}},
            "population.timetable[0].daily[1]",
            '\'6:00\' is not allowed: a time of day from "00:00" to "23:59"',
        ),
        (
            {"population": {"timetable": [{"state": "off", "daily": ["22:00"]}]}},
            "population.timetable[0].daily",
            '[\'22:00\'] is not allowed: a list of 2, each a time of day from "00:00" to "23:59"',
        ),
        ({"fault": [{"kind": "cutt"}]}, "fault[0].kind", "'cutt' is not allowed: did you mean 'cut'?"),
        ({"fault": [{"share": 1}]}, "fault[0]", "the key 'kind' is missing"),
        ({"fault": [{"kind": "stall", "for_s": 1}]}, "fault[0].for_s", "did you mean 'for_ms'?"),
        ({"lisen": {}}, "lisen", "unknown key; did you mean 'listen'?"),
        (
            {"accounts": [{"system_id": "a", "password": "hunter2hunter2"}]},
            "accounts[0].password",
            "what stands here is not allowed: a text of at most 8 characters",
        ),
    ],
)
def test_a_scenario(found: Any, key: str, sentence: str) -> None:
    where, what = told(found, Scenario)
    assert where == key
    assert sentence in what


def test_a_plan_and_a_body() -> None:
    assert told({"numbers": {"first": "98x"}}, LoadPlan) == (
        "numbers.first",
        "'98x' is not allowed: 3 to 15 digits in quotes",
    )
    assert told({"stages": [{"duration_s": 1, "rate": "fast"}]}, LoadPlan)[0] == "stages[0].rate"
    assert told([1], MoRequest) == ("", "[1] is not allowed: a table")
    body = {"system_id": "shop", "source": "", "destination": "1", "text": "x"}
    key, what = told(body, MoRequest)
    assert (key, "an address: 1 to 20" in what) == ("source", True)


def test_a_long_value_is_cut() -> None:
    _, what = told({"seed": "x" * 500}, Scenario)
    assert len(what) < 120

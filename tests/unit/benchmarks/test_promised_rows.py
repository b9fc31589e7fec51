"""Promises of single rows: kept, broken, or told alone."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from page import _promises_table
from promised_rows import Promise, promises

ROWS: dict[str, Any] = {
    "idle_binds": {"binds": 1000, "kib_a_bind_asked": 11.8, "percent_of_a_core": 2.5},
    "one_time_passwords": {"missing": 0, "refused": 0, "waiting_min": 9, "p99_ms": 80.6},
    "rules": {"compile_ms": 0.6},
    "policy": {"subscribers": 1_000_000, "us_each": 4.4, "permission_mib": 250.0},
    "growth": {"stored": [20_000, 400_000], "ratio": 1.13, "failed": 0},
}


def told(rows: dict[str, Any], half_load: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    return {promise.name: promise.told() for promise in promises(rows, half_load or {})}


def test_a_figure_over_its_promise_breaks_it() -> None:
    found = told(ROWS)
    assert not found["an idle bind, memory"]["broken"]
    assert found["1,000 idle binds, of a core"]["broken"]
    assert found["1,000 idle binds, of a core"]["words"] == "2.5 of at most 2 %"


def test_passwords_over_a_link_with_room_have_measured_nothing() -> None:
    passwords = {**ROWS["one_time_passwords"], "waiting_min": 0}
    found = told({**ROWS, "one_time_passwords": passwords})
    name = "one-time password beside a campaign, p99 to the SMSC"
    assert found[name]["broken"]
    assert found[name]["words"] == "nothing of at most 500 ms"
    json.dumps(found, allow_nan=False)


def test_the_wall_clock_of_half_load_is_told_and_not_judged() -> None:
    found = told(ROWS, {"messages_per_second": 2000.0, "p50_ms": 9.0, "p99_ms": 70.0})
    late = found["half load, p99 to submit_sm_resp"]
    assert (late["kept"], late["broken"]) == (False, False)
    assert found["half load, p50 to submit_sm_resp"]["kept"]


def test_growth_is_told_as_a_share_and_not_judged() -> None:
    grown = told(ROWS)["a message's CPU at 400,000 stored, of that at 20,000"]
    assert (grown["words"], grown["kept"], grown["broken"]) == ("113.0 of at most 110 %", False, False)


def test_a_decision_is_judged_and_the_memory_of_few_subscribers_is_told() -> None:
    found = told(ROWS)
    assert found["a policy decision, all rules, trail included"]["kept"]
    assert found["an audience rule, compiled to all its outputs"]["kept"]
    memory = found["permissions of 10,000,000, from 1,000,000"]
    assert (memory["measured"], memory["kept"], memory["broken"]) == (2500.0, False, False)


def test_the_page_marks_what_is_not_kept() -> None:
    table = _promises_table([Promise("memory", 50.0, 40.0, "KiB").told()])
    assert '<td class="bad">50.0 of at most 40 KiB</td>' in table

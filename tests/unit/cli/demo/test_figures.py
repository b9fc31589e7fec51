"""report.json has the promised form, and its sums add up."""

import json
from typing import Any

from demo_results import good_results

from operator_push.cli.demo.figures import report_figures

# The form that the report is promised in; a value is the type.
FORM: dict[str, Any] = {
    "ingest": {"read": 0, "accepted": 0, "rejected": 0, "duplicates": 0, "not_permitted": 0, "profiles": 0},
    "campaigns": [{"name": "", "rule": "", "audience": 0, "quoted_micros": 0, "suppressed": {"REASON": 0},
                   "submitted": 0, "delivered": 0, "failed": 0, "expired": 0, "unknown": 0,
                   "charged_micros": 0}],
    "esme": {"submitted": 0, "accepted": 0, "refused": {"ESME_": 0}, "receipts": 0},
    "stop": {"received": 0, "sent_after_stop": 0, "slowest_ms": 0},
    "ledger": {"held_micros": 0, "settled_micros": 0, "released_micros": 0, "open_holds_micros": 0,
               "imbalance_micros": 0},
    "reconciliation": {"messages": 0, "segments_ledger": 0, "segments_smsc": 0, "matched": 0,
                       "mismatched": 0},
    "crash": {"acknowledged": 0, "unanswered_at_kill": 0, "unsent_at_kill": 0, "lost": 0, "duplicated": 0,
              "imbalance_micros": 0},
    "throughput": {"messages": 0, "seconds": 0.0, "per_second": 0.0, "gateway_cpu_us_per_message": 0.0},
}  # fmt: skip
OPEN_KEYS = ("REASON", "ESME_")


def require_form(value: Any, form: Any, path: str = "") -> None:
    assert type(value) is type(form), path
    if isinstance(form, dict):
        if next(iter(form)) in OPEN_KEYS:
            assert all(type(count) is int for count in value.values()), path
            return
        assert list(value) == list(form), path
        for key, inner in form.items():
            require_form(value[key], inner, f"{path}.{key}")
    elif isinstance(form, list):
        for index, inner in enumerate(value):
            require_form(inner, form[0], f"{path}[{index}]")


def test_the_form_is_kept() -> None:
    figures = report_figures(good_results())
    require_form(figures, FORM)
    assert json.loads(json.dumps(figures)) == figures


def test_every_campaign_adds_up() -> None:
    for campaign in report_figures(good_results())["campaigns"]:
        ends = [campaign[name] for name in ("delivered", "failed", "expired", "unknown")]
        assert campaign["submitted"] == sum(ends)
        assert campaign["audience"] == campaign["submitted"] + sum(campaign["suppressed"].values())


def test_both_programs_of_the_bank_count() -> None:
    esme = report_figures(good_results())["esme"]
    assert esme == {
        "submitted": 7,
        "accepted": 3,
        "refused": {"ESME_RINVDSTADR": 1, "ESME_RINVSRCADR": 1, "ESME_RSUBMITFAIL": 2},
        "receipts": 3,
    }


def test_several_kills_show_the_weakest_moment() -> None:
    results = good_results()
    weak = type(results.crash.rounds[0])(kill_us=0, unanswered=51, unsent=70, open_attempts=51)
    results.crash.rounds.append(weak)
    crash = report_figures(results)["crash"]
    assert (crash["unanswered_at_kill"], crash["unsent_at_kill"]) == (51, 70)

"""Results by customer code are told where the client knew whom it wrote to, and nowhere else."""

import json
from pathlib import Path
from typing import Any

import pytest
from campaign_desk import write_config, write_store
from click.testing import CliRunner

from operator_push.cli import campaign_customers, control_client
from operator_push.cli.campaign_customers import require_own_lists
from operator_push.cli.main import main
from operator_push.kernel.errors import OperatorError
from operator_push.store.customer_results import CustomerResult


@pytest.mark.parametrize("rule", ['in_list("customers")', 'in_list("a") && !in_list("b")', "true"])
def test_a_rule_of_the_clients_own_lists_tells_nothing_new(rule: str) -> None:
    require_own_lists("tea", rule, {"standing": True, "pace": "even", "control_percent": 10})


@pytest.mark.parametrize(
    ("terms", "by"),
    [
        ({"trigger": "top_up", "when": "event.amount > 1.0"}, "--on, --when"),
        ({"after": "spring", "after_days": 3}, "--after"),
        ({"prefer": "age > 60"}, "--prefer"),
        ({"pace": "own"}, "--pace own"),
    ],
)
def test_terms_that_choose_among_listed_people_would_tell_it_of_each(terms: dict[str, Any], by: str) -> None:
    """Who of a list gets a campaign `--on top_up` has topped up; an own hour is when they make calls."""
    with pytest.raises(OperatorError, match=f"by {by}: results by customer"):
        require_own_lists("tea", 'in_list("customers")', terms)


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        ('in_list("customers") && spend_30d > 500.0', "spend_30d"),
        ('did("top_up", 3, "30d")', "top_ups_30d"),
        ('within("Pune", 10)', "home.lat"),
        ('received("spring")', "received:spring"),
    ],
)
def test_a_rule_that_reads_more_would_tell_it_of_each(rule: str, by: str) -> None:
    with pytest.raises(OperatorError, match=by.replace(".", r"\.")):
        require_own_lists("tea", rule, {})


def test_results_are_a_table_for_the_clients_books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_PUSH_CONFIG", str(write_config(tmp_path)))
    write_store(tmp_path).close()
    campaign = {"name": "tea", "rule": 'in_list("customers")', "account_no": 1, "campaign_no": 7}

    def call(self: Any, do: str, **args: Any) -> dict[str, Any]:
        return {"campaigns": [campaign]}

    rows = [CustomerResult("=1+1", "delivered", True, False, False)]
    monkeypatch.setattr(control_client.ControlClient, "call", call)
    monkeypatch.setattr(campaign_customers, "customer_results", lambda *asked: rows)
    file = tmp_path / "results.csv"
    done = CliRunner().invoke(main, ["campaign", "customers", "tea", "--csv", str(file), "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["outcome"] == "delivered"
    assert file.read_text().splitlines() == [
        "customer_code,outcome,replied,clicked,converted",
        "'=1+1,delivered,true,false,false",
    ]

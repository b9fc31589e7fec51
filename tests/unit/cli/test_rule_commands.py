"""rule check and rule eval: what an analyst sees."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from operator_push.cli.main import main
from operator_push.domain.audience.rule import compile_rule

TEXT = 'age >= 18 && home.city in ["Pune", "Mumbai"]'
PAGE = (Path(__file__).parents[3] / "docs" / "rules.md").read_text(encoding="utf-8")


def run(*words: str, profile: str | None = None) -> Result:
    return CliRunner().invoke(main, ["rule", *words], input=profile)


def test_a_good_rule_is_told_whole() -> None:
    result = run("check", TEXT, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "ok": True,
        "attributes": [
            {"name": "age", "type": "int", "purpose": "subscriber record"},
            {"name": "home.city", "type": "string", "purpose": "call data and location"},
        ],
        "sql": '(("age" >= ?) AND ("home.city" IN (?, ?)))',
        "parameters": [18, "Pune", "Mumbai"],
        "words": "people whose age is at least 18 years and whose home city is Pune or Mumbai",
    }
    assert "CAST($1 AS BIGINT)" in run("check", TEXT, "--dialect", "postgresql").stdout


def test_a_wrong_rule_is_told_where() -> None:
    result = run("check", "agee >= 18", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "ok": False,
        "error": {"column": 1, "message": "unknown name 'agee'", "suggestion": "did you mean age?"},
    }
    shown = run("check", "true &&\n  agee >= 18")
    assert shown.exit_code == 1
    assert shown.stderr.splitlines()[:2] == ["  agee >= 18", "  ^"]


@pytest.mark.parametrize(
    ("profile", "answer"),
    [
        ('{"age": 30, "home": {"city": "Pune"}}', "true"),
        ('{"age": 17}', "false"),
        ('{"age": 30}', "null"),
    ],
)
def test_a_rule_is_asked_of_a_profile(profile: str, answer: str) -> None:
    result = run("eval", TEXT, "--profile", "-", profile=profile)
    assert (result.exit_code, result.stdout) == (0, f"{answer}\n")


def test_a_profile_is_a_file_and_its_slips_are_told(tmp_path: Path) -> None:
    path = tmp_path / "asha.json"
    path.write_text('{"age": 30, "ages": 3}', encoding="utf-8")
    result = run("eval", "age >= 18", "--profile", str(path))
    assert result.stdout == "true\n"
    assert "no attribute is called ages" in result.stderr
    path.write_text("{", encoding="utf-8")
    assert "not JSON" in run("eval", "age >= 18", "--profile", str(path)).stderr
    missing = run("eval", "age >= 18", "--profile", str(tmp_path / "none"))
    assert (missing.exit_code, "cannot be read" in missing.stderr) == (2, True)
    assert "column 1: unknown name" in run("eval", "x", "--profile", str(path)).stderr


def test_the_clock_and_the_calendar_can_be_given() -> None:
    words = ["eval", 'today() == date("2027-01-16")', "--profile", "-", "--at", "2027-01-15T20:00:00Z"]
    assert run(*words, profile="{}").stdout == "false\n"
    assert run(*words, "--zone", "Asia/Kolkata", profile="{}").stdout == "true\n"
    assert "no moment" in run(*words[:-1], "yesterday", profile="{}").stderr
    assert "IANA" in run(*words, "--zone", "Mars/City", profile="{}").stderr


def test_every_rule_of_the_page_is_one() -> None:
    rules = [
        line for block in re.findall(r"```cel\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()
    ]
    assert len(rules) >= 9
    for text in rules:
        compile_rule(text)


def test_every_function_is_on_the_page() -> None:
    with pytest.raises(Exception, match="the functions are") as caught:
        compile_rule("zzzzzzzz()")
    named = str(caught.value).partition("the functions are ")[2].split(", ")
    with pytest.raises(Exception, match="the functions are") as caught:
        compile_rule("age.zzzzzzzz()")
    named += str(caught.value).partition("the functions are ")[2].split(", ")
    assert [name for name in named if name not in PAGE] == []


def test_a_condition_on_an_event_asks_what_the_event_tells() -> None:
    told = json.loads(run("check", "event.amount >= 200.0 && prepaid", "--on", "top_up", "--json").stdout)
    assert told["attributes"][0] == {"name": "event.amount", "type": "double", "purpose": "top up"}
    profile = '{"event": {"amount": 250.0}, "prepaid": true}'
    asked = ("eval", "event.amount >= 200.0 && prepaid", "--profile", "-")
    assert run(*asked, "--on", "top_up", profile=profile).stdout == "true\n"
    assert run(*asked, profile=profile).exit_code == 2  # without the event nothing is called so
    assert "the triggers are" in run("check", "age > 1", "--on", "full_moon").stderr


def test_a_profile_that_is_nested_too_deeply_is_refused() -> None:
    result = run("eval", TEXT, "--profile", "-", profile='{"a":' * 100_000)
    assert result.exit_code == 2
    assert "nested too deeply" in result.stderr

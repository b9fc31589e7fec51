"""words classify: one line a text."""

import json

from click.testing import CliRunner

from operator_push.cli.main import main


def test_one_json_line_a_text_in_their_order() -> None:
    words = ["words", "classify", "--pack", "us", "--json", "STOP ALL", "bus stop", "hello", "why?"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"text": "STOP ALL", "action": "stop_all", "matched": "stop all"},
        {"text": "bus stop", "action": "review", "matched": "stop"},
        {"text": "hello", "action": "none", "matched": ""},
        {"text": "why?", "action": "why", "matched": "why"},
    ]


def test_for_people_and_with_a_brand() -> None:
    result = CliRunner().invoke(main, ["words", "classify", "--pack", "gb", "--brand", "Tea", "STOP tea"])
    assert result.stdout.split() == ["stop", "stop", "'STOP", "tea'"]


def test_an_unknown_pack_is_refused_with_those_that_there_are() -> None:
    result = CliRunner().invoke(main, ["words", "classify", "--pack", "xx", "STOP"])
    assert result.exit_code == 2
    assert "default, eu, gb, in, us" in result.stderr

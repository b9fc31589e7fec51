"""operator-push policy."""

import json

from click.testing import CliRunner

from operator_push.cli.main import main

ASKED = ["policy", "next-allowed", "--quiet", "21:00-08:00", "--at", "2027-01-15T22:10Z"]


def _run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


def test_the_next_allowed_moment_is_printed_in_utc() -> None:
    assert _run(*ASKED, "--zone", "Europe/London") == (0, "2027-01-16T08:00:00Z\n")


def test_a_country_asks_for_every_zone_of_it() -> None:
    code, output = _run(*ASKED[:-1], "2027-01-16T03:00Z", "--country", "US", "--json")
    told = json.loads(output)
    assert code == 0
    assert told["next_allowed"] == "2027-01-16T18:00:00Z"  # 08:00 in Honolulu and at Adak
    assert "Pacific/Honolulu" in told["zones"]
    assert told["quiet"] is True


def test_what_cannot_be_answered_is_said() -> None:
    code, output = _run(*ASKED)
    assert code != 0
    assert "--zone" in output
    assert "ISO 3166" in _run(*ASKED, "--country", "XX")[1]
    for far in ("0001-01-01T00:00Z", "9999-12-31T23:59Z"):
        assert "of the years 1900 to 9000" in _run(*ASKED[:-1], far, "--zone", "Europe/London")[1]
    assert "must say its zone" in _run(*ASKED[:-1], "2027-01-15T22:10", "--zone", "UTC")[1]

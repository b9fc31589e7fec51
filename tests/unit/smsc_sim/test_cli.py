"""smsc-sim as a person meets it: help, check and its errors. Running it: tests/e2e/test_smsc_sim_*.py."""

from click.testing import CliRunner

from smsc_sim.cli import main


def test_help_reads_like_a_manual_page():
    text = CliRunner().invoke(main, ["--help"]).output
    for word in ("smsc-sim run", "smsc-sim check", "SIGUSR1", "witness.jsonl", "status.json", "Exit status"):
        assert word in text
    for command in ("run", "check"):
        assert CliRunner().invoke(main, [command, "--help"]).exit_code == 0


def test_check_says_what_a_right_scenario_is(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('[[mo.answers]]\nshare = 0.1\ntext = "STOP"\n')
    result = CliRunner().invoke(main, ["check", "--config", str(path)])
    assert result.exit_code == 0
    assert "right" in result.output
    assert "1 answer rules" in result.output


def test_check_and_run_refuse_a_wrong_scenario_with_one_sentence(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text("[listen]\nport = 99999\n")
    for command in ("check", "run"):
        result = CliRunner().invoke(main, [command, "--config", str(path)])
        assert result.exit_code == 2
        assert "listen.port: 99999 is not allowed" in result.stderr
        assert "Traceback" not in result.output


def test_the_check_page_names_every_key_of_a_scenario():
    from msgspec import inspect

    from smsc_sim.scenario import Scenario

    text = CliRunner().invoke(main, ["check", "--help"]).output

    def keys(kind):
        if isinstance(kind, inspect.StructType):
            for field in kind.fields:
                yield field.encode_name
                yield from keys(field.type)
        for inner in getattr(kind, "types", ()) or ([kind.item_type] if hasattr(kind, "item_type") else ()):
            yield from keys(inner)

    missing = {key for key in keys(inspect.type_info(Scenario)) if key not in text}
    assert missing == set()

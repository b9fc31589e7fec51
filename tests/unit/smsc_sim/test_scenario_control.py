"""The scenario's control: who must have a token, and the option that opens it."""

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario import Scenario
from smsc_sim.scenario_control import Control, control_contradictions, is_this_machine
from smsc_sim.scenario_file import parse_scenario


def test_without_the_table_there_is_no_control():
    assert parse_scenario("", "test.toml").control is None


def test_a_table_without_keys_is_this_machine_only():
    control = parse_scenario("[control]", "test.toml").control
    assert (control.host, control.port, control.token) == ("127.0.0.1", 2780, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "sim.example"])
def test_another_address_needs_a_token(host):
    with pytest.raises(OperatorError, match=r"control\.token: missing"):
        parse_scenario(f'[control]\nhost = "{host}"', "test.toml")
    parse_scenario(f'[control]\nhost = "{host}"\ntoken = "a-long-secret"', "test.toml")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"])
def test_this_machine(host):
    assert is_this_machine(host)
    assert list(control_contradictions(Control(host=host))) == []


@pytest.mark.parametrize(
    "line", ['token = "short"', 'token = "with a blank in"', "capture_octets_max = 10", "rows_max = -1"]
)
def test_values_have_bounds(line):
    with pytest.raises(OperatorError, match="is not allowed"):
        parse_scenario(f"[control]\n{line}", "test.toml")


def test_the_option_opens_a_control_or_moves_it():
    assert Scenario().controlled_on(None).control is None
    assert Scenario().controlled_on(0).control == Control(port=0)
    moved = parse_scenario('[control]\ntoken = "a-long-secret"', "test.toml").controlled_on(4000).control
    assert (moved.port, moved.token) == (4000, "a-long-secret")

"""Assertions in a scenario, or in a file of their own: what is wrong is told before a port opens."""

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario_file import parse_scenario, with_assertions

RIGHT = '[[assert]]\nwhat = "finals"\nvalue = 3\n'
FAULTS = '[[fault]]\nname = "nine in ten"\nkind = "cut"\n[[smsc]]\nname = "north"\n'


def refused(text):
    with pytest.raises(OperatorError) as caught:
        parse_scenario(text, "s.toml")
    return str(caught.value)


def test_an_assertion_has_equality_unless_told_otherwise():
    [one] = parse_scenario(RIGHT, "s.toml").asserts
    assert one.condition == "finals == 3"


def test_every_kind_of_figure_can_be_named():
    for what in (
        "faults:cut",
        "faults:nine in ten",
        "messages:EXPIRED",
        "refusals:ESME_RTHROTTLED",
        "faults",
    ):
        [one] = parse_scenario(f'[[assert]]\nwhat = "{what}"\nvalue = "finals"\n{FAULTS}', "s.toml").asserts
        assert one.what == what


@pytest.mark.parametrize(
    ("line", "key", "told"),
    [
        ('what = "final"', "assert[0].what", "did you mean 'finals'?"),
        ('what = "messages:EXPIRD"', "assert[0].what", "'EXPIRD' is no state; did you mean 'EXPIRED'?"),
        ('what = "finals:EXPIRED"', "assert[0].what", "takes no argument"),
        ('what = "faults:dribble"', "assert[0].what", "is no fault of this scenario"),
        ('what = "response_p999_ms"', "assert[0].what", "is no figure"),
        ('what = "finals"\noperator = "=>"', "assert[0].operator", "'=>' is not allowed"),
        ('what = "finals"\nsmsc = "south"', "assert[0].smsc", "there are: north"),
        ('what = "finals"\nsms = "south"', "assert[0].sms", "did you mean 'smsc'?"),
    ],
)
def test_a_wrong_assertion_is_told_by_its_key(line, key, told):
    text = refused(f"[[assert]]\n{line}\nvalue = 1\n{FAULTS}")
    assert key in text
    assert told in text


def test_a_value_that_is_no_figure_is_told():
    assert "assert[0].value" in refused('[[assert]]\nwhat = "finals"\nvalue = "finale"\n')


def test_a_file_of_assertions_is_added_and_has_nothing_else(tmp_path):
    path = tmp_path / "must.toml"
    scenario = parse_scenario(RIGHT + '[[fault]]\nkind = "cut"\n', "s.toml")
    path.write_text('[[assert]]\nwhat = "faults:cut"\nvalue = 1\n')
    assert [one.what for one in with_assertions(scenario, path).asserts] == ["finals", "faults:cut"]
    path.write_text("seed = 7\n")
    with pytest.raises(OperatorError, match="nothing else"):
        with_assertions(scenario, path)
    path.write_text('[[assert]]\nwhat = "nothing"\nvalue = 1\n')
    with pytest.raises(OperatorError, match="'nothing' is no figure"):
        with_assertions(scenario, path)
    with pytest.raises(OperatorError, match="cannot read the assertions"):
        with_assertions(scenario, tmp_path / "missing.toml")

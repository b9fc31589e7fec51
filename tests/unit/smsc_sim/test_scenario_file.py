"""Scenario files: every mistake is told with file, key, value and what is allowed."""

import re

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.delays import Exponential
from smsc_sim.scenario import Scenario
from smsc_sim.scenario_file import load_scenario, parse_scenario

WHOLE = """
seed = 7
[listen]
host = "127.0.0.1"
port = 0
system_id = "SMSC"
bind_timeout_s = 5
enquire_link_s = 10
response_timeout_s = 10
[[accounts]]
system_id = "operator"
password = "secret"
binds_max = 4
[latency]
submit_sm_resp_ms = [1, 20]
[limits]
outstanding_submits_max = 1000
open_messages_max = 100000
deliver_window = 50
deliver_retry_ms = 500
[[population.handsets]]
state = "on"
share = 0.9
delay_ms = {mean = 100, max = 2000}
[[population.handsets]]
state = "absent"
share = 0.1
outcome = "expired"
error_code = 27
[validity]
default_s = 86400
acceleration = 86400
[receipts]
delay_ms = 10
late = {share = 0.02, by_ms = [1000, 3000]}
doubled = {share = 0.01, after_ms = 100}
before_response_share = 0.01
echo_user_message_reference = true
[[mo.answers]]
share = 0.05
text = "STOP"
after_ms = [200, 3000]
to_source_like = "56*"
at_least = 200
[[mo.script]]
at_s = 1.5
system_id = "operator"
source = "919876543210"
destination = "56070"
text = "YES"
[message_ids]
base = "hex"
[cdr]
period_s = 60
"""


def test_an_empty_file_is_the_friendly_default():
    assert parse_scenario("", "x.toml") == Scenario()


def test_every_key_is_read():
    scenario = parse_scenario(WHOLE, "x.toml")
    assert scenario.population.handsets[0].delay_ms == Exponential(mean=100, max=2000)
    assert scenario.latency.submit_sm_resp_ms == (1, 20)
    assert scenario.mo.answers[0].at_least == 200
    assert scenario.message_ids.base == "hex"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("[listen]\nport = 70000", "listen.port", ["70000", "a whole number from 0 to 65535"]),
        ('[listen]\nport = "x"', "listen.port", ["'x'", "a whole number from 0"]),
        ("[listen]\nprot = 1", "listen.prot", ["did you mean 'port'"]),
        ("[lisen]\nport = 1", "lisen", ["did you mean 'listen'"]),
        ("[zzz]\nport = 1", "zzz", ["known: accounts"]),
        ("[[accounts]]\nsytem_id = 'a'", "accounts[0].sytem_id", ["did you mean 'system_id'"]),
        ("[[accounts]]\nsystem_id = 'sixteencharacter'", "accounts[0].system_id", ["at most 15 characters"]),
        ("[[accounts]]\npassword = 'a'", "accounts[0].system_id", ["name the account"]),
        ("[[accounts]]\nany = true\npassword = 'a'", "accounts[0]", ["leave out"]),
        ("accounts = []", "accounts", ["nobody could bind"]),
        (
            "[[accounts]]\nsystem_id = 'a'\npassword = ''\n[[accounts]]\nsystem_id = 'a'\npassword = ''",
            "accounts[0].system_id",
            ["twice"],
        ),
        (
            "[[population.handsets]]\nstate = 'on'\nshare = 0.5",
            "population.handsets",
            ["0.5", "must add up to 1"],
        ),
        (
            "[[population.handsets]]\nstate = 'broken'\nshare = 1",
            "population.handsets[0].state",
            ["'broken'", "absent, barred, memory_full, off, on, ported, roaming"],
        ),
        ("[[population.handsets]]\nstate = 'on'", "population.handsets[0]", ["'share' is missing"]),
        (
            "[[population.handsets]]\nstate = 'absent'\nshare = 1\ndelay_ms = 5",
            "population.handsets[0].delay_ms",
            ["validity"],
        ),
        ("[latency]\nsubmit_sm_resp_ms = [20, 1]", "latency.submit_sm_resp_ms", ["runs backwards"]),
        (
            "[latency]\nsubmit_sm_resp_ms = {men = 3}",
            "latency.submit_sm_resp_ms.men",
            ["did you mean 'mean'"],
        ),
        ("[latency]\nsubmit_sm_resp_ms = 'x'", "latency.submit_sm_resp_ms", ["[shortest, longest]"]),
        ("[latency]\nsubmit_sm_resp_ms = {mean = 5, max = 1}", "latency.submit_sm_resp_ms", ["below mean"]),
        ("[receipts]\nlate = {share = 2, by_ms = 1}", "receipts.late.share", ["from 0 to 1"]),
        ("[receipts]\nlate = {share = 1, by_ms = [9, 1]}", "receipts.late.by_ms", ["runs backwards"]),
        (
            "[[accounts]]\nsystem_id = 'a'\npassword = 'b'\n[[mo.script]]\nat_s = 1\nsystem_id = 'c'\n"
            "source = '1'\ndestination = '2'\ntext = 'x'",
            "mo.script[0].system_id",
            ["'c' is not among"],
        ),
    ],
)
def test_a_mistake_names_file_key_value_and_what_is_allowed(text, key, words):
    with pytest.raises(OperatorError) as caught:
        parse_scenario(text, "x.toml")
    message = str(caught.value)
    assert re.match(rf"x\.toml:\d+: {re.escape(key)}: ", message)
    for word in words:
        assert word in message


def test_the_line_is_told_as_editors_open_it():
    with pytest.raises(
        OperatorError, match=r"^x\.toml:4: fault\[1\]\.share: 2 is not allowed: a number from 0"
    ):
        parse_scenario("[[fault]]\nkind = 'cut'\n[[fault]]\nshare = 2\nkind = 'stall'\n", "x.toml")


def test_text_that_is_not_toml_names_the_line():
    with pytest.raises(OperatorError, match=r"x\.toml:1: not valid TOML: "):
        parse_scenario("port == 1", "x.toml")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(OperatorError, match="No such file"):
        load_scenario(tmp_path / "none.toml")


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OperatorError, match="not UTF-8"):
        load_scenario(path)


SEVERAL = """
[listen]
host = "127.0.0.1"
enquire_link_s = 7
[[accounts]]
system_id = "shop"
password = "x"
[latency]
submit_sm_resp_ms = {mean = 5}
[receipts]
delay_ms = 10
[[smsc]]
name = "north"
listen.port = 2801
[smsc.receipts]
before_response_share = 0.5
[[smsc]]
name = "south"
listen.port = 2802
latency.submit_sm_resp_ms = {mean = 9, max = 99}
[[smsc.accounts]]
system_id = "bank"
password = "y"
"""


def test_a_virtual_smsc_says_what_differs_from_the_top_of_the_file():
    virtual = dict(parse_scenario(SEVERAL, "x.toml").virtual())
    north, south = virtual["north"], virtual["south"]
    assert [one.listen.port for one in (north, south)] == [2801, 2802]
    assert {one.listen.enquire_link_s for one in (north, south)} == {7}
    assert [account.system_id for account in (*north.accounts, *south.accounts)] == ["shop", "bank"]
    assert (north.receipts.delay_ms, north.receipts.before_response_share) == (10, 0.5)
    assert north.latency.submit_sm_resp_ms == Exponential(mean=5)
    assert south.latency.submit_sm_resp_ms == Exponential(mean=9, max=99)
    assert south.receipts.before_response_share == 0


def test_a_file_without_tables_is_one_smsc_without_a_name():
    scenario = parse_scenario("[listen]\nport = 1", "x.toml")
    assert list(scenario.virtual()) == [("", scenario)]


def test_another_address_for_all():
    scenario = parse_scenario(SEVERAL, "x.toml")
    assert [one.listen.port for _, one in scenario.listening_on(None, 5000).virtual()] == [5000, 5001]
    assert [one.listen.port for _, one in scenario.listening_on(None, 0).virtual()] == [0, 0]
    assert [one.listen.port for _, one in scenario.listening_on("::1", None).virtual()] == [2801, 2802]
    assert {one.listen.host for _, one in scenario.listening_on("::1", None).virtual()} == {"::1"}
    assert Scenario().listening_on(None, 7).listen.port == 7


ONE = "[[accounts]]\nsystem_id = 'a'\npassword = 'b'\n"
TWO = "[[smsc]]\nname = 'n'\nlisten.port = 1\n[[smsc]]\nname = 's'\n"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("[[smsc]]\nname = 'a b'", "smsc[0].name", ["'a b'"]),
        ("[[smsc]]\nname = 'n'\nlisten.prot = 1", "smsc[0].listen.prot", ["did you mean 'port'"]),
        (TWO.replace("'s'", "'n'"), "smsc[0].name", ["'n' stands twice"]),
        (TWO + "listen.port = 1", "smsc[1].listen.port", ["1 is already that of 'n'"]),
        (
            TWO + "[[smsc.population.handsets]]\nstate = 'on'\nshare = 0.5",
            "smsc[1].population.handsets",
            ["add up to 0.5"],
        ),
        (
            "[[population.handsets]]\nstate = 'on'\nshare = 0.5\n" + TWO,
            "population.handsets",
            ["add up to 0.5"],
        ),
        (ONE + "bind_types = []", "accounts[0].bind_types", ["name at least one"]),
        (ONE + "burst = 2", "accounts[0].burst", ["beside rate_per_s"]),
        (ONE + "rate_per_s = 0", "accounts[0].rate_per_s", ["a number above 0"]),
        (ONE + "[[outbind]]\naccount = 'z'\nport = 1", "outbind[0].account", ["'z' is not among"]),
        (ONE + "[[mo.routes]]\ndestination_like = '1'\nsystem_id = 'z'", "mo.routes[0].system_id", ["'z'"]),
        (
            "[[distribution_lists]]\nname = 'x'\nnumbers = []\n" * 2,
            "distribution_lists[0].name",
            ["stands twice"],
        ),
        (
            "[[population.numbers]]\nlike = '1'\nstate = 'absent'\ndelay_ms = 5",
            "population.numbers[0].delay_ms",
            ["validity"],
        ),
        (
            "[[population.timetable]]\nstate = 'off'\nfrom_s = 5\nuntil_s = 5",
            "population.timetable[0].until_s",
            ["5 is not after from_s 5"],
        ),
        (
            "[[population.timetable]]\nstate = 'off'\ndaily = ['25:00', '06:00']",
            "population.timetable[0].daily[0]",
            ["25:00"],
        ),
        (
            "[[population.timetable]]\nstate = 'off'\ndaily = ['06:00', '06:00']",
            "population.timetable[0].daily",
            ["begins where it ends"],
        ),
        ("[[mo.answers]]\nshare = 1", "mo.answers[0]", ["either text or choices"]),
        (
            "[[mo.answers]]\nshare = 1\nchoices = [{text = 'a', share = 0.5}]",
            "mo.answers[0].choices",
            ["add up to 0.5"],
        ),
        ("[[mo.csv]]\nfile = 'none.csv'", "mo.csv[0].file", ["cannot read none.csv"]),
        ("[clock]\nspeed = 0", "clock.speed", ["a number from 0.001"]),
        ("[retry]\nschedule_s = [0]", "retry.schedule_s[0]", ["a number above 0"]),
    ],
)
def test_a_mistake_in_the_newer_tables(text, key, words):
    test_a_mistake_names_file_key_value_and_what_is_allowed(text, key, words)


def test_a_csv_file_stands_beside_its_scenario_and_its_accounts_must_be_known(tmp_path):
    (tmp_path / "mo.csv").write_text("at_s,system_id,source,destination,text\n1,a,1,2,x\n2,b,1,2,x\n")
    path = tmp_path / "s.toml"
    path.write_text(ONE + "[[mo.csv]]\nfile = 'mo.csv'\n")
    with pytest.raises(OperatorError, match=r"mo\.csv\[0\]\.file: line 3: 'b' is not among"):
        load_scenario(path)
    path.write_text("[[mo.csv]]\nfile = 'mo.csv'\n")
    assert load_scenario(path).mo.csv[0].file == str(tmp_path / "mo.csv")

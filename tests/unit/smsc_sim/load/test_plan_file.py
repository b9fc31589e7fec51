"""Plans: what is read, and what is refused with a sentence."""

import pytest

from operator_push.kernel.errors import OperatorError
from smsc_sim.load.plan import BindGroup, LoadPlan, Loop, Stage, Target
from smsc_sim.load.plan_file import check_plan, check_target, load_plan

WHOLE = """
title = "evening"
seed = 7
user_message_reference = true
expect = ["response_p99_ms <= 200"]
[target]
host = "127.0.0.1"
port = 2776
[[binds]]
type = "transmitter"
count = 2
system_id = "shop"
password = "secret"
window = 50
[[binds]]
type = "receiver"
system_id = "shop"
[[stages]]
duration_s = 10
rate = [0, 100]
[[stages]]
duration_s = 30
rate = 100
[loop]
arrivals = "poisson"
[numbers]
source = "BANK"
first = "919800000000"
count = 500
order = "drawn"
[[messages]]
share = 3
characters = 300
[[messages]]
text = "नमस्ते"
[receipts]
wait_s = 5
ids = "hexadecimal"
[patience]
response_s = 10
"""


def plan_from(folder, text):
    path = folder / "plan.toml"
    path.write_text(text, encoding="utf-8")
    plan = load_plan(path)
    check_plan(plan, str(path))
    return plan


def test_a_whole_plan_is_read(tmp_path):
    plan = plan_from(tmp_path, WHOLE)
    assert plan.stages == (Stage(duration_s=10, rate=(0, 100)), Stage(duration_s=30, rate=100))
    assert plan.binds[0] == BindGroup(
        type="transmitter", count=2, system_id="shop", password="secret", window=50
    )
    assert (plan.seed, plan.numbers.order, plan.messages[0].characters) == (7, "drawn", 300)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[target]\nport = 0", ["plan.toml:2: target.port", "0 is not allowed: a whole number from 1"]),
        ("[loops]\nrate = 5", ["plan.toml:1: loops: unknown key; did you mean 'loop'?"]),
        ("[loop]\nrate = 0", ["loop.rate"]),
        ("[[stages]]\nduration_s = 5\nrate = [1, 2, 3]", ["rate"]),
        ("x = ", ["not valid TOML"]),
        ("", ["loop", "say when to end"]),
        ("[loop]\ncount = 5\n[[binds]]\ntype = 'receiver'", ["binds", "only receivers"]),
        ("[loop]\ncount = 5\n[[binds]]\ntype = 'transmitter'", ["receipts.ask", "only transmitters"]),
        ("[loop]\nkind = 'closed'\nramp_s = 5\ncount = 1", ["loop.ramp_s", "no rate"]),
        ("[loop]\nkind = 'closed'\n[[stages]]\nduration_s = 1\nrate = 1", ["stages", "open loop"]),
        ("[loop]\nduration_s = 5\n[[stages]]\nduration_s = 1\nrate = 1", ["stages", "leave out duration_s"]),
        ("[[stages]]\nduration_s = 1\nrate = 0", ["stages", "nothing would be sent"]),
        ("[loop]\nduration_s = 5\nramp_s = 6", ["loop.ramp_s", "do not fit"]),
        ("messages = []\n[loop]\ncount = 5", ["messages", "nothing could be sent"]),
        ("[loop]\ncount = 5\n[[messages]]\nname = 'x'", ["messages[0]", "either text or characters"]),
        ("[loop]\ncount = 5\n[[messages]]\ntext = 'न'\nalphabet = 'gsm7'", ["messages[0]", "gsm7 has no"]),
        ("[loop]\ncount = 5\n[numbers]\nfirst = '999999999999999'", ["numbers.count", "fifteen"]),
        ("expect = ['fast']\n[loop]\ncount = 5", ["expect[0]", "no threshold"]),
    ],
)
def test_what_is_wrong_is_told_by_its_key(tmp_path, text, words):
    with pytest.raises(OperatorError) as caught:
        plan_from(tmp_path, text)
    for word in [*words, "plan.toml"]:
        assert word in str(caught.value)


def test_a_plan_that_is_not_there(tmp_path):
    with pytest.raises(OperatorError, match="cannot read the plan"):
        load_plan(tmp_path / "nothing.toml")


def target(host):
    return LoadPlan(target=Target(host=host), loop=Loop(count=1))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_this_machine_may_be_loaded(host):
    assert check_target(target(host), owned=False) in (host, "127.0.0.1", "::1")


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "0.0.0.0", "2001:db8::1", "fe80::1"])
def test_any_other_needs_the_word_of_its_owner(host):
    with pytest.raises(OperatorError, match="--i-own-this-server"):
        check_target(target(host), owned=False)
    assert check_target(target(host), owned=True) == host


def test_a_host_without_an_address_is_told():
    with pytest.raises(OperatorError, match="has no address"):
        check_target(target("no-such-host.invalid"), owned=False)

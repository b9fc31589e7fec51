"""The exposition, read back by a parser that knows only the format's rules."""

import re

from smsc_sim.control.metrics import HELP, Metric, counter_metrics, exposition
from smsc_sim.counters import Counters

SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)$')


def read(text):
    """{name: (type, {labels: value})}; the format asks for HELP, TYPE and samples of a name together."""
    assert text.endswith("\n")
    found, current = {}, None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            assert current not in found
            assert line.split(" ", 3)[3]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current
            assert kind in ("counter", "gauge")
            found[name] = (kind, {})
        else:
            name, labels, value = SAMPLE.match(line).groups()
            assert name == current
            assert labels not in found[name][1]
            found[name][1][labels or ""] = float(value)
    return found


def test_counters_are_counters_and_levels_gauges():
    families = read(exposition(counter_metrics({"": {"submits_accepted": 3, "open_messages": 1}})))
    assert families == {
        "smsc_sim_submits_accepted_total": ("counter", {'{smsc=""}': 3.0}),
        "smsc_sim_open_messages": ("gauge", {'{smsc=""}': 1.0}),
    }


def test_every_counter_of_a_run_is_told_by_virtual_smsc():
    names = Counters.__struct_fields__
    counters = {smsc: dict.fromkeys(names, 7) for smsc in ("north", "south")}
    families = read(exposition(counter_metrics(counters)))
    assert len(families) == len(names)
    assert all(list(samples) == ['{smsc="north"}', '{smsc="south"}'] for _, samples in families.values())


def test_labels_and_texts_are_escaped():
    metric = Metric("x", "gauge", "two\nlines \\ here", [({"system_id": 'a"b\\c\nd'}, 0.5), ({}, 2.0)])
    text = exposition([metric])
    assert read(text)["smsc_sim_x"][1] == {'{system_id="a\\"b\\\\c\\nd"}': 0.5, "": 2.0}
    assert r"# HELP smsc_sim_x two\nlines \\ here" in text


def test_every_counter_is_told_in_words():
    assert set(HELP) == set(Counters.__struct_fields__)

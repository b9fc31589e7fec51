"""Lines of keys: where an editor must open the file for an error."""

import tomllib

import pytest

from smsc_sim.toml_lines import line_of

TEXT = """\
seed = 7  # [listen] is not here
"quoted key" = 1

[listen]
  port = 2775
latency.submit_sm_resp_ms = {mean = 5, max = 9}

[[population.handsets]]
state = "on"
share = 1.0
[[population.handsets]]
# state = "off"
state = '''
[[population.handsets]]
state = 1
'''
notes = [
  "[fault]",  # a comment with ]
  {a = "]"},
]
share = 0.5

[[smsc]]
name = "north"
[smsc.receipts]
delay_ms = 3
[[smsc.fault]]
kind = "cut"

[[ smsc ]]
listen . port = 5
[[smsc.fault]]
kind = "cut"
[[smsc.fault]]
kind = \"""a \\\""" b\"""
share = 2
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("seed", 1),
        ("quoted key", 2),
        ("listen", 4),
        ("listen.port", 5),
        ("listen.latency.submit_sm_resp_ms.mean", 6),
        ("population", 8),
        ("population.handsets", 8),
        ("population.handsets[0].state", 9),
        ("population.handsets[1]", 11),
        ("population.handsets[1].state", 13),
        ("population.handsets[1].notes[1].a", 17),
        ("population.handsets[1].share", 21),
        ("population.handsets[1].missing", 11),
        ("smsc[0].receipts.delay_ms", 26),
        ("smsc[0].fault[0].kind", 28),
        ("smsc[1]", 30),
        ("smsc[1].listen.port", 31),
        ("smsc[1].fault[0].kind", 33),
        ("smsc[1].fault[1].share", 36),
        ("nothing", None),
    ],
)
def test_a_key_is_found_on_its_line(key: str, line: int | None) -> None:
    tomllib.loads(TEXT)
    assert line_of(TEXT, key) == line


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing", "[a]", "a = 1"])
def test_a_short_text_ends(text: str) -> None:
    assert line_of(text, "a") == (1 if "a" in text and "#" not in text else None)

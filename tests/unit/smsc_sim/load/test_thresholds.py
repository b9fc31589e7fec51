"""Thresholds: reading them, and their verdicts."""

import pytest

from smsc_sim.load.thresholds import FIGURES, judge, latency_percent, parse_threshold

RULES = """
sent_per_s >= 100        100      met
sent_per_s > 100         100      missed
failed_share <= 0.5%     0.005    met
failed_share < 0.5%      0.005    missed
response_p99_ms<=200     201.5    missed
receipts_missing == 0    0        met
receipt_p99.9_ms <= 900  -        missed
lateness_mean_ms <= 1.5  1.25     met
"""


@pytest.mark.parametrize("line", RULES.strip().splitlines())
def test_a_threshold_is_met_or_missed(line):
    text, measured, outcome = line.rsplit(None, 2)
    threshold = parse_threshold(text)
    figures = {threshold.figure: None if measured == "-" else float(measured)}
    [verdict] = judge([threshold], figures)
    assert verdict.passed == (outcome == "met")
    assert verdict.text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("fast", "write for example"),
        ("response_p99_ms <= -5", "write for example"),
        ("response_p99_ms = 5", "write for example"),
        ("happiness >= 5", "no figure; known: sent_per_s"),
        ("response_p100_ms <= 5", "no figure"),
    ],
)
def test_what_is_no_threshold_is_told_with_what_is(text, word):
    with pytest.raises(ValueError, match=word):
        parse_threshold(text)


def test_every_figure_can_be_asked_for():
    for name in FIGURES:
        assert parse_threshold(f"{name} <= 1").figure == name
        assert latency_percent(name) is None
    assert latency_percent("receipt_p99.95_ms") == ("receipt", "p99.95")
    assert latency_percent("service_max_ms") == ("service", "max")

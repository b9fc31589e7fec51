"""The peers' table: ratios against the mean of our runs, and what a missing or broken peer leaves."""

import sys
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))

from peers_http_load import messages
from peers_programs import MissingPeerError, require
from peers_run import OURS, Peer, ratios, run_all, table


def row(system, cpu_us, rate, **more):
    return {
        "system": system,
        "front": "SMPP",
        "store": "file",
        "messages": 1_000,
        "failed": 0,
        "messages_per_second": rate,
        "accepted_per_second": None,
        "cpu_us_per_message": cpu_us,
        "cpu_us_per_message_raw": 2 * cpu_us,
    } | more


def test_ratios_are_against_the_mean_of_our_runs():
    rows = [row(OURS, 50, 5_000), row("Kannel", 600, 1_500), row(OURS, 70, 4_000)]
    assert ratios(rows) == [{"peer": "Kannel, file", "cpu": 10.0, "cpu_raw": 10.0, "rate": 3.0}]


def test_a_peer_that_passed_nothing_has_no_ratio():
    assert ratios([row(OURS, 50, 5_000), row("Jasmin", 0, 0, messages=0)]) == []


def test_a_missing_and_a_broken_peer_leave_the_others_alone(tmp_path):
    def missing(folder):
        require("no-such-program", "apt-get install nothing")

    def broken(folder):
        raise RuntimeError("bearerbox ended")

    peers = [Peer("a", "A", missing), Peer("b", "B", broken), Peer("c", "C", lambda folder: row("C", 1, 1))]
    rows, absent, broke = run_all(peers, tmp_path)
    assert [each["system"] for each in rows] == ["C"]
    assert absent == ["A was not measured: no-such-program is missing; install it: apt-get install nothing"]
    assert broke == ["B broke: bearerbox ended"]
    assert issubclass(MissingPeerError, Exception)


def test_the_table_is_aligned():
    lines = table(
        [row(OURS, 50, 5_000), row("Kannel", 12_345, 1_500, accepted_per_second=2_000.4)]
    ).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[2].split()[-3:] == ["2,000", "12,345", "24,690"]


def test_kannel_gets_the_submit_sm_of_the_whole_path():
    """Nine in ten texts are one segment; the tenth is two parts with one header each, to one number."""
    made = list(messages(22, 100))
    assert len(made) == 22
    assert [len(text) for _, _, text in made[:11]] == [160] * 9 + [153] * 2
    (first, first_udh, _), (second, second_udh, _) = islice(made, 9, 11)
    assert first == second
    assert (first_udh[-3:], second_udh[-3:]) == ("%01", "%02")
    assert first_udh[:-3] == second_udh[:-3] == "&udh=%05%00%03%09%02"

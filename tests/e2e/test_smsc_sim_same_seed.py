"""The same seed gives the same run for each bind, twice; another seed gives another one."""

import json

import pytest
from library_runs import Esme, library_runs, numbers


@pytest.fixture
def simulator(tmp_path):
    with library_runs(tmp_path) as start:
        yield start


def decisions(sim):
    """{bind: what was decided}, without what only time decides: the order of what goes in and out."""
    binds = {}
    for row in sim.rows():
        if row["decision"] in ("accepted", "refused", "fault", "sent") and row["command"] != "enquire_link":
            kept = {name: value for name, value in row.items() if name not in ("n", "t", "detail")}
            if row["direction"] == "out" and row["command"] in ("deliver_sm", "data_sm"):
                kept.pop("sequence_number", None)
            binds.setdefault(row["bind"], []).append(json.dumps(kept, sort_keys=True))
    return {bind: sorted(rows) for bind, rows in binds.items()}


# Not here: scenarios whose decisions are about time itself: a rate, a time table, a stream that is cut.
SEEDS = {
    "bad-lengths-and-unknown-tlvs": (7, 7),
    "friendly": (7, 7),
    "lost-responses": (7, 7, 8),
    "receipts-before-responses": (7, 7),
    "stop-storm": (7, 7),
    "vendor-receipts": (7, 7),
    "wrong-id-base": (7, 7),
}


@pytest.mark.parametrize("name", SEEDS)
def test_the_same_seed_decides_the_same_for_a_bind_and_another_one_does_not(name, simulator):
    told = []
    for seed in SEEDS[name]:
        sim = simulator(name, seed)
        esme = Esme(sim.port)
        esme.submit_all([f"919{number % 10}{number:08d}" for number in range(40)])
        esme.read_until(lambda esme=esme: len(esme.receipts) + len(esme.violations) >= 40)
        esme.read_for(0.6)
        assert sim.stop() == 0, sim.output
        told.append(decisions(sim))
    assert told[0] == told[1]
    assert all(other != told[0] for other in told[2:])


def test_each_bind_goes_its_own_way_whatever_the_other_does(simulator):
    """Two binds that are interleaved, and the same two one after the other: each of them hears the same."""
    told = []
    for interleaved in (True, False):
        sim = simulator("lost-responses")
        first, second = Esme(sim.port), Esme(sim.port)
        mine, theirs = numbers(60), numbers(60, "9197")
        if interleaved:
            for start in range(0, 60, 10):
                first.submit_all(mine[start : start + 10])
                second.submit_all(theirs[start : start + 10])
        else:
            second.submit_all(theirs)
            first.submit_all(mine)
        seen = (first, second)
        while sum(len(esme.receipts) for esme in seen) < 120:
            for esme in seen:
                esme.read()
        assert sim.stop() == 0, sim.output
        hits = {bind: [row for row in rows if "fault" in row] for bind, rows in decisions(sim).items()}
        told.append({bind: hits[bind] for bind in ("b1", "b2")})
    assert told[0] == told[1]
    assert all(told[0].values())

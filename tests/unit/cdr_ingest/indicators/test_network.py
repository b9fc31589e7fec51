"""Networks of a few people, worked out by hand."""

import pytest

from cdr_ingest.indicators import network as module
from cdr_ingest.indicators.catalogue import NAMES, NETWORK_NAMES
from cdr_ingest.indicators.compute import Asked, compute
from cdr_ingest.indicators.network import networks
from cdr_ingest.indicators.reading import read_folder
from cdr_ingest.indicators.report import nest

HEADER = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id"


@pytest.fixture
def told(tmp_path):
    """What is told of people between whom texts went: (sender, receiver, time of 2014-01-01)."""

    def of(*texts, people=("ann", "bob", "cat"), more=None, top_ups=(), said=None):
        rows = {name: list((more or {}).get(name, ())) for name in people}
        for sender, receiver, clock in texts:
            for name, way, other in ((sender, "out", receiver), (receiver, "in", sender)):
                if name in rows:
                    rows[name].append(f"text,{way},{other},2014-01-01 {clock}:00,,")
        for room in ("records", "recharges"):
            (tmp_path / room).mkdir()
        for name, each in rows.items():
            (tmp_path / "records" / f"{name}.csv").write_text("\n".join([HEADER, *each, ""]))
        for name in top_ups:
            (tmp_path / "recharges" / f"{name}.csv").write_text("datetime,amount\n2014-01-01,5\n")
        if said:
            (tmp_path / "attributes").mkdir()
            for name, each in said.items():
                (tmp_path / "attributes" / f"{name}.csv").write_text("\n".join(["key,value", *each, ""]))
        found = networks(read_folder(tmp_path, with_attributes=True))
        asked = Asked(group_by="none", names=(*NAMES, *NETWORK_NAMES))
        return nest(found.people, asked, compute(found.people, asked), found)

    return of


TRIANGLE = [
    *[("ann", "bob", "10:00"), ("ann", "bob", "10:29"), ("bob", "ann", "11:00")],  # 1 + 1 half hours
    *[("ann", "cat", "10:00"), ("cat", "ann", "12:00"), ("cat", "ann", "12:30")],  # 1 + 2
    *[("bob", "cat", f"1{hour}:00") for hour in range(5)],
    *[("cat", "bob", "15:00")],  # 5 + 1
]


def test_a_triangle_is_closed_and_weighs_by_the_half_hours_of_its_ties(told):
    ann = told(*TRIANGLE)["ann"]
    assert ann["clustering_coefficient_unweighted"] == 1.0
    assert ann["clustering_coefficient_weighted"] == pytest.approx((2 * 3 * 6) ** (1 / 3) / 6)
    assert ann["assortativity_attributes"] == {}


def test_a_tie_needs_both_ways(told):
    found = told(*TRIANGLE[:-1])  # cat no longer writes to bob
    assert found["ann"]["clustering_coefficient_unweighted"] == 0.0
    assert found["ann"]["clustering_coefficient_weighted"] == 0.0


def test_a_correspondent_without_records_is_known_from_those_who_have_some(told):
    found = told(*TRIANGLE, people=("ann", "bob"))
    assert found["ann"]["clustering_coefficient_unweighted"] == 1.0
    assert found["ann"]["reporting"]["percent_outofnetwork_texts"] == 0.5
    assert found["ann"]["reporting"]["percent_outofnetwork_contacts"] == 0.5
    assert found["ann"]["reporting"]["has_network"] is True


def test_two_without_records_have_no_tie(told):
    assert told(*TRIANGLE, people=("ann",))["ann"]["clustering_coefficient_unweighted"] == 0.0


def test_shares_outside_are_of_seconds_and_calls_as_well(told):
    calls = ["call,out,zoe,2014-01-01 08:00:00,30,", "call,out,bob,2014-01-01 09:00:00,10,"]
    more = {"ann": calls, "bob": ["call,in,ann,2014-01-01 09:00:00,10,"]}
    ann = told(more=more)["ann"]["reporting"]
    assert ann["percent_outofnetwork_calls"] == 0.5
    assert ann["percent_outofnetwork_call_durations"] == 0.75
    assert ann["percent_outofnetwork_texts"] == 0


@pytest.mark.parametrize("batch", [1, 1_000_000])
def test_assortativity_is_the_mean_square_of_the_differences_to_those_tied(told, monkeypatch, batch):
    monkeypatch.setattr(module, "BATCH_RECORDS", batch)
    found = told(
        *TRIANGLE, ("ann", "zoe", "20:00"), ("bob", "dan", "9:00"), people=("ann", "bob", "cat", "dan")
    )
    apart = found["ann"]["assortativity_indicators"]
    counts = [
        found[name]["number_of_interactions"]["allweek"]["allday"]["text"] for name in ("ann", "bob", "cat")
    ]
    ann, *others = counts
    key = "number_of_interactions__allweek__allday__text__mean"
    assert counts == [7, 10, 9]
    assert apart[key] == sum((ann - other) ** 2 for other in others) / 2
    assert found["dan"]["assortativity_indicators"] == {}
    assert not any("recharge" in name or "reporting" in name for name in apart)


def test_top_ups_are_told_but_not_compared(told):
    ann = told(*TRIANGLE, top_ups=("ann", "bob"))["ann"]
    assert ann["number_of_recharges"]["allweek"]["allday"] == 1
    assert not any("recharge" in name for name in ann["assortativity_indicators"])


def test_attributes_are_shared_with_those_tied_who_have_any(told):
    said = {"ann": ["age,old", "home,north"], "bob": ["age,old"], "dan": ["age,old", "home,north"]}
    found = told(*TRIANGLE, people=("ann", "bob", "cat", "dan"), said=said)
    assert found["ann"]["assortativity_attributes"] == {"age": 1.0, "home": 0.0}
    assert found["dan"]["reporting"]["has_attributes"] is True
    assert found["ann"]["attributes"] == {"age": "old", "home": "north"}
    assert found["cat"]["assortativity_attributes"] == {}
    assert "attributes" not in found["cat"]
    reporting = found["cat"]["reporting"]
    assert reporting["recharges_path"] == reporting["attributes_path"]
    assert reporting["attributes_path"].endswith("attributes")


def test_nobody_tied_with_attributes_is_none(told):
    found = told(*TRIANGLE, said={"ann": ["age,old"]})
    assert found["ann"]["assortativity_attributes"] == {"age": None}


def test_who_has_no_record_left_keeps_their_first_and_last_second(told):
    found = told(more={"ann": ["text,out,bob,2014-01-01 08:00:00,,", "text,out,bob,2014-01-02 08:00:00,,"]})
    ann = found["ann"]["reporting"]
    assert (ann["number_of_records"], ann["has_text"]) == (0, False)
    assert (ann["start_time"], ann["end_time"]) == ("2014-01-01 08:00:00", "2014-01-02 08:00:00")
    assert ann["has_network"] is True
    assert found["ann"]["assortativity_indicators"] == {}


def test_who_never_had_a_record_has_no_network(told):
    cat = told()["cat"]
    assert cat["reporting"]["has_network"] is False
    assert cat["reporting"]["start_time"] is None
    assert not set(NETWORK_NAMES) & set(cat)

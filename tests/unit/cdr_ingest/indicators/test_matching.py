"""Which records stay: those that the other side has, too; rules for one match and for a whole network."""

import numpy as np
import pytest

from cdr_ingest.indicators.matching import Matches
from cdr_ingest.indicators.network import by_name
from cdr_ingest.indicators.reading import read_folder

HEADER = "interaction,correspondent_id,datetime,call_duration,antenna_id,direction"
CALLED = "call,{},2014-01-01 10:00:00,60,,{}"


@pytest.fixture
def left(tmp_path):
    """Of the first person's network: name → row numbers (in the order of time) that are left."""

    def of(files):
        (tmp_path / "records").mkdir()
        for name, rows in files.items():
            (tmp_path / "records" / f"{name}.csv").write_text("\n".join([HEADER, *rows, ""]))
        people = read_folder(tmp_path)
        contact, file_of, _ = by_name(people)
        network = Matches(people, contact, file_of).network(0)
        first = np.searchsorted(people.records.person, network.persons)
        names = [people.names[person] for person in network.persons]
        rows = [(rows - start).tolist() for rows, start in zip(network.rows, first, strict=True)]
        return dict(zip(names, rows, strict=True)), len(network.own)

    return of


@pytest.mark.parametrize(
    ("theirs", "stays"),
    [
        ("call,ann,2014-01-01 10:00:29,60,,in", True),
        ("call,ann,2014-01-01 09:59:31,60,,in", True),
        ("call,zoe,2014-01-01 10:00:00,60,,in", True),  # whom theirs is with does not count
        ("call,ann,2014-01-01 10:00:30,60,,in", False),
        ("call,ann,2014-01-01 09:59:30,60,,in", False),
        ("call,ann,2014-01-01 10:00:00,61,,in", False),
        ("call,ann,2014-01-01 10:00:00,60,,out", False),
        ("text,ann,2014-01-01 10:00:00,60,,in", False),
    ],
)
def test_a_match_is_alike_the_other_way_and_less_than_half_a_minute_off(left, theirs, stays):
    rows, _ = left({"ann": [CALLED.format("bob", "out")], "bob": [theirs]})
    assert rows["ann"] == ([0] if stays else [])


@pytest.mark.parametrize(
    ("ours", "theirs", "stays"),
    [
        ("text,bob,2014-01-01 10:00:00,,a,out", "text,ann,2014-01-01 10:00:00,,a,in", True),
        ("text,bob,2014-01-01 10:00:00,x,a,out", "text,ann,2014-01-01 10:00:00,y,a,in", True),
        ("text,bob,2014-01-01 10:00:00,,a,out", "text,ann,2014-01-01 10:00:00,0,a,in", False),
        ("text,bob,2014-01-01 10:00:00,,a,out", "text,ann,2014-01-01 10:00:00,x,a,in", False),
        ("gps,bob,2014-01-01 10:00:00,,a,out", "gps,ann,2014-01-01 10:00:00,,a,in", True),
        ("gps,bob,2014-01-01 10:00:00,,a,out", ",ann,2014-01-01 10:00:00,,a,in", False),
        ("gps,bob,2014-01-01 10:00:00,,a,out", "gps,ann,2014-01-01 10:00:00,,a", True),
        ("gps,bob,2014-01-01 10:00:00,,a,in", "gps,ann,2014-01-01 10:00:00,,a", True),
        ("gps,bob,2014-01-01 10:00:00,,a", "gps,ann,2014-01-01 10:00:00,,a", False),
    ],
)
def test_what_is_missing_is_like_what_is_missing_but_a_direction(left, ours, theirs, stays):
    rows, _ = left({"ann": [ours], "bob": [theirs]})
    assert rows["ann"] == ([0] if stays else [])


def test_records_with_people_outside_stay(left):
    strangers = [CALLED.format("zoe", "out"), CALLED.format("cat", "out")]
    rows, _ = left({"ann": [CALLED.format("bob", "in")], "bob": strangers, "cat": []})
    assert rows == {"ann": [0], "bob": [0, 1]}  # cat has a file, and is none of ann's correspondents


def test_people_are_weeded_one_after_the_other_by_name(left):
    text = "text,{},2014-01-02 10:00:00,,,out".format
    called = CALLED.format("bob", "out")
    rows, _ = left(
        {
            "ann": [called, text("bea"), text("cat"), text("dan")],
            "bea": [called],
            "bob": [CALLED.format("dan", "in")],  # matches every call to bob, until dan's empty file ends it
            "cat": [called],
            "dan": [],
        }
    )
    assert rows == {"ann": [0], "bea": [0], "bob": [], "cat": [], "dan": []}


def test_who_contacts_themself_keeps_all_and_is_weeded_as_a_correspondent(left):
    own = [
        "text,ann,2014-01-01 09:00:00,,,out",
        CALLED.format("bob", "out"),
        "text,ann,2014-01-01 11:00:00,,,in",
    ]
    rows, own_rows = left({"ann": own, "bob": [CALLED.format("ann", "in")]})
    assert rows == {"ann": [1], "bob": [0]}
    assert own_rows == 3


def test_who_contacts_themself_is_matched_by_all_that_they_have(left):
    text = "text,{},2014-01-02 10:00:00,,,out".format
    called = CALLED.format("cat", "out")  # none of cat's, so that the weeded copy has it no more
    answered = CALLED.format("ann", "in")
    rows, own_rows = left({"ann": [called, text("ann"), text("bob")], "bob": [answered], "cat": []})
    assert rows == {"ann": [], "bob": [0], "cat": []}
    assert own_rows == 3

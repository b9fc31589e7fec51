"""Folders in bandicoot's form: what is read, what is ignored, what is told."""

import numpy as np
import pytest

from cdr_ingest.indicators.reading import read_folder
from cdr_ingest.indicators.records import CALL, FIELDS, LOCATION, TEXT
from cdr_ingest.indicators.spatial import homes
from operator_push.kernel.errors import OperatorError

HEADER = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id"
CALLED = "call,in,c1,2014-01-02 10:00:00,60,a"
WROTE = "text,out,c2,2014-01-01 09:00:00,,"


@pytest.fixture
def folder(tmp_path):
    def written(files, antennas="antenna_id,latitude,longitude\na,1.5,2.5\n", recharges=None):
        for room in ("records", "recharges"):
            (tmp_path / room).mkdir(exist_ok=True)
        for name, text in files.items():
            (tmp_path / "records" / f"{name}.csv").write_bytes(text.encode())
        for name, text in (recharges or {}).items():
            (tmp_path / "recharges" / f"{name}.csv").write_text(text)
        if antennas is not None:
            (tmp_path / "antennas.csv").write_text(antennas)
        return tmp_path

    return written


def lines(*rows, end="\n"):
    return end.join([HEADER, *rows, ""])


def test_people_are_files_and_records_come_in_the_order_of_time(folder):
    people = read_folder(folder({"zoe": lines(CALLED), "ann": lines(CALLED, WROTE)}))
    assert people.names == ["ann", "zoe"]
    assert people.records.person.tolist() == [0, 0, 1]
    assert people.records.interaction.tolist() == [TEXT, CALL, CALL]
    assert people.records.is_out.tolist() == [True, False, False]
    assert people.records.duration_s.tolist()[1:] == [60, 60]
    located = people.places.latitude[people.records.place].tolist()
    assert located[1:] == [1.5, 1.5]
    assert located[0] != located[0]  # nowhere


@pytest.mark.parametrize(
    "text",
    [
        lines(CALLED, WROTE, end="\r\n"),
        lines(CALLED, WROTE, end="\r"),
        lines(CALLED, WROTE).replace("interaction,direction", '"interaction","direction"'),
        lines(CALLED, WROTE).rstrip(),
        "\ufeff" + lines(CALLED, WROTE),
        lines(CALLED, "", WROTE),
        lines(CALLED, WROTE.replace("c2", '"c2"')),
        lines(CALLED, WROTE.removesuffix(",")),  # a short row
        lines(CALLED.replace("60", " +60"), WROTE.replace("2014-01-01", "2014-1-1")),
        "antenna_id," + lines(CALLED, WROTE).replace(",antenna_id", ",x").replace("call,", "a,call,")
        .replace("text,", ",text,"),
    ],
)  # fmt: skip
def test_the_same_records_however_they_are_written(folder, text):
    people = read_folder(folder({"ann": lines(CALLED, WROTE), "bob": text}))
    first, second = (people.records.take(people.records.person == person) for person in (0, 1))
    for name in ("time_s", "interaction", "is_out", "contact", "place"):
        assert getattr(first, name).tolist() == getattr(second, name).tolist(), name
    assert people.ignored.sum() == 0


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("fax,in,c1,2014-01-02 10:00:00,,a", ["interaction"]),
        ("call,inn,c1,2014-01-02 10:00:00,1,a", ["direction"]),
        ("call,in,,2014-01-02 10:00:00,1,a", ["correspondent_id"]),
        ("call,in,c1,2014-02-30 10:00:00,1,a", ["datetime"]),
        ("call,in,c1,,1,a", ["datetime"]),
        ("call,in,c1,2014-01-02 10:00:00,1.5,a", ["call_duration"]),
        ("call,in,c1,2014-01-02 10:00:00,,a", ["call_duration"]),
        ("gps,in,,2014-01-02 10:00:00,,", ["location"]),
        ("call,,,x,y,a", ["direction", "correspondent_id", "datetime", "call_duration"]),
    ],
)
def test_a_wrong_record_is_ignored_and_counted_under_each_wrong_field(folder, row, wrong):
    people = read_folder(folder({"ann": lines(CALLED, row)}))
    assert len(people.records) == 1
    told = dict(zip(FIELDS, people.ignored[0].tolist(), strict=True))
    assert {name for name, count in told.items() if count} == {"all", *wrong}


def test_a_position_alone_is_a_record_of_a_place(folder):
    people = read_folder(folder({"ann": lines("gps,in,,2014-01-02 10:00:00,,a")}))
    assert people.records.interaction.tolist() == [LOCATION]


def test_coordinates_of_records_count_where_no_file_has_antennas(folder):
    text = (
        "interaction,direction,correspondent_id,datetime,call_duration,latitude,longitude\n"
        "text,in,c,2014-01-01 00:00:00,,4.5,5.5\ntext,in,c,2014-01-01 00:00:01,,x,5.5\n"
    )
    people = read_folder(folder({"ann": text}, antennas=None))
    assert people.places.located[people.records.place].tolist() == [True, False]
    people = read_folder(folder({"ann": text}))
    assert people.places.located[people.corrected().place].tolist() == [False, False]


def test_the_antenna_file_has_the_last_word_but_on_where_home_is(folder):
    row = "gps,in,,2014-01-01 2{}:00:00,,{},{},5.5\n".format
    header = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id,latitude,longitude\n"
    text = header + row(0, "a", 1) + row(1, "a", 2) + row(2, "", 3) + row(3, "", 3)
    people = read_folder(folder({"ann": text}))
    assert people.ignored.sum() == 0
    corrected = people.corrected()
    assert people.places.latitude[corrected.place][:2].tolist() == [1.5, 1.5]
    assert people.places.located[corrected.place].tolist() == [True, True, False, False]
    home = homes(people.records, 1, people.places)
    assert home.tolist() == [corrected.place[2]]  # two at (3, 5.5), one each of the antenna's


def test_places_are_one_by_their_antennas_or_else_by_their_coordinates(folder):
    row = "gps,in,,2014-01-01 2{}:00:00,,{},{},5.5\n".format
    header = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id,latitude,longitude\n"
    text = header + row(0, "a", 1) + row(1, "a", 2) + row(2, "", 2) + row(3, "b", 2)
    places = read_folder(folder({"ann": text}, antennas=None)).places
    alike = [
        [bool(places.alike(np.array([one]), np.array([other]))[0]) for other in range(4)] for one in range(4)
    ]
    assert alike == [
        [True, True, False, False],
        [True, True, True, False],
        [False, True, True, True],
        [False, False, True, True],
    ]
    assert places.likened.tolist() == [True, True, True, True]


def test_attributes_are_read_where_they_are_asked_for(folder):
    at = folder({"ann": "", "bob": lines(CALLED)})
    assert read_folder(at, with_attributes=True).attributes_path is None
    (at / "attributes").mkdir()
    (at / "attributes" / "bob.csv").write_text("key,value\nage,old\nhome\n")
    (at / "attributes" / "zoe.csv").write_text("key,value\nage,young\n")  # without records
    assert read_folder(at, with_attributes=True).attributes == [{}, {"age": "old", "home": None}]
    assert read_folder(at).attributes == []
    (at / "attributes" / "ann.csv").write_text("age,young\n")
    with pytest.raises(OperatorError, match="lacks key, value"):
        read_folder(at, with_attributes=True)


def test_an_empty_file_is_of_somebody_without_records(folder):
    people = read_folder(folder({"ann": "", "bob": lines(CALLED)}, recharges={"bob": ""}))
    assert people.names == ["ann", "bob"]
    assert people.records.person.tolist() == [1]
    assert len(read_folder(folder({"bob": ""})).records) == 0


def test_a_recharge_without_a_date_is_told_with_its_place(folder):
    recharges = {
        "ann": "datetime,amount\n2015-1-13,12\n",
        "bob": "datetime,amount\n2015-1-13,1\n13/1/2015,2\n",
    }
    with pytest.raises(OperatorError, match=r"recharges/bob\.csv:3: the datetime is '13/1/2015'; give YYYY"):
        read_folder(folder({"ann": lines(CALLED), "bob": lines(CALLED)}, recharges=recharges))


def test_recharges_of_people_without_records_are_nobody_s(folder):
    recharges = {"ann": "datetime,amount\n2015-1-13,12\n2015-01-02 00:00:01,x\n", "bob": "datetime,amount\n"}
    people = read_folder(folder({"ann": lines(CALLED)}, recharges=recharges))
    assert people.recharges.amount.tolist() == [0.0, 12.0]
    assert people.recharges.time_s.tolist() == [1420156801, 1421107200]


@pytest.mark.parametrize(
    ("files", "antennas", "told"),
    [
        ({}, None, r"records has no \*\.csv"),
        ({"ann": "interaction,direction\n"}, None, r"ann\.csv:1: lacks correspondent_id, datetime"),
        (
            {"ann": lines()},
            "antenna_id,latitude,longitude\na,1,2\nb,north,2\n",
            r"antennas\.csv:3: .*'north'",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(folder, files, antennas, told):
    with pytest.raises(OperatorError, match=told):
        read_folder(folder(files, antennas))

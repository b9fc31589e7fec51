"""Indicators of a few records, worked out by hand, and the shape in which they are told."""

import math

import pytest

from cdr_ingest.indicators.catalogue import NAMES
from cdr_ingest.indicators.compute import Asked, compute
from cdr_ingest.indicators.reading import read_folder
from cdr_ingest.indicators.report import nest

HEADER = "interaction,direction,correspondent_id,datetime,call_duration,antenna_id"
ALL = {"group_by": "none"}


@pytest.fixture
def found(tmp_path):
    def of(*rows, **asked):
        (tmp_path / "records").mkdir()
        (tmp_path / "records" / "ann.csv").write_text("\n".join([HEADER, *rows, ""]))
        (tmp_path / "antennas.csv").write_text("antenna_id,latitude,longitude\na,0,0\nb,0,1\n")
        people = read_folder(tmp_path)
        asked = Asked(**(ALL | asked))
        return nest(people, asked, compute(people, asked))["ann"]

    return of


def test_a_conversation_ends_with_a_call_or_an_hour_of_silence(found):
    told = found(
        "text,in,c,2014-01-01 10:00:00,,a",
        "text,out,c,2014-01-01 10:59:59,,a",  # 3,599 s later: the same one, answered
        "text,in,c,2014-01-01 11:59:59,,a",  # an hour later: another
        "call,out,c,2014-01-01 12:00:00,5,a",
        "text,out,c,2014-01-01 12:00:10,,a",  # begun by the person
        "text,in,d,2014-01-01 12:00:20,,a",
        "text,out,d,2014-01-01 12:00:20,,a",  # within its second: answered, and no delay
    )
    assert told["response_rate_text"]["allweek"]["allday"]["callandtext"] == pytest.approx(2 / 3)
    assert told["response_delay_text"]["allweek"]["allday"]["callandtext"] == {"mean": 3599.0, "std": 0.0}
    assert told["percent_initiated_conversations"]["allweek"]["allday"]["callandtext"] == 0.25


def test_both_ends_of_the_night_are_night(found):
    rows = [f"text,in,c,2014-01-01 {clock},,a" for clock in ("07:00:00", "07:00:01", "18:59:59", "19:00:00")]
    told = found(*rows, split_day=True)
    assert told["percent_nocturnal"]["allweek"]["allday"]["text"] == 0.5
    assert told["number_of_interactions"]["allweek"]["night"]["text"] == 2


def test_a_place_is_the_most_frequent_of_its_half_hour_and_of_equals_the_first(found):
    rows = [("10:00:00", "b"), ("10:10:00", "a"), ("10:29:59", "a"), ("10:30:00", "b"), ("10:31:00", "a")]
    told = found(*[f"text,in,c,2014-01-01 {clock},,{antenna}" for clock, antenna in rows])
    assert told["number_of_antennas"]["allweek"]["allday"] == 2  # a, then b
    assert told["entropy_of_antennas"]["allweek"]["allday"] == pytest.approx(math.log(2))
    half_a_degree = 6371 * math.pi / 180 / 2
    assert told["radius_of_gyration"]["allweek"]["allday"] == pytest.approx(half_a_degree)
    assert told["percent_at_home"]["allweek"]["allday"] is None  # no record at night, no home


def test_weeks_are_of_the_iso_calendar_and_their_statistics_are_told(found):
    told = found(
        "text,in,c,2013-12-29 10:00:00,,a",  # Sunday of week 52
        "text,in,c,2013-12-30 10:00:00,,a",  # Monday of week 1
        "text,in,d,2014-01-05 10:00:00,,b",  # Sunday of week 1
        group_by="week",
        split_week=True,
    )
    assert told["number_of_contacts"]["allweek"]["allday"]["text"] == {"mean": 1.5, "std": 0.5}
    assert told["number_of_contacts"]["weekend"]["allday"]["text"] == {"mean": 1.0, "std": 0.0}
    assert told["number_of_contacts"]["allweek"]["allday"]["call"] == {"mean": None, "std": None}
    assert told["churn_rate"] == {"mean": pytest.approx(1 - 1 / math.sqrt(2)), "std": 0.0}
    assert (told["reporting"]["bins"], told["reporting"]["bins_with_data"]) == (2, 2)


def test_a_person_without_records_has_every_name_and_no_value(found):
    told = found(group_by="week")
    assert told["active_days"] == {"allweek": {"allday": {"callandtext": {"mean": None, "std": None}}}}
    assert told["reporting"]["start_time"] is None
    assert "amount_recharges" not in told


def test_only_what_is_asked_for_is_told(found):
    told = found("text,in,c,2014-01-01 10:00:00,,a", names=("active_days", "churn_rate"))
    assert list(told) == ["name", "reporting", "active_days", "churn_rate"]
    assert told["churn_rate"] == {"mean": None, "std": None}


def test_every_name_is_there_once():
    assert len(NAMES) == len(set(NAMES)) == 28

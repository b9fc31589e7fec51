"""Calls: what functions mean, and the errors of those who call them wrongly."""

import pytest

from operator_push.domain.audience.moments import date_days, timestamp_us
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.vocabulary import Vocabulary

NOON_US = timestamp_us("2027-01-15T12:00:00Z")
ASHA = {
    "age": 30,
    "plan": "Gold 199",
    "spend_30d": 250.75,
    "home.city": "Pune",
    "home.lat": 18.55,
    "home.lon": 73.9,
    "top_ups_30d": 3,
    "days_since_top_up": 4,
    "activated_on": date_days("2026-12-31"),
    "list:vip": True,
    "clicked:spring": True,
}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("has(age)", True),
        ("has(language)", False),
        ("size(plan) == 8 && plan.size() == 8", True),
        ("[1, 2, 2].size() == 3", True),
        ("int(spend_30d) == 250", True),
        ("double(age) / 4.0 == 7.5", True),
        ('plan.startsWith("Gold") && plan.endsWith("99") && plan.contains("d 1")', True),
        ('plan.lowerAscii() == "gold 199" && plan.upperAscii() == "GOLD 199"', True),
        ('language.startsWith("h")', None),
        ('did("top_up", 3, "30d")', True),
        ('did("top_up", 4, "720h")', False),
        ('did("call", 1, "30d")', None),
        ('days_since("top_up") == 4', True),
        ("days_since(activated_on) == 15", True),
        ('days_since(activated_on, "+13:00") == 16', True),
        ("days_since(last_top_up_on) > 3", None),
        ('days_since(timestamp("2027-01-14T12:00:01Z")) == 0', True),
        ('activated_on < today() && activated_on == date("2026-12-31")', True),
        ('now() - timestamp("2027-01-15T00:00:00Z") == duration("12h")', True),
        ('(now() - timestamp("2027-01-14T10:30:00Z")).getHours() == 25', True),
        ('now().getHours("Asia/Kolkata") == 17 && now().getDayOfWeek() == 5', True),
        ('timestamp("2027-01-15T20:00:00Z").getDate("Asia/Kolkata") == 16', True),
        ('in_list("vip") && !in_list("other")', True),
        ('clicked("spring") && !received("spring")', True),
        ('within("Pune", 10)', True),
        ('within("Mumbai", 50)', False),
        ("within(18.55, 73.9, 1)", True),
        ('["Pu", "Mu"].exists(x, home.city.startsWith(x))', True),
        ('["Pu", "Mu"].all(x, home.city.startsWith(x))', False),
        ('["hi"].exists(x, language == x)', None),
        ("[].exists(x, age > x) || [].all(x, age > x)", True),
        ("[1, 2].all(x, [3, 4].exists(y, y > x && age > y))", True),
    ],
)
def test_meanings(text: str, answer: bool | None) -> None:
    assert compile_rule(text).function()(ASHA, NOON_US) is answer


@pytest.mark.parametrize(
    ("text", "column", "told"),
    [
        ("foo(age) > 1", 1, "there is no function foo()"),
        ("day_since(activated_on) > 1", 1, "did you mean days_since()?"),
        ('plan.matches("g.*")', 6, "use startsWith, endsWith or contains"),
        ('plan.startswith("g")', 6, "did you mean startsWith()?"),
        ('plan.startsWith("g", "h")', 6, "takes 1 arguments, 2 are given"),
        ('age.startsWith("g")', 1, "startsWith() is for strings, this is an int"),
        ("has(3)", 5, "has() takes an attribute"),
        ("size(age) > 1", 6, "size() counts a string or a list"),
        ('int("5") > 1', 5, "int() takes a double"),
        ('double("5") > 1.0', 8, "double() takes an int"),
        ('did("topup", 3, "30d")', 5, "unknown event 'topup'; did you mean top_up?"),
        ('did("top_up", 3, "14d")', 18, "not counted over 14 days; it is over 1d, 7d, 30d, 90d"),
        ('did("top_up", 0, "30d")', 15, "at least 1"),
        ('did("top_up", 3, "36h")', 18, "whole days"),
        ('did("top_up", 3, "soon")', 18, "is no duration"),
        ('days_since("sms") > 3', 12, "events are top_up"),
        ('days_since("2026-01-01") > 3', 12, 'write date("2026-01-01")'),
        ("days_since(age) > 3", 12, "takes a date or a timestamp, this is an int"),
        ('timestamp("2027-01-15") < now()', 11, "is no timestamp; a timestamp is written"),
        ('activated_on > date("2027-13-01")', 21, "there is no such day"),
        ('activated_on > "2027-01-01"', 14, 'write date("2027-01-01")'),
        ('now() > "2027-01-01T00:00:00Z"', 7, 'write timestamp("2027-01-01T00:00:00Z")'),
        ("now().getHours(5) > 3", 16, "a zone is a name in quotes"),
        ('now().getHours("Mars/City") > 3', 16, "'Mars/City' is no zone"),
        ("age.getHours() > 3", 1, "is asked of a timestamp, this is an int"),
        ("in_list(vip)", 9, "takes a name in quotes"),
        ('within("Puna", 5)', 8, "unknown place 'Puna'; did you mean Pune?"),
        ('within("Pune", 0.5)', 16, "km is 1..500"),
        ('within("Pune", age)', 16, "a number stands here"),
        ("within(95, 10, 5)", 8, "latitude is -90..90"),
        ("age.exists(x, x > 3)", 5, "asked of a written list"),
        ("[1].exists(3, age > 3)", 5, "takes a name and a condition"),
        ("[1].all(x, x)", 2, "&& joins conditions, this is an int"),
        ('sets.contains(plan, ["a"])', 15, "a set stands here, this is a string"),
    ],
)
def test_errors_point_at_the_column(text: str, column: int, told: str) -> None:
    with pytest.raises(RuleError) as caught:
        compile_rule(text)
    assert (caught.value.column, told in str(caught.value)) == (column, True), str(caught.value)


def test_what_a_client_may_not_use_is_named_and_never_suggested() -> None:
    vocabulary = Vocabulary(barred={"home.city": "not sold to banks"}, sets={"list:vip"})
    with pytest.raises(RuleError, match=r"column 1: home\.city may not be used here: not sold to banks"):
        compile_rule('home.city == "Pune"', vocabulary)
    with pytest.raises(RuleError, match="see the feature catalogue"):
        compile_rule('zzz.city == "Pune"', vocabulary)
    for hidden in ("has(home.city)", '["x"].exists(x, home.city == x)', "size(home.city) > 1"):
        with pytest.raises(RuleError, match="may not be used"):
            compile_rule(hidden, vocabulary)
    assert compile_rule('in_list("vip")', vocabulary).sets == ("list:vip",)
    with pytest.raises(RuleError, match="you have no list 'vips'; did you mean vip"):
        compile_rule('in_list("vips")', vocabulary)
    with pytest.raises(RuleError, match="you have no campaign"):
        compile_rule('bought("vip")', vocabulary)


def test_work_is_bounded_however_macros_are_nested() -> None:
    items = "[" + ",".join(["1"] * 60) + "]"
    text = "true"
    for name in "wxyz":
        text = f"{items}.exists({name}, {text})"
    with pytest.raises(RuleError, match="too much at once"):
        compile_rule(text)
    with pytest.raises(RuleError, match="too much at once"):
        compile_rule("spend_30d" + " * spend_30d" * 30 + " > 1.0")


def test_a_rule_that_reads_the_clock_must_be_told_the_time() -> None:
    rule = compile_rule("days_since(activated_on) > 3")
    assert rule.reads_clock
    with pytest.raises(ValueError, match="now_us"):
        rule.function()(ASHA)
    with pytest.raises(ValueError, match="now_us"):
        rule.sql()
    sql, parameters = rule.sql(now_us=NOON_US)
    assert sql == '((CAST(? AS BIGINT) - "activated_on") > ?)'
    assert parameters == [date_days("2027-01-15"), 3]

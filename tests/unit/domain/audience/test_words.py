"""Rules in words: sentences that can be read in one way only."""

import pytest

from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.words import attribute_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'age >= 18 && home.city in ["Pune", "Mumbai"]',
            "people whose age is at least 18 years and whose home city is Pune or Mumbai",
        ),
        (
            "spend_30d > 1200 && prepaid && calls_30d <= 5",
            "people whose spend in 30 days is more than 1,200 rupees, who are prepaid"
            " and whose calls in 30 days is at most 5",
        ),
        ('!(device.os == "feature")', "people for whom it is not so that device os is feature"),
        (
            'age < 20 || plan == "x" && language != "hi"',
            "people whose age is less than 20 years or for whom (plan is x and language is not hi)",
        ),
        (
            '(age < 20 || plan == "x") && prepaid',
            "people for whom (age is less than 20 years or plan is x) and who are prepaid",
        ),
        ("age == null", "people whose age is not known"),
        ("age != null", "people whose age is known"),
        ("tenure_days - 30 > -age", "people whose (tenure days minus 30 days) is more than minus age"),
        ("age > 17.5", "people whose age is more than 17.5 years"),
        ("prepaid == true", "people whose prepaid is true"),
        ('plan == ""', "people whose plan is empty"),
        ('plan in ["a", "b", "c"]', "people whose plan is a, b or c"),
        ("plan in []", "people whose plan is one of nothing"),
        ("true", "people for whom always"),
    ],
)
def test_words(text: str, words: str) -> None:
    assert compile_rule(text).words() == words


def test_attribute_words() -> None:
    assert attribute_words("home.city") == "home city"
    assert attribute_words("data_mb_30d") == "data mb in 30 days"
    assert attribute_words("days_since_top_up") == "days since top up"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'home.city.startsWith("P") && size(plan) > 3',
            "people whose home city starts with P and whose the length of plan is more than 3",
        ),
        (
            'in_list("vip") && !bought("spring")',
            "people who are in the list vip and who did not buy after the campaign spring",
        ),
        (
            'in_list("a") || (prepaid && in_list("b"))',
            "people who are in the list a or for whom (prepaid and the person is in the list b)",
        ),
        ('within("Pune", 10)', "people whose home is within 10 km of Pune"),
        ("days_since(activated_on) > 30", "people whose (today minus activated on) is more than 30"),
        ('activated_on >= date("2026-01-31")', "people whose activated on is at least 2026-01-31"),
        (
            "(prepaid ? age : tenure_days) > 3",
            "people whose (age if prepaid, otherwise tenure days) is more than 3 years",
        ),
        ("spend_30d * 2.0 > 1000.5", "people whose (spend in 30 days times 2) is more than 1,000.5 rupees"),
    ],
)
def test_words_of_functions(text: str, words: str) -> None:
    assert compile_rule(text).words() == words


RULE = 'age >= 18 && home.city in ["Pune", "Mumbai"] && spend_30d > 1200.5 && !in_list("vip")'


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "de",
            "Personen, für die gilt: Alter ist mindestens 18 Jahre, Wohnort ist Pune oder "
            "Mumbai, Ausgaben in 30 Tagen ist mehr als 1.200,5 Rupien und sie stehen nicht "
            "auf der Liste vip",
        ),
        (
            "fr",
            "personnes pour lesquelles : l'âge est au moins 18 ans, la ville du domicile est "
            "Pune ou Mumbai, la dépense en 30 jours est supérieur à 1 200,5 roupies et elles "
            "ne sont pas dans la liste vip",
        ),
        (
            "es",
            "personas para las que: la edad es al menos 18 años, la ciudad de residencia es "
            "Pune o Mumbai, el gasto en 30 días es más de 1.200,5 rupias y no están en la "
            "lista vip",
        ),
        (
            "hi",
            "वे लोग जिनके लिए: आयु कम से कम 18 वर्ष है, घर का शहर Pune या Mumbai है, 30 "
            "दिनों में खर्च 1,200.5 रुपये से अधिक है और वे सूची vip में नहीं हैं",
        ),
    ],
)
def test_other_languages(language: str, words: str) -> None:
    assert compile_rule(RULE).words(language) == words

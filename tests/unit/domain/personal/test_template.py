"""A personal text: what may be written, what becomes of what is not known, and that nothing gets out."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_push.domain.personal.template import (
    TEMPLATE_CHARS_MAX,
    VALUE_CHARS_MAX,
    is_personal,
    personal_text,
)
from operator_push.kernel.errors import OperatorError

KNOWN = {"home.city": "Pune", "age": 30, "spend_30d": 249.5, "prepaid": True, "activated_on": 20_000}

RENDERED = (
    # template, what somebody gets of whom KNOWN is known, what somebody gets of whom nothing is
    ("Chai!", "Chai!", "Chai!"),
    ('{{ home.city | default("Your town") }} waits', "Pune waits", "Your town waits"),
    ('{{ home.city | default("your town") | upper }}', "PUNE", "YOUR TOWN"),
    ('{{ home.city | upper | default("your town") }}', "PUNE", "your town"),
    ("{% if home.city %}in {{ home.city }}{% else %}near you{% endif %}", "in Pune", "near you"),
    ("{% if not home.city == 'Goa' %}far{% else %}?{% endif %}", "far", "?"),
    ("{% if not prepaid %}a{% elif prepaid %}b{% else %}c{% endif %}", "b", "c"),
    ("{% if age >= 18 and prepaid %}x{% endif %}y", "xy", "y"),
    ("{% if age < 18 or home.city in ['Pune', 'Goa'] %}x{% endif %}y", "xy", "y"),
    ("{% if home.city not in ['Goa'] %}x{% endif %}y", "xy", "y"),
    ("{% if home.city != 'Goa' %}x{% endif %}y", "xy", "y"),
    ("{% if prepaid is defined %}x{% endif %}y", "xy", "y"),
    ("{{ spend_30d | round | default('much') }}", "250", "much"),
    ("{{ spend_30d | default(0) }}", "249.5", "0"),
    ("{{ activated_on | date | default('long ago') }}", "2024-10-04", "long ago"),
    ("{{ activated_on | day_month | default('once') }}", "04.10.", "once"),
    ("{{ 'young' if age < 40 else 'old' }}", "young", "old"),
    ("{{ home.city if home.city else 'here' }}", "Pune", "here"),
)


@pytest.mark.parametrize(("text", "known", "unknown"), RENDERED)
def test_a_text_with_what_is_known_and_with_nothing(text: str, known: str, unknown: str) -> None:
    assert personal_text(text).render(KNOWN) == known
    assert personal_text(text).render({}) == unknown


def test_only_what_a_text_uses_is_named() -> None:
    text = personal_text("{% if age > 3 %}{{ home.city | default('x') }}{% endif %}")
    assert sorted(text.names) == ["age", "home.city"]


def test_a_declared_fallback_stands_for_every_place_without_its_own() -> None:
    text = "{{ home.city }} and {{ home.city | default('there') }}{% if home.city %}!{% endif %}"
    assert personal_text(text, {"home.city": "here"}).render({}) == "here and there"


REFUSED = (
    ("{{ home.city }}", "home.city may not be known"),
    ("{% if prepaid %}{{ home.city }}{% endif %}", "home.city may not be known"),
    ("{% if prepaid or home.city %}{{ home.city }}{% endif %}", "home.city may not be known"),
    ("{{ agee | default(1) }}", "did you mean age"),
    ("{{ age.__class__ | default(1) }}", "no attribute 'age.__class__'"),
    ("{{ home.city.__class__.__mro__ | default(1) }}", "no attribute"),
    ("{{ ''.__class__ }}", "const here has no place"),
    ("{{ cycler.__init__.__globals__ }}", "no attribute"),
    ("{{ self }}", "no attribute 'self'"),
    ("{{ range(9) }}", "a call has no place"),
    ("{% for a in [1] %}x{% endfor %}", "a loop has no place"),
    ("{% set a = 1 %}", "an assignment has no place"),
    ("{% include 'x' %}", "an include has no place"),
    ("{% macro a() %}{% endmacro %}", "a macro has no place"),
    ("{{ 9 ** 9 ** 9 }}", "arithmetic has no place"),
    ("{{ 'a' * 999999999 }}", "arithmetic has no place"),
    ("{{ 'a' ~ 'b' }}", "~ has no place"),
    ("{{ home['city'] }}", "a bracket has no place"),
    ("{{ 'x' | center(999999999) }}", "No filter named 'center'|no filter 'center'"),
    ("{{ plan | default(plan) }}", "default takes one text or number"),
    ("{{ age | upper | default('x') }}", "upper takes a text alone, and this is a number"),
    ("{{ plan | round | default('x') }}", "round takes a number"),
    ("{% if age >= '18' %}x{% endif %}", "a number and a text cannot be compared"),
    ("{% if plan > 'a' %}x{% endif %}", "> compares numbers"),
    ("{% if 1 < age < 3 %}x{% endif %}", "compare here has no place"),
    ("{% if plan in ['a', 1] %}x{% endif %}", "in needs a list of a text"),
    ("{{ prepaid | default('x') | upper }}", "true or false is no text"),
    ("{% if prepaid %}{{ prepaid }}{% endif %}", "true or false is no text"),
    ("{% if activated_on %}{{ activated_on }}{% endif %}", "a date needs | date"),
    ("{{ activated_on | default('long ago') }}", "a date needs | date"),
    ("{{ prepaid | default('x') }}", "true or false is no text"),
    ("{{ 'x' if prepaid }}", "needs its else"),
    ("{{ home.city", "line 1"),
    ("{% if prepaid %}", "line 1"),
    ("https://chai.example/?c={{ home.city | default('x') }}", "a place in a link"),
    ("{{ plan | default('x') }}.chai.example/go", "a place in a link"),
    ("{% if age == 5 %}chai.example/{{ home.city | default('x') }}{% endif %}", "a place in a link"),
    ("x" * (TEMPLATE_CHARS_MAX + 1), "characters"),
    ("{{ " + "(" * 1_900 + "1" + ")" * 1_900 + " }}", "nested too deeply"),
)


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=[text[:40] for text, _ in REFUSED])
def test_what_no_text_may_say(text: str, why: str) -> None:
    with pytest.raises(OperatorError, match=why):
        personal_text(text)


@pytest.mark.parametrize(
    ("fallbacks", "why"),
    [
        ({"agee": "x"}, "no attribute of the catalogue"),
        ({"age": "x" * (VALUE_CHARS_MAX + 1)}, "longer than 30"),
        ({"age": "evil.example/x"}, "holds a link"),
    ],
)
def test_what_no_fallback_may_say(fallbacks: dict[str, str], why: str) -> None:
    with pytest.raises(OperatorError, match=why):
        personal_text("hello", fallbacks)


@pytest.mark.parametrize("value", ["x" * (VALUE_CHARS_MAX + 1), "evil.com/x", "a\nb", "{{ age }}"])
def test_a_value_that_no_text_should_show_is_as_if_it_were_not_known(value: str) -> None:
    assert personal_text("{{ plan | default('your plan') }}").render({"plan": value}) == "your plan"


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", "if", "else", "endif", "for", "in", "age", "home.city", "|", "default",
             "(", ")", "'x'", "1", "*", "**", "~", ".", "__class__", "[", "]", "range", "and", "not",
             "==", " "]
        ),
        max_size=30,
    )
)  # fmt: skip
def test_whatever_passes_the_check_ends_soon_and_stays_short(words: list[str]) -> None:
    text = " ".join(words)
    try:
        checked = personal_text(text)
    except OperatorError:
        return
    began = time.process_time()
    for values in ({}, KNOWN):
        assert len(checked.render(values)) <= len(text) + VALUE_CHARS_MAX * text.count("{{")
    assert time.process_time() - began < 1


def test_a_text_without_places_is_none() -> None:
    assert not is_personal("50 % off {today}")
    assert is_personal("{{ age | default(1) }}")
    assert is_personal("{% if prepaid %}x{% endif %}")

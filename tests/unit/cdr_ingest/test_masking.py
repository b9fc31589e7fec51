"""What a rejected row may show."""

import pytest

from cdr_ingest.masking import mask_field, mask_row, mask_words

FIELDS = """
919845000001               919…01
+91 98450 00001            +91…01
98450-00001                984…01
91984x000001               919…01
٩٨٤٥٠٠٠٠٠١                 ٩٨٤…٠١
123456                     123456
1234567                    123…67
MSC001-20261010-17         MSC…17
2026-10-10                 2026-10-10
2026-10-10T12:00:00+05:30  2026-10-10T12:00:00+05:30
2026-10-10 12:00:00.123456Z  2026-10-10 12:00:00.123456Z
2026-10-10T12:00:00+05:30x   202…0x
9198-45-00001              919…01
-35                        -35
Talk 99                    Talk 99
"""


@pytest.mark.parametrize("case", FIELDS.strip().splitlines())
def test_a_field_with_more_than_six_digits_is_masked(case: str) -> None:
    text, shown = case.split("  ", 1)
    assert mask_field(text) == shown.strip()


def test_fields_end_at_any_usual_separator() -> None:
    assert mask_row("a,919845000001;919845000002|x\t919845000003") == "a,919…01;919…02|x\t919…03"


def test_control_characters_are_shown_as_escapes() -> None:
    assert mask_row("a\r0,\x1b[31m\tb") == "a\\x0d0,\\x1b[31m\tb"


WORDS = """
kind is Canaria            kind is C…
r2,MO_CALL,Fringilla,hi    r2,MO_CALL,F…,hi
{"cn": "Ann Lee", "x": 1}  {"cn": "A… L…", "x": 1}
cn: Canaria Serinus        cn: C… S…
suspended,prepaid,true     suspended,prepaid,true
Ünal,élan                  Ü…,é…
"""


@pytest.mark.parametrize("case", WORDS.strip().splitlines())
def test_a_word_that_no_format_knows_may_be_a_name(case: str) -> None:
    text, shown = case.split("  ", 1)
    assert mask_words(text) == shown.strip()

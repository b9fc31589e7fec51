"""National shift tables: against an independent transcription of TS 23.038, and by hand."""

import pytest
from gsmcodecs.charmaps import GSMCHARMAPS

from operator_push.text.gsm7 import decode_gsm7, encode_gsm7
from operator_push.text.shift_tables import (
    ESCAPE,
    LANGUAGE_CODES,
    UNDEFINED,
    NationalLanguage,
    language_of_code,
    shift_pair,
)

# Where we and gsmcodecs 1.0.0 differ, and why we are right: it reads the comma of A.3.4 to A.3.13 as an
# apostrophe (which the single shift tables have at 0x09); Kannada 0x24 is a slip of the printed table, which
# has U+0CAA twice and U+0CA1 nowhere; it misses Telugu's euro sign.
KANNADA_DDA = (7, 0x24, "\u0ca1", "\u0caa")
COMMAS = {(language, 0x2C, ",", "'") for language in range(4, 14)}


@pytest.mark.parametrize("language", [0, *NationalLanguage])
def test_locking_tables_are_those_of_the_judge(language):
    theirs = GSMCHARMAPS[language].get("locking", GSMCHARMAPS[0]["locking"])["decode"]
    ours = shift_pair(locking=language).locking
    differ = {
        (int(language), code, ours[code], chr(theirs[code]) if code in theirs else UNDEFINED)
        for code in range(128)
        if code != ESCAPE and ours[code] != (chr(theirs[code]) if code in theirs else UNDEFINED)
    }
    assert differ == {entry for entry in COMMAS | {KANNADA_DDA} if entry[0] == language}


@pytest.mark.parametrize("language", [0, *NationalLanguage])
def test_single_shift_tables_are_those_of_the_judge(language):
    theirs = {
        code: chr(value)
        for code, value in GSMCHARMAPS[language]["singleShift"]["decode"].items()
        if code != ESCAPE
    }
    if language == NationalLanguage.TELUGU:
        theirs[0x65] = "€"
    assert shift_pair(single=language).single == theirs


@pytest.mark.parametrize("locking", [0, *NationalLanguage])
@pytest.mark.parametrize("single", [0, *NationalLanguage])
def test_every_character_of_a_pair_goes_both_ways(locking, single):
    pair = shift_pair(locking, single)
    for point, octets in pair.encoding.items():
        shown = pair.locking[octets[0]] if len(octets) == 1 else pair.single[octets[1]]
        assert shown == chr(point)
    reachable = {ord(letter) for letter in pair.locking[:128] if letter != UNDEFINED}
    assert set(pair.encoding) == reachable | {ord(letter) for letter in pair.single.values()}


@pytest.mark.parametrize(
    ("language", "locking", "single", "text", "septets"),
    [
        ("tr", 0, 1, "ğüş", "1b67 7e 1b73"),
        ("tr", 1, 0, "ğüş€", "0c 7e 1d 04"),
        ("es", 0, 2, "día Ú", "64 1b69 61 20 1b55"),
        ("pt", 3, 3, "ção∞Φ", "09 7b 6f 15 1b12"),
        ("hi", 6, 6, "नमस्ते, Q१।", "2f 42 4c 5f 27 59 2c 20 1b51 1b1d 1b19"),
        ("ta", 11, 11, "தமிழ்", "27 42 51 48 5f"),
        ("kn", 7, 7, "ಡಪ", "24 3d"),
        ("ur", 13, 13, "پاکستان۔", "05 00 47 3d 07 00 4f 1b3f"),
    ],
)
def test_words_by_hand(language, locking, single, text, septets):
    octets = encode_gsm7(text, locking, single)
    assert octets.hex() == septets.replace(" ", "")
    assert decode_gsm7(octets, "strict", locking, single) == text
    assert language_of_code(language) in (locking, single)


def test_identifiers_that_nobody_has_assigned_mean_the_default():
    assert shift_pair(200, 14) is shift_pair(0, 0)
    assert shift_pair(NationalLanguage.SPANISH, 0) is shift_pair()  # A.3.2 is void


def test_codes_name_the_languages():
    assert [language_of_code(code).code for code in LANGUAGE_CODES] == list(LANGUAGE_CODES)
    assert language_of_code("or") is NationalLanguage.ORIYA
    with pytest.raises(ValueError, match="'de' has no shift tables; choose of tr, es, pt"):
        language_of_code("de")

"""Masking: how an input row may be shown in a reject file or a message without telling who it is about.

A field that holds more than six digits, in whatever spelling, keeps only its first three and last two
characters, unless it is a plain date or moment. So a number is hidden also with spaces or a letter in it.
Of words that our formats do not know only the first letter is shown, since they may be somebody's name.
Control characters are shown as escapes, so that a reject stays one line.
"""

import re
from collections.abc import Iterable
from functools import cache

DIGITS_SHOWN_MAX = 6
_SEPARATORS = r",;|\t\x1f\""
# A whole field with more digits than are shown; it begins behind a separator, so that none is tried twice.
_TELLING = re.compile(
    rf"(?<![^{_SEPARATORS}])(?:[^{_SEPARATORS}\d]*\d){{{DIGITS_SHOWN_MAX + 1}}}[^{_SEPARATORS}]*"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?(Z|[+-]\d\d:?\d\d))?)?", re.ASCII)
_DIGIT = re.compile(r"\d")  # all of Unicode's decimal digits
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127)}


# The names of fields, of JSON and LDIF, are no people; of words those of up to two letters are not either.
_KEY_OR_WORD = re.compile(r"(\"[^\"]*\"\s*:|^[A-Za-z][\w;-]*::?(?=\s))|([^\W\d_]{3,})", re.MULTILINE)
_LETTERS = re.compile(r"[^\W\d_]+")
_FORMAT_WORDS = ("true", "false", "null", "android", "ios", "feature", "version", "people", "uid")


def mask_words(text: str, known: Iterable[str] = ()) -> str:
    """The text with every word that is neither `known` nor a format's own cut to its first letter."""
    kept = _own_words() | {word.lower() for one in known for word in _LETTERS.findall(one)}

    def mask(match: re.Match[str]) -> str:
        key, word = match.groups()
        return key or (word if word.lower() in kept else f"{word[0]}…")

    return _KEY_OR_WORD.sub(mask, text)


@cache
def _own_words() -> frozenset[str]:
    from cdr_ingest.formats.contract_layout import FORMS, STATUS_WORDS
    from cdr_ingest.formats.layouts import CALL_KINDS, DATA_KIND, LAYOUTS, SMS_KINDS

    texts = [*CALL_KINDS, *SMS_KINDS, DATA_KIND, *FORMS, *STATUS_WORDS, *_FORMAT_WORDS]
    texts += [name for layout in LAYOUTS.values() for name in layout.columns]
    texts += [word for words in STATUS_WORDS.values() for word in words]
    return frozenset(word.lower() for text in texts for word in _LETTERS.findall(text))


def mask_row(line: str) -> str:
    """The line with every telling field masked; separators, short fields and moments stay readable."""
    return _escaped(_TELLING.sub(_mask_match, line))


def mask_field(text: str) -> str:
    """One field as a person may see it."""
    if len(_DIGIT.findall(text)) <= DIGITS_SHOWN_MAX or _MOMENT.fullmatch(text):
        return _escaped(text)
    return _escaped(f"{text[:3]}…{text[-2:]}")


def _mask_match(match: re.Match[str]) -> str:
    text = match[0]
    return text if _MOMENT.fullmatch(text) else f"{text[:3]}…{text[-2:]}"


def _escaped(text: str) -> str:
    return text if text.isprintable() else text.translate(_CONTROL)

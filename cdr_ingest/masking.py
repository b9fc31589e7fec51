"""Masking: how an input row may be shown in a reject file or a message without telling who it is about.

A field that holds more than six digits, in whatever spelling, keeps only its first three and last two
characters, unless it is a plain date or moment. So a number is hidden also with spaces or a letter in it.
Control characters are shown as escapes, so that a reject stays one line.
"""

import re

DIGITS_SHOWN_MAX = 6
_SEPARATORS = r",;|\t\x1f\""
# A whole field with more digits than are shown; it begins behind a separator, so that none is tried twice.
_TELLING = re.compile(
    rf"(?<![^{_SEPARATORS}])(?:[^{_SEPARATORS}\d]*\d){{{DIGITS_SHOWN_MAX + 1}}}[^{_SEPARATORS}]*"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?( ?(Z|[+-]\d\d:?\d\d))?)?", re.ASCII)
_DIGIT = re.compile(r"\d")  # all of Unicode's decimal digits
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(10, 32), 127)}


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

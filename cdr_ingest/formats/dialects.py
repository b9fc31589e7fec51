"""Dialects: how the lines of a text file are written."""

import codecs
from dataclasses import dataclass

# What a decoder leaves for octets that are none of its encoding: lines with a NUL are rejected.
_NUL_FOR_DAMAGE = "cdr_ingest_nul"
codecs.register_error(_NUL_FOR_DAMAGE, lambda error: ("\0", error.end))  # type: ignore[attr-defined]
UTF_8 = "utf-8"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How lines are written. `delimiter` "" where a line is one column (JSON lines, fixed width).

    `quote` "" where nothing is quoted; `backslash` where it escapes within quotes, besides doubled quotes.
    `skip_lines` of each stream's begin and lines that begin with one of `ignored` are no rows.
    """

    delimiter: str = ","
    quote: str = '"'
    backslash: bool = False
    encoding: str = UTF_8
    skip_lines: int = 0
    ignored: tuple[bytes, ...] = ()


HOUSE = Dialect()


def decoder(encoding: str) -> codecs.IncrementalDecoder:
    """A decoder that goes on behind damage, where it leaves a NUL.

    Raises:
        LookupError: there is no such encoding.
    """
    return codecs.getincrementaldecoder(encoding)(_NUL_FOR_DAMAGE)

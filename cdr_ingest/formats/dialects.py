"""Dialects: how the lines of a text file are written."""

import codecs
import re
from dataclasses import dataclass

UTF_8 = "utf-8"
# What a decoder leaves for octets that are none of its encoding: a NUL, which rejects the line, and them.
_MARK_OF_DAMAGE = "cdr_ingest_damage"
_DAMAGE = re.compile("\0([0-9a-f]+)\1")
# With a byte order mark the order is not known here any more; this one is by far the usual.
_WITHOUT_MARK = {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return f"\0{error.object[error.start : error.end].hex()}\1", error.end


codecs.register_error(_MARK_OF_DAMAGE, _mark)


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
    """A decoder that goes on behind damage, where it leaves a NUL and what `as_it_came` needs.

    Raises:
        LookupError: there is no such encoding.
    """
    return codecs.getincrementaldecoder(encoding)(_MARK_OF_DAMAGE)


def as_it_came(line: str, encoding: str) -> bytes:
    """The octets of a line that a decoder found damaged."""
    name = codecs.lookup(encoding).name
    parts = _DAMAGE.split(line)  # text, damage, text, …
    texts = [part.encode(_WITHOUT_MARK.get(name, name), "replace") for part in parts[::2]]
    damages = [bytes.fromhex(part) for part in parts[1::2]]
    return b"".join(text + damage for text, damage in zip(texts, [*damages, b""], strict=True))

"""LDIF (RFC 2849): entries as attributes, in the order of the file; change records of deletion say so."""

import base64
import binascii
from collections.abc import Iterable, Iterator

from operator_push.kernel.errors import OperatorError

Attributes = dict[str, list[str]]
# What a change record says before the values themselves; its values stand under their own names.
_DIRECTIVES = frozenset({"add", "replace", "delete"})


def read_ldif(lines: Iterable[str], file: str) -> Iterator[Attributes]:
    """The entries, attribute names in lower case without options; `dn` and `changetype` are among them.

    Raises:
        OperatorError: a line has no colon, or base64 that is none; names the line.
    """
    entry: Attributes = {}
    for line_no, line in _unfolded(lines):
        if not line:
            if entry:
                yield entry
            entry = {}
            continue
        if line == "-":  # the end of one change of a change record
            continue
        name, colon, value = line.partition(":")
        if not colon:
            raise OperatorError("a line of LDIF is NAME: VALUE", file=file, line=line_no)
        if value.startswith(":"):
            try:
                value = base64.b64decode(value[1:].strip(), validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise OperatorError("the value is not base64 of UTF-8", file=file, line=line_no) from None
        name = name.partition(";")[0].strip().lower()
        if name in _DIRECTIVES and "changetype" in entry:
            continue
        if name != "version" or entry:
            entry.setdefault(name, []).append(value.strip())
    if entry:
        yield entry


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Lines without comments; one that begins with a space continues the line before it."""
    held: tuple[int, str] | None = None
    for line_no, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line.startswith(" ") and held is not None:
            held = held[0], held[1] + line[1:]
            continue
        if held is not None and not held[1].startswith("#"):
            yield held
        held = line_no, line
    if held is not None and not held[1].startswith("#"):
        yield held

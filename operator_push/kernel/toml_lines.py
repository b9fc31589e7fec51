"""Where in a TOML text a key stands, so that an error can name the line; the standard parser does not tell.

A scan by line, not a parser: it knows table headers, keys, and the inside of multi-line strings and arrays.
A key that it cannot place (inside an inline table, say) is found at the line of what holds it.
"""

import re

KeyPath = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_PART_PATTERN = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_PART = re.compile(_PART_PATTERN)
_KEY = re.compile(rf"^\s*({_PART_PATTERN}(?:\s*\.\s*{_PART_PATTERN})*)\s*=(.*)$")
_TEXT_OR_COMMENT = re.compile(r""""(?:\\.|[^"\\])*"|'[^']*'|\#.*""")


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line, from 1, of every table and key: ("smsc", 0, "port") → 14. Arrays of tables count from 0."""
    lines: dict[KeyPath, int] = {}
    array_lengths: dict[KeyPath, int] = {}
    table: KeyPath = ()
    closing: str | None = None  # of a multi-line string
    depth = 0  # of a multi-line array
    for number, line in enumerate(text.splitlines(), start=1):
        if closing is not None:
            if closing in line:
                closing = None
            continue
        if depth > 0:
            depth += _brackets(line)
            continue
        header = _HEADER.match(line)
        if header:
            table = _enter(_parts(header[2]), header[1] == "[[", table_lengths=array_lengths)
            lines.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((*table, *_parts(key[1])), number)
            value = key[2].strip()
            quote = value[:3]
            if quote in ('"""', "'''"):
                closing = None if quote in value[3:] else quote
            else:
                depth = max(_brackets(value), 0)
    return lines


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a key, or of the nearest table that holds it, or None."""
    for length in range(len(path), 0, -1):
        line = lines.get(path[:length])
        if line is not None:
            return line
    return None


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _enter(parts: KeyPath, is_array: bool, table_lengths: dict[KeyPath, int]) -> KeyPath:
    """The path of a table header; a name that is an array of tables means its newest element."""
    path: KeyPath = ()
    for position, part in enumerate(parts):
        path = (*path, part)
        if is_array and position == len(parts) - 1:
            table_lengths[path] = table_lengths.get(path, 0) + 1
        if path in table_lengths:
            path = (*path, table_lengths[path] - 1)
    return path


def _brackets(line: str) -> int:
    bare = _TEXT_OR_COMMENT.sub("", line)
    return bare.count("[") - bare.count("]")

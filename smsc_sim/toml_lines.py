"""TOML lines: on which line of a file a key stands, so that an error can lead a person to it. Pure.

The text must be valid TOML: whoever asks has parsed it. Not here: what is wrong with the value.
"""

import re
from collections.abc import Iterator

Step = str | int
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_NAME = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([A-Za-z0-9_-]+))\s*(\.?)')
# One thing of a value: a string in one of its four forms, a comment, or a single character.
_THING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#[^\n]*|.', re.DOTALL
)


def line_of(text: str, key: str) -> int | None:
    """The line (from 1) of a key such as "population.handsets[1].state", or of the table that lacks it.

    Within an inline table or a list it is the line on which that begins. None where not even the first step
    of the key stands in the text.
    """
    wanted: tuple[Step, ...] = tuple(
        int(index) if index else name.strip() for name, index in _STEP.findall(key)
    )
    best, line = 0, None
    for path, number in _statements(text):
        fits = min(len(path), len(wanted))
        if path[:fits] == wanted[:fits] and fits > best:
            best, line = fits, number
    return line


def _statements(text: str) -> Iterator[tuple[tuple[Step, ...], int]]:
    """Each header and each `key = value` in order: its whole path and its line."""
    rows: dict[tuple[Step, ...], int] = {}  # The path of an array of tables: the index of its latest table
    table: tuple[Step, ...] = ()
    at, counted_to, line = 0, 0, 1
    while (at := _next_statement(text, at)) < len(text):
        line += text.count("\n", counted_to, at)
        counted_to = at
        if text[at] == "[":
            is_row = text.startswith("[[", at)
            names, at = _names(text, at + 1 + is_row)
            *above, last = names
            table = (*_path(above, (), rows), last)
            if is_row:
                rows[table] = rows.get(table, -1) + 1
            table = _with_row(table, rows)
            yield table, line
            at = _line_end(text, at)
        else:
            names, at = _names(text, at)
            yield _path(names, table, rows), line
            at = _value_end(text, at)


def _path(names: list[str], start: tuple[Step, ...], rows: dict[tuple[Step, ...], int]) -> tuple[Step, ...]:
    path = start
    for name in names:
        path = _with_row((*path, name), rows)
    return path


def _with_row(path: tuple[Step, ...], rows: dict[tuple[Step, ...], int]) -> tuple[Step, ...]:
    return (*path, rows[path]) if path in rows else path


def _names(text: str, at: int) -> tuple[list[str], int]:
    """The names of a dotted key, and where they end."""
    names = []
    while found := _NAME.match(text, at):
        names.append(found[1] or found[2] or found[3] or "")
        at = found.end()
        if not found[4]:
            break
    return names or [""], at


def _next_statement(text: str, at: int) -> int:
    while at < len(text) and (text[at].isspace() or text[at] == "#"):
        at = _line_end(text, at) if text[at] == "#" else at + 1
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _value_end(text: str, at: int) -> int:
    """Past the value that follows a key: the end of its line, where no bracket is open any more."""
    depth = 0
    while found := _THING.match(text, at):
        at = found.end()
        thing = found[0]
        if thing in "[{":
            depth += 1
        elif thing in "]}":
            depth -= 1
        elif thing == "\n" and depth <= 0:
            break
    return at

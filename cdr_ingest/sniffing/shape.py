"""The shape of a text: its form, delimiter, quotes, header, and lines that are no rows."""

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cdr_ingest.sniffing.sample import Guess
from cdr_ingest.sniffing.values import is_value

ROWS_MAX = 1000
_DELIMITERS = ",;\t|^~\x1f"
_NESTING_MAX = 3


@dataclass(slots=True)
class Shape:
    """What was seen: rows by column name; where a header is missing the names are ours (column_1 …).

    `positions` of fixed width: name → (first character from 1, how many).
    """

    form: Guess
    names: list[str]
    rows: list[list[str]]
    delimiter: Guess | None = None
    quote: str = ""
    header: Guess | None = None
    skip_lines: int = 0
    positions: dict[str, tuple[int, int]] = field(default_factory=dict)

    def column(self, name: str) -> list[str]:
        """The values of a column."""
        at = self.names.index(name)
        return [row[at] for row in self.rows]


def find_shape(lines: list[str]) -> Shape:
    """The shape of some lines, of which there is at least one."""
    lines = lines[:ROWS_MAX]
    return _json_shape(lines) or _csv_shape(lines) or _fixed_shape(lines)


def _json_shape(lines: list[str]) -> Shape | None:
    rows = []
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            rows.append(_flat(found))
    if not rows or len(rows) * 2 < len(lines):
        return None
    names = list(dict.fromkeys(name for row in rows for name in row))
    share = len(rows) / len(lines)
    form = Guess("jsonl", f"{len(rows)} of {len(lines)} lines are JSON objects", share)
    return Shape(form, names, [[row.get(name, "") for name in names] for row in rows])


def _flat(found: Any, path: str = "", depth: int = 0) -> dict[str, str]:
    """Nested values by their path: a.b[0]."""
    out: dict[str, str] = {}
    items: list[tuple[str, Any]] = []
    if isinstance(found, dict):
        items = [(f"{path}.{key}" if path else str(key), value) for key, value in found.items()]
    elif isinstance(found, list):
        items = [(f"{path}[{at}]", value) for at, value in enumerate(found[:3])]
    for name, value in items:
        if isinstance(value, dict | list):
            if depth < _NESTING_MAX:
                out |= _flat(value, name, depth + 1)
        elif value is not None:
            out[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return out


def _csv_shape(lines: list[str]) -> Shape | None:
    best: tuple[tuple[float, bool, int], float, str, str, list[list[str]]] | None = None
    for delimiter in _DELIMITERS:
        if not any(delimiter in line for line in lines):
            continue
        for quote in ('"', "'", ""):
            if quote and not any(_is_quoting(line, delimiter, quote) for line in lines):
                continue
            rows = [_split(line, delimiter, quote) for line in lines]
            counts = Counter(len(row) for row in rows)
            columns, times = max(counts.items(), key=lambda one: (one[1], one[0]))
            if columns < 2:
                continue
            # A comma stands in many an amount: more agreement, then no quotes left around, then more columns.
            share = times / len(rows)
            rank = (round(share, 1), _is_clean(rows), columns)
            if best is None or rank > best[0]:
                best = (rank, share, delimiter, quote, rows)
    if best is None or best[1] < 0.5:
        return None
    (_, _, columns), share, delimiter, quote, rows = best
    skip = next(at for at, row in enumerate(rows) if len(row) == columns)
    even = [row for row in rows[skip:] if len(row) == columns]
    header = _header(even)
    names = [name.strip() for name in even[0]] if header.value == "true" else _numbered(columns)
    seen = "tab" if delimiter == "\t" else delimiter
    return Shape(
        Guess("csv", f"lines of {columns} columns", share),
        names,
        even[1:] if header.value == "true" else even,
        Guess(delimiter, f"{share:.0%} of the lines have {columns} columns by {seen!r}", share),
        quote,
        header,
        skip if skip <= 20 else 0,
    )


def _is_clean(rows: list[list[str]]) -> bool:
    """Whether hardly any field stands in double quotes still, as where these were not seen as such."""
    fields = [field for row in rows for field in row]
    return sum(field[:1] == '"' == field[-1:] for field in fields) * 20 < len(fields)


def _is_quoting(line: str, delimiter: str, quote: str) -> bool:
    return line.startswith(quote) or f"{delimiter}{quote}" in line


def _split(line: str, delimiter: str, quote: str) -> list[str]:
    if not quote:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, quotechar=quote))
    except csv.Error:
        return [line]


def _header(rows: list[list[str]]) -> Guess:
    """Whether the first row names the columns: it has no value where the others have."""
    first, others = rows[0], rows[1:]
    if any(is_value(one) for one in first):
        return Guess("false", "the first row holds numbers or dates", 0.95)
    if not others:
        return Guess("true", "the only row is of words", 0.5)
    if any(mark.isdigit() for row in others[:20] for one in row for mark in one):
        if len(set(first)) == len(first) and all(first):
            return Guess("true", "the first row is of different words, others hold numbers or dates", 0.95)
        return Guess("true", "the first row is of words, the others hold numbers or dates", 0.7)
    return Guess("true", "all rows are of words; the first of them is taken for names", 0.5)


def _numbered(columns: int) -> list[str]:
    return [f"column_{number}" for number in range(1, columns + 1)]


def _fixed_shape(lines: list[str]) -> Shape:
    """Columns of fixed width: they begin where all lines have a space before and some line a mark."""
    widths = Counter(len(line) for line in lines)
    width, times = widths.most_common(1)[0]
    even = [line for line in lines if len(line) == width]
    is_gap = [all(line[at] == " " for line in even) for at in range(width)]
    positions: dict[str, tuple[int, int]] = {}
    at = 0
    while at < width:
        if is_gap[at]:
            at += 1
            continue
        end = at
        while end < width and not is_gap[end]:
            end += 1
        positions[f"column_{len(positions) + 1}"] = (at + 1, end - at)
        at = end
    rows = [
        [line[first - 1 : first - 1 + size].strip() for first, size in positions.values()] for line in even
    ]
    share = times / len(lines)
    columns = "columns begin behind spaces"
    if len(positions) == 1:
        columns = "nothing tells where columns begin: write [text.positions] by the file's description"
    reason = f"no delimiter fits; {share:.0%} of the lines have {width} characters, {columns}"
    skip = next(at for at, line in enumerate(lines) if len(line) == width)
    return Shape(
        Guess("fixed", reason, share / 2), list(positions), rows, positions=positions, skip_lines=skip
    )

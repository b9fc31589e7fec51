"""A mapping: which files, how their text is written, and where each column of our layout comes from."""

from typing import Literal

import msgspec

from cdr_ingest.formats.dialects import UTF_8, Dialect
from cdr_ingest.formats.layouts import RowKind


class TextForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the text is written; the keys of [text].

    `columns` are the names where no header gives them; the last `optional_columns` of them may be missing
    from a file. `header` "auto" looks whether the first row has names. `positions` of fixed width: name →
    [first character, counted from 1; how many].
    """

    form: Literal["csv", "fixed", "jsonl"] = "csv"
    encoding: str = UTF_8
    delimiter: str = ","
    quote: str = '"'
    escape: Literal["doubled", "backslash"] = "doubled"
    header: bool | Literal["auto"] = True
    columns: list[str] = []
    optional_columns: int = 0
    skip_lines: int = 0
    ignore: list[str] = []
    positions: dict[str, tuple[int, int]] = {}
    decimal: Literal[".", ","] = "."
    zone: str | None = None

    @property
    def dialect(self) -> Dialect:
        """How its lines are written."""
        return Dialect(
            delimiter=self.delimiter if self.form == "csv" else "",
            quote=self.quote,
            backslash=self.escape == "backslash",
            encoding=self.encoding,
            skip_lines=self.skip_lines,
            ignored=tuple(prefix.encode() for prefix in self.ignore),
        )


class NumberPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How numbers are written: what stands before international ones, and what national ones lack.

    `national_digits` is the length of a number that is written without any prefix, 0 where none is.
    """

    country_code: str = ""
    national_prefix: str = ""
    international_prefix: str = "00"
    national_digits: int = 0


class FieldSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """Where a column comes from; what is absent is not done. In the order in which it happens:

    `from` (the first that is not empty, or all of them with `join` between), `match` (a pattern, whose
    group is taken), `lookup` and `otherwise`, `date` or `unit` or `number`, `default`; `value` is a constant.
    """

    source: str | list[str] | None = None
    value: str | None = None
    join: str | None = None
    match: str | None = None
    lookup: dict[str, str] | None = None
    otherwise: str | None = None
    date: str | list[str] | None = None
    zone: str | None = None
    unit: str | None = None
    number: NumberPlan | None = None
    default: str | None = None

    @property
    def sources(self) -> list[str]:
        """The columns that it comes from."""
        return _several(self.source)

    @property
    def dates(self) -> list[str]:
        """The forms of its moment, in the order in which they are tried."""
        return _several(self.date)


class FileMapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mapping file's content. `files` are patterns below the input folder; empty: those of its kind.

    `rows` is the form of subscriber records, empty where the file's folder says it. `same_record` are the
    fields in which two records of a person and moment agree where they are the same; empty: record_id.
    """

    name: str
    kind: Literal["subscriber", "cdr", "top_up", "cell", "device", "plan"]
    fields: dict[str, FieldSource]
    rows: Literal["", "whole", "snapshot", "delta"] = ""
    same_record: list[str] = []
    title: str = ""
    text: TextForm = TextForm()
    files: list[str] = []

    @property
    def row_kind(self) -> RowKind:
        """What a row of it is."""
        return RowKind(self.kind)


def _several(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value

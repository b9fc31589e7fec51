"""Mapping files: every fault is told with its line and key."""

from pathlib import Path

import pytest

from cdr_ingest.mapping.catalogue import find_mapping, shipped
from cdr_ingest.mapping.reading import read_mapping
from operator_push.kernel.errors import OperatorError

GOOD = """
name = "mine"
kind = "cdr"
[text]
header = false
columns = ["id", "a", "b", "t", "d"]
[fields]
record_id = { from = "id" }
kind = { value = "MO_CALL" }
msisdn = { from = "a", number = {} }
correspondent = { from = "b" }
started_at = { from = "t", date = "iso" }
duration_s = { from = "d", unit = "s" }
"""

FAULTS = [
    ('kind = "cdr"', 'kind = "call"', "m.toml:3: kind: "),
    ("header = false", "header = maybe", "m.toml: is not TOML"),
    ("header = false", "heder = false", "m.toml:5: text.heder: "),
    (
        "header = false",
        'header = false\nencoding = "klingon"',
        "m.toml:6: text.encoding: there is no",
    ),
    ("header = false", 'header = false\ndelimiter = "||"', "m.toml:6: text.delimiter: '||' is not one char"),
    ("header = false", 'header = false\nzone = "Mars"', "m.toml:6: text.zone: 'Mars' is neither a zone"),
    ("header = false", 'header = false\nform = "fixed"', "m.toml:4: text: fixed width needs"),
    ('"t", "d"]', '"t", "d"]\noptional_columns = 5', "m.toml:4: text: skip_lines is 0 or more"),
    ("header = false\ncolumns", "header = false\n#columns", "m.toml:4: text.columns: without a header"),
    ("header = false", "header = true", "m.toml:6: text.columns: the header gives"),
    ('{ from = "a", number', '{ from = "z", number', "m.toml:10: fields.msisdn.from: there is no column z"),
    ('{ from = "b" }', '{ from = "b", value = "x" }', "m.toml:11: fields.correspondent: needs either"),
    ('{ from = "b" }', '{ from = "b", match = "(" }', "m.toml:11: fields.correspondent.match: "),
    ('{ from = "b" }', '{ from = "b", match = "(?=x)(y)" }', "m.toml:11: fields.correspondent: cannot be"),
    ('unit = "s"', 'unit = "weeks"', "m.toml:13: fields.duration_s.unit: 'weeks' is none of hh:mm:ss, s"),
    ('date = "iso"', 'date = "iso", unit = "s"', "m.toml:12: fields.started_at: is a date, a quantity"),
    ('date = "iso"', 'date = "isotope"', "m.toml:12: fields.started_at.date: 'isotope' is neither"),
    ('date = "iso"', 'date = "%Q"', "m.toml:12: fields.started_at: cannot be computed"),
    ("number = {}", 'number = { national_prefix = "0" }', "m.toml:10: fields.msisdn.number: national"),
    ("duration_s", "length_s", "m.toml:13: fields.length_s: a cdr has no field length_s; it has record_id"),
    ('msisdn = { from = "a", number = {} }', "", "m.toml:7: fields: lacks msisdn, which every cdr needs"),
]


def test_the_good_one_is_good() -> None:
    assert read_mapping(GOOD, "m.toml").kind == "cdr"


@pytest.mark.parametrize(("old", "new", "message"), FAULTS)
def test_a_fault_is_told_with_its_line_and_key(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(OperatorError) as error:
        read_mapping(GOOD.replace(old, new), "m.toml")
    assert str(error.value).startswith(message)


def test_every_shipped_mapping_is_good_and_has_its_files_name() -> None:
    assert [find_mapping(name).name for name in shipped()] == [*shipped()]
    assert all(find_mapping(name).title for name in shipped())


def test_an_unknown_mapping_names_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="shipped are asterisk, bandicoot-antennas"):
        find_mapping(str(tmp_path / "no.toml"))

"""What makes two records the same is told by the mapping: its own fields in place of a record's id."""

from pathlib import Path

import pytest
from ingest_drop import EVERYTHING, Drop, counts, write_rows

from cdr_ingest.mapping.reading import read_mapping
from operator_push.kernel.errors import OperatorError

ASHA, BINA = "919845000001", "919811111111"
MAPPING = """name = "switch"
kind = "cdr"
files = ["cdr/*.txt"]
{key}
[text]
delimiter = ";"
[fields]
kind = {{ value = "MO_CALL" }}
msisdn = {{ from = "a" }}
correspondent = {{ from = "b" }}
started_at = {{ from = "at", date = "iso" }}
duration_s = {{ from = "s" }}
"""
COLUMNS = ["serial;a;b;at;s"]
AT = "2026-10-10T12:00:00Z"


def test_records_that_agree_in_the_key_are_one_in_whatever_file(tmp_path: Path) -> None:
    drop = Drop(tmp_path, {ASHA: (1, EVERYTHING), BINA: (2, EVERYTHING)})
    (drop.input / "mappings").mkdir(parents=True)
    text = MAPPING.format(key='same_record = ["correspondent", "duration_s"]')
    (drop.input / "mappings" / "switch.toml").write_text(text)
    rows = [f"1;{ASHA};{BINA};{AT};60", f"2;{ASHA};{BINA};{AT};61", f"3;{BINA};{ASHA};{AT};60"]
    write_rows(drop.input / "cdr" / "a.txt", COLUMNS, rows)
    write_rows(drop.input / "cdr" / "b.txt", COLUMNS, [f"9;{ASHA};{BINA};{AT};60"])
    assert counts(drop.run()) == (4, 3, 0, 1, 0)
    # A later run finds what an earlier one has kept.
    write_rows(
        drop.input / "cdr" / "c.txt", COLUMNS, [f"10;{ASHA};{BINA};{AT};61", f"11;{ASHA};7123;{AT};61"]
    )
    assert [counts(each) for each in drop.run()["files"] if each["read"]] == [(2, 1, 0, 1, 0)]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('same_record = ["serial"]', "serial is none of this mapping's fields"),
        ("", "lacks record_id, which every cdr needs"),
        ('rows = "delta"\nsame_record = ["kind"]', "is of subscriber records"),
    ],
)
def test_a_key_that_cannot_be_is_told(key: str, told: str) -> None:
    with pytest.raises(OperatorError, match=told):
        read_mapping(MAPPING.format(key=key), "switch.toml")


def test_a_key_and_an_id_are_one_too_many() -> None:
    text = MAPPING.format(key='same_record = ["kind"]') + 'record_id = { from = "serial" }\n'
    with pytest.raises(OperatorError, match="give one of them"):
        read_mapping(text, "switch.toml")

"""A pack is complete or refused with file, line and key."""

import re

import pytest

from operator_push.domain.packs import pack_files, read_pack
from operator_push.kernel.errors import OperatorError

GOOD = """pack = "xx"
title = "Somewhere"
version = "1"
valid_from = 2026-01-01
countries = ["FR"]
languages = ["fr"]

[[quiet_hours]]
country = "FR"
windows = ["20:00-08:00"]
source = "law"
date = 2026-11-01
verified = false
"""


@pytest.mark.parametrize("name", pack_files())
def test_every_shipped_pack_can_be_read_and_every_row_says_where_it_is_from(name: str) -> None:
    pack = read_pack(pack_files()[name], name)
    rows = [row for _, rows in pack.tables() for row in rows]
    assert len(rows) >= 5
    assert {table for table, rows in pack.tables() if rows} >= {
        "quiet_hours",
        "revocation",
        "confirmation",
        "retention",
    }
    assert all(row.source and row.date.year >= 2026 for row in rows)


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("windows", "window", "p.toml:10: quiet_hours[0].window", "unknown"),
        ('"20:00-08:00"', '"20-08"', "p.toml:10: quiet_hours[0].windows", "not a window such as"),
        ('"20:00-08:00"', '"08:00-08:00"', "p.toml:10: quiet_hours[0].windows", "the ends differ"),
        ('"20:00-08:00"', '"20:61-08:00"', "p.toml:10: quiet_hours[0].windows", "not a window"),
        ("verified = false", 'verified = "no"', "p.toml:13: quiet_hours[0].verified", "bool"),
        ('source = "law"', 'source = " "', "p.toml:11: quiet_hours[0].source", "names its source"),
        ('country = "FR"', 'country = "DE"', "p.toml:9: quiet_hours[0].country", "not one of the pack's"),
        ('["FR"]', '["France"]', "p.toml:5: countries", "ISO 3166-1"),
        ('pack = "xx"', 'pack = "X X"', "p.toml:1: pack", "lower-case"),
        ("date = 2026-11-01\n", "", "p.toml:8: quiet_hours[0]", "missing required field `date`"),
        ("title =", "title", "p.toml", "not TOML"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, place: str, words: str) -> None:
    with pytest.raises(OperatorError, match=re.escape(words)) as caught:
        read_pack(GOOD.replace(old, new, 1), "p.toml")
    assert str(caught.value).startswith(place)

"""Every key of a TOML file is found at its line, however the file is laid out."""

import tomllib
from typing import Any

import pytest

from operator_push.config.loading import TEMPLATE_FILE
from operator_push.kernel.toml_lines import KeyPath, key_lines, line_of

TEXT = '''\
top = 1
"quoted key" = 2
dotted.inner = 3
list = [
  "a[", # ]
  "b = 1",
]
text = """
[not.a.table]
fake = 1
"""
one_line = """x"""

[table]
port = 1  # [comment]
  [table.inner] # words
  port = 2
[[row]]
port = 3
[[ row ]]
port = 4
[row.deep]
port = 5
[[row.leaf]]
port = 6
[[row.leaf]]
port = 7
'''

EXPECTED: dict[KeyPath, int] = {
    ("top",): 1,
    ("quoted key",): 2,
    ("dotted", "inner"): 3,
    ("list",): 4,
    ("text",): 8,
    ("one_line",): 12,
    ("table",): 14,
    ("table", "port"): 15,
    ("table", "inner"): 16,
    ("table", "inner", "port"): 17,
    ("row", 0): 18,
    ("row", 0, "port"): 19,
    ("row", 1): 20,
    ("row", 1, "port"): 21,
    ("row", 1, "deep"): 22,
    ("row", 1, "deep", "port"): 23,
    ("row", 1, "leaf", 0): 24,
    ("row", 1, "leaf", 0, "port"): 25,
    ("row", 1, "leaf", 1): 26,
    ("row", 1, "leaf", 1, "port"): 27,
}


def test_keys_and_tables_are_found_at_their_lines() -> None:
    tomllib.loads(TEXT)
    assert key_lines(TEXT) == EXPECTED


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("row", 1, "port"), 21),
        (("row", 1, "missing"), 20),
        (("row", 1, "deep", "port", "x"), 23),
        (("table", "inner", "missing"), 16),
        (("list", 1), 4),
        (("nowhere",), None),
    ],
)
def test_what_has_no_line_is_found_at_what_holds_it(path: KeyPath, line: int | None) -> None:
    assert line_of(key_lines(TEXT), path) == line


def leaves(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [leaf for index, inner in enumerate(value) for leaf in leaves(inner, (*path, index))]
    return [path]


def test_every_key_of_the_template_has_a_line_that_begins_with_it() -> None:
    text = TEMPLATE_FILE.read_text(encoding="utf-8")
    lines = key_lines(text)
    found = leaves(tomllib.loads(text))
    assert found
    for path in found:
        assert text.splitlines()[lines[path] - 1].startswith(str(path[-1]))

"""A file of ported numbers."""

from pathlib import Path

import pytest

from operator_push.cli.ported_file import read_ported
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso


def test_a_number_belongs_to_the_network_it_was_ported_to_last(tmp_path: Path) -> None:
    file = tmp_path / "ported.csv"
    file.write_text(
        "msisdn,network,valid_from\n"
        "+917012345678,404-45,2026-05-01T00:00:00Z\n"
        "917012345678,404-10,2026-03-01T00:00:00Z\n"
    )
    ported = read_ported(file)
    found = [
        ported.network_of("917012345678", parse_iso(f"2026-{month}-01T00:00:00Z"))
        for month in ("02", "04", "05")
    ]
    assert found == [None, "404-10", "404-45"]
    assert ported.network_of("917012345679", 0) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("number\n", r":1: the first line must name"),
        ("msisdn,network\n917012345678,40445\n", r":2: is not an international number and a network"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "ported.csv"
    file.write_text(text)
    with pytest.raises(OperatorError, match=sentence):
        read_ported(file)

"""What of a run's memory its engines get."""

import pytest

from cdr_ingest.ingest.memory import octets_of, spilling_engine
from operator_push.kernel.errors import OperatorError

SIZES = """
100KB    100_000
512MB    512_000_000
1GB      1_000_000_000
1.5 GB   1_500_000_000
2gib     2_147_483_648
"""


@pytest.mark.parametrize("line", SIZES.strip().splitlines())
def test_sizes_are_read_as_the_engine_reads_them(line: str) -> None:
    said, octets = line.rsplit(maxsplit=1)
    assert octets_of(said) == int(octets)


@pytest.mark.parametrize("said", ["", "1", "lots", "80%", "-1GB", "1.55GB"])
def test_what_is_no_size_is_named(said: str) -> None:
    with pytest.raises(OperatorError, match="is no size"):
        octets_of(said)


def test_an_engine_gets_what_the_run_itself_leaves() -> None:
    assert spilling_engine("1GB") == "300000KB"
    assert spilling_engine("4GB") == "3300000KB"
    assert spilling_engine("512MB") == "128000KB"

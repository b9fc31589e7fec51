"""Ported numbers: the network of the moment, from a list in any order."""

import pytest

from operator_push.domain.rating.portability import PortedNumbers, read_ported
from operator_push.kernel.errors import OperatorError

NUMBER, OTHER = "919812345678", "4915112345678"


def test_a_number_has_the_network_of_its_last_port() -> None:
    ported = PortedNumbers([(NUMBER, "404-10", 200), (OTHER, "262-01", 0), (NUMBER, "404-45", 100)])
    assert len(ported) == 3
    assert [ported.network_of(NUMBER, at_us) for at_us in (99, 100, 199, 200)] == [
        None,
        "404-45",
        "404-45",
        "404-10",
    ]
    assert ported.network_of(OTHER, 0) == "262-01"
    assert ported.network_of("919812345679", 999) is None
    assert ported.network_of("SHOP", 999) is None
    assert PortedNumbers().network_of(NUMBER, 0) is None


def test_lines_are_read_with_their_moments() -> None:
    lines = ["msisdn,network,valid_from", f"+{NUMBER},404-45,2026-04-01T00:00:00+05:30", f"{OTHER},262-01,"]
    ported = read_ported(lines, "ported.csv")
    assert ported.network_of(NUMBER, 1_774_981_799_999_999) is None
    assert ported.network_of(NUMBER, 1_774_981_800_000_000) == "404-45"


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["number,network"], "ported.csv:1: the first line must name msisdn, network, valid_from"),
        (["msisdn,network", "12,404-45"], "ported.csv:2: is not an international number and a network"),
        (["msisdn,network", f"{NUMBER},40445"], "ported.csv:2: is not an international number and a network"),
        (["msisdn,network,valid_from", f"{NUMBER},404-45,soon"], "ported.csv:2: valid_from 'soon' is not"),
    ],
)
def test_a_wrong_line_is_told_without_its_number(lines: list[str], sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence) as told:
        read_ported(lines, "ported.csv")
    assert NUMBER not in str(told.value)

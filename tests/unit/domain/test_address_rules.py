"""Numbers as they are written in India, made international; without rules of a country none is guessed."""

import pytest

from operator_push.domain.address_rules import AddressRules

INDIA = AddressRules("91")
AMERICA = AddressRules("1", national_prefix="1", international_prefix="011")


@pytest.mark.parametrize(
    ("rules", "ton", "address", "msisdn"),
    [
        (INDIA, 1, "919812345678", "919812345678"),
        (INDIA, 0, "919812345678", "919812345678"),
        (INDIA, 0, "+91 98123-45678", "919812345678"),
        (INDIA, 0, "00919812345678", "919812345678"),
        (INDIA, 0, "09812345678", "919812345678"),
        (INDIA, 2, "9812345678", "919812345678"),
        (INDIA, 2, "09812345678", "919812345678"),
        (INDIA, 1, "09812345678", None),
        (INDIA, 5, "SHOP", None),
        (INDIA, 3, "9812345678", None),
        (INDIA, 0, "SHOP", None),
        (INDIA, 2, "", None),
        (AMERICA, 0, "011919812345678", "919812345678"),
        (AMERICA, 2, "2025550123", "12025550123"),
        (AddressRules("91", national_prefix=""), 0, "09812345678", None),
    ],
)
def test_a_number_by_its_type_and_prefixes(rules: AddressRules, ton: int, address: str, msisdn: str | None):
    assert rules.msisdn_of(ton, address) == msisdn

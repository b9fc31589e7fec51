"""The vault gives dense numbers, finds both ways, and forgets no look-up."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.kernel.ids import IdSequence, id_day
from operator_push.kernel.pseudonym import lookup_value
from operator_push.vault.vault import UNKNOWN, Vault

KEY = b"k" * 32
NOON_US = 1_800_000_000_000_000
ANNA, BELA, CARL = "919812345678", "4915112345678", "1234567"

msisdns = st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True)


@pytest.fixture
def vault() -> Vault:
    return Vault(KEY)


@pytest.fixture
def audit_ids() -> Iterator[int]:
    sequence = IdSequence()
    return (sequence.next_id(NOON_US) for _ in range(100))


def test_numbers_are_dense_from_one_and_kept(vault: Vault) -> None:
    assert vault.enrol([ANNA, BELA, ANNA], NOON_US).numbers == [1, 2, 1]
    again = vault.enrol([CARL, BELA], NOON_US)
    assert again.numbers == [3, 2]
    assert [row[1] for row in again.rows] == [3]
    assert len(vault) == 3


def test_rows_are_those_of_the_table(vault: Vault) -> None:
    assert Vault(KEY, shard=5).enrol([ANNA], NOON_US).rows == [
        (5, 1, lookup_value(KEY, "msisdn", ANNA), ANNA, NOON_US, 0, 0)
    ]


@given(people=st.lists(msisdns, max_size=40))
def test_what_is_enrolled_is_found_both_ways(people: list[str]) -> None:
    vault = Vault(KEY)
    numbers = vault.enrol(people, NOON_US).numbers
    assert [vault.number_of(msisdn) for msisdn in people] == numbers
    assert [vault.msisdn_of(number, "send") for number in numbers] == people
    assert sorted(set(numbers)) == list(range(1, len(set(people)) + 1))


@pytest.mark.parametrize(
    "text",
    ["", "0", "12", "+919812345678", "0919812345678", " 919812345678", "9198_12345678", "९१९८१२३४५६७८", "x"],
)
def test_what_is_no_msisdn_is_nobody_and_cannot_be_enrolled(vault: Vault, text: str) -> None:
    vault.enrol([ANNA], NOON_US)
    assert vault.number_of(text) == UNKNOWN
    with pytest.raises(ValueError, match="international number"):
        vault.enrol([BELA, text], NOON_US)
    assert len(vault) == 1  # nobody of that call


def test_an_error_does_not_show_the_number(vault: Vault) -> None:
    with pytest.raises(ValueError, match="international number") as caught:
        vault.enrol(["+919812345678"], NOON_US)
    assert "9812345678" not in str(caught.value)


@pytest.mark.parametrize("number", [0, -1, 2, 2**40])
def test_nobody_has_a_number_that_was_not_given(vault: Vault, number: int) -> None:
    vault.enrol([ANNA], NOON_US)
    with pytest.raises(LookupError, match="not in the vault"):
        vault.msisdn_of(number, "send")
    with pytest.raises(LookupError, match="not in the vault"):
        vault.reveal(number, actor="ann", purpose="court order 7", audit_id=1, at_us=NOON_US)


def test_look_ups_of_the_product_are_audited_by_sums(vault: Vault, audit_ids: Iterator[int]) -> None:
    first, second = vault.enrol([ANNA, BELA], NOON_US).numbers
    for number in (first, second, first):
        vault.msisdn_of(number, "send")
    vault.msisdn_of(first, "quote")
    rows = vault.take_audit_rows(audit_ids.__next__, NOON_US)
    assert [row[3:8] for row in rows] == [
        ("operator-push", "quote", 0, 1, NOON_US),
        ("operator-push", "send", 0, 3, NOON_US),
    ]
    assert all(row[:2] == (0, id_day(row[2])) for row in rows)
    assert vault.take_audit_rows(audit_ids.__next__, NOON_US) == []
    vault.msisdn_of(first, "send")
    assert [row[6] for row in vault.take_audit_rows(audit_ids.__next__, NOON_US)] == [1]


def test_a_persons_look_up_is_a_row_of_its_own(vault: Vault, audit_ids: Iterator[int]) -> None:
    (number,) = vault.enrol([ANNA], NOON_US).numbers
    audit_id = next(audit_ids)
    msisdn, row = vault.reveal(number, actor="ann", purpose="court order 7", audit_id=audit_id, at_us=NOON_US)
    assert msisdn == ANNA
    assert row[:8] == (0, id_day(audit_id), audit_id, "ann", "court order 7", number, 1, NOON_US)
    assert vault.take_audit_rows(audit_ids.__next__, NOON_US) == []


@pytest.mark.parametrize(("actor", "purpose"), [("", "court order 7"), ("ann", "")])
def test_a_person_looks_up_by_name_and_for_a_purpose(vault: Vault, actor: str, purpose: str) -> None:
    vault.enrol([ANNA], NOON_US)
    with pytest.raises(ValueError, match="an actor and a purpose"):
        vault.reveal(1, actor=actor, purpose=purpose, audit_id=1, at_us=NOON_US)


def test_audit_rows_hold_no_number(vault: Vault, audit_ids: Iterator[int]) -> None:
    vault.enrol([ANNA], NOON_US)
    vault.msisdn_of(1, "send")
    _, revealed = vault.reveal(1, actor="ann", purpose="court order 7", audit_id=1, at_us=NOON_US)
    rows = [revealed, *vault.take_audit_rows(audit_ids.__next__, NOON_US)]
    assert len(rows) == 2
    assert all(ANNA not in repr(row) for row in rows)

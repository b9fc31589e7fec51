"""Seal match without a store: rows in the order of keys against seals in the order of commits."""

import pytest

from operator_push.domain.ledger_chain import START, Posting, Seal, next_seal
from operator_push.domain.seal_match import SealMatch
from operator_push.kernel.ids import IdSequence, id_day, id_epoch_us

NOON_US = 1_800_000_000_000_000
MINUTE_US = 60_000_000


def traffic(messages: int, open_for: int) -> tuple[list[Posting], list[Seal]]:
    """A hold a minute, settled `open_for` minutes later; a commit a minute."""
    ids = IdSequence()
    references = [ids.next_id(NOON_US + minute * MINUTE_US) for minute in range(messages)]
    rows: list[Posting] = []
    sealed: list[Seal] = []
    tip = START
    for minute in range(messages + open_for):
        at_us = NOON_US + minute * MINUTE_US
        posted = []
        if minute < messages:
            posted.append((0, id_day(references[minute]), references[minute], 2, 1, 1, 2, 5, "INR", at_us))
        if minute >= open_for:
            ended = references[minute - open_for]
            posted.append((0, id_day(ended), ended, 3, 1, 2, 3, 5, "INR", at_us))
        if posted:
            sealed.append(next_seal(0, tip, posted))
            tip = sealed[-1].tip
            rows += posted
    return sorted(rows, key=lambda row: row[1:4]), sealed


def test_rows_and_seals_meet_and_only_open_messages_are_remembered() -> None:
    rows, sealed = traffic(500, 20)
    match, most = SealMatch(), 0
    for _ in match.proved(rows, sealed):
        most = max(most, len(match._rows) + len(match._sealed))
    assert (match.errors, match.first, match.micros) == (0, None, 0)
    assert most <= 2 * 20
    assert match.tip == sealed[-1].tip


def test_a_seal_that_comes_days_later_still_meets_its_row() -> None:
    rows, sealed = traffic(3, 5_000)
    match = SealMatch()
    assert list(match.proved(rows, sealed)) == rows
    assert match.errors == 0


@pytest.mark.parametrize("gone", [0, 7, 39])
def test_the_earliest_wrong_row_is_the_first_error(gone: int) -> None:
    rows, sealed = traffic(20, 3)
    harmed = [row for place, row in enumerate(rows) if place < gone or place == gone + 1]
    match = SealMatch()
    assert list(match.proved(harmed, sealed)) == harmed
    reference, kind = rows[gone][2:4]
    assert f"(shard 0, day {id_day(reference)}, reference {reference}, kind {kind})" in str(match.first)
    assert match.errors == len(rows) - len(harmed)


def test_no_chain_at_all_is_told() -> None:
    rows, _ = traffic(2, 1)
    match = SealMatch()
    assert list(match.proved(rows, [])) == rows
    assert match.errors == 4
    assert "is in no seal, with 5 micros 'INR' of account 1; the chain ends with seal 0" in str(match.first)


def test_a_row_of_the_wrong_type_is_told_and_not_given_on() -> None:
    rows, sealed = traffic(2, 1)
    broken = (*rows[0][:7], "5", *rows[0][8:])
    match = SealMatch()
    assert list(match.proved([broken, *rows[1:]], sealed)) == rows[1:]
    assert "amount_micros is '5', was sealed as 5" in str(match.first)
    assert id_epoch_us(rows[0][2]) == NOON_US

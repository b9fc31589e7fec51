"""Readers of inbound words are made once for what they read."""

from datetime import date

from operator_push.domain.words import reader_for


def test_packs_and_days_of_the_same_words_share_a_reader() -> None:
    assert reader_for("us", date(2027, 1, 15)) is reader_for("us", date.max)


def test_a_reader_of_other_words_is_another() -> None:
    assert reader_for("us", date.max) is not reader_for("in", date.max)

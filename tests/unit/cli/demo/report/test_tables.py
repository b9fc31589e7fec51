"""Rows of tables."""

from demo_results import good_results

from operator_push.cli.demo.report.tables import campaign_cards, end_rows, kept_rows, reject_rows, status_rows


def test_rejects_by_reason_with_bars_against_the_largest() -> None:
    rows = reject_rows(good_results())
    assert [(row["words"], row["count"], row["percent"]) for row in rows] == [
        ("bad number", "4", 100.0),
        ("truncated row", "1", 25.0),
    ]


def test_what_was_kept_back_names_sender_and_reason() -> None:
    words = {row["words"] for row in kept_rows(good_results())}
    assert "Zing Music: said STOP, refused at the door" in words
    assert "Nagar Bank (ESME): never gave permission" in words


def test_ends_are_named_by_their_network_cause() -> None:
    assert {row["words"]: row["count"] for row in end_rows(good_results())} == {
        "expired: subscriber absent": "2",
        "undeliverable: handset full": "1",
    }


def test_answers_of_both_programs_are_counted() -> None:
    counts = {row["words"]: row["count"] for row in status_rows(good_results())}
    assert counts["ESME_ROK"] == "3"
    assert counts["ESME_RSUBMITFAIL"] == "2"


def test_a_limited_order_says_so() -> None:
    results = good_results()
    results.sales[0].matching = 50
    card = campaign_cards(results)[0]
    assert ("orders", "10 people, one segment each; limited from 50 to the messages of this run") in card[
        "facts"
    ]
    assert "ordered" in str(card["funnel"])

"""The tally of the product's rows, over a store in which every kind of message is there once."""

from pathlib import Path

import pytest
from proof_sample import PRICE, REFUSED, fill
from store_rows import ids, keyed_row

from operator_push.cli.demo.product_rows import ProductFacts, read_product
from operator_push.domain.inbound_words import InboundAction
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.migrate import upgrade
from operator_push.store.statements import insert_rows


@pytest.fixture
def facts(tmp_path: Path) -> ProductFacts:
    file = tmp_path / "store.db"
    upgrade(f"sqlite:///{file}")
    database = Database.open(f"sqlite:///{file}")
    stops = [
        keyed_row(schema.mo_message, mo_id, action=int(action), stops=stops)
        for mo_id, action, stops in zip(
            ids(3), (InboundAction.STOP, InboundAction.STOP, InboundAction.HELP), (2, 0, 0), strict=True
        )
    ]
    database.run(fill)
    database.run(lambda connection: insert_rows(connection, schema.mo_message, stops))
    database.close()
    return read_product(file)


def test_each_message_is_counted_in_one_place(facts: ProductFacts) -> None:
    tally = facts.accounts["chai"]
    assert tally.audience == 5
    assert (tally.submitted, tally.delivered, tally.expired, tally.failed, tally.unknown) == (3, 0, 1, 0, 2)
    assert tally.suppressed == {"NO_CREDIT": 1, "WITHDRAWN_BEFORE_SENDING": 1}
    assert facts.accepted == 4
    assert REFUSED not in facts.accepted_ids["chai"]


def test_money_is_told_by_account(facts: ProductFacts) -> None:
    money = facts.money["chai"]
    assert (money.topped_up, money.held, money.settled, money.released) == (
        10 * PRICE,
        5 * PRICE,
        PRICE,
        2 * PRICE,
    )
    assert money.left == 9 * PRICE
    assert facts.ledger.imbalance_micros == 0
    assert len(facts.ledger.open_holds) == 2
    assert facts.below_zero == 0


def test_a_segment_tried_twice_is_one_at_the_smsc(facts: ProductFacts) -> None:
    assert facts.sent_keys == {("919812345678", 11): 1, ("919812345678", 12): 1, ("919812345678", 13): 1}


def test_prices_and_charges_fit(facts: ProductFacts) -> None:
    assert (facts.holds_unlike_price, facts.charges_unlike_delivery) == (0, 0)
    assert facts.ends[("EXPIRED", "")] == 1


def test_every_stop_counts_also_the_second_of_a_person(facts: ProductFacts) -> None:
    assert facts.stops_heard == 2


def test_refusals_are_known_by_account_and_reason(facts: ProductFacts) -> None:
    assert facts.refusals == {("chai", "NO_CREDIT"): 1}
    assert facts.refusals_of_esmes == {"NO_CREDIT": 1}

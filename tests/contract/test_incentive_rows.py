"""Awards, payouts and earlier opt-ins are read back as they were written, on every database."""

import msgspec
from sqlalchemy import Connection

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.incentives import Award
from operator_push.kernel.ids import IdSequence
from operator_push.services.manage_permission import consent_row
from operator_push.services.pay_rewards import Payout, PayoutState
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.incentive_rows import awards, opted_in_to, payouts, waiting_payouts
from operator_push.store.small_rows import upsert
from operator_push.store.statements import insert_rows

SHARD, NOW = 3, 1_800_000_000_000_000
IDS = IdSequence(SHARD)


def test_awards_and_payouts_come_back(database: Database) -> None:
    award = Award(SHARD, "chai", 1, 1, IDS.next_id(NOW), 2, 500, 7, "5 rupees", 1, NOW, NOW + 9)
    asked = Payout(SHARD, IDS.next_id(NOW), 1, "airtime", 500, int(PayoutState.ASKED), "", "ann", NOW)
    paid = msgspec.structs.replace(asked, payout_id=IDS.next_id(NOW), state=int(PayoutState.PAID))

    def work(connection: Connection) -> None:
        upsert(connection, "incentive_award", msgspec.structs.asdict(award))
        for payout in (asked, paid):
            upsert(connection, "reward_payout", msgspec.structs.asdict(payout))
        assert awards(connection, SHARD) == awards(connection, SHARD, 1) == [award]
        assert payouts(connection, SHARD, 1) == [asked, paid]
        assert waiting_payouts(connection, SHARD) == [asked]
        assert awards(connection, SHARD, 2) == payouts(connection, SHARD, 2) == []

    database.run(work)


def test_who_opted_in_before_is_found_by_the_brand_or_all(database: Database) -> None:
    def act(number: int, brand_no: int, action: ConsentAction, purpose: Purpose) -> tuple[object, ...]:
        event = ConsentEvent(number, brand_no, 0, purpose, "*", action, NOW, Evidence("web"))
        row = consent_row(SHARD, IDS.next_id(NOW), event)
        return (*row[:-1], b"salt")

    def work(connection: Connection) -> None:
        upsert(connection, "brand", {"brand_no": 3, "name": "Chai Point"})
        marketing, service = Purpose.MARKETING, Purpose.SERVICE
        rows = [
            act(1, 3, ConsentAction.GRANT, marketing),
            act(2, 0, ConsentAction.CONFIRM, marketing),
            act(3, 3, ConsentAction.GRANT, service),
            act(4, 3, ConsentAction.WITHDRAW, marketing),
            act(5, 4, ConsentAction.GRANT, marketing),
        ]
        insert_rows(connection, schema.consent_event, rows)
        assert list(opted_in_to(connection, SHARD, "Chai Point")) == [1, 2]
        assert not opted_in_to(connection, SHARD, "Nobody")

    database.run(work)

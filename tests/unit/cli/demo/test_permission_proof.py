"""Permission is proved from consent rows by a second reading, which finds what should not have left."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from feature_files import write_features
from proof_sample import attempt, result
from store_rows import ids, keyed_row, message_row

from operator_push.cli.demo.permission_proof import (
    PermissionProof,
    features_beyond_permission,
    prove_permission,
)
from operator_push.domain.consent import ConsentAction, Purpose
from operator_push.kernel.ids import id_epoch_us
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.migrate import upgrade
from operator_push.store.statements import insert_rows

# Ids ascend a millisecond each, so these are moments in this order.
GRANTED, ASKED, LATER, LATEST = ids(4)
LEFT_US = id_epoch_us(LATER) + 500


def consent(event_id: int, action: ConsentAction, brand_no: int = 1, at_us: int = 0) -> tuple[Any, ...]:
    return keyed_row(
        schema.consent_event,
        event_id,
        subscriber_no=5,
        brand_no=brand_no,
        purpose=int(Purpose.MARKETING),
        channel="sms",
        action=int(action),
        at_us=at_us or id_epoch_us(event_id),
    )


def proof(tmp_path: Path, *consents: tuple[Any, ...], withheld: bool = False) -> PermissionProof:
    """One message to subscriber 5 for brand 1, accepted at ASKED, whose attempt is at LEFT_US."""
    file = tmp_path / "store.db"
    upgrade(f"sqlite:///{file}")
    database = Database.open(f"sqlite:///{file}")
    rows = {
        "message": [message_row(ASKED, subscriber_no=5, brand_no=1)],
        "attempt": [attempt(ASKED, 1, user_message_reference=1, at_us=LEFT_US)],
        "submit_result": [result(ASKED, 1, 1, -2 if withheld else 0)],
        "consent_event": list(consents),
    }

    def write(connection: Any) -> None:
        for table, some in rows.items():
            insert_rows(connection, schema.metadata.tables[table], some)

    database.run(write)
    database.close()
    return prove_permission(file)


def test_a_grant_before_is_a_permission(tmp_path: Path) -> None:
    found = proof(tmp_path, consent(GRANTED, ConsentAction.GRANT))
    assert (found.checked, found.without) == (1, 0)


@pytest.mark.parametrize(
    "consents",
    [
        (),
        (consent(LATEST, ConsentAction.GRANT),),
        (consent(GRANTED, ConsentAction.GRANT, brand_no=2),),
        (consent(GRANTED, ConsentAction.GRANT), consent(LATER, ConsentAction.WITHDRAW)),
        (consent(GRANTED, ConsentAction.GRANT), consent(LATER, ConsentAction.WITHDRAW, brand_no=0)),
    ],
    ids=["no consent", "granted afterwards", "another brand", "withdrawn before", "stopped before"],
)
def test_what_left_without_permission_is_found(tmp_path: Path, consents: tuple[tuple[Any, ...], ...]) -> None:
    found = proof(tmp_path, *consents)
    assert (found.checked, found.without) == (1, 1)
    assert found.examples == [f"message {ASKED}"]


def test_a_stop_after_the_octets_left_breaks_nothing(tmp_path: Path) -> None:
    stop = consent(LATEST, ConsentAction.WITHDRAW, brand_no=0, at_us=LEFT_US + 1)
    assert proof(tmp_path, consent(GRANTED, ConsentAction.GRANT), stop).without == 0


def test_what_was_withheld_needs_no_permission(tmp_path: Path) -> None:
    assert proof(tmp_path, withheld=True).checked == 0


def test_values_beyond_their_purpose_are_counted(tmp_path: Path) -> None:
    write_features(tmp_path / "features.json", {1: {"age": 40, "spend_30d": 1.0}, 2: {"age": 41}})

    def beyond(first: int, second: int) -> int:
        snapshot = pa.table({"subscriber_no": [1, 2], "purposes": [first, second]})
        pq.write_table(snapshot, tmp_path / "snapshot.parquet")
        return features_beyond_permission(tmp_path, tmp_path / "snapshot.parquet")

    assert beyond(0b1001, 0b0001) == 0
    assert beyond(0b1001, 0b1000) == 1
    assert beyond(0b0001, 0b0000) == 2

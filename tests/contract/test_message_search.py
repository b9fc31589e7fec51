"""Messages are found by what else is known of them, on both databases."""

import pytest
from proof_sample import TWO, fill
from store_rows import NOON_US, SHARD

from operator_push.domain.message import MessageState
from operator_push.kernel.instants import day_of
from operator_push.store.database import Database
from operator_push.store.message_search import (
    FoundMessage,
    Wanted,
    find_messages,
    forms_of_smsc_id,
    state_name,
)

DAY = day_of(NOON_US)


def found(database: Database, wanted: Wanted, from_day: int = DAY, to_day: int = DAY) -> list[FoundMessage]:
    return database.read(lambda connection: find_messages(connection, SHARD, wanted, from_day, to_day))


def test_by_the_smscs_id(database: Database) -> None:
    database.run(fill)
    (one,) = found(database, Wanted(smsc_ids=forms_of_smsc_id("a1")))
    assert one.message_id == TWO
    assert found(database, Wanted(smsc_ids=("A1",), account="nobody")) == []
    assert found(database, Wanted(smsc_ids=("ZZ",))) == []
    assert found(database, Wanted(smsc_ids=("A1",)), DAY + 1, DAY + 2) == []


def test_by_recipient_and_reference_newest_first(database: Database) -> None:
    database.run(fill)
    (two,) = found(database, Wanted(smsc_ids=("A1",)))
    same = found(database, Wanted(destination=two.destination))
    assert TWO in [each.message_id for each in same]
    assert [each.message_id for each in same] == sorted((each.message_id for each in same), reverse=True)
    assert found(database, Wanted(destination="10000000000")) == []
    assert found(database, Wanted(client_reference=54_321)) == []


@pytest.mark.parametrize(
    ("text", "others"),
    [("255", {"ff", "FF"}), ("FF", {"ff", "255"}), ("0ab", {"0AB", "171"}), ("x-1", {"X-1"})],
)
def test_an_id_is_found_in_every_form_that_an_smsc_may_write(text: str, others: set[str]) -> None:
    assert {text, *others} <= set(forms_of_smsc_id(text))


def test_what_became_of_it_in_a_word() -> None:
    def word(refused: bool, state: int | None) -> str:
        return state_name(FoundMessage(1, "shop", "SHOP", "919812345678", refused, state))

    assert (word(True, None), word(False, None)) == ("refused", "open")
    assert word(False, int(MessageState.DELIVERED)) == "DELIVERED"

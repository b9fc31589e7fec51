"""The start folds every stored act where it counts, and ends what has come to its end meanwhile."""

from store_rows import NOON_US, SHARD, ids

from operator_push.bootstrap.permission import WHY_LOOKED_UP, load_permission
from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.permission import PermissionBook
from operator_push.services.manage_permission import consent_row
from operator_push.store import migrate, schema
from operator_push.store.database import Database
from operator_push.store.statements import insert_rows
from operator_push.vault.vault import Vault


def test_acts_count_where_the_number_is_from(tmp_path) -> None:  # type: ignore[no-untyped-def]
    vault, book = Vault(bytes(32), SHARD), PermissionBook()
    indian, british, ended = vault.enrol(["919812345678", "447700900123", "919812345679"], 1).numbers
    acts = [
        ConsentEvent(
            number,
            0,
            0,
            Purpose.MARKETING,
            "*",
            ConsentAction.GRANT,
            1,
            Evidence("web"),
            expires_us=ends_us,
            jurisdiction=law,
        )
        for number, law, ends_us in ((indian, "gb", 0), (british, "gb", 0), (ended, "*", NOON_US))
    ]
    url = f"sqlite:///{tmp_path}/store.db"
    migrate.upgrade(url)
    database = Database.open(url)
    rows = [consent_row(SHARD, event_id, act) for event_id, act in zip(ids(3), acts, strict=True)]
    database.run(lambda connection: insert_rows(connection, schema.consent_event, rows))
    database.read(lambda connection: load_permission(connection, SHARD, book, vault, NOON_US))
    database.close()
    assert list(book.permitting(Purpose.MARKETING)) == [british]
    assert not book.apply_elsewhere(acts[0])
    (audit,) = vault.take_audit_rows(lambda: ids(1)[0], NOON_US)
    assert (audit[4], audit[6]) == (WHY_LOOKED_UP, 2)

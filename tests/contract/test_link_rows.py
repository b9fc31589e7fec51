"""Links on both databases: settings, state and numbers come back."""

from dataclasses import replace

from store_rows import NOON_US

from operator_push.services.manage_links import LinkRecord, LinkState
from operator_push.store import link_rows, small_rows
from operator_push.store.database import Database


def test_a_link_comes_back_as_it_was_left(database: Database) -> None:
    number = database.run(lambda connection: small_rows.link_no(connection, "main"))
    database.run(lambda connection: small_rows.link_no(connection, "bare"))
    values = {"host": "smsc.example", "prefixes": ["91"], "window": 5}
    link = LinkRecord(number, "main", LinkState.ACTIVE, values, values, "", NOON_US, "configuration")
    database.run(lambda connection: link_rows.write_link(connection, link))
    assert database.read(link_rows.stored_links) == [link]
    added = replace(link, state=LinkState.STOPPED, configured=None, password="pwd", changed_by="ann")
    database.run(lambda connection: link_rows.write_link(connection, added))
    assert database.read(link_rows.stored_links) == [added]
    assert database.read(link_rows.link_numbers) == {"main": 1, "bare": 2}

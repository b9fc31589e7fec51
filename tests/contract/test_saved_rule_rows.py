"""Saved rules on both databases: versions for good, and who may use them."""

from store_rows import row

from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.saved_rule_rows import readable_rules, resolve_rule, save_rule, share_rule
from operator_push.store.statements import insert_rows


def test_versions_and_shares_come_back(database: Database) -> None:
    accounts = [
        row(schema.account, account_no=no, name=name, currency="INR")
        for no, name in ((1, "chai"), (2, "tea"))
    ]
    database.run(lambda rows: insert_rows(rows, schema.account, accounts))
    first = database.run(lambda rows: save_rule(rows, "chai", "a", "age > 3", "asha", 5))
    assert database.run(lambda rows: save_rule(rows, "chai", "a", "age > 3", "bina", 6)) == first
    second = database.run(lambda rows: save_rule(rows, "chai", "a", "age > 4", "asha", 7))
    own = database.run(lambda rows: save_rule(rows, "tea", "z", "age > 9", "tom", 8))
    assert (first.version, second.version) == (1, 2)
    for _ in range(2):
        database.run(lambda rows: share_rule(rows, "chai", "a", "tea"))
    assert database.read(lambda rows: readable_rules(rows, "tea")) == [own, first, second]
    assert database.read(lambda rows: readable_rules(rows, "chai")) == [first, second]
    assert database.read(lambda rows: resolve_rule(rows, "tea", "chai:a@1")) == first
    assert database.read(lambda rows: resolve_rule(rows, "chai", "a")) == second

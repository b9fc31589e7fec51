"""Seal rows: what is posted is sealed in the same transaction, on both databases."""

from collections.abc import Callable

import pytest
from proof_sample import fill, transfer
from sqlalchemy import Connection
from store_rows import SHARD, ids, message_row

from operator_push.domain.ledger import TransferKind
from operator_push.domain.ledger_chain import START, Posting, Seal, postings_of, why_broken
from operator_push.kernel.errors import ResourceError
from operator_push.services.changes import Changes
from operator_push.store import schema
from operator_push.store.database import Database
from operator_push.store.facts import posting_rows
from operator_push.store.hot_rows import HotRowsWriter, write_batch
from operator_push.store.seal_rows import chain_tip, seal_anew, seal_what_is_not, seals
from operator_push.store.statements import insert_rows


def hold(reference: int) -> Posting:
    return transfer(reference, TransferKind.HOLD, 5)


def commit_of(*postings: Posting) -> Changes:
    return Changes(ledger_transfer=list(postings))


def chain(database: Database) -> list[Seal]:
    found = database.read(lambda connection: list(seals(connection, SHARD)))
    tip = START
    for seal in found:
        assert why_broken(tip, seal) is None
        tip = seal.tip
    assert database.read(lambda connection: chain_tip(connection, SHARD)) == tip
    return found


class Thread:
    """A writer thread that fails when the test says so, before the commit or after it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.fault = ""

    def submit(
        self, work: Callable[[Connection], None], done: Callable[[BaseException | None], None]
    ) -> None:
        def and_fail(connection: Connection) -> None:
            work(connection)
            if self.fault == "before":
                raise ResourceError("the disk is full")

        try:
            self._database.run(and_fail)
        except ResourceError as error:
            done(error)
        else:
            done(ResourceError("nobody knows") if self.fault == "after" else None)


def test_each_commit_that_posts_leaves_one_seal(database: Database) -> None:
    writer, answers = HotRowsWriter(Thread(database), SHARD), list[object]()
    first, second, third = map(hold, ids(3))
    writer.write(commit_of(first, second), answers.append)
    writer.write(Changes(message=[message_row(ids(1)[0])]), answers.append)
    writer.write(commit_of(third), answers.append)
    assert answers == [None, None, None]
    assert [postings_of(seal) for seal in chain(database)] == [[first, second], [third]]


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_commit_that_failed_or_was_in_doubt_leaves_the_chain_whole(database: Database, fault: str) -> None:
    thread, answers = Thread(database), list[object]()
    writer = HotRowsWriter(thread, SHARD)
    first, second, third = (commit_of(hold(reference)) for reference in ids(3))
    writer.write(first, answers.append)
    thread.fault = fault
    writer.write(second, answers.append)
    thread.fault = ""
    writer.write(second, answers.append)
    writer.write(third, answers.append)
    assert [answer is None for answer in answers] == [True, False, True, True]
    written = [changes.ledger_transfer for changes in (first, second, third)]
    assert [postings_of(seal) for seal in chain(database)] == written


def test_shards_have_chains_of_their_own(database: Database) -> None:
    other = (SHARD + 1, *hold(ids(1, SHARD + 1)[0])[1:])
    database.run(lambda connection: write_batch(connection, commit_of(hold(ids(1)[0])), SHARD))
    database.run(lambda connection: write_batch(connection, commit_of(other), SHARD + 1))
    assert len(chain(database)) == 1
    assert database.read(lambda connection: chain_tip(connection, SHARD + 1)).seal_no == 1


def test_postings_of_an_older_version_are_sealed_once(database: Database) -> None:
    rows = [hold(reference) for reference in ids(4_500)]
    database.run(lambda connection: insert_rows(connection, schema.ledger_transfer, rows))
    assert database.run(lambda connection: seal_what_is_not(connection, SHARD)) == 4_500
    assert [seal.postings for seal in chain(database)] == [2_000, 2_000, 500]
    assert [row for seal in chain(database) for row in postings_of(seal)] == rows
    assert database.run(lambda connection: seal_what_is_not(connection, SHARD)) == 0


def test_a_posting_beside_the_chain_is_not_sealed_behind_its_back(database: Database) -> None:
    database.run(fill)
    before = chain(database)
    stray = hold(ids(20)[-1])
    database.run(lambda connection: insert_rows(connection, schema.ledger_transfer, [stray]))
    assert database.run(lambda connection: seal_what_is_not(connection, SHARD)) == 0
    assert chain(database) == before
    assert database.run(lambda connection: seal_anew(connection, SHARD)) == 9
    assert sum(seal.postings for seal in chain(database)) == 9
    assert stray in database.read(lambda connection: list(posting_rows(connection, SHARD)))

"""Two servers spend one account through leases, one of them dies; the money comes out exact over both."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from operator_desk import asked
from product import Programs, until
from raw_esme import RawEsme
from sqlalchemy import Connection, exists, func, select

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import SubmitSm
from operator_push.store import schema
from operator_push.store.database import Database

PRICE = 100_000
SEGMENTS_PAID = 30
TRIES_MAX = 400


@pytest.fixture
def servers(tmp_path: Path, postgresql_url: str) -> Iterator[list[Programs]]:
    """Two servers over one database, each the owner of a shard, with a link of its own; the second one starts
    once the first knows the account."""
    made: list[Programs] = []
    for shard in range(2):
        folder = tmp_path / f"server{shard}"
        folder.mkdir()
        made.append(Programs(folder, database=f'shard = {shard}\n[database]\nurl = "{postgresql_url}"\n'))
    try:
        first, second = made
        for each in made:
            each.start_simulator()
        first.start_product()
        first.add_account("shared", prepaid_micros=SEGMENTS_PAID * PRICE, lease_slice_micros=3 * PRICE)
        # One installation has one key of pseudonyms.
        shutil.copytree(first.folder / "secrets", second.folder / "secrets")
        second.start_product()
        yield made
    finally:
        for each in made:
            each.stop()


def submit(server: Programs, first: int, count: int) -> int:
    """So many submissions in one chunk; how many were taken."""
    plain = {"source_addr_ton": 5, "source_addr": "SHOP", "dest_addr_ton": 1, "dest_addr_npi": 1}
    with RawEsme(server.smpp_port) as esme:
        assert esme.bind("shared").command_status == 0
        pdus = [
            SubmitSm(
                **plain,  # type: ignore[arg-type]
                destination_addr=f"9198{10_000_000 + first + number}",
                short_message=b"hi",
                sequence_number=1_000 + number,
            )
            for number in range(count)
        ]
        esme.send_octets(b"".join(map(encode_pdu, pdus)))
        statuses: dict[int, int] = {}
        while len(statuses) < count:
            answer = esme.read()
            if answer.sequence_number >= 1_000:
                statuses[answer.sequence_number] = answer.command_status
    return sum(status == CommandStatus.ESME_ROK for status in statuses.values())


def verified(server: Programs) -> dict[str, Any]:
    told: dict[str, Any] = asked(server, "ledger", "verify")
    return told


def answered_and_open(connection: Connection) -> int:
    """How many messages the SMSC has named that have no end."""
    named, final = schema.submit_result, schema.message_final
    ended = exists().where(final.c.message_id == named.c.message_id)
    statement = select(func.count()).select_from(named).where(named.c.smsc_message_id != "", ~ended)
    return int(connection.execute(statement).scalar_one())


def test_two_servers_spend_one_account_to_the_micro_over_a_kill(
    servers: list[Programs], postgresql_url: str
) -> None:
    taken, tries = [0, 0], 0

    def spend_until(segments: int) -> None:
        nonlocal tries
        while sum(taken) < segments and tries < TRIES_MAX:
            number = tries % 2  # what one has no slice for, it may have one for when its turn comes again
            taken[number] += submit(servers[number], 10 * tries, 5)
            tries += 1

    spend_until(SEGMENTS_PAID // 2)
    proof = verified(servers[0])
    assert (proof["ok"], proof["shards"]) == (True, [0, 1, 256])
    assert servers[1].product is not None
    servers[1].product.kill()
    servers[1].start_product()
    spend_until(SEGMENTS_PAID)
    assert all(taken)
    assert sum(taken) == SEGMENTS_PAID
    assert submit(servers[0], 90_000, 3) == 0

    # Both bind to one SMSC under one name, so that receipts may come to the other's bind. What the kill has
    # left without an answer has no id by which it could be told there, and waits for the SMSC's records.
    database = Database.open(postgresql_url)
    until(lambda: database.read(answered_and_open) == 0, "every receipt at the server whose message it is")
    database.close()
    proof = verified(servers[1])
    assert (proof["ok"], proof["shards"]) == (True, [0, 1, 256])
    balances = proof["balances_micros"]
    assert balances["revenue"] + proof["open_holds"] * PRICE == SEGMENTS_PAID * PRICE
    assert proof["open_holds"] < SEGMENTS_PAID // 2
    assert (balances["available"], balances["leased"]) == (0, 0)

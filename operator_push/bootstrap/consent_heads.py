"""Consent heads: each day that has closed, the end of the chain of consent is signed and given away.

Beside the loop, in the same thread and at the same pace as the heads of the ledger: first in the store, then
in a file that is only added to, then at the web address of [ledger] heads_url. A line is a JWS that names the
shard, the seal, its head and the day; `operator-push consent key` is the key that checks it.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from operator_push.bootstrap.head_giving import add_missing_lines, give
from operator_push.bootstrap.ledger_key import signing_key
from operator_push.config import Settings
from operator_push.domain.consent_receipt import HEAD_TYPE, sign_compact
from operator_push.kernel.instants import MICROS_PER_SECOND, day_of, iso
from operator_push.store.consent_head_rows import add_consent_head, consent_heads, unsigned_consent_days
from operator_push.store.database import Database
from operator_push.store.head_rows import taken_up_to

RECEIVER = "webhook-consent"
_FIRST_DAY = datetime(1970, 1, 1, tzinfo=UTC)


def sign_consent_days(database: Database, settings: Settings, at_us: int) -> list[str]:
    """Sign the end of the chain of every day that has closed; returns the lines.

    Raises:
        OperatorError: the key file is unfit.
        ResourceError: the database is locked or gone.
    """
    key = signing_key(settings.signing_key_file)
    public = key.public_key().public_bytes_raw()
    shard = settings.shard
    before = day_of(at_us - settings.ledger.seal_grace_s * MICROS_PER_SECOND)

    def work(connection: Connection) -> list[str]:
        lines = []
        for found in unsigned_consent_days(connection, shard, before):
            payload: dict[str, Any] = {
                "shard": shard,
                "seal_no": found.seal_no,
                "head": bytes(found.head).hex(),
                "day": (_FIRST_DAY + timedelta(days=found.day)).date().isoformat(),
                "sealed_at": iso(found.at_us),
            }
            line = sign_compact(payload, HEAD_TYPE, public, key.sign)
            add_consent_head(connection, shard, found.seal_no, found.day, line, at_us)
            lines.append(line)
        return lines

    return database.run(work)


def publish_consent_file(database: Database, settings: Settings) -> int:
    """Add the lines that the file of consent heads does not have yet; returns how many.

    Raises:
        OperatorError: the file cannot be written, or does not begin with what the store has signed.
    """
    lines = [line for _, line in database.read(lambda connection: consent_heads(connection, settings.shard))]
    return add_missing_lines(settings.consent_heads_file, lines, "consent")


def publish_consent_heads(database: Database, shard: int, publish: Callable[[str], None]) -> int:
    """Give a receiver the lines that it has not taken, each within a JSON object, oldest first; returns how
    many it took.

    Raises:
        ResourceError: it did not take one; that one comes first the next time.
    """
    taken = database.read(lambda connection: taken_up_to(connection, shard, RECEIVER))
    heads = database.read(lambda connection: consent_heads(connection, shard, taken))
    told = (
        (seal_no, json.dumps({"chain": "consent", "shard": shard, "seal_no": seal_no, "jws": line}))
        for seal_no, line in heads
    )
    return give(database, shard, RECEIVER, told, publish)

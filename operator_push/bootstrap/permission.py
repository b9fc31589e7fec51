"""Permission at a start: all acts folded anew, each where it counts, up to this moment."""

from sqlalchemy import Connection

from operator_push.domain.consent import EVERYWHERE
from operator_push.domain.jurisdictions import counts_in
from operator_push.domain.permission import PermissionBook
from operator_push.services.number_country import country_of
from operator_push.store.consent_rows import consent_events
from operator_push.vault.vault import Vault

WHY_LOOKED_UP = "jurisdiction"


def load_permission(
    connection: Connection, shard: int, book: PermissionBook, vault: Vault, now_us: int
) -> None:
    """Fold every stored act into `book`. An act under the law of some country counts for numbers of it."""
    for event in consent_events(connection, shard):
        if event.jurisdiction == EVERYWHERE:
            book.apply(event)
            continue
        try:
            country = country_of(vault.msisdn_of(event.subscriber_no, WHY_LOOKED_UP))
        except LookupError:
            country = None
        if counts_in(event.jurisdiction, country, event.action):
            book.apply(event)
        else:
            book.apply_elsewhere(event)
    book.expire(now_us)

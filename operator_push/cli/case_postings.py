"""The posting of a case: worked out from the store, made by the running server, named in the case."""

from collections.abc import Mapping, Sequence, Set

import msgspec
from sqlalchemy import Connection

from operator_push.cli.control_client import ControlClient
from operator_push.cli.settings_option import server_of
from operator_push.cli.store_reading import read_store
from operator_push.config import Settings
from operator_push.domain.transfers import Transfer, TransferKind
from operator_push.kernel.errors import OperatorError
from operator_push.services.reconciliation_cases import HOW, Case, CaseEvent, check_step
from operator_push.services.resolve_case import (
    MOVING,
    HandPosting,
    LateCharge,
    Made,
    resolution_of,
)
from operator_push.store.case_rows import case_of, postings_of
from operator_push.store.proof_rows import account_names
from operator_push.store.stored_messages import stored_messages


def post_for(settings: Settings, case_id: int, event: CaseEvent, amount_micros: int) -> int:
    """Have the server make the posting that resolves a case; returns its reference, 0 where none is needed.

    Asked again, it finds the posting that was made the first time.

    Raises:
        OperatorError: the case cannot be resolved so, or the server refuses the posting.
    """
    shard = settings.shard

    def facts(connection: Connection) -> tuple[Case, Sequence[Transfer], int, bool, dict[int, str]]:
        case = case_of(connection, shard, case_id)
        stored = next(stored_messages(connection, shard, refused=True, message_id=case.message_id), None)
        transfers = stored.transfers if stored is not None else ()
        attempts = stored.attempts_of(case.segment_no) if stored is not None else []
        link_no = attempts[-1].link_no if attempts else 0
        is_open = stored is not None and stored.final is None
        return case, transfers, link_no, is_open, account_names(connection)

    case, transfers, link_no, is_open, names = read_store(settings, facts)
    check_step(case, event)
    if event.how not in MOVING:
        return 0
    wanted = resolution_of(case, event.how, transfers, link_no, amount_micros, is_open=is_open)
    if isinstance(wanted, Made):
        return wanted.reference
    with server_of(settings) as server:
        if isinstance(wanted, HandPosting):
            return _by_hand(server, wanted, names, event, case.detail)
        if isinstance(wanted, LateCharge):
            server.call("ledger.charge_late", message_id=wanted.message_id, by=event.who)
        else:
            server.call("reconcile.resolve", findings=[msgspec.to_builtins(wanted)])
    postings, is_open = read_store(settings, lambda connection: _after(connection, shard, case.message_id))
    if is_open:
        raise OperatorError(
            f"message {case.message_id} has not ended: its other segments are open, or wait to be sent; "
            "its money moves when they end, resolve the case then"
        )
    if not postings & HOW[event.how]:
        raise OperatorError(
            f"message {case.message_id} has ended, and by its contract that moved no money as {event.how} "
            "does; look at operator-push message show, and resolve the case as settled_since"
        )
    return case.message_id


def _after(connection: Connection, shard: int, message_id: int) -> tuple[Set[TransferKind], bool]:
    """The kinds of the postings of a message, and whether it is open."""
    stored = next(stored_messages(connection, shard, refused=True, message_id=message_id), None)
    return postings_of(connection, shard, message_id).keys(), stored is None or stored.final is None


def _by_hand(
    server: ControlClient, wanted: HandPosting, names: Mapping[int, str], event: CaseEvent, detail: str
) -> int:
    told = server.call(
        "ledger.post",
        kind=wanted.kind,
        account=names.get(wanted.account_no, ""),
        reference=wanted.reference,
        amount_micros=wanted.amount_micros,
        tax_micros=wanted.tax_micros,
        message_id=wanted.message_id,
        reason=event.note or detail,
        by=event.who,
    )
    return int(told["posting"])

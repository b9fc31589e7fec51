"""Side jobs: what a running server does by the clock, beside its traffic.

Each job looks when it is due and does its work in a thread or a process of its own. Not here: what each does.
"""

from functools import partial
from pathlib import Path
from typing import Any, Protocol

from operator_push.bootstrap.assembly import Gateway
from operator_push.bootstrap.daily_reconciliation import DailyReconciliation
from operator_push.bootstrap.feature_retention import FeatureRetention
from operator_push.bootstrap.ledger_sealing import LedgerSealing
from operator_push.bootstrap.marking import Marking
from operator_push.bootstrap.month_closing import MonthClosing
from operator_push.bootstrap.receipts_of_others import ReceiptsOfOthers
from operator_push.bootstrap.retention import Retention
from operator_push.config import Settings
from operator_push.gateway.clock import now_us
from operator_push.kernel.ids import id_epoch_us
from operator_push.plugins import load_ledger_head_receiver
from operator_push.store.writer_thread import WriterThread


class SideJob(Protocol):
    """One of them; both methods belong to the loop's thread."""

    def start(self) -> None: ...
    def stop(self) -> None: ...


def side_jobs(
    reactor: Any,
    settings: Settings,
    config_file: Path | None,
    gateway: Gateway,
    threads: tuple[WriterThread, WriterThread],
) -> list[SideJob]:
    """The jobs of a server, none started yet; `threads` of its store: the reader and the writer."""
    state, (reader, _) = gateway.state, threads
    is_stalled = partial(getattr, gateway.committer, "stalled")
    oldest = min(state.messages.by_id, default=0)
    since_us = id_epoch_us(oldest) if oldest else now_us()
    of_others = (reactor, settings.shard, reader, gateway.receipts, gateway.committer, since_us)
    return [
        Retention(reactor, settings),
        Marking(reactor, settings.shard, threads, is_stalled, state.highest_id),
        DailyReconciliation(reactor, settings, config_file),
        MonthClosing(reactor, settings, config_file),
        FeatureRetention(reactor, settings, config_file),
        LedgerSealing(reactor, settings, load_ledger_head_receiver(settings.ledger)),
        ReceiptsOfOthers(*of_others),
    ]

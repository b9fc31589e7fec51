"""Link making: how one link is made from its settings, at the start and by later commands."""

import time
from collections.abc import Callable
from typing import Any

from operator_push.bootstrap.mo import address_rules
from operator_push.bootstrap.running_links import RunningLinks
from operator_push.bootstrap.smsc_habits import put_habits
from operator_push.bootstrap.state import State
from operator_push.config import Settings, SmscSettings
from operator_push.domain.delivery import DISPOSITION_BY_STATUS
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.link_queries import LinkQueries
from operator_push.gateway.link_watch import LinkWatch
from operator_push.gateway.smsc_link import SmscLink
from operator_push.kernel.meters import Meters
from operator_push.services.choose_link import ChooseLink
from operator_push.services.dispatch_outbox import DispatchOutbox
from operator_push.services.finish_message import FinishMessage
from operator_push.services.hear_subscribers import HearSubscribers
from operator_push.services.record_receipts import RecordReceipts
from operator_push.services.release_pace import ReleasePace
from operator_push.smpp.pdu import AlertNotification, BindPdu, BindReceiver, BindTransceiver, BindTransmitter
from operator_push.store.habit_rows import FoundForms, id_forms_row

BINDS_BY_TYPE: dict[str, type[BindPdu]] = {
    "transceiver": BindTransceiver,
    "transmitter": BindTransmitter,
    "receiver": BindReceiver,
}


def links_of_store(
    reactor: Any,
    settings: Settings,
    state: State,
    finish: FinishMessage,
    receipts: RecordReceipts,
    hear: HearSubscribers,
    committer: Committer,
    meters: Meters,
    choose: ChooseLink,
    on_alert: Callable[[AlertNotification], object],
) -> RunningLinks:
    """The links of the store, made and not yet connected."""
    pace = ReleasePace(settings.policy.quiet_hours.release_per_second)

    def outbox(link_no: int, asked: SmscSettings | None = None) -> DispatchOutbox:
        return DispatchOutbox(
            state.shard,
            link_no,
            state.smsc_nos.get(link_no, link_no),
            state.incarnation,
            state.policy,
            state.messages,
            finish,
            in_order=asked is None or asked.order_per_destination,
            dispositions=asked.dispositions if asked is not None else DISPOSITION_BY_STATUS,
            lifetime_us=settings.limits.message_lifetime_s * 1_000_000,
            holds=state.holds,
            pace=pace,
        )

    def keep(smsc_no: int, found: FoundForms) -> None:
        state.id_forms[smsc_no] = found
        committer.changes.upserts.append(id_forms_row(state.shard, smsc_no, found))

    def link(asked: SmscSettings, link_no: int) -> SmscLink:
        queue = outbox(link_no, asked)
        smsc_no = queue.smsc_no
        put_habits(
            receipts.match, smsc_no, asked, state.id_forms.get(smsc_no), lambda found: keep(smsc_no, found)
        )
        bind_class = BINDS_BY_TYPE[asked.bind_type]
        password = asked.password.get_secret_value() if asked.password else ""
        made = SmscLink(
            asked.name,
            lambda: bind_class(system_id=asked.system_id, password=password),
            asked.window,
            asked.segments_per_second or 0,
            asked.text.default_alphabet,
            queue,
            receipts,
            hear,
            committer,
            meters,
            time.monotonic,
            reactor.callLater,
            LinkWatch(asked.name, choose, asked.failover_after_s, reactor.callLater),
        )
        made.address_rules = address_rules(settings, link=asked.name)
        if asked.query_after_s is not None and asked.bind_type != "receiver":
            made.queries = LinkQueries(
                asked.name,
                asked.query_after_s,
                lambda: queue.smsc_no,
                state.messages,
                made.ask,
                lambda found, receipt, at_us: receipts.record_answer(
                    queue.smsc_no, found, receipt, at_us, committer.changes
                ),
            )
        made.on_alert = on_alert
        return made

    links = RunningLinks(
        settings,
        state.facts,
        state.make_routes,
        choose,
        state.messages,
        finish,
        state.smsc_nos,
        link,
        outbox,
        reactor.callLater,
        time.monotonic,
    )
    links.load(state.links)
    committer.before_commit.append(lambda: links.sweep(now_us(), committer.changes))
    return links

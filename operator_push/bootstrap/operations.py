"""Operations: the parts behind query_sm, cancel_sm, replace_sm and their kin, tied to a gateway's others."""

from collections.abc import Callable, Mapping
from functools import partial

from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.gateway.committer import Committer
from operator_push.gateway.esme_deliveries import EsmeDeliveries
from operator_push.gateway.esme_multi import EsmeMulti
from operator_push.gateway.esme_operations import EsmeOperations, service_type_of
from operator_push.gateway.esme_server import EsmeServer
from operator_push.gateway.list_commands import ListCommands
from operator_push.gateway.smsc_link import SmscLink
from operator_push.gateway.stopped_messages import StoppedMessages
from operator_push.gateway.submit_offers import SubmitOffers
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.cancel_message import CancelMessage
from operator_push.services.finish_message import FinishMessage
from operator_push.services.hear_subscribers import HearSubscribers
from operator_push.services.message_names import MessageNames
from operator_push.services.query_message import KnownMessage, QueryMessage
from operator_push.services.record_receipts import RecordReceipts
from operator_push.services.replace_message import ReplaceMessage
from operator_push.services.shown_ids import ShownIds
from operator_push.smpp.pdu import Pdu
from operator_push.store.shown_rows import messages_shown_as
from operator_push.store.writer_thread import WriterThread


def add_operations(
    settings: Settings,
    state: State,
    server: EsmeServer,
    offers: SubmitOffers,
    accept: AcceptSubmissions,
    finish: FinishMessage,
    receipts: RecordReceipts,
    deliveries: EsmeDeliveries,
    links: Mapping[str, SmscLink],
    reader: WriterThread,
    committer: Committer,
    hear: HearSubscribers,
    call_later: Callable[[float, Callable[[], None]], object],
) -> None:
    """Let a server perform them, and tie receipts, replacing submissions and stops to them."""
    meters, binds = server.meters, server.binds
    shown = state.shown
    cancel = CancelMessage(
        state.messages,
        shown,
        finish,
        state.policy,
        lambda: {link.outbox.smsc_no for link in links.values()},
        service_type_of,
    )
    accept.on_replacing = cancel.replace_present
    deliveries.name_of = partial(_name_of, state.names, shown)
    receipts.on_intermediate = deliveries.intermediate
    finish.on_final.append(shown.message_final)

    def ask_smsc(smsc_no: int, pdu: Pdu, told: Callable[[Pdu | None], None]) -> bool:
        return _ask(links, smsc_no, pdu, told)

    stopped = StoppedMessages(state.messages, state.policy, cancel, ask_smsc, committer, call_later, meters)
    hear.on_stopped.append(stopped.stopped)

    def read_messages(shown_id: int, told: Callable[[list[KnownMessage] | BaseException], None]) -> None:
        reader.submit(lambda connection: messages_shown_as(connection, state.shard, shown_id), told)

    operations = EsmeOperations(
        binds,
        offers,
        QueryMessage(state.messages, shown),
        cancel,
        ReplaceMessage(accept, cancel, shown, state.policy),
        read_messages,
        ask_smsc,
        committer,
        meters,
        state.names,
    )
    multi = EsmeMulti(
        binds,
        offers,
        accept,
        state.lists,
        partial(state.vault.msisdn_of, reason="distribution list"),
        shown,
        state.names,
        settings.refusals_by_account,
        lambda: server.accepting,
        committer,
        meters,
    )
    server.operations += [operations.perform, multi.perform]


def list_commands(state: State, committer: Committer) -> ListCommands:
    """The commands of the distribution lists."""
    msisdn_of = partial(state.vault.msisdn_of, reason="distribution list")
    return ListCommands(state.lists, state.registry, state.vault, msisdn_of, state.person_links, committer)


def _name_of(names: MessageNames, shown: ShownIds, message_id: int) -> bytes:
    """What its ESME was told as the id of a message, b"" where that is its own id in decimal."""
    return names.name_of(shown.shown_of(message_id)) if names.any or shown.any else b""


def _ask(links: Mapping[str, SmscLink], smsc_no: int, pdu: Pdu, told: Callable[[Pdu | None], None]) -> bool:
    """Ask over the first link to this SMSC that takes the question."""
    return any(link.ask(pdu, told) for link in links.values() if link.outbox.smsc_no == smsc_no)

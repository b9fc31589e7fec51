"""Way out: first messages tell how to end them, as the settings and a loaded state say."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from operator_push.config import Settings
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.way_outs import WayOuts
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.text_rewriting import TextRewriting
from operator_push.kernel.ids import first_id_at
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.finish_message import FinishMessage
from operator_push.services.offer_way_out import OfferWayOut, WayOutTerms
from operator_push.services.open_messages import OpenMessages
from operator_push.services.route_mo import Conversations
from operator_push.store.way_out_rows import messages_that_told, told_of_way_out

SECOND_US = 1_000_000


def load_way_outs(
    connection: Connection,
    settings: Settings,
    outs: WayOuts,
    messages: OpenMessages,
    conversations: Conversations,
    now_us: int,
) -> None:
    """Who was told, by which messages that are still open, and whose answers to the code are expected."""
    since_id = first_id_at(now_us - settings.mo.conversation_s * SECOND_US)
    recent = []
    for brand_no, subscriber_no, message_id in told_of_way_out(connection, settings.shard):
        outs.put(brand_no, subscriber_no, message_id if message_id in messages.by_id else 0)
        if message_id >= since_id:
            recent.append(message_id)
    terms = _terms(settings)
    for told in messages_that_told(connection, settings.shard, sorted(recent)):
        code, known = terms.code_for(told.source), (told.destination, now_us)
        if code != told.source and conversations.last_message(code, *known)[1] < told.message_id:
            conversations.remember(code, told.destination, told.account_no, told.message_id, told.brand_no)


def offer_way_out(
    settings: Settings,
    shard: int,
    outs: WayOuts,
    conversations: Conversations,
    cutter: MessageCutter,
    accept: AcceptSubmissions,
    finish: FinishMessage,
) -> None:
    """Let first messages tell it, where the settings do not say otherwise."""
    if not settings.way_out.first_message:
        return
    way_out = OfferWayOut(shard, outs, TextRewriting(cutter).rewritten, _terms(settings))
    way_out.on_told = lambda code, message: conversations.remember(
        code, message.destination, message.account_no, message.message_id, message.brand_no
    )
    accept.way_out = way_out
    finish.on_final.append(way_out.message_final)


def _terms(settings: Settings) -> WayOutTerms:
    own = settings.way_out
    codes = dict.fromkeys((own.short_code, *settings.short_codes) if own.short_code else settings.short_codes)
    pack = shipped_packs().pack(settings.mo.pack, datetime.now(UTC).date())
    return WayOutTerms(tuple(codes), own.language or settings.answers.language, tuple(pack.languages))

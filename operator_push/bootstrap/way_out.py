"""Way out: first messages tell how to end them, as the settings and a loaded state say."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from operator_push.config import Settings
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.domain.way_outs import WayOuts
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.text_rewriting import TextRewriting
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.finish_message import FinishMessage
from operator_push.services.offer_way_out import OfferWayOut, WayOutTerms
from operator_push.services.open_messages import OpenMessages
from operator_push.store.way_out_rows import told_of_way_out


def load_way_outs(connection: Connection, shard: int, outs: WayOuts, messages: OpenMessages) -> None:
    """Who was told, and by which messages that are still open."""
    for brand_no, subscriber_no, message_id in told_of_way_out(connection, shard):
        outs.put(brand_no, subscriber_no, message_id if message_id in messages.by_id else 0)


def offer_way_out(
    settings: Settings,
    shard: int,
    outs: WayOuts,
    cutter: MessageCutter,
    accept: AcceptSubmissions,
    finish: FinishMessage,
) -> None:
    """Let first messages tell it, where the settings do not say otherwise."""
    if not settings.way_out.first_message:
        return
    way_out = OfferWayOut(shard, outs, TextRewriting(cutter).rewritten, _terms(settings))
    accept.way_out = way_out
    finish.on_final.append(way_out.message_final)


def _terms(settings: Settings) -> WayOutTerms:
    own = settings.way_out
    codes = dict.fromkeys((own.short_code, *settings.short_codes) if own.short_code else settings.short_codes)
    pack = shipped_packs().pack(settings.mo.pack, datetime.now(UTC).date())
    return WayOutTerms(tuple(codes), own.language or settings.answers.language, tuple(pack.languages))

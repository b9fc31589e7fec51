"""Channels: the commands of what people subscribe to, and the turn in which issues are handed in."""

import logging
from collections.abc import Callable
from typing import Any

from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.config.cross_checks import why_no_keyword
from operator_push.gateway.administration import Administration
from operator_push.gateway.campaign_commands import CampaignCommands
from operator_push.gateway.channel_commands import ChannelCommands
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.control_server import Handler
from operator_push.gateway.database_commands import DatabaseCommands
from operator_push.gateway.sponsor_commands import SponsorCommands
from operator_push.services.correct_ledger import CorrectLedger
from operator_push.services.run_channels import RunChannels
from operator_push.services.sponsor_channels import SponsorChannels, TaxOn

log = logging.getLogger(__name__)

AGAIN_S = 0.02  # Ours: between batches, so that other traffic finds its turn.
LOOK_S = 1.0  # Ours: how soon an issue that somebody resumed goes on.


def channel_handlers(
    reactor: Any,
    settings: Settings,
    state: State,
    campaigns: CampaignCommands,
    administration: Administration,
    accepting: Callable[[], bool],
    tax_on: TaxOn,
    committer: Committer,
) -> dict[str, Handler]:
    """Command name → handler; issues are handed in from now on, while there is room and the server is
    `accepting`."""
    dialogues = state.mo.dialogues
    channels = RunChannels(
        state.registry,
        state.facts.permission,
        campaigns.campaigns,
        campaigns.quoting,
        dialogues.touchpoints,
        settings.short_codes,
        campaigns.ordering.check_content,
        lambda keyword: why_no_keyword(keyword, settings.mo.pack),
        dialogues.channels,
        dialogues.issues,
    )
    money, posting = campaigns.campaigns.money, CorrectLedger(state.balances, state.ids)
    sponsors = SponsorChannels(
        state.registry, money, posting, campaigns.ordering.why_not, state.sponsorships, now_us(), tax_on
    )
    channels.sponsors = sponsors
    administration.accounts.check_brand = channels.check_brand
    turn = HandInTurn(reactor, channels, lambda: accepting() and campaigns.may_hand_in(), committer)
    turn.look()
    record, floor = administration.consents.record, settings.audience.floor
    return {
        **ChannelCommands(channels, state.registry, record, floor, turn.look, committer).handlers(),
        **SponsorCommands(channels, sponsors, state.registry, committer).handlers(),
        **DatabaseCommands(state.registry, state.facts.permission, floor).handlers(),
    }


class HandInTurn:
    """Hands in batch after batch of whatever issue runs, each after the commit of the one before."""

    def __init__(
        self, reactor: Any, channels: RunChannels, may_hand_in: Callable[[], bool], committer: Committer
    ) -> None:
        self._reactor = reactor
        self._channels = channels
        self._may_hand_in = may_hand_in
        self._committer = committer
        self._next: Any = None
        self._is_committing = False

    def look(self) -> None:
        """Is there something to hand in? One batch at a time, whoever asks."""
        if self._is_committing:
            return
        if self._next is not None and self._next.active():
            self._next.cancel()
        handed_in = False
        if self._may_hand_in():
            try:
                handed_in = self._channels.hand_in_next(now_us(), self._committer.changes)
            except Exception:
                log.exception("an issue of a channel could not be handed in; it is tried again")
        if handed_in:
            self._is_committing, self._next = True, None
            self._committer.promise(self._after_commit)
            self._committer.kick()
        else:
            self._next = self._reactor.callLater(LOOK_S, self.look)

    def _after_commit(self) -> None:
        self._is_committing = False
        self._next = self._reactor.callLater(AGAIN_S, self.look)

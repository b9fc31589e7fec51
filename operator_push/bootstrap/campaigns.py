"""Campaigns in the server: their use case and their commands over a gateway's parts."""

import secrets
from collections.abc import Callable

from operator_push.bootstrap.state import State
from operator_push.config import Settings
from operator_push.domain.short_links import KEY_OCTETS
from operator_push.gateway.campaign_commands import CampaignCommands
from operator_push.gateway.committer import Committer
from operator_push.gateway.contest_commands import ContestCommands
from operator_push.gateway.control_answers import Aside
from operator_push.gateway.control_server import Handler
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.repeat_commands import RepeatCommands
from operator_push.gateway.short_link_commands import ShortLinkCommands
from operator_push.gateway.trigger_commands import TriggerCommands
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.campaign_links import CampaignLinks
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.campaign_texts import PersonTexts
from operator_push.services.choose_channel import ChooseChannel
from operator_push.services.contest_slots import ContestSlots
from operator_push.services.forecast_reach import ForecastReach
from operator_push.services.order_campaign import OrderCampaign
from operator_push.services.price_by_documents import PriceByDocuments
from operator_push.services.quote_campaign import QuoteCampaign
from operator_push.services.repeat_campaigns import RepeatCampaigns
from operator_push.services.run_campaign import RunCampaign, draft_of

OPEN_SHARE = 0.9  # Ours: of the open messages that a server takes, what campaigns leave to others


def campaign_commands(
    settings: Settings,
    state: State,
    accept: AcceptSubmissions,
    cutter: MessageCutter,
    prices: PriceByDocuments,
    ready: Callable[[], int],
    aside: Aside,
    committer: Committer,
) -> tuple[CampaignCommands, dict[str, Handler]]:
    """The commands, those of the contest for slots and of what goes on. `ready`: segments that wait for
    nothing but their turn."""
    money = CampaignMoney(state.balances)
    money.restore(
        (each.campaign_no, each.account_no, each.progress.reserved_micros)
        for each in state.registry.campaigns()
    )

    def msisdn_of(subscriber_no: int) -> str:
        return state.vault.msisdn_of(subscriber_no, "campaign")

    ordering = OrderCampaign(
        state.registry,
        money,
        settings.campaigns.forbidden_words,
        settings.audience.floor,
        settings.campaigns.operator_approvals,
    )
    links = CampaignLinks(
        state.shard, state.registry, lambda: secrets.token_bytes(KEY_OCTETS), state.short_links
    )
    texts = PersonTexts(ordering.why_not, links)
    open_messages, of_one_max = state.messages.of_campaign, settings.limits.campaign_open_max
    running = RunCampaign(
        state.registry,
        accept,
        msisdn_of,
        cutter.render_text,
        state.campaign_people,
        money,
        texts,
        lambda campaign_no: of_one_max - open_messages.get(campaign_no, 0),
        cutter.render_ussd,
        ChooseChannel(state.facts),
    )
    quoting = QuoteCampaign(
        state.registry,
        state.tariff,
        msisdn_of,
        cutter.segments_of,
        texts,
        prices,
        accept.scrub,
        lambda account, asked, number, msisdn, at_us: running.offer(
            draft_of(account, asked), number, msisdn, at_us
        ),
        accept.way_out,
        settings.audience.floor,
    )
    contest = ContestSlots(state.registry, state.campaign_people, state.policy)
    accept.contest = contest.judge
    queue_max = settings.limits.campaign_queue_max
    open_max = int(settings.limits.open_messages_max * OPEN_SHARE)

    def has_room() -> bool:
        return ready() <= queue_max and len(state.messages) < open_max

    vault = state.vault
    commands = CampaignCommands(
        running,
        quoting,
        ordering,
        ForecastReach(state.registry, state.policy, msisdn_of),
        state.registry,
        committer,
        aside,
        vault.count_lookups,
        has_room,
    )
    entering = ContestCommands(contest, running, vault.number_of, vault, state.ids.next_id, committer)
    going_on = RepeatCampaigns(state.registry, running)
    repeating = RepeatCommands(going_on, running, commands.shown, committer)
    triggers = TriggerCommands(going_on, state.facts.permission, state.registry, vault.number_of, committer)
    visits = ShortLinkCommands(links, committer)
    several = entering, repeating, triggers, visits
    return commands, {name: handler for each in several for name, handler in each.handlers().items()}
